{# A frame of a customer's months, e.g. rows_from('2 preceding') for three months. Snowflake has no WINDOW clause. #}
{% macro rows_from(first, last='current row') -%}
    over (partition by customer_id order by month_start rows between {{ first }} and {{ last }})
{%- endmacro %}
