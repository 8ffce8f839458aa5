{#
  What invocations did, in the OBSERVABILITY tables, also when they failed.

  PIPELINE_RUN_METADATA gets one row, at the start, and its result at the end: a run that was killed is left as running, and the
  next one calls it interrupted. At the end MODEL_EXECUTION_LOG gets a row for each model, seed, snapshot and test,
  LAYER_RECORD_COUNTS one for each table, DATA_QUALITY_METRICS one for each test, and the duplicates, rejects, unknown customers
  and customers who changed segment.
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
        {% set counts = table_counts(results) %}
        {% do record_counts(results, counts) %}
        {% do record_quality(results, counts) %}
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


{# What a test was attached to: a node, or none for a test of its own. #}
{% macro tested_node(result) %}
    {{ return(graph.nodes.get(result.node.attached_node) or graph.sources.get(result.node.attached_node)) }}
{% endmacro %}


{# Whether to count the rows of a node. A count of any view but the three parts of bronze would do its work again. #}
{% macro is_counted(node) %}
    {% set parts = ['int_transactions_deduplicated', 'int_transactions_duplicates', 'int_transactions_rejected'] %}
    {{ return(node.config.materialized != 'view' or node.name in parts) }}
{% endmacro %}


{# Rows of bronze and of everything that was built or tested, by one query. Returns a dictionary: relation -> rows. #}
{% macro table_counts(results) %}
    {% set relations, counts = [], {} %}
    {% for source in bronze_sources() %}{% do relations.append(source.relation_name) %}{% endfor %}
    {% for result in results if result.status | string not in ('error', 'skipped') %}
        {# A test that could not run may have looked for a table that is not there. #}
        {% set node = tested_node(result) if result.node.resource_type == 'test' else result.node %}
        {% if node and node.relation_name and is_counted(node) %}{% do relations.append(node.relation_name) %}{% endif %}
    {% endfor %}
    {% set queries = [] %}
    {% for relation in relations | unique %}
        {% do queries.append("select " ~ as_literal(relation) ~ ", count(*) from " ~ relation) %}
    {% endfor %}
    {% for row in (run_query(queries | join(' union all ')).rows if queries else []) %}
        {% do counts.update({row[0]: row[1] | int}) %}
    {% endfor %}
    {{ return(counts) }}
{% endmacro %}


{# Those that exist. #}
{% macro bronze_sources() %}
    {% set found = [] %}
    {% for source in graph.sources.values() if source.source_name == 'bronze' and load_relation(api.Relation.create(
        database=source.database, schema=source.schema, identifier=source.identifier
    )) is not none %}
        {% do found.append(source) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{% macro record_counts(results, counts) %}
    {% set nodes, rows = bronze_sources(), [] %}
    {% for result in results if result.status | string == 'success' and result.node.resource_type in ('model', 'seed', 'snapshot') %}
        {% do nodes.append(result.node) %}
    {% endfor %}
    {% for node in nodes if node.relation_name in counts %}
        {% do rows.append('(' ~ [
            as_literal(invocation_id), as_literal(node.schema | upper), as_literal(node.name),
            counts[node.relation_name], moment_literal(run_started_at)
        ] | join(', ') ~ ')') %}
    {% endfor %}
    {% if rows %}
        {% do run_query(
            "insert into " ~ observability_table('LAYER_RECORD_COUNTS')
            ~ " (run_id, layer, model_name, record_count, run_timestamp) values " ~ rows | join(', ')
        ) %}
    {% endif %}
{% endmacro %}


{% macro record_quality(results, counts) %}
    {% set rows = [] %}
    {% for result in results if result.node.resource_type == 'test' and result.status | string != 'skipped' %}
        {% set tested = tested_node(result) %}
        {% do rows.append(quality_row(
            tested.schema if tested else none,
            tested.name if tested else result.node.name,
            result.node.test_metadata.name if result.node.test_metadata else result.node.name,
            counts.get(tested.relation_name) if tested and result.status | string != 'error' else none,
            result.failures,
            result.node.name ~ (': ' ~ result.message if result.message else '')
        )) %}
    {% endfor %}
    {% set built = {} %}
    {% for result in results if result.status | string == 'success' and result.node.resource_type in ('model', 'snapshot') %}
        {% do built.update({result.node.name: result.node.relation_name}) %}
    {% endfor %}
    {% do rows.extend(ingestion_rows(built, counts)) %}
    {% do rows.extend(segment_rows(built)) %}
    {% if rows %}
        {% do run_query(
            "insert into " ~ observability_table('DATA_QUALITY_METRICS')
            ~ " (run_id, run_timestamp, layer, table_name, check_type, records_checked, records_failed, failure_rate,"
            ~ " failure_details) values " ~ rows | join(', ')
        ) %}
    {% endif %}
{% endmacro %}


{# One check. `checked` and `failed` are numbers or none. #}
{% macro quality_row(layer, table, check, checked, failed, details) %}
    {% set rate = failed / checked if checked and failed is not none else none %}
    {{ return('(' ~ [
        as_literal(invocation_id), moment_literal(run_started_at), as_literal(layer | upper if layer else none),
        as_literal(table), as_literal(check), as_literal(checked), as_literal(failed), as_literal(rate),
        as_literal(details)
    ] | join(', ') ~ ')') }}
{% endmacro %}


{# What ingestion brought: duplicates, rejects by reason and unknown customers, in all and of this run's batch. #}
{% macro ingestion_rows(built, counts) %}
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
            {% set in_all, in_batch = found[2 + 2 * loop.index0] | int, found[3 + 2 * loop.index0] | int %}
            {% do rows.append(quality_row('BRONZE', 'bronze_transactions', name, found[0] | int, in_all, none)) %}
            {% do rows.append(quality_row('BRONZE', 'bronze_transactions', name ~ '_in_batch', found[1] | int, in_batch, none)) %}
        {% endfor %}
    {% endif %}
    {% if 'fct_transactions' in built %}
        {% set facts = built['fct_transactions'] %}
        {% set unknown = run_query(
            "select count(*) from " ~ facts ~ " where customer_key = '" ~ unknown_customer_key() ~ "'"
        ).rows[0][0] | int %}
        {% do rows.append(quality_row('GOLD', 'fct_transactions', 'unknown_customers', counts[facts], unknown, none)) %}
    {% endif %}
    {{ return(rows) }}
{% endmacro %}


{# Customers who were moved to another segment in the day before this run's end, however often. #}
{% macro segment_rows(built) %}
    {% if 'customer_segment_history' not in built %}{{ return([]) }}{% endif %}
    {% set yesterday = moment_literal(modules.datetime.datetime.utcnow() - modules.datetime.timedelta(days=1)) %}
    {% set found = run_query(
        "select count_if(dbt_valid_to is null), count(distinct iff(dbt_valid_to > " ~ yesterday
        ~ ", customer_id, null)) from " ~ built['customer_segment_history']
    ).rows[0] %}
    {{ return([quality_row(
        'GOLD', 'customer_segments', 'segment_changes_in_a_day', (found[0] or 0) | int, found[1] | int, none
    )]) }}
{% endmacro %}
