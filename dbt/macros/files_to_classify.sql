{#
  The files of bronze whose rows are not, or not all, in `target` yet; none when there is nothing to do.

  A file is unfinished when bronze has another number of rows of it than `target`: a new file, a file whose rows were
  committed in several transactions, or one loaded again by force. Whole files are then classified again, so that neither the
  order in which loads commit nor a run killed half-way can lose or double a row.

  Counting files over all of history is only needed after loads that were out of order: as long as bronze has, up to the
  newest ingestion time in `target`, exactly as many rows as `target`, all unfinished files are newer than that.

  Returns a dictionary: `files` (list of names) and `since` (a literal that rows of these files are not older than, or none).
#}
{% macro files_to_classify(bronze, target) %}
    {% set seen = run_query(
        "select max(ingestion_timestamp), count(*) from " ~ target
    ).rows[0] %}
    {% if seen[0] is none %}
        {{ return({'files': none, 'since': none}) }}
    {% endif %}
    {% set after = timestamp_literal(seen[0] + modules.datetime.timedelta(microseconds=1)) %}
    {% set known = run_query("select count(*) from " ~ bronze ~ " where ingestion_timestamp < " ~ after).rows[0][0] %}
    {% if known == seen[1] %}
        {% set newer = run_query(
            "select distinct source_file from " ~ bronze ~ " where ingestion_timestamp >= " ~ after ~ " order by 1"
        ).columns[0].values() | list %}
        {% if newer | length == 0 %}
            {{ return({'files': [], 'since': none}) }}
        {% endif %}
        {% set again = run_query(
            "select count(*) from " ~ target ~ " where source_file in (" ~ text_literals(newer) ~ ")"
        ).rows[0][0] %}
        {% if again == 0 %}
            {{ return({'files': newer, 'since': after}) }}
        {% endif %}
    {% endif %}
    {% set unfinished = run_query(
        "select b.source_file from (select source_file, count(*) as rows_loaded from " ~ bronze ~ " group by 1) as b"
        ~ " left join (select source_file, count(*) as rows_done from " ~ target ~ " group by 1) as t"
        ~ " on b.source_file = t.source_file"
        ~ " where t.rows_done is null or t.rows_done <> b.rows_loaded order by 1"
    ).columns[0].values() | list %}
    {{ return({'files': unfinished, 'since': none}) }}
{% endmacro %}


{# A moment (Python datetime with or without zone; without: UTC) as a TIMESTAMP_LTZ literal. #}
{% macro timestamp_literal(moment) %}
    {% set text = moment.isoformat() %}
    {{ return("'" ~ (text if moment.tzinfo else text ~ '+00:00') ~ "'::timestamp_ltz") }}
{% endmacro %}


{# A list of texts for IN (...); an empty list matches nothing. #}
{% macro text_literals(texts) %}
    {% set quoted = [] %}
    {% for text in texts %}{% do quoted.append("'" ~ (text | replace("\\", "\\\\") | replace("'", "''")) ~ "'") %}{% endfor %}
    {{ return(quoted | join(', ') if quoted else 'null') }}
{% endmacro %}
