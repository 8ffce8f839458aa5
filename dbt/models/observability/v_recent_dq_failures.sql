with

checks as (

    select * from {{ source('observability', 'data_quality_metrics') }}

),

final as (

    select
        run_timestamp,
        run_id,
        layer,
        table_name,
        check_type,
        records_checked,
        records_failed,
        failure_rate,
        failure_details
    from checks
    where
        records_failed > 0
        -- The moment in UTC, as the rows have it, whatever the session's time zone.
        and run_timestamp >= dateadd(day, -7, sysdate())

)

select * from final
