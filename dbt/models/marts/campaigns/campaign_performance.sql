with

reporting as (

    select * from {{ ref('int_reporting_date') }}

),

-- The same customer twice in a campaign counts once, as first assigned.
assignments as (

    select *
    from {{ ref('stg_campaign_assignments') }}
    where validation_status = 'VALID'
    qualify
        row_number() over (
            partition by campaign_id, customer_id order by ingestion_timestamp, source_file, source_row_number
        ) = 1

),

-- As many days before the start as the campaign has lasted so far.
windows as (

    select
        assignments.campaign_id,
        assignments.customer_id,
        assignments.treatment_group,
        assignments.offer,
        assignments.offer_cost,
        assignments.start_date,
        assignments.end_date,
        least(assignments.end_date, reporting.as_of_date) as observed_until,
        datediff(day, assignments.start_date, least(assignments.end_date, reporting.as_of_date)) + 1 as days_observed
    from assignments
    cross join reporting
    where assignments.start_date <= reporting.as_of_date

),

spending as (

    select
        windows.campaign_id,
        windows.customer_id,
        sum(iff(facts.transaction_at < windows.start_date, facts.transaction_amount, 0)) as spend_before,
        sum(iff(facts.transaction_at >= windows.start_date, facts.transaction_amount, 0)) as spend_after,
        count_if(facts.transaction_at < windows.start_date) as transactions_before,
        count_if(facts.transaction_at >= windows.start_date) as transactions_after
    from windows
    inner join {{ ref('fct_transactions') }} as facts
        on
            windows.customer_id = facts.customer_id
            and facts.transaction_at >= dateadd(day, -windows.days_observed, windows.start_date)
            and facts.transaction_at < dateadd(day, 1, windows.observed_until)
    where facts.status = 'approved'
    group by windows.campaign_id, windows.customer_id

),

final as (

    select
        windows.campaign_id,
        windows.customer_id,
        windows.treatment_group,
        windows.offer,
        windows.offer_cost,
        windows.start_date,
        windows.end_date,
        windows.days_observed,
        coalesce(spending.spend_before, 0)::number(18, 2) as spend_before,
        coalesce(spending.spend_after, 0)::number(18, 2) as spend_after,
        coalesce(spending.transactions_before, 0) as transactions_before,
        coalesce(spending.transactions_after, 0) as transactions_after,
        (coalesce(spending.spend_after, 0) - coalesce(spending.spend_before, 0))::number(18, 2) as spend_lift,
        (spending.spend_after / nullif(spending.spend_before, 0) - 1)::float as spend_lift_pct
    from windows
    left join spending
        on
            windows.campaign_id = spending.campaign_id
            and windows.customer_id = spending.customer_id

)

select * from final
