{# Schemas are named plainly (GOLD, not <target>_GOLD): the Pulumi program has made and granted them under these names. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim | upper }}
{%- endmacro %}
