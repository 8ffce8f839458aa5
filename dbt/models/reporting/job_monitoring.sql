with

executions as (

    select * from {{ source('observability', 'model_execution_log') }}

),

final as (

    select
        model_name as job_name,
        count(*) as executions,
        count_if(status in ('error', 'fail', 'runtime error')) as failures,
        max(started_at) as last_started_at,
        max_by(status, started_at) as last_status,
        max_by(message, started_at) as last_message,
        avg(execution_seconds) as avg_seconds,
        max(execution_seconds) as max_seconds
    from executions
    group by model_name

)

select * from final
