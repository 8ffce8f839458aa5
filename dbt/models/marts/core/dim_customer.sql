with

versions as (

    select * from {{ ref('int_customer_versions') }}

),

known as (

    select
        md5(customer_id || '|' || to_varchar(valid_from)) as customer_key,
        customer_id,
        version_number,
        first_name,
        last_name,
        trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')) as full_name,
        email,
        age,
        state,
        city,
        employment_status,
        card_type,
        credit_limit,
        account_open_date,
        valid_from,
        valid_to,
        valid_to is null as is_current,
        valid_from::timestamp_ntz as effective_timestamp
    from versions

),

-- Transactions of customers that nobody has told us about yet belong to this member.
unknown as (

    select
        '{{ unknown_customer_key() }}' as customer_key,
        'UNKNOWN' as customer_id,
        1 as version_number,
        null as first_name,
        null as last_name,
        'Unknown' as full_name,
        null as email,
        null as age,
        null as state,
        null as city,
        null as employment_status,
        null as card_type,
        null as credit_limit,
        null as account_open_date,
        '1900-01-01'::date as valid_from,
        null as valid_to,
        true as is_current,
        '1900-01-01'::timestamp_ntz as effective_timestamp

),

final as (

    select * from known
    union all
    select * from unknown

)

select * from final
