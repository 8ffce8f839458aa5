{#
  Two-sided p-value of a standard normal z, as SQL. Snowflake has no error function: this is formula 7.1.26 of Abramowitz and
  Stegun, right to 1.5e-7.
#}
{% macro normal_p_value(z) -%}
    {%- set x = "(abs(" ~ z ~ ") / sqrt(2))" -%}
    {%- set t = "(1 / (1 + 0.3275911 * " ~ x ~ "))" -%}
    (
        {{ t }} * (0.254829592 + {{ t }} * (-0.284496736 + {{ t }} * (1.421413741 + {{ t }} * (-1.453152027
        + {{ t }} * 1.061405429)))) * exp(-{{ x }} * {{ x }})
    )
{%- endmacro %}
