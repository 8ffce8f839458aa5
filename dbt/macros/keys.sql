{# Key of the dimension's member for customers that are not known (yet). #}
{% macro unknown_customer_key() -%} 00000000000000000000000000000000 {%- endmacro %}

{# YYYYMMDD of a date or timestamp, as a number. #}
{% macro date_key(moment) -%}
    (year({{ moment }}) * 10000 + month({{ moment }}) * 100 + day({{ moment }}))
{%- endmacro %}
