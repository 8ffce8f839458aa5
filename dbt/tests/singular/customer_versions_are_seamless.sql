-- Each version ends where the next begins, only the last is current, and there is one current version.
with

versions as (

    select
        *,
        lead(valid_from) over (partition by customer_id order by valid_from) as next_from,
        count_if(is_current) over (partition by customer_id) as current_versions
    from {{ ref('dim_customer') }}

)

select *
from versions
where
    not equal_null(valid_to, next_from)
    or is_current <> (valid_to is null)
    or current_versions <> 1
    or valid_to <= valid_from
