with

customers as (

    select * from {{ ref('campaign_performance') }}

),

by_group as (

    select
        campaign_id,
        treatment_group,
        min(start_date) as start_date,
        max(end_date) as end_date,
        count(*) as customers,
        avg(spend_before)::float as mean_spend_before,
        avg(spend_after)::float as mean_spend_after,
        avg(spend_lift)::float as mean_change,
        var_samp(spend_lift::float) as change_variance,
        sum(offer_cost) as total_cost
    from customers
    group by campaign_id, treatment_group

),

-- What the treated did beyond what the held-out customers did anyway.
compared as (

    select
        by_group.*,
        by_group.mean_change - control.mean_change as did_lift,
        sqrt(by_group.change_variance / by_group.customers + control.change_variance / control.customers) as lift_error,
        by_group.mean_spend_before + control.mean_change as expected_spend_after
    from by_group
    left join by_group as control
        on
            by_group.campaign_id = control.campaign_id
            and by_group.treatment_group = 'treatment'
            and control.treatment_group = 'control'

),

tested as (

    select
        *,
        {{ normal_p_value('(did_lift / nullif(lift_error, 0))') }} as p_value,
        did_lift * customers as incremental_spend,
        did_lift * customers * {{ var('revenue_rate') }} as incremental_revenue
    from compared

),

final as (

    select
        campaign_id,
        treatment_group,
        start_date,
        end_date,
        customers,
        mean_spend_before::number(18, 2) as mean_spend_before,
        mean_spend_after::number(18, 2) as mean_spend_after,
        mean_change::number(18, 2) as mean_change,
        did_lift::number(18, 2) as lift,
        (did_lift / nullif(expected_spend_after, 0))::float as lift_pct,
        (did_lift - 1.96 * lift_error)::number(18, 2) as lift_low,
        (did_lift + 1.96 * lift_error)::number(18, 2) as lift_high,
        p_value::float as p_value,
        coalesce(p_value < 0.05, false) as is_significant,
        total_cost::number(18, 2) as total_cost,
        incremental_spend::number(18, 2) as incremental_spend,
        incremental_revenue::number(18, 2) as incremental_revenue,
        (incremental_revenue / nullif(total_cost, 0) - 1)::float as roi
    from tested

)

select * from final
