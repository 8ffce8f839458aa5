with

months as (

    select
        months.month_start,
        segments.customer_segment,
        count(*) as customers,
        count_if(months.transaction_count > 0) as active_customers,
        sum(months.total_spend) as total_spend,
        sum(months.transaction_count) as transaction_count,
        sum(months.declined_count) as declined_count
    from {{ ref('int_customer_monthly_spend') }} as months
    inner join {{ ref('customer_segments') }} as segments on months.customer_id = segments.customer_id
    group by months.month_start, segments.customer_segment

),

reporting as (

    select * from {{ ref('int_reporting_date') }}

),

final as (

    select
        months.month_start,
        months.customer_segment,
        months.customers,
        months.active_customers,
        months.total_spend,
        months.transaction_count,
        months.declined_count,
        (months.total_spend / nullif(months.active_customers, 0))::number(18, 2) as avg_spend_per_active_customer,
        (months.total_spend / nullif(months.transaction_count, 0))::number(18, 2) as avg_transaction_value,
        (
            months.total_spend
            / nullif(
                lag(months.total_spend) over (partition by months.customer_segment order by months.month_start), 0
            )
            - 1
        )::float as spend_change_pct,
        months.month_start <= reporting.last_complete_month as is_complete_month
    from months
    cross join reporting

)

select * from final
