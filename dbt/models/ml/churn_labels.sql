with

reporting as (

    select * from {{ ref('int_reporting_date') }}

),

months as (

    select
        months.customer_id,
        months.month_start,
        last_day(months.month_start) as label_date,
        sum(months.total_spend) over (
            partition by months.customer_id order by months.month_start rows between 2 preceding and current row
        ) / 3 as recent_monthly_spend,
        avg(months.total_spend) over (
            partition by months.customer_id order by months.month_start
            rows between unbounded preceding and 3 preceding
        ) as baseline_monthly_spend,
        max(months.last_transaction_at) over (
            partition by months.customer_id order by months.month_start
            rows between unbounded preceding and current row
        ) as last_transaction_at
    from {{ ref('int_customer_monthly_spend') }} as months
    cross join reporting
    where months.month_start <= reporting.last_complete_month

),

judged as (

    select
        customer_id,
        month_start,
        label_date,
        recent_monthly_spend,
        baseline_monthly_spend,
        datediff(day, last_transaction_at, label_date) as days_since_last_transaction,
        {{ churn_by_silence('last_transaction_at', 'label_date') }} as is_inactive,
        {{ churn_by_collapse('recent_monthly_spend', 'baseline_monthly_spend') }} as is_collapsed
    from months
    -- Before the first purchase nobody can leave.
    where last_transaction_at is not null

),

final as (

    select
        customer_id,
        last_day(dateadd(month, -3, month_start)) as cutoff_date,
        label_date,
        days_since_last_transaction,
        recent_monthly_spend::number(18, 2) as recent_monthly_spend,
        baseline_monthly_spend::number(18, 2) as baseline_monthly_spend,
        is_inactive,
        is_collapsed,
        is_inactive or is_collapsed as is_churned,
        lag(is_inactive or is_collapsed, 3) over (partition by customer_id order by label_date) as was_churned_at_cutoff
    from judged

)

select * from final
