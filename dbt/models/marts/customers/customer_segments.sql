with

behaviour as (

    select * from {{ ref('int_customer_behaviour') }}

),

final as (

    select
        customer_id,
        {{ customer_segment(
            'spend_last_90_days', 'spend_prior_90_days', 'travel_spend_90_days', 'necessities_spend_90_days',
            'is_new_account'
        ) }} as customer_segment,
        as_of_date as assigned_date,
        tenure_months,
        avg_monthly_spend,
        travel_share,
        necessities_share,
        spend_change_pct
    from behaviour

)

select * from final
