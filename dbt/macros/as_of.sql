{# The date that marts look back from, as SQL: the variable `as_of_date`, else what `newest` finds. #}
{% macro as_of_date(newest) -%}
    {%- if var('as_of_date') -%} '{{ var('as_of_date') }}'::date {%- else -%} {{ newest }} {%- endif -%}
{%- endmacro %}
