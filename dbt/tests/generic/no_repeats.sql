{# No value of a column comes twice; fails with the number of rows too many. Cheaper than dbt's unique on 13.5 million texts: it
   counts hashes instead of naming values. Two of so many values share one of 64 bits once in 200,000 runs, which would be a
   false alarm; a value that does repeat is always noticed. #}
{% test no_repeats(model, column) %}
    {{ config(fail_calc="coalesce(sum(repeats), 0)") }}
    select counted.repeats
    from (
        select count({{ column }}) - count(distinct iff({{ column }} is null, null, hash({{ column }}))) as repeats
        from {{ model }}
    ) as counted
    where counted.repeats > 0
{% endtest %}
