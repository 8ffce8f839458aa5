{# Valid transactions that were classified as ACCEPTED or DUPLICATE: the body of a view of each. #}
{% macro transactions_with_disposition(disposition) %}
with

classified as (

    select * from {{ ref('int_transactions_classified') }}

),

final as (

    select
        transaction_id,
        customer_id,
        transaction_at,
        transaction_amount,
        merchant_name,
        merchant_category,
        channel,
        status,
        ingestion_timestamp,
        source_file,
        source_row_number
    from classified
    where disposition = '{{ disposition }}'

)

select * from final
{% endmacro %}
