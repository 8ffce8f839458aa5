from __future__ import annotations

import pytest

from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.loading.copy_statement import OnError, parse
from local_cloud.snowflake.loading.formats import FileFormat, from_options
from local_cloud.snowflake.loading.projection import Column, assignments
from local_cloud.snowflake.loading.scan import Fields
from local_cloud.snowflake.loading.stage_names import StageName


def test_a_transforming_copy_is_read_whole() -> None:
    copy = parse(
        "COPY INTO db.BRONZE.T (A, \"b\") FROM (SELECT $1, f(')') x FROM @db.BRONZE.S/x/y-1 t) "
        "FILE_FORMAT = (FORMAT_NAME = 'db.BRONZE.F') ON_ERROR = 'SKIP_FILE_10%' PATTERN = '.*' FORCE = TRUE "
        "FILES = ('a')"
    )
    assert copy.table == ("DB", "BRONZE", "T")
    assert copy.columns == ("A", "b")
    assert copy.stage == StageName(("DB", "BRONZE", "S"), "x/y-1")
    assert copy.alias == "T"
    assert copy.select is not None
    assert len(copy.select) == 2
    assert copy.on_error == OnError("SKIP_FILE", 10, True)
    assert (copy.option("PATTERN"), copy.option("FORCE"), copy.option("FILES")) == (".*", True, ["a"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("copy into t from @s nonsense=1", "invalid property 'NONSENSE'"),
        ("copy into t from @s on_error=sometimes", "invalid value \\[sometimes\\] for parameter 'ON_ERROR'"),
        ("copy into t from (select $1 from @s where $1 > 2)", "only supports simple SELECT from stage"),
        ("copy into t from (select $1 from @s", "syntax error"),
        ("copy into t from (select a from b)", "only supports simple SELECT from stage"),
    ],
)
def test_what_snowflake_refuses_is_refused(text: str, message: str) -> None:
    with pytest.raises(SnowflakeError, match=message):
        parse(text)


@pytest.mark.parametrize(
    ("mode", "errors_seen", "rows", "skipped"),
    [
        (OnError("CONTINUE"), 5, 5, False),
        (OnError("SKIP_FILE"), 1, 100, True),
        (OnError("SKIP_FILE", 3), 2, 100, False),
        (OnError("SKIP_FILE", 3), 3, 100, True),
        (OnError("SKIP_FILE", 10, True), 10, 100, False),
        (OnError("SKIP_FILE", 10, True), 11, 100, True),
    ],
)
def test_a_number_skips_from_it_and_a_percentage_only_above_it(
    mode: OnError, errors_seen: int, rows: int, skipped: bool
) -> None:
    assert mode.skips(errors_seen, rows) is skipped


PARQUET = Fields("PARQUET", ("id", "ts", "amt"), ("VARCHAR", "TIMESTAMP", "DECIMAL(12,2)"), 3)


@pytest.mark.parametrize(
    ("expression", "form", "fields", "sql"),
    [
        ("$2", FileFormat(), Fields("CSV", count=3), "c2"),
        ("$4", FileFormat(), Fields("CSV", count=3), "null"),
        ("t.$1::number(12,2)", FileFormat(), Fields("CSV", count=3), "CAST(c1 AS DECIMAL(12, 2))"),
        ("metadata$filename", FileFormat(), Fields("CSV", count=3), '"METADATA$FILENAME"'),
        ("$1:id::varchar", FileFormat("PARQUET"), PARQUET, '(cast("id" as varchar))'),
        ("$1:missing", FileFormat("PARQUET"), PARQUET, "null"),
        ("$1:amt", FileFormat("PARQUET"), PARQUET, '"amt"'),
        ("$1:a.b[0]::varchar", FileFormat("JSON"), Fields("JSON", count=1), """((doc ->> '$."a"."b"[0]'))"""),
    ],
)
def test_expressions_become_duckdb_over_the_scanned_file(
    expression: str, form: FileFormat, fields: Fields, sql: str
) -> None:
    copy = parse(f"copy into x from (select {expression} from @s t)")
    (made,) = assignments(copy, form, fields, [Column("A", "VARCHAR", True, 1)])
    assert made.sql == f"cast({sql} as VARCHAR)"


def test_an_unknown_name_is_an_invalid_identifier() -> None:
    copy = parse("copy into x from (select amount from @s)")
    with pytest.raises(SnowflakeError, match="invalid identifier 'AMOUNT'"):
        assignments(copy, FileFormat(), Fields("CSV", count=1), [Column("A", "VARCHAR", True, 1)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"TYPE": "XML"}, "TYPE = XML"),
        ({"TYPE": "CSV", "RECORD_DELIMITER": ";"}, "RECORD_DELIMITER"),
        ({"TYPE": "CSV", "ENCODING": "ISO-8859-1"}, "ENCODING"),
        ({"TYPE": "CSV", "PARSE_HEADER": True, "SKIP_HEADER": 1}, "PARSE_HEADER"),
    ],
)
def test_formats_that_are_not_emulated_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(SnowflakeError, match=message):
        from_options(options)


def test_a_formats_none_and_escapes_are_understood() -> None:
    form = from_options(
        {"TYPE": "CSV", "FIELD_DELIMITER": "\\t", "ESCAPE_UNENCLOSED_FIELD": "NONE", "NULL_IF": ["", "x"]}
    )
    assert (form.field_delimiter, form.escape_unenclosed, form.null_if) == ("\t", None, ("", "x"))
    assert form.compression_of("a/b.CSV.GZ") == "GZIP"
