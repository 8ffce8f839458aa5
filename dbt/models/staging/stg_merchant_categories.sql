with

source as (

    select * from {{ ref('bronze_merchant_categories') }}

),

renamed as (

    select
        merchant_category,
        category_group,
        is_discretionary
    from source

)

select * from renamed
