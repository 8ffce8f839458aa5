"""Reading and changing tables and views."""

from __future__ import annotations

import pytest
from sqlglot import exp, parse_one

from local_cloud.snowflake.enforcement import relations
from local_cloud.snowflake.query.execute import execute
from local_cloud.snowflake.session import Session
from tests.unit.local_cloud.snowflake.enforcement.conftest import RunAs, refusal

_CHANGES = [
    "insert into T values (1)",
    "update T set A = 2",
    "delete from T",
    "truncate table T",
    "insert overwrite into T select 1",
    "merge into T using (select 1 as A) N on T.A = N.A when not matched then insert (A) values (N.A)",
]


def test_select_needs_select_and_finds_it_through_database_roles(run_as: RunAs) -> None:
    assert run_as("READER", "select A from T") == []
    assert run_as("WRITER", "select A from T") == []
    assert refusal(run_as, "READER", "select A from DB.HIDDEN.T") == (
        2003,
        "Schema 'DB.HIDDEN' does not exist or not authorized.",
    )
    assert refusal(run_as, "NOBODY", "select A from T") == (2003, "Database 'DB' does not exist or not authorized.")


@pytest.mark.parametrize(
    "text",
    [
        "select * from (select A from DB.HIDDEN.T)",
        "with X as (select A from DB.HIDDEN.T) select * from X",
        "select 1 where exists (select 1 from DB.HIDDEN.T)",
        "select A from T union all select A from DB.HIDDEN.T",
        "create temporary table C as select A from DB.HIDDEN.T",
        "create temporary table C clone DB.HIDDEN.T",
        "explain select A from DB.HIDDEN.T",
        "select A from T join DB.HIDDEN.T H using (A)",
    ],
)
def test_a_hidden_table_is_found_wherever_it_stands(run_as: RunAs, text: str) -> None:
    assert refusal(run_as, "WRITER", text)[0] == 2003


@pytest.mark.parametrize("text", _CHANGES)
def test_changes_need_their_own_privilege(run_as: RunAs, text: str) -> None:
    run_as("WRITER", text)
    assert refusal(run_as, "READER", text) == (3001, "Insufficient privileges to operate on table 'T'")


@pytest.mark.parametrize(
    ("privilege", "text"),
    [
        ("insert", _CHANGES[0]),
        ("update", _CHANGES[1]),
        ("delete", _CHANGES[2]),
        ("truncate", _CHANGES[3]),
        ("delete", _CHANGES[4]),
        ("insert", _CHANGES[5]),
    ],
)
def test_each_privilege_is_what_its_statement_needs(admin: Session, run_as: RunAs, privilege: str, text: str) -> None:
    execute(admin, f"revoke {privilege} on table DB.OPEN.T from role WRITER")
    assert refusal(run_as, "WRITER", text)[0] == 3001


def test_another_privilege_makes_a_table_seen_but_not_read(admin: Session, run_as: RunAs) -> None:
    execute(admin, "grant usage on database DB to role NOBODY")
    execute(admin, "grant usage on schema DB.OPEN to role NOBODY")
    expected = (2003, "Object 'DB.OPEN.T' does not exist or not authorized.")
    assert refusal(run_as, "NOBODY", "select A from T") == expected
    execute(admin, "grant insert on table DB.OPEN.T to role NOBODY")
    assert refusal(run_as, "NOBODY", "select A from T") == (3001, "Insufficient privileges to operate on table 'T'")
    run_as("NOBODY", "insert into T values (1)")


def test_missing_and_hidden_tables_read_the_same(run_as: RunAs) -> None:
    missing = refusal(run_as, "READER", "select * from DB.HIDDEN.NONE")
    assert missing == refusal(run_as, "READER", "select * from DB.HIDDEN.T")
    assert refusal(run_as, "READER", "select * from DB.OPEN.NONE") == (
        2003,
        "Object 'DB.OPEN.NONE' does not exist or not authorized.",
    )


def test_a_view_reads_with_its_owners_rights(admin: Session, run_as: RunAs) -> None:
    assert run_as("READER", "select A from V") == []
    assert refusal(run_as, "READER", "select A from DB.HIDDEN.T")[0] == 2003
    execute(admin, "create role OWNER_OF_VIEW")
    execute(admin, "grant ownership on view DB.OPEN.V to role OWNER_OF_VIEW copy current grants")
    number, text = refusal(run_as, "READER", "select A from V")
    assert (number, text) == (2037, "Object 'DB.HIDDEN.T' does not exist or not authorized.")
    for on in ("usage on database DB", "usage on schema DB.HIDDEN", "select on table DB.HIDDEN.T"):
        execute(admin, f"grant {on} to role OWNER_OF_VIEW")
    assert run_as("READER", "select A from V") == []
    execute(admin, "drop role OWNER_OF_VIEW")


def test_whoever_makes_a_view_must_read_what_is_underneath(run_as: RunAs) -> None:
    assert refusal(run_as, "WRITER", "create view V2 as select A from DB.HIDDEN.T")[0] == 2003
    run_as("WRITER", "create view V2 as select A from T")
    assert run_as("WRITER", "select A from V2") == []


def test_tables_to_come_are_readable_by_future_grants(admin: Session, run_as: RunAs) -> None:
    run_as("WRITER", "create table LATER as select 7 as A")
    assert run_as("READER", "select A from LATER") == [(7,)]
    execute(admin, "revoke select on future tables in schema DB.OPEN from database role DB.OPEN_READ")
    run_as("WRITER", "create or replace table LATER as select 8 as A")
    assert refusal(run_as, "READER", "select A from LATER")[0] == 2003


def test_own_temporary_tables_need_no_grant(run_as: RunAs) -> None:
    made = ("create temporary table OWN (A int)", "insert into OWN values (3)", "select A from OWN", "drop table OWN")
    assert run_as("READER", *made[:3]) == [(3,)]
    run_as("READER", made[0], made[3])


def test_needs_of_a_statement_are_data() -> None:
    tree = parse_one('merge into "D"."S"."T" using "D"."S"."N" on 1 = 1 when matched then delete', read="snowflake")
    assert isinstance(tree, exp.Merge)
    assert dict(relations.needs(tree)) == {"D.S.T": ("DELETE",), "D.S.N": ("SELECT",)}
