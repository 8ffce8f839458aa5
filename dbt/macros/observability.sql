{#
  What invocations did, in the OBSERVABILITY tables, also when they failed.

  PIPELINE_RUN_METADATA gets one row, at the start, and its result at the end: a run that was killed is left as running, and the
  next one calls it interrupted. At the end MODEL_EXECUTION_LOG gets a row for each model, seed and test, LAYER_RECORD_COUNTS one
  for each table, DATA_QUALITY_METRICS one for each test, and the duplicates, rejects and unknown customers.
#}

{# On-run-start hook. #}
{% macro record_start() %}
    {% if is_recorded() %}
        {% set runs, now = observability_table('PIPELINE_RUN_METADATA'), moment_literal(run_started_at) %}
        {% do run_query(
            "update " ~ runs ~ " set status = 'interrupted', finished_at = " ~ now
            ~ ", error_message = 'The process ended without saying how.' where status = 'running'"
        ) %}
        {% do run_query(
            "insert into " ~ runs ~ " (run_id, pipeline_name, status, started_at) select "
            ~ [as_literal(invocation_id), as_literal('dbt ' ~ flags.WHICH), as_literal('running'), now] | join(', ')
        ) %}
    {% endif %}
{% endmacro %}


{# On-run-end hook. Argument: results, dbt's list of what ran. #}
{% macro record_run(results) %}
    {% if is_recorded() %}
        {% do record_invocation(results) %}
        {% do record_executions(results) %}
        {% do record_counts(results) %}
        {% do record_quality(results) %}
    {% endif %}
{% endmacro %}


{# Whether this invocation builds or judges anything, and the tables exist to say so. #}
{% macro is_recorded() %}
    {% if not execute or flags.WHICH not in ('build', 'run', 'test', 'seed') %}{{ return(false) }}{% endif %}
    {% if load_relation(observability_table('PIPELINE_RUN_METADATA')) is none %}
        {% do log("OBSERVABILITY.PIPELINE_RUN_METADATA does not exist: this run is not recorded.", info=true) %}
        {{ return(false) }}
    {% endif %}
    {{ return(true) }}
{% endmacro %}


{% macro observability_table(name) %}
    {{ return(api.Relation.create(database=target.database, schema='OBSERVABILITY', identifier=name)) }}
{% endmacro %}


{# A value as a SQL literal: none, a number, or text cut to 2,000 characters. #}
{% macro as_literal(value) %}
    {% if value is none %}{{ return('null') }}{% endif %}
    {% if value is number %}{{ return(value | string) }}{% endif %}
    {{ return(text_literals([(value | string)[:2000]])) }}
{% endmacro %}


{% macro moment_literal(moment) %}
    {{ return("'" ~ moment.strftime('%Y-%m-%d %H:%M:%S.%f') ~ "'::timestamp_ntz" if moment else 'null::timestamp_ntz') }}
{% endmacro %}


{% macro has_failed(result) %}
    {{ return(result.status | string in ('error', 'fail', 'runtime error', 'partial success')) }}
{% endmacro %}


{% macro record_invocation(results) %}
    {% set models = results | selectattr('node.resource_type', 'in', ['model', 'seed', 'snapshot']) | list %}
    {% set ran = models | rejectattr('status', 'equalto', 'skipped') | list %}
    {% set failed, problems = [], [] %}
    {% for result in results if has_failed(result) %}
        {% do problems.append(result.node.name ~ ': ' ~ (result.message or '')) %}
        {% if result in models %}{% do failed.append(result) %}{% endif %}
    {% endfor %}
    {% do run_query(
        "update " ~ observability_table('PIPELINE_RUN_METADATA') ~ " set status = "
        ~ as_literal('failed' if problems else 'success') ~ ", finished_at = "
        ~ moment_literal(modules.datetime.datetime.utcnow()) ~ ", models_run = " ~ ran | length ~ ", models_failed = "
        ~ failed | length ~ ", error_message = " ~ as_literal(problems | join('; ') if problems else none)
        ~ " where run_id = " ~ as_literal(invocation_id)
    ) %}
{% endmacro %}


{% macro record_executions(results) %}
    {% set rows = [] %}
    {% for result in results if result.node.resource_type != 'exposure' %}
        {% set steps = result.timing | selectattr('name', 'equalto', 'execute') | list %}
        {% set affected = (result.adapter_response or {}).get('rows_affected') %}
        {% do rows.append('(' ~ [
            as_literal(invocation_id), as_literal(result.node.name), as_literal(result.status),
            moment_literal(steps[0].started_at if steps else run_started_at), as_literal(result.execution_time | float),
            as_literal(affected if affected is number else none), as_literal(result.message)
        ] | join(', ') ~ ')') %}
    {% endfor %}
    {% if rows %}
        {% do run_query(
            "insert into " ~ observability_table('MODEL_EXECUTION_LOG')
            ~ " (run_id, model_name, status, started_at, execution_seconds, rows_affected, message) values "
            ~ rows | join(', ')
        ) %}
    {% endif %}
{% endmacro %}


{# Tables only, and the three parts of bronze: a count of any other view would do its work again. #}
{% macro record_counts(results) %}
    {% set parts = ['int_transactions_deduplicated', 'int_transactions_duplicates', 'int_transactions_rejected'] %}
    {% set counts = [] %}
    {% for source in graph.sources.values() if source.source_name == 'bronze' and load_relation(api.Relation.create(
        database=source.database, schema=source.schema, identifier=source.identifier
    )) is not none %}
        {% do counts.append(count_of(source.schema, source.name, source.database ~ '.' ~ source.schema ~ '.' ~ source.identifier)) %}
    {% endfor %}
    {% for result in results if result.status | string == 'success' and result.node.resource_type in ('model', 'seed', 'snapshot') %}
        {% if result.node.config.materialized != 'view' or result.node.name in parts %}
            {% do counts.append(count_of(result.node.schema, result.node.name, result.node.relation_name)) %}
        {% endif %}
    {% endfor %}
    {% if counts %}
        {% do run_query(
            "insert into " ~ observability_table('LAYER_RECORD_COUNTS')
            ~ " (run_id, layer, model_name, record_count, run_timestamp) " ~ counts | join(' union all ')
        ) %}
    {% endif %}
{% endmacro %}


{% macro count_of(layer, name, relation) %}
    {{ return(
        "select " ~ as_literal(invocation_id) ~ ", " ~ as_literal(layer | upper) ~ ", " ~ as_literal(name) ~ ", count(*), "
        ~ moment_literal(run_started_at) ~ " from " ~ relation
    ) }}
{% endmacro %}


{% macro record_quality(results) %}
    {% set rows = [] %}
    {% for result in results if result.node.resource_type == 'test' and result.status | string != 'skipped' %}
        {% set tested = graph.nodes.get(result.node.attached_node) or graph.sources.get(result.node.attached_node) %}
        {# A test that could not run may have looked for a table that is not there. #}
        {% set is_counted = tested and tested.config.materialized != 'view' and result.status | string != 'error' %}
        {% do rows.append(quality_row(
            tested.schema if tested else none,
            tested.name if tested else result.node.name,
            result.node.test_metadata.name if result.node.test_metadata else result.node.name,
            "(select count(*) from " ~ tested.relation_name ~ ")" if is_counted else 'null',
            as_literal(result.failures),
            result.node.name ~ (': ' ~ result.message if result.message else '')
        )) %}
    {% endfor %}
    {% set built = {} %}
    {% for result in results if result.status | string == 'success' and result.node.resource_type in ('model', 'snapshot') %}
        {% do built.update({result.node.name: result.node.relation_name}) %}
    {% endfor %}
    {% do rows.extend(ingestion_rows(built)) %}
    {% do rows.extend(segment_rows(built)) %}
    {% if rows %}
        {% do run_query(
            "insert into " ~ observability_table('DATA_QUALITY_METRICS')
            ~ " (run_id, run_timestamp, layer, table_name, check_type, records_checked, records_failed, failure_rate,"
            ~ " failure_details) select run_id, run_timestamp, layer, table_name, check_type, records_checked, records_failed,"
            ~ " (records_failed / nullif(records_checked, 0))::float, failure_details from ("
            ~ rows | join(' union all ') ~ ") as checks"
        ) %}
    {% endif %}
{% endmacro %}


{# One check. `checked` and `failed` are SQL numbers, everything else is text. #}
{% macro quality_row(layer, table, check, checked, failed, details) %}
    {{ return(
        "select " ~ as_literal(invocation_id) ~ " as run_id, " ~ moment_literal(run_started_at) ~ " as run_timestamp, "
        ~ as_literal(layer | upper if layer else none) ~ "::varchar as layer, " ~ as_literal(table) ~ " as table_name, "
        ~ as_literal(check) ~ " as check_type, (" ~ checked ~ ")::number(38, 0) as records_checked, (" ~ failed
        ~ ")::number(38, 0) as records_failed, " ~ as_literal(details) ~ " as failure_details"
    ) }}
{% endmacro %}


{# What ingestion brought: duplicates, rejects by reason and unknown customers, in all and of this run's batch. #}
{% macro ingestion_rows(built) %}
    {% set rows = [] %}
    {% if 'int_transactions_classified' in built %}
        {% set classified = built['int_transactions_classified'] %}
        {% set batch = "classified_at = " ~ moment_literal(run_started_at) %}
        {% set kinds = [('duplicate_transactions', "disposition = 'DUPLICATE'"), ('rejected_transactions', "disposition = 'REJECTED'")] %}
        {% for reason in ['MISSING_ID', 'MISSING_CUSTOMER', 'MISSING_AMOUNT', 'NEGATIVE_AMOUNT', 'BAD_DATE', 'BAD_AMOUNT'] %}
            {% do kinds.append(('rejected_' ~ reason | lower, "validation_status = '" ~ reason ~ "'")) %}
        {% endfor %}
        {% set totals = [] %}
        {% for name, condition in kinds %}
            {# An engine may answer null where there are no rows at all. #}
            {% do totals.append("coalesce(count_if(" ~ condition ~ "), 0), coalesce(count_if(" ~ condition ~ " and " ~ batch ~ "), 0)") %}
        {% endfor %}
        {% set found = run_query(
            "select count(*), coalesce(count_if(" ~ batch ~ "), 0), " ~ totals | join(', ') ~ " from " ~ classified
        ).rows[0] %}
        {% for name, condition in kinds %}
            {% do rows.append(quality_row('BRONZE', 'bronze_transactions', name, found[0], found[2 + 2 * loop.index0], none)) %}
            {% do rows.append(quality_row(
                'BRONZE', 'bronze_transactions', name ~ '_in_batch', found[1], found[3 + 2 * loop.index0], none
            )) %}
        {% endfor %}
    {% endif %}
    {% if 'fct_transactions' in built %}
        {% set facts = built['fct_transactions'] %}
        {% do rows.append(quality_row(
            'GOLD', 'fct_transactions', 'unknown_customers', "select count(*) from " ~ facts,
            "select count(*) from " ~ facts ~ " where customer_key = '" ~ unknown_customer_key() ~ "'", none
        )) %}
    {% endif %}
    {{ return(rows) }}
{% endmacro %}


{# Customers who were moved to another segment in the day before this run's end, however often. #}
{% macro segment_rows(built) %}
    {% if 'customer_segment_history' not in built %}{{ return([]) }}{% endif %}
    {% set history = built['customer_segment_history'] %}
    {% set yesterday = moment_literal(modules.datetime.datetime.utcnow() - modules.datetime.timedelta(days=1)) %}
    {{ return([quality_row(
        'GOLD', 'customer_segments', 'segment_changes_in_a_day',
        "select count(*) from " ~ history ~ " where dbt_valid_to is null",
        "select count(distinct customer_id) from " ~ history ~ " where dbt_valid_to > " ~ yesterday, none
    )]) }}
{% endmacro %}
