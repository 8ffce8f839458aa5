"""Warehouses, SHOW, INFORMATION_SCHEMA, USE, files and grants."""

from __future__ import annotations

import json

import pytest

from local_cloud.snowflake.query.execute import execute
from local_cloud.snowflake.session import Session
from tests.unit.local_cloud.snowflake.enforcement.conftest import RunAs, refusal

_NONE_ACTIVE = (
    606,
    "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' "
    "command.",
)


@pytest.mark.parametrize("warehouse", [None, "CLOSED", "MISSING"])
def test_what_computes_needs_a_usable_warehouse(run_as: RunAs, warehouse: str | None) -> None:
    for text in (
        "select A from T",
        "insert into T values (1)",
        "create table C as select 1 as A",
        "select count(*) from T where A = 1",
        "with X as (select A from T) select * from X",
    ):
        assert refusal(run_as, "WRITER", text, warehouse=warehouse) == _NONE_ACTIVE, text


def test_metadata_needs_no_warehouse(run_as: RunAs) -> None:
    for text in (
        "select 1",
        "select count(*) from T",
        "with X as (select 1 as A) select A from X",
        "show tables",
        "describe table T",
        "create table C (A int)",
        "select table_name from information_schema.tables",
        "truncate table T",
    ):
        run_as("WRITER", text, warehouse=None)


def test_use_finds_only_what_the_role_may_use(run_as: RunAs) -> None:
    run_as("READER", "use warehouse W", "use schema DB.OPEN", "use database DB")
    for text in ("use warehouse CLOSED", "use schema DB.HIDDEN"):
        assert refusal(run_as, "READER", text)[0] == 2043
    assert refusal(run_as, "NOBODY", "use database DB")[0] == 2043


def test_show_lists_what_the_role_sees(run_as: RunAs) -> None:
    def column(role: str, text: str, position: int) -> set[str]:
        return {row[position] for row in run_as(role, text)}

    assert column("READER", "show terse schemas in database DB", 1) == {"OPEN", "INFORMATION_SCHEMA"}
    assert column("ACCOUNTADMIN", "show terse schemas in database DB", 1) >= {"OPEN", "HIDDEN", "MANAGED"}
    assert column("READER", "show terse tables in database DB", 4) == {"OPEN"}
    assert column("SECURITYADMIN", "show terse tables in database DB", 4) == {"OPEN", "HIDDEN", "MANAGED"}
    assert column("NOBODY", "show terse databases", 1) == set()
    assert column("NOBODY", "show warehouses", 0) == {"W"}
    assert column("READER", "show stages in schema DB.OPEN", 1) == set()
    assert refusal(run_as, "READER", "show tables in schema DB.HIDDEN")[0] in {2003, 2043}
    assert refusal(run_as, "READER", "show stages in schema DB.HIDDEN")[0] == 2043


def test_information_schema_lists_what_the_role_sees(run_as: RunAs) -> None:
    assert set(run_as("READER", "select table_schema, table_name from DB.information_schema.tables")) == {
        ("OPEN", "T"),
        ("OPEN", "V"),
    }
    assert run_as("READER", "select column_name from DB.information_schema.columns where table_schema = 'HIDDEN'") == []
    schemas = run_as("READER", "select schema_name from DB.information_schema.schemata order by 1")
    assert schemas == [("INFORMATION_SCHEMA",), ("OPEN",)]
    assert refusal(run_as, "NOBODY", "select 1 from DB.information_schema.tables")[0] == 2003


def test_internal_stages_are_read_and_written_apart(admin: Session, run_as: RunAs) -> None:
    assert refusal(run_as, "READER", "list @S") == (2003, "Stage 'DB.OPEN.S' does not exist or not authorized.")
    execute(admin, "grant read on stage DB.OPEN.S to role READER")
    run_as("READER", "list @S")
    writes = ("put file:///none.csv @S", "remove @S", "copy into @S/x from (select 1)")
    for text in writes:
        assert refusal(run_as, "READER", text) == (3001, "Insufficient privileges to operate on stage 'S'")
    execute(admin, "grant write on stage DB.OPEN.S to role READER")
    for text in writes:
        run_as("READER", text)


def test_copy_needs_insert_the_stage_and_the_format(admin: Session, run_as: RunAs) -> None:
    copy = "copy into T from @S file_format = (format_name = 'F')"
    assert refusal(run_as, "READER", copy) == (3001, "Insufficient privileges to operate on table 'T'")
    assert refusal(run_as, "WRITER", copy) == (2003, "Stage 'DB.OPEN.S' does not exist or not authorized.")
    execute(admin, "grant read on stage DB.OPEN.S to role WRITER")
    assert refusal(run_as, "WRITER", copy) == (2003, "File format 'DB.OPEN.F' does not exist or not authorized.")
    execute(admin, "grant usage on file format DB.OPEN.F to role WRITER")
    assert refusal(run_as, "WRITER", copy, warehouse=None) == _NONE_ACTIVE
    run_as("WRITER", copy)


def test_owners_grant_and_others_do_not(admin: Session, run_as: RunAs) -> None:
    give = "grant select on table DB.OPEN.T to role NOBODY"
    assert refusal(run_as, "WRITER", give) == (3102, "Grant not executed: Insufficient privileges.")
    assert refusal(run_as, "NOBODY", give)[0] == 2003
    execute(admin, "grant ownership on table DB.OPEN.T to role WRITER copy current grants")
    run_as("WRITER", give, "revoke select on table DB.OPEN.T from role NOBODY")
    run_as("SECURITYADMIN", give)


def test_the_grant_option_passes_a_privilege_on(admin: Session, run_as: RunAs) -> None:
    execute(admin, "grant select on table DB.OPEN.T to role WRITER with grant option")
    run_as("WRITER", "grant select on table DB.OPEN.T to role NOBODY")
    assert refusal(run_as, "WRITER", "grant insert on table DB.OPEN.T to role NOBODY")[0] == 3102


def test_in_a_managed_schema_its_owner_grants(admin: Session, run_as: RunAs) -> None:
    for text in (
        "grant usage on schema DB.MANAGED to role READER",
        "grant ownership on table DB.MANAGED.T to role READER",
    ):
        execute(admin, text)
    give = "grant select on table DB.MANAGED.T to role NOBODY"
    future = "grant select on future tables in schema DB.MANAGED to role NOBODY"
    assert refusal(run_as, "READER", give)[0] == 3102
    assert refusal(run_as, "READER", future) == (3001, "Insufficient privileges to operate on schema 'MANAGED'")
    execute(admin, "grant ownership on schema DB.MANAGED to role READER copy current grants")
    run_as("READER", give, future)


def test_privileges_on_the_account_are_the_administrators(run_as: RunAs) -> None:
    give = "grant create database on account to role NOBODY"
    for role in ("SYSADMIN", "SECURITYADMIN", "READER"):
        assert refusal(run_as, role, give)[0] == 3102
    run_as("ACCOUNTADMIN", give)


def test_roles_are_given_by_their_owner(admin: Session, run_as: RunAs) -> None:
    give = "grant role READER to role NOBODY"
    assert refusal(run_as, "WRITER", give) == (3001, "Insufficient privileges to operate on role 'READER'")
    execute(admin, "grant ownership on role READER to role WRITER")
    run_as("WRITER", give, "revoke role READER from role NOBODY")


def test_secondary_roles_are_told(admin: Session, run_as: RunAs) -> None:
    execute(admin, "grant role READER to user C360")
    ((text,),) = run_as("NOBODY", "use secondary roles all", "select current_secondary_roles()")
    told = json.loads(text)
    assert (told["value"], "READER" in told["roles"].split(",")) == ("ALL", True)


def test_a_revoked_role_counts_at_once(admin: Session, run_as: RunAs) -> None:
    run_as("READER", "select A from T")
    execute(admin, "revoke database role DB.OPEN_READ from role READER")
    assert refusal(run_as, "READER", "select A from T")[0] == 2003
    execute(admin, "grant database role DB.OPEN_READ to role READER")
    run_as("READER", "select A from T")
