with

newest as (

    select max(transaction_at)::date as newest_date
    from {{ ref('fct_transactions') }}

),

chosen as (

    select
        {{ as_of_date('newest_date') }} as as_of_date,
        newest_date
    from newest

),

final as (

    select
        as_of_date,
        date_trunc('month', as_of_date)::date as current_month,
        as_of_date = last_day(as_of_date) as is_month_complete,
        -- The newest month of which every day is there.
        iff(
            as_of_date = last_day(as_of_date),
            date_trunc('month', as_of_date),
            dateadd(month, -1, date_trunc('month', as_of_date))
        )::date as last_complete_month
    from chosen

)

select * from final
