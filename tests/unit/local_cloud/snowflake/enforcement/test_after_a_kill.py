"""Killed between the database file and the catalog, the next start finds owners, grants and sources again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_cloud.snowflake import objects
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.objects import access, relation_entries
from tests.unit.local_cloud.snowflake.enforcement.conftest import RunAs, refusal

NO_SUCH_OBJECT = 2003


class _Killed(BaseException):
    """Nothing that a handler for errors would catch."""


@pytest.fixture
def killed(account: Account, run_as: RunAs, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Run a statement of a role; DuckDB has committed it when the process dies, the catalog knows nothing of it."""

    def die(*_: object) -> None:
        raise _Killed

    def run(role: str, text: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(relation_entries, "record", die)
            patch.setattr(access, "forget_owner", die)
            patch.setattr(access, "rename_owner", die)
            with pytest.raises(_Killed):
                run_as(role, text)
        objects.bootstrap(account)

    return run


def test_a_new_view_is_its_creators_and_is_granted_as_the_future_promised(
    killed: Callable[[str, str], None], run_as: RunAs
) -> None:
    run_as("ACCOUNTADMIN", "grant select on future views in schema DB.OPEN to role READER")
    killed("WRITER", "create view DB.OPEN.MINE as select A from DB.OPEN.T")
    assert run_as("READER", "select * from DB.OPEN.MINE") == []
    run_as("WRITER", "create or replace view DB.OPEN.MINE as select A + 1 as B from DB.OPEN.T")


def test_a_replaced_view_is_read_through_its_new_sources(killed: Callable[[str, str], None], run_as: RunAs) -> None:
    run_as("ACCOUNTADMIN", "grant create view on schema DB.HIDDEN to role WRITER")
    run_as("WRITER", "create view DB.OPEN.MINE as select A from DB.OPEN.T")
    run_as("ACCOUNTADMIN", "grant select on view DB.OPEN.MINE to role NOBODY")
    killed("WRITER", "create or replace view DB.OPEN.MINE as select 1 as A")
    run_as("ACCOUNTADMIN", "drop table DB.OPEN.T")
    assert run_as("WRITER", "select * from DB.OPEN.MINE") == [(1,)]
    assert refusal(run_as, "NOBODY", "select * from DB.OPEN.MINE")[0] == NO_SUCH_OBJECT


@pytest.mark.parametrize(("copy", "readable"), [("", False), ("copy grants", True)])
def test_a_replaced_table_keeps_grants_only_when_told(
    killed: Callable[[str, str], None], account: Account, run_as: RunAs, copy: str, readable: bool
) -> None:
    run_as("WRITER", "create table DB.OPEN.MINE (A int)")
    run_as("ACCOUNTADMIN", "grant insert on table DB.OPEN.MINE to role NOBODY")
    killed("WRITER", f"create or replace table DB.OPEN.MINE {copy} as select 1 as A")
    held = access.privileges(account, "NOBODY", "TABLE", "DB.OPEN.MINE")
    assert held == ({"INSERT"} if readable else set())
    assert access.owner_of(account, "TABLE", "DB.OPEN.MINE") == "WRITER"


def test_a_dropped_table_takes_its_grants_along(
    killed: Callable[[str, str], None], account: Account, run_as: RunAs
) -> None:
    run_as("WRITER", "create table DB.OPEN.MINE (A int)")
    killed("WRITER", "drop table DB.OPEN.MINE")
    assert access.owner_of(account, "TABLE", "DB.OPEN.MINE") is None
    assert access.grants_on(account, "TABLE", "DB.OPEN.MINE") == []


def test_a_table_given_away_stays_where_it_was_given(account: Account, run_as: RunAs) -> None:
    run_as("WRITER", "create table DB.OPEN.MINE (A int)")
    run_as("ACCOUNTADMIN", "grant ownership on table DB.OPEN.MINE to role OUTSIDER revoke current grants")
    objects.bootstrap(account)
    assert access.owner_of(account, "TABLE", "DB.OPEN.MINE") == "OUTSIDER"


def test_tables_that_swap_take_owner_and_grants_along(account: Account, run_as: RunAs) -> None:
    run_as("WRITER", "create table DB.OPEN.MINE (A int)")
    run_as("ACCOUNTADMIN", "grant insert on table DB.OPEN.MINE to role NOBODY", "create table DB.OPEN.YOURS (B int)")
    run_as("ACCOUNTADMIN", "alter table DB.OPEN.MINE swap with DB.OPEN.YOURS")
    for _ in range(2):
        assert access.owner_of(account, "TABLE", "DB.OPEN.MINE") == "ACCOUNTADMIN"
        assert access.owner_of(account, "TABLE", "DB.OPEN.YOURS") == "WRITER"
        assert access.privileges(account, "NOBODY", "TABLE", "DB.OPEN.YOURS") == {"INSERT"}
        objects.bootstrap(account)
