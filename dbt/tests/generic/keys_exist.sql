{# Every value of a column exists as a key elsewhere. As dbt's relationships, but joins distinct values only. #}
{% test keys_exist(model, column, to, field) %}
    select used.{{ column }}
    from (select distinct {{ column }} from {{ model }}) as used
    left join {{ to }} as keys on used.{{ column }} = keys.{{ field }}
    where keys.{{ field }} is null
{% endtest %}
