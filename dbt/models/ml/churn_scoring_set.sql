with

reporting as (

    select * from {{ ref('int_reporting_date') }}

),

features as (

    select * from {{ ref('int_churn_features') }}

),

final as (

    select features.*
    from features
    cross join reporting
    where
        features.lifetime_count >= {{ var('churn_min_transactions') }}
        and features.cutoff_date = last_day(reporting.last_complete_month)

)

select * from final
