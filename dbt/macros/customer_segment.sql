{#
  The segment of a customer from three months of behaviour; every threshold of the five segments is here.

  Arguments are SQL: spend of the last three months and of the three before, travel and necessities spend of the last
  three, and whether the account is younger than six months.
#}
{% macro customer_segment(recent, prior, travel, necessities, is_new) -%}
    case
        when {{ recent }} / 3 > 5000 and {{ travel }} > 0.25 * {{ recent }} then 'High-Value Travelers'
        when {{ prior }} > 0 and {{ recent }} <= 0.7 * {{ prior }} then 'Declining'
        when {{ is_new }} and {{ recent }} >= 1.5 * {{ prior }} then 'New & Growing'
        when {{ recent }} > 0 and {{ recent }} / 3 < 1500 and {{ necessities }} >= 0.6 * {{ recent }} then 'Budget-Conscious'
        else 'Stable Mid-Spenders'
    end
{%- endmacro %}
