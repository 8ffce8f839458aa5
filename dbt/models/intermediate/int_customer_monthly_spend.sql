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

-- By category first: the facts are read once for the totals, the groups of categories and the largest one.
by_category as (

    select
        facts.customer_id,
        facts.merchant_category_key,
        date_trunc('month', facts.transaction_at)::date as month_start,
        sum(iff(facts.status = 'approved', facts.transaction_amount, 0)) as spend,
        count_if(facts.status = 'approved') as transaction_count,
        count_if(facts.status <> 'approved') as declined_count,
        count_if(facts.status = 'approved' and facts.channel = 'Online') as online_count,
        count_if(facts.status = 'approved' and facts.channel = 'In-Store') as in_store_count,
        count_if(facts.status = 'approved' and facts.channel = 'Mobile') as mobile_count,
        max(iff(facts.status = 'approved', facts.transaction_amount, null)) as largest_transaction,
        min(iff(facts.status = 'approved', facts.transaction_at, null)) as first_transaction_at,
        max(iff(facts.status = 'approved', facts.transaction_at, null)) as last_transaction_at
    from {{ ref('fct_transactions') }} as facts
    cross join reporting
    where
        facts.transaction_at < dateadd(day, 1, reporting.as_of_date)
        and facts.customer_key <> '{{ unknown_customer_key() }}'
    group by facts.customer_id, facts.merchant_category_key, date_trunc('month', facts.transaction_at)::date

),

activity as (

    select
        by_category.customer_id,
        by_category.month_start,
        sum(by_category.spend) as total_spend,
        sum(by_category.transaction_count)::integer as transaction_count,
        sum(by_category.declined_count)::integer as declined_count,
        sum(by_category.online_count)::integer as online_count,
        sum(by_category.in_store_count)::integer as in_store_count,
        sum(by_category.mobile_count)::integer as mobile_count,
        sum(iff(categories.is_travel, by_category.spend, 0)) as travel_spend,
        sum(iff(categories.is_travel_or_dining, by_category.spend, 0)) as travel_dining_spend,
        sum(iff(categories.is_necessity, by_category.spend, 0)) as necessities_spend,
        max(by_category.spend) as top_category_spend,
        max(by_category.largest_transaction) as largest_transaction,
        min(by_category.first_transaction_at) as first_transaction_at,
        max(by_category.last_transaction_at) as last_transaction_at
    from by_category
    inner join categories on by_category.merchant_category_key = categories.merchant_category_key
    group by by_category.customer_id, by_category.month_start

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
