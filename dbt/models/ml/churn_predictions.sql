{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='ignore',
        transient=false,
        access='public',
    )
}}

-- dbt makes the table and never fills it: the scoring procedure does, and its rows survive every refresh.
select
    null::varchar as customer_id,
    null::number(5, 2) as churn_risk_score,
    null::varchar as churn_risk_category,
    null::varchar as reason_1,
    null::varchar as reason_2,
    null::varchar as reason_3,
    null::varchar as model_version,
    null::timestamp_ntz as scored_at
where false
