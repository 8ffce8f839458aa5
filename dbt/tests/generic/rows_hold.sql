{# Every row fulfils every condition; null counts as broken. One scan for all, which matters on facts.
   Arguments: conditions, a dictionary of name -> SQL. Fails with one row per broken condition. #}
{% test rows_hold(model, conditions) %}
    {{ config(fail_calc="coalesce(sum(failed_rows), 0)") }}
    with counted as (
        select
            {% for name, condition in conditions.items() %}
            count(*) - count_if({{ condition }}) as {{ name }}{{ "," if not loop.last }}
            {% endfor %}
        from {{ model }}
    )
    {% for name in conditions %}
    select '{{ name }}' as condition_name, {{ name }} as failed_rows from counted where {{ name }} > 0
    {{ "union all" if not loop.last }}
    {% endfor %}
{% endtest %}
