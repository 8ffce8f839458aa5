with

months as (

    select * from {{ ref('int_customer_monthly_spend') }}

),

final as (

    select
        customer_id,
        month_start,
        total_spend,
        transaction_count,
        declined_count,
        (total_spend / nullif(transaction_count, 0))::number(18, 2) as avg_transaction_value,
        travel_spend,
        travel_dining_spend,
        necessities_spend,
        online_count,
        in_store_count,
        mobile_count,
        last_transaction_at
    from months

)

select * from final
