with

segments as (

    select * from {{ ref('segment_metrics') }}

),

alerts as (

    select
        month_start,
        count_if(is_decline_alert) as decline_alerts
    from {{ ref('metric_mom_spend_change') }}
    group by month_start

),

months as (

    select
        month_start,
        max(is_complete_month) as is_complete_month,
        sum(customers) as customers,
        sum(active_customers) as active_customers,
        sum(total_spend) as total_spend,
        sum(transaction_count) as transaction_count,
        sum(declined_count) as declined_count
    from segments
    group by month_start

),

final as (

    select
        months.month_start,
        months.is_complete_month,
        months.customers,
        months.active_customers,
        months.total_spend,
        months.transaction_count,
        (months.total_spend / nullif(months.active_customers, 0))::number(18, 2) as avg_spend_per_active_customer,
        (months.total_spend / nullif(months.transaction_count, 0))::number(18, 2) as avg_transaction_value,
        (months.declined_count / nullif(months.declined_count + months.transaction_count, 0))::float as decline_rate,
        (months.total_spend / nullif(lag(months.total_spend) over (order by months.month_start), 0) - 1)::float
            as spend_change_pct,
        coalesce(alerts.decline_alerts, 0) as decline_alerts
    from months
    left join alerts on months.month_start = alerts.month_start

)

select * from final
