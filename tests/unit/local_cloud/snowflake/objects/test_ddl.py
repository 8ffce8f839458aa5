"""Reading property DDL: names, values, positions of errors."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.objects import ddl
from local_cloud.snowflake.objects.ddl import Reader
from local_cloud.snowflake.statement import Statement

OPTIONS = {
    "SIZE": ddl.choice("SMALL", "LARGE", default="SMALL", synonyms={"L": "LARGE"}),
    "DAYS": ddl.integer(1, 0, 90),
    "ON": ddl.boolean(False),
    "COMMENT": ddl.text(),
    "PATHS": ddl.texts(),
    "ROLES": ddl.names(),
    "OWNER": ddl.identifier(),
    "MARK": ddl.text_or("NONE"),
    "FORMAT": ddl.group({"TYPE": ddl.choice("CSV", "JSON"), "SKIP": ddl.integer(0)}),
}


def reader(text: str) -> Reader:
    return Reader(Statement(text))


def read(text: str) -> dict[str, Any]:
    cursor = reader(text)
    found = cursor.properties(OPTIONS, "THING")
    cursor.end()
    return found


def failure(text: str) -> SnowflakeError:
    with pytest.raises(SnowflakeError) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a", ("A",)),
        ('"a"', ("a",)),
        ('db."sc h".Tab$1', ("DB", "sc h", "TAB$1")),
        ('"a""b"', ('a"b',)),
        ("IDENTIFIER('db.\"x\"')", ("DB", "x")),
        ("database.schema.stage", ("DATABASE", "SCHEMA", "STAGE")),
    ],
)
def test_names(text: str, name: tuple[str, ...]) -> None:
    cursor = reader(text)
    assert cursor.name() == name
    assert cursor.at_end


def test_a_name_with_too_many_parts_or_a_dot_inside_is_refused() -> None:
    with pytest.raises(SnowflakeError, match=r"001003.*\n.*line 1 at position 5 unexpected '\.'"):
        reader("a.b.c.d").name()
    with pytest.raises(SnowflakeError, match="local cloud does not support"):
        reader('"a.b"').name()


def test_values() -> None:
    text = """size = l, DAYS=7 on = TRUE comment = 'it''s' paths = ('a', 'b')
              roles = (x, "y") owner = 'z' mark = none format = (type = 'csv' skip = 2)"""
    assert read(text) == {
        "SIZE": "LARGE",
        "DAYS": 7,
        "ON": True,
        "COMMENT": "it's",
        "PATHS": ["a", "b"],
        "ROLES": ["X", "y"],
        "OWNER": "Z",
        "MARK": "NONE",
        "FORMAT": {"TYPE": "CSV", "SKIP": 2},
    }


def test_strings_unescape_as_in_snowflake() -> None:
    assert read(r"comment = 'a\tb\\N'")["COMMENT"] == "a\tb\\N"
    assert read("comment = $$it's$$")["COMMENT"] == "it's"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("COLOUR = 1", "invalid property 'COLOUR' for 'THING'"),
        ("days = 1 days = 2", "duplicate property 'DAYS'; only one definition allowed"),
        ("days = 91", "invalid value [91] for parameter 'DAYS'. Allowed: whole numbers from 0 to 90."),
        ("days = -1", "invalid value [-1] for parameter 'DAYS'. Allowed: whole numbers from 0 to 90."),
        ("size = 'huge'", "invalid value [huge] for parameter 'SIZE'. Allowed: SMALL, LARGE."),
        ("on = 2", "invalid value [2] for parameter 'ON'. Allowed: TRUE, FALSE."),
        ("days = 1\n  )", "syntax error line 2 at position 2 unexpected ')'."),
        ("comment = x", "syntax error line 1 at position 10 unexpected 'x'."),
        ("format = (type = csv", "syntax error line 1 at position 20 unexpected '<EOF>'."),
        ("format = (colour = 1)", "invalid property 'COLOUR' for 'FORMAT'"),
    ],
)
def test_refusals_name_what_where_and_what_is_allowed(text: str, message: str) -> None:
    assert failure(text).message == f"SQL compilation error:\n{message}"


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("create thing a", ddl.Head(("A",))),
        ("CREATE OR REPLACE TRANSIENT THING a.b", ddl.Head(("A", "B"), True, modifiers=frozenset({"TRANSIENT"}))),
        ("CREATE OR ALTER THING a", ddl.Head(("A",), or_alter=True)),
        ('create thing if not exists "a"', ddl.Head(("a",), if_not_exists=True)),
    ],
)
def test_heads(text: str, head: ddl.Head) -> None:
    assert ddl.read_create(reader(text), "THING") == head


def test_two_word_kinds_and_the_rest_as_written() -> None:
    cursor = reader("CREATE FILE FORMAT x TYPE=CSV AS\n  copy into  y")
    assert ddl.read_create(cursor, "FILE", "FORMAT").name == ("X",)
    assert cursor.properties({"TYPE": ddl.choice("CSV")}, "FILE FORMAT", ("AS",)) == {"TYPE": "CSV"}
    cursor.expect("AS")
    assert cursor.rest() == "copy into  y"
    cursor.end()


def test_unset_returns_to_the_default() -> None:
    changed = ddl.altered(reader("UNSET DAYS, comment"), OPTIONS, "THING", {"DAYS": 9, "COMMENT": "x", "ON": True})
    assert changed == {"DAYS": 1, "COMMENT": "", "ON": True}
    with pytest.raises(SnowflakeError, match="unexpected '<EOF>'"):
        ddl.altered(reader("SET"), OPTIONS, "THING", {})


@given(st.text(min_size=1, max_size=12).filter(lambda text: "." not in text and "\x00" not in text))
def test_any_quoted_name_reads_back_as_it_is(name: str) -> None:
    assert reader('"' + name.replace('"', '""') + '"').name() == (name,)


@given(st.text(max_size=20).filter(lambda text: "\x00" not in text))
def test_any_string_reads_back_as_it_is(value: str) -> None:
    literal = value.replace("\\", "\\\\").replace("'", "''")
    assert read(f"comment = '{literal}'") == {"COMMENT": value}
