with

customers as (

    select *
    from {{ ref('dim_customer') }}
    where is_current and customer_key <> '{{ unknown_customer_key() }}'

),

behaviour as (

    select * from {{ ref('int_customer_behaviour') }}

),

segments as (

    select
        customer_id,
        customer_segment
    from {{ ref('customer_segments') }}

),

ranked_categories as (

    select
        customer_id,
        merchant_category,
        row_number() over (
            partition by customer_id order by lifetime_spend desc, merchant_category asc
        ) as category_rank
    from {{ ref('int_customer_category_spend') }}

),

top_categories as (

    select
        customer_id,
        max(iff(category_rank = 1, merchant_category, null)) as top_category_1,
        max(iff(category_rank = 2, merchant_category, null)) as top_category_2,
        max(iff(category_rank = 3, merchant_category, null)) as top_category_3
    from ranked_categories
    where category_rank <= 3
    group by customer_id

),

predictions as (

    select *
    from {{ ref('churn_predictions') }}
    qualify row_number() over (partition by customer_id order by scored_at desc) = 1

),

running_campaigns as (

    select distinct assignments.customer_id
    from {{ ref('stg_campaign_assignments') }} as assignments
    cross join {{ ref('int_reporting_date') }} as reporting
    where
        assignments.validation_status = 'VALID'
        and reporting.as_of_date between assignments.start_date and assignments.end_date

),

joined as (

    select
        customers.customer_id,
        customers.customer_key,
        customers.first_name,
        customers.last_name,
        customers.full_name,
        customers.email,
        customers.age,
        customers.state,
        customers.city,
        customers.employment_status,
        customers.card_type,
        customers.credit_limit,
        customers.account_open_date,
        behaviour.tenure_months,
        segments.customer_segment,
        behaviour.lifetime_spend as lifetime_value,
        behaviour.lifetime_count as total_transactions,
        behaviour.declined_count as declined_transactions,
        (behaviour.lifetime_spend / nullif(behaviour.lifetime_count, 0))::number(18, 2) as avg_transaction_value,
        behaviour.largest_transaction,
        behaviour.first_transaction_at::date as first_transaction_date,
        behaviour.last_transaction_at::date as last_transaction_date,
        behaviour.days_since_last_transaction,
        behaviour.spend_last_30_days,
        behaviour.spend_last_90_days,
        behaviour.spend_prior_90_days,
        behaviour.spend_change_pct,
        behaviour.count_last_90_days as transactions_last_90_days,
        behaviour.avg_monthly_spend,
        (behaviour.travel_spend_90_days / 3)::number(18, 2) as travel_monthly_spend,
        (behaviour.dining_spend_90_days / 3)::number(18, 2) as dining_monthly_spend,
        ((behaviour.travel_spend_90_days + behaviour.dining_spend_90_days) / 3)::number(
            18, 2
        ) as travel_dining_monthly_spend,
        behaviour.travel_share,
        behaviour.necessities_share,
        behaviour.leisure_share,
        top_categories.top_category_1,
        top_categories.top_category_2,
        top_categories.top_category_3,
        (behaviour.spend_last_30_days / nullif(customers.credit_limit, 0))::float as credit_utilization,
        {{ recency_status('behaviour.days_since_last_transaction') }} as recency_status,
        case
            when behaviour.spend_last_90_days = 0 then 'Dormant'
            when behaviour.travel_share > 0.25 then 'Travel'
            when behaviour.necessities_share >= 0.6 then 'Necessities'
            when behaviour.leisure_share >= 0.5 then 'Leisure'
            else 'Balanced'
        end as spending_profile,
        predictions.churn_risk_score,
        {{ churn_risk_category('predictions.churn_risk_score') }} as churn_risk_category,
        predictions.reason_1 as churn_reason_1,
        predictions.reason_2 as churn_reason_2,
        predictions.reason_3 as churn_reason_3,
        predictions.scored_at as churn_scored_at,
        running_campaigns.customer_id is not null as is_in_campaign,
        behaviour.as_of_date
    from customers
    inner join behaviour on customers.customer_id = behaviour.customer_id
    inner join segments on customers.customer_id = segments.customer_id
    left join top_categories on customers.customer_id = top_categories.customer_id
    left join predictions on customers.customer_id = predictions.customer_id
    left join running_campaigns on customers.customer_id = running_campaigns.customer_id

),

final as (

    select
        *,
        -- Whom it makes sense to address: who is leaving but still reachable, and nobody twice at a time.
        case
            when is_in_campaign then 'In campaign'
            when recency_status = 'Inactive' then 'Win-back'
            when customer_segment = 'Declining' or churn_risk_category = 'High' then 'Retention'
            when customer_segment = 'New & Growing' then 'Onboarding'
            when customer_segment = 'High-Value Travelers' and card_type = 'Standard' then 'Upgrade'
            else 'None'
        end as campaign_eligibility
    from joined

)

select * from final
