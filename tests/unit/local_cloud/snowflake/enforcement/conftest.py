"""A small world of roles, and statements run as any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local_cloud.snowflake.account import Account
from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.query.execute import execute
from local_cloud.snowflake.session import Session

# READER reads the tables of OPEN, WRITER also changes and creates there; NOBODY has nothing. All use the warehouse W.
_WORLD = """
create database DB;
create schema DB.OPEN; create schema DB.HIDDEN; create schema DB.MANAGED with managed access;
create table DB.OPEN.T (A int); create table DB.HIDDEN.T (A int); create table DB.MANAGED.T (A int);
create view DB.OPEN.V as select A from DB.HIDDEN.T;
create file format DB.OPEN.F type = CSV; create stage DB.OPEN.S;
create warehouse W; create warehouse CLOSED;
create role READER; create role WRITER; create role NOBODY; create role OUTSIDER;
create database role DB.OPEN_READ;
grant usage on schema DB.OPEN to database role DB.OPEN_READ;
grant select on all tables in schema DB.OPEN to database role DB.OPEN_READ;
grant select on future tables in schema DB.OPEN to database role DB.OPEN_READ;
grant select on view DB.OPEN.V to database role DB.OPEN_READ;
grant database role DB.OPEN_READ to role READER;
grant role READER to role WRITER;
grant insert, update, delete, truncate on table DB.OPEN.T to role WRITER;
grant create table on schema DB.OPEN to role WRITER;
grant create view on schema DB.OPEN to role WRITER;
grant usage on warehouse W to role READER; grant usage on warehouse W to role NOBODY;
grant role WRITER to role SYSADMIN
"""
_TEARDOWN = """
drop database if exists DB; drop warehouse if exists W; drop warehouse if exists CLOSED; drop user if exists U;
drop role if exists READER; drop role if exists WRITER; drop role if exists NOBODY; drop role if exists OUTSIDER
"""
RunAs = Callable[..., list[tuple[Any, ...]]]


def _all(session: Session, text: str) -> None:
    for statement in text.split(";"):
        execute(session, statement.strip())


@pytest.fixture
def admin(account: Account) -> Iterator[Session]:
    opened = account.open_session("C360", "ACCOUNTADMIN", "COMPUTE_WH")
    _all(opened, _WORLD)
    yield opened
    execute(opened, "rollback")
    opened.role = "ACCOUNTADMIN"
    _all(opened, _TEARDOWN)
    opened.close()


@pytest.fixture
def run_as(account: Account, admin: Session) -> Iterator[RunAs]:
    """`run_as(role, statement...)`: rows of the last statement, in a session with warehouse W and schema DB.OPEN."""
    opened: list[Session] = []

    def rows(role: str, *texts: str, warehouse: str | None = "W") -> list[tuple[Any, ...]]:
        session = account.open_session("C360", role, warehouse, "DB", "OPEN")
        opened.append(session)
        results = [execute(session, text) for text in texts]
        return list(zip(*(column.to_pylist() for column in results[-1].table.columns), strict=True))

    yield rows
    for session in opened:
        session.close()


def refusal(run_as: RunAs, role: str, *texts: str, **options: Any) -> tuple[int, str]:
    """Number and last line of the error with which a role is refused."""
    with pytest.raises(SnowflakeError) as caught:
        run_as(role, *texts, **options)
    return caught.value.errno, caught.value.message.splitlines()[-1]
