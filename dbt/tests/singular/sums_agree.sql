-- Approved dollars of known customers up to the reporting date: facts = months = profile = segments.
with

sums as (

    select
        (
            select coalesce(sum(facts.transaction_amount), 0)
            from {{ ref('fct_transactions') }} as facts
            cross join {{ ref('int_reporting_date') }} as reporting
            where
                facts.status = 'approved'
                and facts.customer_key <> '{{ unknown_customer_key() }}'
                and facts.transaction_at < dateadd(day, 1, reporting.as_of_date)
        ) as facts,
        (select coalesce(sum(total_spend), 0) from {{ ref('monthly_customer_spending') }}) as months,
        (select coalesce(sum(lifetime_value), 0) from {{ ref('customer_360_profile') }}) as profiles,
        (select coalesce(sum(total_spend), 0) from {{ ref('segment_metrics') }}) as segments

)

select *
from sums
where facts <> months or facts <> profiles or facts <> segments
