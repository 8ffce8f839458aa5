{# Every statement says which run and which model it belongs to. dbt-snowflake's own macro asks for the present tag first
   and puts it back afterwards: two statements a model more, for a session that nobody else uses. #}
{% macro set_query_tag() -%}
    {% set tag = {'app': 'dbt', 'invocation': invocation_id, 'model': model.name} %}
    {% do run_query("alter session set query_tag = '" ~ tojson(tag) ~ "'") %}
    {{ return('') }}
{%- endmacro %}

{% macro unset_query_tag(original_query_tag) -%}
{%- endmacro %}
