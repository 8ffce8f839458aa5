with

reporting as (

    select * from {{ ref('int_reporting_date') }}

),

customers as (

    select *
    from {{ ref('dim_customer') }}
    where is_current and customer_key <> '{{ unknown_customer_key() }}'

),

totals as (

    select
        customer_id,
        sum(lifetime_spend) as lifetime_spend,
        sum(spend_last_30_days) as spend_last_30_days,
        sum(spend_last_90_days) as spend_last_90_days,
        sum(spend_prior_90_days) as spend_prior_90_days,
        sum(count_last_90_days) as count_last_90_days,
        sum(count_prior_90_days) as count_prior_90_days,
        sum(iff(is_travel, spend_last_90_days, 0)) as travel_spend_90_days,
        sum(iff(is_dining, spend_last_90_days, 0)) as dining_spend_90_days,
        sum(iff(category_group = 'Necessities', spend_last_90_days, 0)) as necessities_spend_90_days,
        sum(iff(category_group = 'Leisure', spend_last_90_days, 0)) as leisure_spend_90_days
    from {{ ref('int_customer_category_spend') }}
    group by customer_id

),

activity as (

    select
        customer_id,
        sum(transaction_count) as lifetime_count,
        sum(declined_count) as declined_count,
        max(largest_transaction) as largest_transaction,
        min(first_transaction_at) as first_transaction_at,
        max(last_transaction_at) as last_transaction_at
    from {{ ref('int_customer_monthly_spend') }}
    group by customer_id

),

final as (

    select
        customers.customer_id,
        reporting.as_of_date,
        customers.account_open_date,
        datediff(month, customers.account_open_date, reporting.as_of_date) as tenure_months,
        customers.account_open_date > dateadd(month, -6, reporting.as_of_date) as is_new_account,
        coalesce(totals.lifetime_spend, 0) as lifetime_spend,
        coalesce(activity.lifetime_count, 0) as lifetime_count,
        coalesce(activity.declined_count, 0) as declined_count,
        coalesce(totals.spend_last_30_days, 0) as spend_last_30_days,
        coalesce(totals.spend_last_90_days, 0) as spend_last_90_days,
        coalesce(totals.spend_prior_90_days, 0) as spend_prior_90_days,
        coalesce(totals.count_last_90_days, 0) as count_last_90_days,
        coalesce(totals.count_prior_90_days, 0) as count_prior_90_days,
        (coalesce(totals.spend_last_90_days, 0) / 3)::number(18, 2) as avg_monthly_spend,
        coalesce(totals.travel_spend_90_days, 0) as travel_spend_90_days,
        coalesce(totals.dining_spend_90_days, 0) as dining_spend_90_days,
        coalesce(totals.necessities_spend_90_days, 0) as necessities_spend_90_days,
        coalesce(totals.leisure_spend_90_days, 0) as leisure_spend_90_days,
        (totals.travel_spend_90_days / nullif(totals.spend_last_90_days, 0))::float as travel_share,
        (totals.necessities_spend_90_days / nullif(totals.spend_last_90_days, 0))::float as necessities_share,
        (totals.leisure_spend_90_days / nullif(totals.spend_last_90_days, 0))::float as leisure_share,
        (totals.spend_last_90_days / nullif(totals.spend_prior_90_days, 0) - 1)::float as spend_change_pct,
        activity.largest_transaction,
        activity.first_transaction_at,
        activity.last_transaction_at,
        datediff(day, activity.last_transaction_at, reporting.as_of_date) as days_since_last_transaction
    from customers
    cross join reporting
    left join totals on customers.customer_id = totals.customer_id
    left join activity on customers.customer_id = activity.customer_id

)

select * from final
