with

counts as (

    select * from {{ source('observability', 'layer_record_counts') }}

),

days as (

    select
        run_timestamp::date as count_date,
        layer,
        model_name,
        record_count
    from counts
    qualify row_number() over (
        partition by layer, model_name, run_timestamp::date order by run_timestamp desc, record_count desc
    ) = 1

),

compared as (

    select
        *,
        lag(record_count) over (partition by layer, model_name order by count_date) as previous_count
    from days

),

final as (

    select
        count_date,
        layer,
        model_name,
        record_count,
        record_count - previous_count as count_change,
        (record_count / nullif(previous_count, 0) - 1)::float as count_change_pct
    from compared

)

select * from final
