with

source as (

    select * from {{ source('bronze', 'bronze_customers') }}

),

renamed as (

    select
        trim(customer_id) as customer_id,
        nullif(trim(first_name), '') as first_name,
        nullif(trim(last_name), '') as last_name,
        nullif(lower(trim(email)), '') as email,
        try_to_number(trim(age)) as age,
        nullif(trim(state), '') as state,
        nullif(trim(city), '') as city,
        nullif(trim(employment_status), '') as employment_status,
        nullif(trim(card_type), '') as card_type,
        try_to_decimal(trim(credit_limit), 12, 2) as credit_limit,
        try_to_date(trim(account_open_date)) as account_open_date,
        nullif(trim(customer_segment), '') as source_segment,
        nullif(trim(decline_type), '') as source_decline_type,
        try_to_date(nullif(trim(effective_date), '')) as effective_date,
        nullif(trim(effective_date), '') as raw_effective_date,
        ingestion_timestamp,
        source_file,
        source_row_number
    from source

),

final as (

    select
        *,
        case
            when coalesce(customer_id, '') = '' then 'MISSING_ID'
            -- A change whose date cannot be read has no place in the history.
            when raw_effective_date is not null and effective_date is null then 'BAD_DATE'
            else 'VALID'
        end as validation_status
    from renamed

)

select * from final
