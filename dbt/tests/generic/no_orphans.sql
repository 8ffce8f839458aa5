{# Every value of `column` in each of `children` exists in this model. One query for all; returns the child and the value. #}
{% test no_orphans(model, column, children) %}
    {% for child in children %}
    select
        '{{ child.identifier }}' as child,
        used.{{ column }}
    from (select distinct {{ column }} from {{ child }}) as used
    left join {{ model }} as parents on used.{{ column }} = parents.{{ column }}
    where parents.{{ column }} is null
    {{ "union all" if not loop.last }}
    {% endfor %}
{% endtest %}
