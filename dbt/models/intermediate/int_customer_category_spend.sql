with

reporting as (

    select * from {{ ref('int_reporting_date') }}

),

approved as (

    select
        facts.customer_id,
        facts.merchant_category_key,
        facts.transaction_amount,
        facts.transaction_at >= dateadd(day, -29, reporting.as_of_date) as is_last_30_days,
        facts.transaction_at >= dateadd(day, -89, reporting.as_of_date) as is_last_90_days,
        facts.transaction_at >= dateadd(day, -179, reporting.as_of_date) as is_last_180_days
    from {{ ref('fct_transactions') }} as facts
    cross join reporting
    where
        facts.status = 'approved'
        and facts.transaction_at < dateadd(day, 1, reporting.as_of_date)
        and facts.customer_key <> '{{ unknown_customer_key() }}'

),

-- What only depends on the customer comes from the months: each aggregate here is one more over all facts.
by_category as (

    select
        customer_id,
        merchant_category_key,
        sum(transaction_amount) as lifetime_spend,
        sum(iff(is_last_30_days, transaction_amount, 0)) as spend_last_30_days,
        sum(iff(is_last_90_days, transaction_amount, 0)) as spend_last_90_days,
        sum(iff(is_last_180_days and not is_last_90_days, transaction_amount, 0)) as spend_prior_90_days,
        count_if(is_last_90_days) as count_last_90_days,
        count_if(is_last_180_days and not is_last_90_days) as count_prior_90_days
    from approved
    group by customer_id, merchant_category_key

),

final as (

    select
        by_category.*,
        categories.merchant_category,
        categories.category_group,
        categories.merchant_category in ('Travel', 'Airlines', 'Hotels') as is_travel,
        categories.merchant_category = 'Dining' as is_dining
    from by_category
    inner join {{ ref('dim_merchant_category') }} as categories
        on by_category.merchant_category_key = categories.merchant_category_key

)

select * from final
