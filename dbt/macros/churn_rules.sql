{# No approved transaction in the 60 days up to a date. #}
{% macro churn_by_silence(last_transaction_at, label_date) -%}
    datediff(day, {{ last_transaction_at }}, {{ label_date }}) >= 60
{%- endmacro %}

{# Average spend of the last three months under 30 % of the mean of the months before; never without such months. #}
{% macro churn_by_collapse(recent, baseline) -%}
    coalesce({{ recent }} < 0.3 * {{ baseline }}, false)
{%- endmacro %}
