"""An account in this process, without HTTP and AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local_cloud.snowflake import loading, objects
from local_cloud.snowflake.account import Account, open_account
from local_cloud.snowflake.query.execute import execute
from local_cloud.snowflake.session import Session

Run = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    assert loading.__all__  # registers its statements
    opened = open_account(tmp_path_factory.mktemp("account"), "http://127.0.0.1:1", memory_limit="512MB")
    objects.bootstrap(opened)
    yield opened
    opened.close()


@pytest.fixture
def session(account: Account) -> Iterator[Session]:
    """ACCOUNTADMIN in the empty schema DB.PUBLIC, which the next test gets anew."""
    opened = account.open_session("C360", "ACCOUNTADMIN", "COMPUTE_WH")
    execute(opened, "create database DB")
    yield opened
    execute(opened, "rollback")
    execute(opened, "drop database if exists DB")
    opened.close()


@pytest.fixture
def run(session: Session) -> Run:
    """Rows of a statement as tuples."""

    def rows(text: str) -> list[tuple[Any, ...]]:
        table = execute(session, text).table
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    return rows
