with

runs as (

    select * from {{ source('observability', 'pipeline_run_metadata') }}

),

final as (

    select
        run_id,
        pipeline_name,
        status,
        started_at,
        finished_at,
        datediff(second, started_at, finished_at) as duration_seconds,
        models_run,
        models_failed,
        error_message
    from runs
    qualify row_number() over (partition by pipeline_name order by started_at desc) = 1

)

select * from final
