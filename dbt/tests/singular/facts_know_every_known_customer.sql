-- A customer that has a version is never the unknown member, whenever the two arrived.
select facts.customer_id
from {{ ref('fct_transactions') }} as facts
inner join {{ ref('dim_customer') }} as customers on facts.customer_id = customers.customer_id
where facts.customer_key = '{{ unknown_customer_key() }}'
group by facts.customer_id
