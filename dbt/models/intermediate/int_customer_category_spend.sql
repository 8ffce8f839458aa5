with

reporting as (

    select * from {{ ref('int_reporting_date') }}

),

lifetime as (

    select
        facts.customer_id,
        facts.merchant_category_key,
        sum(facts.transaction_amount) as lifetime_spend
    from {{ ref('fct_transactions') }} as facts
    cross join reporting
    where
        facts.status = 'approved'
        and facts.transaction_at < dateadd(day, 1, reporting.as_of_date)
        and facts.customer_key <> '{{ unknown_customer_key() }}'
    group by facts.customer_id, facts.merchant_category_key

),

-- On their own, so that only the newest third of the facts is read for them.
recent as (

    select
        facts.customer_id,
        facts.merchant_category_key,
        facts.transaction_amount,
        facts.transaction_at >= dateadd(day, -29, reporting.as_of_date) as is_last_30_days,
        facts.transaction_at >= dateadd(day, -89, reporting.as_of_date) as is_last_90_days
    from {{ ref('fct_transactions') }} as facts
    cross join reporting
    where
        facts.status = 'approved'
        and facts.transaction_at >= dateadd(day, -179, reporting.as_of_date)
        and facts.transaction_at < dateadd(day, 1, reporting.as_of_date)
        and facts.customer_key <> '{{ unknown_customer_key() }}'

),

windows as (

    select
        customer_id,
        merchant_category_key,
        sum(iff(is_last_30_days, transaction_amount, 0)) as spend_last_30_days,
        sum(iff(is_last_90_days, transaction_amount, 0)) as spend_last_90_days,
        sum(iff(is_last_90_days, 0, transaction_amount)) as spend_prior_90_days,
        count_if(is_last_90_days) as count_last_90_days,
        count_if(not is_last_90_days) as count_prior_90_days
    from recent
    group by customer_id, merchant_category_key

),

final as (

    select
        lifetime.customer_id,
        lifetime.merchant_category_key,
        lifetime.lifetime_spend,
        coalesce(windows.spend_last_30_days, 0) as spend_last_30_days,
        coalesce(windows.spend_last_90_days, 0) as spend_last_90_days,
        coalesce(windows.spend_prior_90_days, 0) as spend_prior_90_days,
        coalesce(windows.count_last_90_days, 0) as count_last_90_days,
        coalesce(windows.count_prior_90_days, 0) as count_prior_90_days,
        categories.merchant_category,
        categories.category_group,
        categories.merchant_category in ('Travel', 'Airlines', 'Hotels') as is_travel,
        categories.merchant_category = 'Dining' as is_dining
    from lifetime
    inner join {{ ref('dim_merchant_category') }} as categories
        on lifetime.merchant_category_key = categories.merchant_category_key
    left join windows
        on
            lifetime.customer_id = windows.customer_id
            and lifetime.merchant_category_key = windows.merchant_category_key

)

select * from final
