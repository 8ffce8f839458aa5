{# How recently a customer was seen: up to 30, 60 and 90 days ago; nobody seen at all is inactive. #}
{% macro recency_status(days) -%}
    case
        when {{ days }} <= 30 then 'Active'
        when {{ days }} <= 60 then 'Recent'
        when {{ days }} <= 90 then 'At Risk'
        else 'Inactive'
    end
{%- endmacro %}

{# Bands of a churn score of 0 to 100: High from 70, Medium from 40; no score, no band. #}
{% macro churn_risk_category(score) -%}
    case
        when {{ score }} >= 70 then 'High'
        when {{ score }} >= 40 then 'Medium'
        when {{ score }} >= 0 then 'Low'
    end
{%- endmacro %}
