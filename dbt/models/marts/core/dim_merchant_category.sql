with

categories as (

    select * from {{ ref('stg_merchant_categories') }}

),

final as (

    select
        md5(merchant_category) as merchant_category_key,
        merchant_category,
        category_group,
        is_discretionary
    from categories

)

select * from final
