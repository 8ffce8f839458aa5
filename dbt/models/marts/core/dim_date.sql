{#- Whole years around the data, and one more, so that joins on due dates find their day. -#}
with

bounds as (

    select
        coalesce(min(year(transaction_at)), 2025) as first_year,
        coalesce(max(year(transaction_at)), 2026) + 1 as last_year
    from {{ ref('int_transactions_deduplicated') }}
    where transaction_at between '2000-01-01' and '2100-12-31'

),

numbers as (

    select row_number() over (order by seq4()) - 1 as n
    from table(generator(rowcount => 37000))

),

days as (

    select dateadd(day, numbers.n, date_from_parts(bounds.first_year, 1, 1))::date as date_day
    from bounds
    cross join numbers
    where dateadd(day, numbers.n, date_from_parts(bounds.first_year, 1, 1)) <= date_from_parts(bounds.last_year, 12, 31)

),

parts as (

    select
        date_day,
        year(date_day) as year_number,
        quarter(date_day) as quarter_number,
        month(date_day) as month_number,
        day(date_day) as day_of_month,
        dayofweekiso(date_day) as day_of_week,
        -- Which Monday, Thursday, ... of its month this is, and whether it is the last one.
        ceil(day(date_day) / 7)::integer as weekday_occurrence,
        day(date_day) + 7 > day(last_day(date_day)) as is_last_weekday
    from days

),

final as (

    select
        {{ date_key('date_day') }} as date_key,
        date_day,
        year_number,
        quarter_number,
        month_number,
        date_trunc('month', date_day)::date as month_start,
        decode(
            month_number, 1, 'January', 2, 'February', 3, 'March', 4, 'April', 5, 'May', 6, 'June', 7, 'July',
            8, 'August', 9, 'September', 10, 'October', 11, 'November', 12, 'December'
        ) as month_name,
        weekiso(date_day) as week_of_year,
        day_of_month,
        day_of_week,
        decode(
            day_of_week, 1, 'Monday', 2, 'Tuesday', 3, 'Wednesday', 4, 'Thursday', 5, 'Friday', 6, 'Saturday',
            7, 'Sunday'
        ) as day_name,
        day_of_week >= 6 as is_weekend,
        -- The fiscal year is the calendar year of the US retail card business: February to January.
        iff(month_number = 1, year_number - 1, year_number) as fiscal_year,
        iff(month_number = 1, 4, floor((month_number - 2) / 3) + 1)::integer as fiscal_quarter,
        iff(month_number = 1, 12, month_number - 1) as fiscal_period,
        case
            when month_number = 1 and day_of_month = 1 then 'New Year''s Day'
            when month_number = 1 and day_of_week = 1 and weekday_occurrence = 3 then 'Martin Luther King Jr. Day'
            when month_number = 2 and day_of_week = 1 and weekday_occurrence = 3 then 'Presidents'' Day'
            when month_number = 5 and day_of_week = 1 and is_last_weekday then 'Memorial Day'
            when month_number = 6 and day_of_month = 19 then 'Juneteenth'
            when month_number = 7 and day_of_month = 4 then 'Independence Day'
            when month_number = 9 and day_of_week = 1 and weekday_occurrence = 1 then 'Labor Day'
            when month_number = 10 and day_of_week = 1 and weekday_occurrence = 2 then 'Columbus Day'
            when month_number = 11 and day_of_month = 11 then 'Veterans Day'
            when month_number = 11 and day_of_week = 4 and weekday_occurrence = 4 then 'Thanksgiving Day'
            when month_number = 12 and day_of_month = 25 then 'Christmas Day'
        end as holiday_name,
        holiday_name is not null as is_holiday
    from parts

)

select * from final
