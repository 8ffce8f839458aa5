-- One file an hour, from the first to the last: returns the number of hours without one.
{{ config(severity=var('data_test_severity')) }}

with

files as (

    select distinct source_file
    from {{ ref('int_transactions_classified') }}
    where source_file like '%transactions/streaming/%'

),

hours as (

    select distinct
        to_timestamp_ntz(
            replace(substr(source_file, position('streaming/' in source_file) + 10, 10), '/', '-')
            || ' ' || substr(source_file, position('streaming/' in source_file) + 21, 2) || ':00:00'
        ) as hour_start
    from files

),

spans as (

    select
        datediff(hour, min(hour_start), max(hour_start)) + 1 as hours_expected,
        count(*) as hours_found
    from hours

)

select *
from spans
where hours_found < hours_expected
