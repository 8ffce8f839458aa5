{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='transaction_id',
        on_schema_change='fail',
        cluster_by=['date_key'],
        post_hook="{{ remember_progress() }}",
    )
}}

{%- set progress = none -%}
{%- if execute and is_incremental() -%}
    {%- set progress = last_progress() -%}
{%- endif -%}

with

accepted as (

    select *
    from {{ ref('int_transactions_classified') }}
    where
        disposition = 'ACCEPTED'
        and {{ still_to_follow(progress) }}

),

versions as (

    select
        customer_key,
        customer_id,
        iff(version_number = 1, '1900-01-01'::date, valid_from) as valid_from,
        coalesce(valid_to, '9999-12-31'::date) as valid_to
    from {{ ref('dim_customer') }}

),

categories as (

    select * from {{ ref('dim_merchant_category') }}

),

final as (

    select
        accepted.transaction_id,
        coalesce(versions.customer_key, '{{ unknown_customer_key() }}') as customer_key,
        accepted.customer_id,
        {{ date_key('accepted.transaction_at') }} as date_key,
        accepted.transaction_at,
        coalesce(categories.merchant_category_key, md5('Uncategorized')) as merchant_category_key,
        accepted.transaction_amount,
        accepted.merchant_name,
        accepted.channel,
        accepted.status,
        accepted.ingestion_timestamp,
        accepted.source_file,
        accepted.source_row_number
    from accepted
    left join versions
        on
            accepted.customer_id = versions.customer_id
            and accepted.transaction_at >= versions.valid_from
            and accepted.transaction_at < versions.valid_to
    left join categories on accepted.merchant_category = categories.merchant_category

)

select * from final
