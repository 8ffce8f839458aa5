-- Every row of bronze is accepted, a duplicate or rejected, and nothing else is. Rows newer than the newest that has
-- been classified are the next run's.
with

counts as (

    select
        (
            select count(*)
            from {{ ref('stg_transactions') }} as bronze
            where
                bronze.ingestion_timestamp <= (
                    select max(classified.ingestion_timestamp)
                    from {{ ref('int_transactions_classified') }} as classified
                )
        ) as bronze_rows,
        (select count(*) from {{ ref('int_transactions_deduplicated') }}) as accepted_rows,
        (select count(*) from {{ ref('int_transactions_duplicates') }}) as duplicate_rows,
        (select count(*) from {{ ref('int_transactions_rejected') }}) as rejected_rows,
        (select count(*) from {{ ref('fct_transactions') }}) as fact_rows

)

select *
from counts
where bronze_rows <> accepted_rows + duplicate_rows + rejected_rows or fact_rows <> accepted_rows
