with

runs as (

    select * from {{ ref('v_latest_pipeline_runs') }}

),

quality as (

    select
        run_id,
        count(*) as checks,
        count_if(records_failed > 0) as checks_with_failures
    from {{ source('observability', 'data_quality_metrics') }}
    group by run_id

),

freshness as (

    select
        max(ingestion_timestamp) as newest_ingestion,
        count(distinct source_file) as files_loaded
    from {{ source('bronze', 'bronze_transactions') }}

),

final as (

    select
        runs.pipeline_name,
        runs.run_id as latest_run_id,
        runs.status as latest_status,
        runs.started_at,
        runs.finished_at,
        runs.duration_seconds,
        runs.models_run,
        runs.models_failed,
        runs.error_message,
        coalesce(quality.checks, 0) as checks,
        coalesce(quality.checks_with_failures, 0) as checks_with_failures,
        freshness.newest_ingestion,
        freshness.files_loaded
    from runs
    cross join freshness
    left join quality on runs.run_id = quality.run_id

)

select * from final
