with

features as (

    select * from {{ ref('int_churn_features') }}

),

final as (

    select *
    from features
    where
        lifetime_count >= {{ var('churn_min_transactions') }}
        and cutoff_date = (select max(newest.cutoff_date) from {{ ref('int_churn_features') }} as newest)

)

select * from final
