with

source as (

    select * from {{ source('bronze', 'bronze_campaign_assignments') }}

),

renamed as (

    select
        trim(campaign_id) as campaign_id,
        trim(customer_id) as customer_id,
        lower(trim(treatment_group)) as treatment_group,
        nullif(trim(offer), '') as offer,
        coalesce(try_to_decimal(trim(offer_cost), 12, 2), 0) as offer_cost,
        try_to_date(trim(start_date)) as start_date,
        try_to_date(trim(end_date)) as end_date,
        ingestion_timestamp,
        source_file,
        source_row_number
    from source

),

final as (

    select
        *,
        case
            when coalesce(campaign_id, '') = '' or coalesce(customer_id, '') = '' then 'MISSING_ID'
            when treatment_group is null or treatment_group not in ('treatment', 'control') then 'BAD_GROUP'
            when start_date is null or end_date is null or end_date < start_date then 'BAD_DATE'
            else 'VALID'
        end as validation_status
    from renamed

)

select * from final
