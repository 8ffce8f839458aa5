with

records as (

    select
        *,
        -- The file of the start of the history has no effective date: it is how each customer began.
        coalesce(effective_date, account_open_date, '1900-01-01'::date) as starts_on,
        effective_date is null as is_initial
    from {{ ref('stg_customers') }}
    where validation_status = 'VALID'

),

-- The last record of a day counts; an initial record never replaces a change of the same day.
one_a_day as (

    select *
    from records
    qualify
        row_number() over (
            partition by customer_id, starts_on
            order by is_initial asc, ingestion_timestamp desc, source_file desc, source_row_number desc
        ) = 1

),

-- A value that did not parse leaves the state as it was.
states as (

    select
        customer_id,
        starts_on,
        last_value(card_type ignore nulls) over (
            partition by customer_id order by starts_on rows between unbounded preceding and current row
        ) as card_type,
        last_value(credit_limit ignore nulls) over (
            partition by customer_id order by starts_on rows between unbounded preceding and current row
        ) as credit_limit
    from one_a_day

),

changes as (

    select *
    from states
    qualify
        row_number() over (partition by customer_id order by starts_on) = 1
        or not equal_null(card_type, lag(card_type) over (partition by customer_id order by starts_on))
        or not equal_null(credit_limit, lag(credit_limit) over (partition by customer_id order by starts_on))

),

-- Everything else is overwritten: what the newest record says holds for all versions.
newest as (

    select *
    from one_a_day
    qualify row_number() over (partition by customer_id order by starts_on desc) = 1

),

opened as (

    select
        customer_id,
        min(account_open_date) as account_open_date
    from records
    group by customer_id

),

final as (

    select
        changes.customer_id,
        row_number() over (partition by changes.customer_id order by changes.starts_on) as version_number,
        changes.starts_on as valid_from,
        lead(changes.starts_on) over (partition by changes.customer_id order by changes.starts_on) as valid_to,
        changes.card_type,
        changes.credit_limit,
        newest.first_name,
        newest.last_name,
        newest.email,
        newest.age,
        newest.state,
        newest.city,
        newest.employment_status,
        opened.account_open_date,
        newest.source_segment,
        newest.source_decline_type
    from changes
    inner join newest on changes.customer_id = newest.customer_id
    inner join opened on changes.customer_id = opened.customer_id

)

select * from final
