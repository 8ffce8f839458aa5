with

behaviour as (

    select * from {{ ref('int_customer_behaviour') }}

),

averages as (

    select
        customer_id,
        as_of_date,
        lifetime_spend / nullif(lifetime_count, 0) as lifetime_average,
        spend_last_90_days / nullif(count_last_90_days, 0) as recent_average,
        spend_prior_90_days / nullif(count_prior_90_days, 0) as prior_average,
        largest_transaction,
        lifetime_count
    from behaviour

),

final as (

    select
        customer_id,
        as_of_date,
        lifetime_average::number(18, 2) as avg_transaction_value,
        recent_average::number(18, 2) as avg_transaction_value_90_days,
        prior_average::number(18, 2) as avg_transaction_value_prior_90_days,
        (recent_average / nullif(prior_average, 0) - 1)::float as change_pct,
        largest_transaction,
        lifetime_count as total_transactions
    from averages

)

select * from final
