{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['customer_id', 'month_start'],
        on_schema_change='fail',
        post_hook="delete from {{ this }} where transaction_count = 0 and declined_count = 0",
    )
}}

-- depends_on: {{ ref('int_transactions_classified') }}

with

{% if is_incremental() %}

built as (

    select coalesce(max(classified_until), '1900-01-01'::timestamp_ntz) as classified_until
    from {{ this }}

),

-- Months of a customer that something was classified in since. A fact that gave way to an older copy was classified
-- again, as a duplicate: so the month that it left is here too.
touched as (

    select distinct
        classified.customer_id,
        date_trunc('month', classified.transaction_at)::date as month_start
    from {{ ref('int_transactions_classified') }} as classified
    cross join built
    where
        classified.validation_status = 'VALID'
        and classified.classified_at > built.classified_until
        and classified.classified_at <= {{ facts_classified_until() }}

),

facts as (

    select fct_transactions.*
    from {{ ref('fct_transactions') }} as fct_transactions
    inner join touched
        on
            fct_transactions.customer_id = touched.customer_id
            and date_trunc('month', fct_transactions.transaction_at)::date = touched.month_start
    -- For the engine, which skips older parts of the table: the join alone reads all of it.
    where fct_transactions.transaction_at >= (select min(oldest.month_start) from touched as oldest)

),

{% else %}

facts as (

    select * from {{ ref('fct_transactions') }}

),

{% endif %}

activity as (

    {{ monthly_activity('facts') }}

),

{% if is_incremental() %}

-- A month that nothing is left in has to overwrite what was there; the post-hook takes such rows out.
activity_and_emptied_months as (

    select * from activity
    union all
    select
        touched.customer_id,
        touched.month_start,
        0 as total_spend,
        0 as transaction_count,
        0 as declined_count,
        0 as online_count,
        0 as in_store_count,
        0 as mobile_count,
        0 as travel_spend,
        0 as travel_dining_spend,
        0 as necessities_spend,
        0 as top_category_spend,
        null as largest_transaction,
        null as first_transaction_at,
        null as last_transaction_at
    from touched
    left join activity on touched.customer_id = activity.customer_id and touched.month_start = activity.month_start
    where activity.customer_id is null

),

{% endif %}

final as (

    select
        customer_id,
        month_start,
        total_spend::number(18, 2) as total_spend,
        transaction_count,
        declined_count,
        online_count,
        in_store_count,
        mobile_count,
        travel_spend::number(18, 2) as travel_spend,
        travel_dining_spend::number(18, 2) as travel_dining_spend,
        necessities_spend::number(18, 2) as necessities_spend,
        top_category_spend::number(18, 2) as top_category_spend,
        largest_transaction,
        first_transaction_at,
        last_transaction_at,
        {{ facts_classified_until() }} as classified_until
    from {{ 'activity_and_emptied_months' if is_incremental() else 'activity' }}

)

select * from final
