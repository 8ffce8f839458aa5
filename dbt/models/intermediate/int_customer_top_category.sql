with

reporting as (

    select * from {{ ref('int_reporting_date') }}

),

by_category as (

    select
        facts.customer_id,
        facts.merchant_category_key,
        date_trunc('month', facts.transaction_at)::date as month_start,
        sum(facts.transaction_amount) as category_spend
    from {{ ref('fct_transactions') }} as facts
    cross join reporting
    where
        facts.status = 'approved'
        and facts.transaction_at < dateadd(month, 1, reporting.last_complete_month)
        and facts.customer_key <> '{{ unknown_customer_key() }}'
    group by facts.customer_id, facts.merchant_category_key, date_trunc('month', facts.transaction_at)::date

),

final as (

    select
        customer_id,
        month_start,
        max(category_spend) as top_category_spend
    from by_category
    group by customer_id, month_start

)

select * from final
