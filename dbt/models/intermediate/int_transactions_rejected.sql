{{ config(materialized='view') }}

with

classified as (

    select * from {{ ref('int_transactions_classified') }}

),

final as (

    select
        transaction_id,
        customer_id,
        raw_date,
        raw_amount,
        merchant_name,
        merchant_category,
        channel,
        status,
        validation_status as rejection_reason,
        ingestion_timestamp,
        source_file,
        source_row_number
    from classified
    where disposition = 'REJECTED'

)

select * from final
