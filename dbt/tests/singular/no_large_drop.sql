-- The newest whole day against the mean of the four weeks before it.
{{ config(severity=var('data_test_severity')) }}

with

days as (

    select
        date_key,
        count(*) as transactions
    from {{ ref('fct_transactions') }}
    group by date_key

),

ranked as (

    select
        *,
        row_number() over (order by date_key desc) as days_back
    from days

),

compared as (

    select
        max(iff(days_back = 2, transactions, null)) as newest_whole_day,
        avg(iff(days_back between 3 and 30, transactions, null)) as usual
    from ranked

)

select *
from compared
where newest_whole_day < (1 - {{ var('largest_daily_drop') }}) * usual
