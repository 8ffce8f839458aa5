-- Facts whose day lies outside the version they point at; the first version also holds for anything earlier.
select
    facts.transaction_id,
    facts.customer_id,
    facts.customer_key,
    facts.transaction_at
from {{ ref('fct_transactions') }} as facts
inner join {{ ref('dim_customer') }} as versions on facts.customer_key = versions.customer_key
where
    facts.customer_key <> '{{ unknown_customer_key() }}'
    and (
        facts.customer_id <> versions.customer_id
        or (versions.version_number > 1 and facts.transaction_at < versions.valid_from)
        or facts.transaction_at >= versions.valid_to
    )
