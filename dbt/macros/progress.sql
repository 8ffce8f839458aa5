{#
  What the facts were last built from: the moment of the newest classification and, customer by customer, the versions.

  SILVER.FCT_TRANSACTIONS_PROGRESS has one row per version, each with `classified_until`. It is replaced, in one statement,
  after the facts: a run killed in between does its work again, which changes nothing.
#}
{% macro progress_relation() %}
    {{ return(api.Relation.create(database=target.database, schema='SILVER', identifier='FCT_TRANSACTIONS_PROGRESS')) }}
{% endmacro %}


{# Post-hook of the facts. #}
{% macro remember_progress() %}
    create or replace transient table {{ progress_relation() }} as
    select
        versions.customer_id,
        versions.customer_key,
        versions.valid_from,
        versions.valid_to,
        (select max(classified_at) from {{ ref('int_transactions_classified') }}) as classified_until
    from {{ ref('dim_customer') }} as versions
{% endmacro %}


{# The newest classification that the facts have followed, as a query of one value. #}
{% macro facts_classified_until() -%}
    (select max(followed.classified_until) from {{ progress_relation() if execute else 'progress' }} as followed)
{%- endmacro %}


{# Customers whose versions are other than the facts have seen. #}
{% macro changed_customers() %}
    select customer_id from (
        select customer_id, customer_key, valid_from, valid_to from {{ ref('dim_customer') }}
        except
        select customer_id, customer_key, valid_from, valid_to from {{ progress_relation() }}
    )
    union
    select customer_id from (
        select customer_id, customer_key, valid_from, valid_to from {{ progress_relation() }}
        except
        select customer_id, customer_key, valid_from, valid_to from {{ ref('dim_customer') }}
    )
{% endmacro %}


{#
  What the facts have yet to follow, or none when that is not known: `classified_until` (text) and `changed_customers`
  (number of customers whose versions are other than then).
#}
{% macro last_progress() %}
    {% if load_relation(progress_relation()) is none %}
        {{ return(none) }}
    {% endif %}
    {% set until = run_query("select max(classified_until) from " ~ progress_relation()).rows[0][0] %}
    {% if until is none %}
        {{ return(none) }}
    {% endif %}
    {% set changed = run_query("select count(*) from (" ~ changed_customers() ~ ")").rows[0][0] %}
    {{ return({'classified_until': until | string, 'changed_customers': changed}) }}
{% endmacro %}


{#
  Condition on classified transactions: those that were classified since, and all those of customers whose versions have
  changed, because their history is newer than their facts. Argument: what
  last_progress returned; none for all.
#}
{% macro still_to_follow(progress) -%}
    {%- if progress is none -%}
    true
    {%- else -%}
    (
        classified_at > '{{ progress.classified_until }}'::timestamp_ntz
        {%- if progress.changed_customers > 0 %}
        or customer_id in ({{ changed_customers() }})
        {%- endif %}
    )
    {%- endif -%}
{%- endmacro %}
