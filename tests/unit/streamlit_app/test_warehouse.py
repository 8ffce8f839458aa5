"""Statements carry bind parameters, answers are cached per parameters, and errors are sentences."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as strategy
from snowflake.connector.cursor import SnowflakeCursor
from snowflake.connector.errors import DatabaseError, OperationalError, ProgrammingError

from streamlit_app.dashboard.warehouse import WarehouseError, explain, fetch
from tests.unit.streamlit_app.gold import Gold

Connect = Callable[[dict[str, Any]], None]


def test_different_parameters_are_different_answers(warehouse: dict[str, Any], connect: Connect, rows: Gold) -> None:
    """Streamlit 1.52's own `query` would answer the second question with the first one's row."""
    connect(warehouse)
    sql = "SELECT email FROM GOLD.CUSTOMER_360_PROFILE WHERE customer_id = ?"
    for row in (3, 5):
        expected = rows.customer_360_profile.loc[row]
        assert fetch(sql, (str(expected["customer_id"]),))["email"].tolist() == [expected["email"]]


def test_hostile_text_is_only_a_value(warehouse: dict[str, Any], connect: Connect) -> None:
    connect(warehouse)
    hostile = "x' OR '1'='1'; DROP TABLE GOLD.CUSTOMER_360_PROFILE --"
    found = fetch("SELECT customer_id FROM GOLD.CUSTOMER_360_PROFILE WHERE full_name = ?", (hostile,))
    assert found.empty
    assert fetch("SELECT COUNT(*) AS n FROM GOLD.CUSTOMER_360_PROFILE")["n"].tolist() == [400]


def test_a_missing_table_is_a_sentence(warehouse: dict[str, Any], connect: Connect) -> None:
    connect(warehouse)
    with pytest.raises(WarehouseError, match="is not there or not open to the app's role"):
        fetch("SELECT * FROM GOLD.NOT_BUILT_YET")


def test_a_missing_connection_is_said_at_once(warehouse: dict[str, Any], connect: Connect) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        connect({**warehouse, "port": unused.getsockname()[1]})
    began = time.monotonic()
    with pytest.raises(WarehouseError, match="There is no connection to Snowflake"):
        fetch("SELECT 1")
    assert time.monotonic() - began < 15


def test_a_connection_that_nobody_configured_is_the_same_sentence(fresh_streamlit: None) -> None:
    with pytest.raises(WarehouseError, match="There is no connection to Snowflake"):
        fetch("SELECT 1")


@pytest.mark.parametrize(("losses", "answered"), [(1, True), (2, False)])
def test_a_lost_session_is_renewed_once(
    warehouse: dict[str, Any], connect: Connect, monkeypatch: pytest.MonkeyPatch, losses: int, answered: bool
) -> None:
    """Snowflake ends an idle session after four hours: the reader must not notice."""
    connect(warehouse)
    sent: list[str] = []
    execute = SnowflakeCursor.execute

    def forgetful(cursor: SnowflakeCursor, sql: str, *arguments: Any, **options: Any) -> Any:
        sent.append(sql)
        if len(sent) <= losses:
            raise ProgrammingError("Session no longer exists. New login required.", errno=390111)
        return execute(cursor, sql, *arguments, **options)

    monkeypatch.setattr(SnowflakeCursor, "execute", forgetful)
    if answered:
        assert fetch("SELECT 1 AS one")["one"].tolist() == [1]
    else:
        with pytest.raises(WarehouseError, match="390111"):
            fetch("SELECT 1 AS one")
    assert sent == ["SELECT 1 AS one"] * 2


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ProgrammingError("Table 'DB.GOLD.X' does not exist or not authorized.", errno=2003), "DB.GOLD.X is not there"),
        (ProgrammingError("Statement reached its statement or warehouse timeout", errno=630), "took too long"),
        (ProgrammingError("SQL execution canceled", errno=604), "took too long"),
        (ProgrammingError("error line 1\ninvalid identifier 'SPEND'", errno=904), "SPEND is missing in the warehouse"),
        (ProgrammingError("Insufficient privileges to operate on schema 'GOLD'", errno=3001), "not allowed to read"),
        (ProgrammingError("No active warehouse selected", errno=606), "no running warehouse"),
        (DatabaseError("Incorrect username or password was specified.", errno=390100), "refused the login"),
        (OperationalError("Could not connect to Snowflake backend", errno=250001), "There is no connection"),
    ],
)
def test_every_known_error_has_its_sentence(error: Exception, sentence: str) -> None:
    assert sentence in explain(error)  # type: ignore[arg-type]  # the connector is untyped


@given(code=strategy.integers(1, 999_999), text=strategy.text())
def test_any_error_is_one_sentence_without_its_statement(code: int, text: str) -> None:
    error = ProgrammingError(text, errno=code, query="SELECT secret FROM hidden")
    sentence = explain(error)
    assert sentence
    assert "SELECT secret" not in sentence
    assert "Traceback" not in sentence
