{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='source_file',
        on_schema_change='fail',
    )
}}

{%- set batch = {'files': none, 'since': none} -%}
{%- if execute and is_incremental() -%}
    {%- set batch = files_to_classify(ref('stg_transactions'), this) -%}
{%- endif -%}
{%- set resumes = batch.files is not none -%}

with

source as (

    select * from {{ ref('stg_transactions') }}
    {% if resumes %}
    where
        source_file in ({{ text_literals(batch.files) }})
        {%- if batch.since %}
        and ingestion_timestamp >= {{ batch.since }}
        {%- endif %}
    {% endif %}

),

{% if resumes and not batch.since %}

-- Rows that came late may be older than the copy accepted so far. Files that lose an accepted row to them are classified again.
challenged_files as (

    select distinct accepted.source_file
    from {{ this }} as accepted
    inner join source
        on
            accepted.transaction_id = source.transaction_id
            and source.validation_status = 'VALID'
    where
        accepted.disposition = 'ACCEPTED'
        and (
            source.ingestion_timestamp < accepted.ingestion_timestamp
            or (
                source.ingestion_timestamp = accepted.ingestion_timestamp
                and (
                    source.source_file < accepted.source_file
                    or (
                        source.source_file = accepted.source_file
                        and source.source_row_number < accepted.source_row_number
                    )
                )
            )
        )
        and accepted.source_file not in ({{ text_literals(batch.files) }})

),

candidates as (

    select * from source
    union all
    select stg.*
    from {{ ref('stg_transactions') }} as stg
    where stg.source_file in (select challenged_files.source_file from challenged_files)

),

{% else %}

candidates as (

    select * from source

),

{% endif %}

{% if resumes %}

-- What stays as it is: accepted rows of other files.
already_accepted as (

    select distinct accepted.transaction_id
    from {{ this }} as accepted
    inner join candidates on accepted.transaction_id = candidates.transaction_id
    where
        accepted.disposition = 'ACCEPTED'
        {%- if not batch.since %}
        and accepted.source_file not in ({{ text_literals(batch.files) }})
        and accepted.source_file not in (select challenged_files.source_file from challenged_files)
        {%- endif %}

),

{% endif %}

-- Few identifiers come more than once: only their rows are ranked. Ranking all 13.5 million took three times as long.
repeated_ids as (

    select transaction_id
    from candidates
    where transaction_id is not null
    group by transaction_id
    having count(*) > 1

),

ranked as (

    select
        candidates.*,
        1 as copy_number
    from candidates
    where
        candidates.validation_status <> 'VALID'
        or candidates.transaction_id not in (select repeated_ids.transaction_id from repeated_ids)

    union all

    select
        candidates.*,
        row_number() over (
            partition by candidates.transaction_id
            order by candidates.ingestion_timestamp, candidates.source_file, candidates.source_row_number
        ) as copy_number
    from candidates
    where
        candidates.validation_status = 'VALID'
        and candidates.transaction_id in (select repeated_ids.transaction_id from repeated_ids)

),

final as (

    select
        ranked.transaction_id,
        ranked.customer_id,
        ranked.transaction_at,
        ranked.transaction_amount,
        ranked.merchant_name,
        ranked.merchant_category,
        ranked.channel,
        ranked.status,
        ranked.validation_status,
        case
            when ranked.validation_status <> 'VALID' then 'REJECTED'
            {%- if resumes %}
            when already_accepted.transaction_id is not null then 'DUPLICATE'
            {%- endif %}
            when ranked.copy_number > 1 then 'DUPLICATE'
            else 'ACCEPTED'
        end as disposition,
        iff(ranked.validation_status <> 'VALID', ranked.raw_date, null) as raw_date,
        iff(ranked.validation_status <> 'VALID', ranked.raw_amount, null) as raw_amount,
        ranked.ingestion_timestamp,
        ranked.source_file,
        ranked.source_row_number,
        {{ moment_literal(run_started_at) }} as classified_at
    from ranked
    {%- if resumes %}
    left join already_accepted on ranked.transaction_id = already_accepted.transaction_id
    {%- endif %}

)

select * from final
