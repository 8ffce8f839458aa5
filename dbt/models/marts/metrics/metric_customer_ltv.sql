with

behaviour as (

    select * from {{ ref('int_customer_behaviour') }}

),

final as (

    select
        customer_id,
        as_of_date,
        lifetime_spend as lifetime_value,
        lifetime_count as total_transactions,
        greatest(tenure_months, 1) as tenure_months,
        datediff(month, first_transaction_at, as_of_date) + 1 as months_observed,
        (lifetime_spend / nullif(datediff(month, first_transaction_at, as_of_date) + 1, 0))::number(
            18, 2
        ) as avg_monthly_value,
        -- If the customer goes on as in the last 90 days.
        (spend_last_90_days * 365 / 90)::number(18, 2) as projected_annual_spend,
        (lifetime_spend * {{ var('revenue_rate') }})::number(18, 2) as lifetime_revenue,
        ntile(10) over (order by lifetime_spend desc, customer_id asc) as value_decile
    from behaviour

)

select * from final
