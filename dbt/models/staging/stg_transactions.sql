-- Casts are written once, here; the planner drops those that a reader does not use.
with

source as (

    select * from {{ source('bronze', 'bronze_transactions') }}

),

renamed as (

    select
        trim(transaction_id) as transaction_id,
        trim(customer_id) as customer_id,
        try_to_timestamp_ntz(trim(transaction_date)) as transaction_at,
        try_to_decimal(trim(transaction_amount), 12, 2) as transaction_amount,
        trim(merchant_name) as merchant_name,
        coalesce(nullif(trim(merchant_category), ''), 'Uncategorized') as merchant_category,
        trim(channel) as channel,
        lower(trim(status)) as status,
        transaction_date as raw_date,
        transaction_amount as raw_amount,
        ingestion_timestamp,
        source_file,
        source_row_number
    from source

),

final as (

    select
        *,
        case
            when coalesce(transaction_id, '') = '' then 'MISSING_ID'
            when coalesce(customer_id, '') = '' then 'MISSING_CUSTOMER'
            when transaction_at is null then 'BAD_DATE'
            when coalesce(trim(raw_amount), '') = '' then 'MISSING_AMOUNT'
            when transaction_amount is null then 'BAD_AMOUNT'
            when transaction_amount < 0 then 'NEGATIVE_AMOUNT'
            else 'VALID'
        end as validation_status
    from renamed

)

select * from final
