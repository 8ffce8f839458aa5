"""The life of each resource type as the real Snowflake provider leads it: no statement of it may fail here.

The same statements were run through gosnowflake, the driver that the provider uses; see docs/local-cloud.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from snowflake.connector import DictCursor, SnowflakeConnection
from snowflake.connector.errors import DatabaseError

from tests.integration.conftest import LocalCloud
from tests.integration.lake import Lake
from tests.integration.provider_statements import RESOURCES, Step

pytestmark = pytest.mark.integration

# The provider says in a comment after each statement what it is about.
_TRACKED = ' --terraform_provider_usage_tracking {{"json_schema_version":"1","version":"v2.20.0","resource":"{}"}}'
# What strconv.ParseBool takes.
_BOOLEANS = {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}
_KEY = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK/FUTqnX0Yp3DwIxRnBRtrRk3W6TU1iMk5DOrTRYJmDFNwsXPyCbwM9RltKcODXbqHn5yhXCGq"
    "oFw8rTLdjdu0CAwEAAQ=="
)


@pytest.fixture(scope="module")
def lake(local_cloud: LocalCloud) -> Lake:
    made = Lake(local_cloud)
    made.put("probe.txt", "probe")
    made.announce("t/")
    made.sql(f"create schema {made.name}.s")
    made.sql(f"create warehouse {made.name}_wh initially_suspended = true")
    return made


@pytest.fixture
def connection(local_cloud: LocalCloud, lake: Lake) -> Iterator[SnowflakeConnection]:
    """A connection like the provider's, which names neither database nor schema."""
    opened = local_cloud.connect(role="ACCOUNTADMIN", warehouse=f"{lake.name}_WH", application="terraform")
    yield opened
    opened.close()


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_resource_is_made_read_changed_and_dropped(connection: Any, lake: Lake, resource: str) -> None:
    names = {
        "<db>": lake.name,
        "<p>": lake.name,
        "<bucket>": lake.bucket,
        "<role>": f"arn:aws:iam::123456789012:role/{lake.role}",
        "<topic>": f"arn:aws:sns:us-east-1:123456789012:topic-{lake.name.lower()}",
        "<integration>": lake.name,
        "<wh>": f"{lake.name}_WH",
        "<key>": _KEY,
    }
    for step in RESOURCES[resource]:
        take(connection, step, names, resource)


def take(connection: SnowflakeConnection, step: Step, names: Mapping[str, str], resource: str) -> None:
    """Run one step and compare what it answers."""
    sql = filled(step.sql, names)
    with connection.cursor(DictCursor) as cursor:
        if step.errno is not None:
            with pytest.raises(DatabaseError) as caught:
                cursor.execute(sql)
            assert caught.value.errno == step.errno, sql
            return
        cursor.execute(sql + _TRACKED.format(resource))
        answers = [{str(name): value for name, value in dict(each).items()} for each in cursor.fetchall()]
    for answer in answers:
        for column, kind in step.columns.items():
            assert column in answer or kind.endswith("?"), f"{sql} has no column {column}: {list(answer)}"
            value = answer.get(column)
            assert scannable(value, kind), f"{sql}: {column} is {value!r}, which is no Go {kind}"
    if step.count is not None:
        assert len(answers) == step.count, (sql, answers)
    if step.values:
        (answer,) = answers
        expected = {column: filled(value, names) for column, value in step.values.items()}
        assert {column: text_of(answer[column]) for column in expected} == expected, sql
    if step.properties:
        expected = {name: filled(value, names) for name, value in step.properties.items()}
        assert {name: value for name, value in pairs(answers).items() if name in expected} == expected, sql
    for wanted in step.contains:
        holds = {column: filled(value, names) for column, value in wanted.items()}
        assert any(holds.items() <= answer.items() for answer in answers), f"{sql}: no row {holds} in {answers}"


def filled(text: str | None, names: Mapping[str, str]) -> str:
    """The text with its placeholders replaced; None stays None."""
    if text is None:
        return None  # type: ignore[return-value]  # an expected NULL
    for placeholder, name in names.items():
        text = text.replace(placeholder, name)
    return text


def pairs(answers: list[dict[str, Any]]) -> dict[str, Any]:
    """The first column -> the value, of rows that are properties."""
    return {str(each["property"]): each.get("property_value", each.get("value")) for each in answers}


def text_of(value: Any) -> str | None:
    """A value as Go prints it."""
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)


def scannable(value: Any, kind: str) -> bool:
    """Whether Go's database/sql puts the value into a field of that type."""
    if value is None:
        return kind.endswith("?")
    match kind.rstrip("?"):
        case "string":
            return isinstance(value, str | datetime | int)
        case "bool":
            return isinstance(value, bool) or value in _BOOLEANS
        case "int":
            return isinstance(value, int) or str(value).lstrip("-").isdigit()
        case "float":
            return float(value) is not None
        case "time":
            return isinstance(value, datetime)
    raise AssertionError(f"{kind} is no type of a column")
