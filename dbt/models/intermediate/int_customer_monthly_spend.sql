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

categories as (

    select
        merchant_category_key,
        merchant_category in ('Travel', 'Airlines', 'Hotels') as is_travel,
        merchant_category in ('Travel', 'Airlines', 'Hotels', 'Dining') as is_travel_or_dining,
        category_group = 'Necessities' as is_necessity
    from {{ ref('dim_merchant_category') }}

),

activity as (

    select
        facts.customer_id,
        date_trunc('month', facts.transaction_at)::date as month_start,
        sum(iff(facts.status = 'approved', facts.transaction_amount, 0)) as total_spend,
        count_if(facts.status = 'approved') as transaction_count,
        count_if(facts.status <> 'approved') as declined_count,
        count_if(facts.status = 'approved' and facts.channel = 'Online') as online_count,
        count_if(facts.status = 'approved' and facts.channel = 'In-Store') as in_store_count,
        count_if(facts.status = 'approved' and facts.channel = 'Mobile') as mobile_count,
        sum(iff(facts.status = 'approved' and categories.is_travel, facts.transaction_amount, 0)) as travel_spend,
        sum(
            iff(facts.status = 'approved' and categories.is_travel_or_dining, facts.transaction_amount, 0)
        ) as travel_dining_spend,
        sum(
            iff(facts.status = 'approved' and categories.is_necessity, facts.transaction_amount, 0)
        ) as necessities_spend,
        max(iff(facts.status = 'approved', facts.transaction_amount, null)) as largest_transaction,
        min(iff(facts.status = 'approved', facts.transaction_at, null)) as first_transaction_at,
        max(iff(facts.status = 'approved', facts.transaction_at, null)) as last_transaction_at
    from {{ ref('fct_transactions') }} as facts
    inner join categories on facts.merchant_category_key = categories.merchant_category_key
    cross join reporting
    where
        facts.transaction_at < dateadd(day, 1, reporting.as_of_date)
        and facts.customer_key <> '{{ unknown_customer_key() }}'
    group by facts.customer_id, date_trunc('month', facts.transaction_at)::date

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
