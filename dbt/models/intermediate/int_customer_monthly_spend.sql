with

reporting as (

    select * from {{ ref('int_reporting_date') }}

),

customers as (

    select
        customer_id,
        account_open_date
    from {{ ref('dim_customer') }}
    where is_current and customer_key <> '{{ unknown_customer_key() }}'

),

-- The reporting date's month counts up to that date only, so it is made from its facts; whole months are there already.
facts as (

    select fct_transactions.*
    from {{ ref('fct_transactions') }} as fct_transactions
    cross join reporting
    where
        fct_transactions.transaction_at >= reporting.current_month
        and fct_transactions.transaction_at < dateadd(day, 1, reporting.as_of_date)

),

current_activity as (

    {{ monthly_activity('facts') }}

),

known_activity as (

    select activity.* exclude (classified_until)
    from {{ ref('int_customer_monthly_activity') }} as activity
    cross join reporting
    where activity.month_start < reporting.current_month
    union all
    select * from current_activity

),

activity as (

    select known_activity.*
    from known_activity
    inner join customers on known_activity.customer_id = customers.customer_id

),

months as (

    select distinct dim_date.month_start
    from {{ ref('dim_date') }} as dim_date
    cross join reporting
    where
        dim_date.month_start >= (select min(activity.month_start) from activity)
        and dim_date.month_start <= reporting.current_month

),

-- A customer's months begin with the account's, or with a transaction that is older than it.
first_months as (

    select
        customers.customer_id,
        least(
            coalesce(date_trunc('month', customers.account_open_date)::date, '9999-12-01'::date),
            coalesce(min(activity.month_start), '9999-12-01'::date)
        ) as first_month
    from customers
    left join activity on customers.customer_id = activity.customer_id
    group by customers.customer_id, customers.account_open_date

),

final as (

    select
        first_months.customer_id,
        months.month_start,
        coalesce(activity.total_spend, 0)::number(18, 2) as total_spend,
        coalesce(activity.transaction_count, 0) as transaction_count,
        coalesce(activity.declined_count, 0) as declined_count,
        coalesce(activity.online_count, 0) as online_count,
        coalesce(activity.in_store_count, 0) as in_store_count,
        coalesce(activity.mobile_count, 0) as mobile_count,
        coalesce(activity.travel_spend, 0)::number(18, 2) as travel_spend,
        coalesce(activity.travel_dining_spend, 0)::number(18, 2) as travel_dining_spend,
        coalesce(activity.necessities_spend, 0)::number(18, 2) as necessities_spend,
        coalesce(activity.top_category_spend, 0)::number(18, 2) as top_category_spend,
        activity.largest_transaction,
        activity.first_transaction_at,
        activity.last_transaction_at
    from first_months
    inner join months on first_months.first_month <= months.month_start
    left join activity
        on
            first_months.customer_id = activity.customer_id
            and months.month_start = activity.month_start

)

select * from final
