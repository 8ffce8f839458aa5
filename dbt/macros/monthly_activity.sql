{#
  What customers did in each month that they did anything in, as a query. Spend and counts are of approved transactions.
  Argument: facts, the name of a CTE with rows of fct_transactions.

  By category first: the facts are read once for the totals, the groups of categories and the largest one.
#}
{% macro monthly_activity(facts) %}
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
    from (
        select
            customer_id,
            merchant_category_key,
            date_trunc('month', transaction_at)::date as month_start,
            sum(iff(status = 'approved', transaction_amount, 0)) as spend,
            count_if(status = 'approved') as transaction_count,
            count_if(status <> 'approved') as declined_count,
            count_if(status = 'approved' and channel = 'Online') as online_count,
            count_if(status = 'approved' and channel = 'In-Store') as in_store_count,
            count_if(status = 'approved' and channel = 'Mobile') as mobile_count,
            max(iff(status = 'approved', transaction_amount, null)) as largest_transaction,
            min(iff(status = 'approved', transaction_at, null)) as first_transaction_at,
            max(iff(status = 'approved', transaction_at, null)) as last_transaction_at
        from {{ facts }}
        group by customer_id, merchant_category_key, date_trunc('month', transaction_at)::date
    ) as by_category
    inner join (
        select
            merchant_category_key,
            merchant_category in ('Travel', 'Airlines', 'Hotels') as is_travel,
            merchant_category in ('Travel', 'Airlines', 'Hotels', 'Dining') as is_travel_or_dining,
            category_group = 'Necessities' as is_necessity
        from {{ ref('dim_merchant_category') }}
    ) as categories on by_category.merchant_category_key = categories.merchant_category_key
    group by by_category.customer_id, by_category.month_start
{% endmacro %}
