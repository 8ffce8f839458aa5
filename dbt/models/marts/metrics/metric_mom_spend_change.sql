with

months as (

    select
        customer_id,
        month_start,
        total_spend
    from {{ ref('int_customer_monthly_spend') }}

),

reporting as (

    select * from {{ ref('int_reporting_date') }}

),

compared as (

    select
        customer_id,
        month_start,
        total_spend,
        lag(total_spend) over (partition by customer_id order by month_start) as previous_month_spend,
        lag(total_spend, 3) over (partition by customer_id order by month_start) as spend_3_months_ago
    from months

),

final as (

    select
        compared.customer_id,
        compared.month_start,
        compared.total_spend,
        compared.previous_month_spend,
        (compared.total_spend - compared.previous_month_spend)::number(18, 2) as spend_change,
        (compared.total_spend / nullif(compared.previous_month_spend, 0) - 1)::float as spend_change_pct,
        compared.spend_3_months_ago,
        (compared.total_spend / nullif(compared.spend_3_months_ago, 0) - 1)::float as spend_change_3_months_pct,
        compared.month_start <= reporting.last_complete_month as is_complete_month,
        -- The days of a month that are still to come are no decline.
        coalesce(
            compared.month_start <= reporting.last_complete_month
            and compared.total_spend < (1 + {{ var('decline_alert_threshold') }}) * compared.previous_month_spend,
            false
        ) as is_decline_alert
    from compared
    cross join reporting

)

select * from final
