"""A fresh account for each test, and a way to run statements on it without any HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local_cloud.snowflake import objects, registry
from local_cloud.snowflake.account import Account, open_account
from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

Rows = list[dict[str, Any]]
Run = Callable[[str], Rows]


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    # Nothing here reaches AWS; the tests that do have an account of their own.
    opened = open_account(tmp_path, "http://127.0.0.1:1", memory_limit="256MB")
    objects.bootstrap(opened)
    yield opened
    opened.close()


@pytest.fixture
def session(account: Account) -> Iterator[Session]:
    opened = account.open_session("C360", "ACCOUNTADMIN", "COMPUTE_WH")
    yield opened
    opened.close()


@pytest.fixture
def run(session: Session) -> Run:
    """Runs one statement and returns its rows."""
    return lambda text: run_on(session, text)


def run_on(session: Session, text: str) -> Rows:
    statement = Statement(text)
    handler = registry.find_statement(statement.kind_words)
    assert handler is not None, f"nobody handles {statement.kind_words}"
    rows: Rows = handler(session, statement).table.to_pylist()
    return rows


def refused(run: Run, text: str) -> SnowflakeError:
    """The error of a statement that must fail."""
    with pytest.raises(SnowflakeError) as caught:
        run(text)
    return caught.value


@pytest.fixture
def schema(run: Run) -> str:
    """A schema that is the session's."""
    run("CREATE DATABASE D")
    run("CREATE SCHEMA D.S")
    return "D.S"
