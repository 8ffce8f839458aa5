with

labels as (

    select * from {{ ref('churn_labels') }}

),

features as (

    select * from {{ ref('int_churn_features') }}

),

last_label as (

    select max(label_date) as last_label_date
    from labels

),

-- The three months that evaluation looks at begin here.
newest as (

    select last_day(dateadd(month, -3, last_label_date)) as evaluation_cutoff
    from last_label

),

final as (

    select
        features.*,
        labels.label_date,
        labels.is_churned,
        case
            when features.cutoff_date >= newest.evaluation_cutoff then 'evaluate'
            -- A label that looks into the months of evaluation would tell the model about them.
            when labels.label_date <= newest.evaluation_cutoff then 'train'
            else 'gap'
        end as split
    from features
    inner join labels
        on
            features.customer_id = labels.customer_id
            and features.cutoff_date = labels.cutoff_date
    cross join newest
    where
        features.lifetime_count >= {{ var('churn_min_transactions') }}
        -- Who has left already cannot leave.
        and not coalesce(labels.was_churned_at_cutoff, false)

)

select * from final
