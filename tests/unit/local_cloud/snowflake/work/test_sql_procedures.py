"""Procedures in SQL, and what all procedures have in common: signatures, SHOW, DESCRIBE, DROP, rights."""

from __future__ import annotations

import pytest

from local_cloud.snowflake.account import Account
from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.session import Session
from tests.unit.local_cloud.snowflake.conftest import Run


def test_a_block_uses_arguments_and_returns(run: Run) -> None:
    run("create table T (n number, name varchar)")
    run(
        """create procedure ADD_ROW(n number, name varchar default 'none') returns number language sql as $$
        begin
            insert into T values (:n, :name || ';');
            let doubled number := n * 2;
            return doubled + SQLROWCOUNT;
        end $$"""
    )
    assert run("call ADD_ROW(20, 'it''s')") == [(41,)]
    assert run("call ADD_ROW(n => 1)") == [(3,)]
    assert run("select * from T order by n") == [(1, "none;"), (20, "it's;")]


def test_overloads_are_told_apart_by_their_arguments(run: Run) -> None:
    run("create procedure P(a string) returns varchar language sql as 'begin return ''one''; end'")
    run("create procedure P(a int, b double) returns varchar language sql as begin return 'two'; end")
    assert run("call P('x')") == [("one",)]
    assert run("call DB.PUBLIC.P(1, 2)") == [("two",)]
    assert [(row[1], row[8]) for row in run("show procedures like 'P'")] == [
        ("P", "P(NUMBER, FLOAT) RETURN VARCHAR"),
        ("P", "P(VARCHAR) RETURN VARCHAR"),
    ]
    described: dict[str, str] = dict(run("describe procedure P(number, float)"))
    assert described["signature"] == "(A NUMBER, B FLOAT)"
    assert described["body"] == "begin return 'two'; end"
    run("drop procedure P(varchar)")
    run("drop procedure if exists P(varchar)")
    with pytest.raises(SnowflakeError, match="002141"):
        run("call P('x')")


def test_the_owners_role_runs_it(account: Account, session: Session, run: Run) -> None:
    assert account.catalog.get("procedure", "DB.PUBLIC.WHO()") is None
    for right in ("OWNER", "CALLER"):
        run(
            f"create procedure {right}_RIGHTS() returns varchar language sql execute as {right} as "
            "begin return current_role() || ' ' || current_schema(); end"
        )
    for name in ("OWNER_RIGHTS", "CALLER_RIGHTS"):
        run(f"grant usage on procedure {name}() to role PUBLIC")
    run("grant usage on database DB to role PUBLIC")
    run("grant usage on schema DB.PUBLIC to role PUBLIC")
    run("create schema OTHER")
    session.role = "PUBLIC"
    try:
        assert run("call DB.PUBLIC.OWNER_RIGHTS()") == [("ACCOUNTADMIN PUBLIC",)]
        assert run("call DB.PUBLIC.CALLER_RIGHTS()") == [("PUBLIC OTHER",)]
        assert session.schema == "OTHER"
    finally:
        session.role = "ACCOUNTADMIN"


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("create procedure P() returns varchar language java as 'x'", "procedures in JAVA"),
        ("create procedure P() returns varchar language python handler = 'm' as 'x'", "RUNTIME_VERSION"),
        (
            "create procedure P() returns varchar language python runtime_version = 3.11 handler = 'm' as 'x'",
            "snowflake-snowpark-python",
        ),
        ("create procedure P(a nonsense) returns varchar language sql as 'select 1'", "Unsupported data type"),
        ("create procedure P() returns varchar language sql as begin for i in 1 to 2 do null; end for; end", "FOR in"),
        ("create procedure P() returns varchar language sql as begin select 1;", "001003"),
        ("call NOWHERE()", "002141"),
        ("describe procedure NOWHERE()", "002003"),
    ],
)
def test_what_is_refused(run: Run, statement: str, text: str) -> None:
    with pytest.raises(SnowflakeError, match=text):
        run(statement)


def test_python_needs_an_endpoint(run: Run) -> None:
    run(
        "create procedure P() returns varchar language python runtime_version = 3.11 handler = 'main' "
        "packages = ('snowflake-snowpark-python==1.30') as $$\ndef main(session): return 'x'\n$$"
    )
    with pytest.raises(SnowflakeError, match="without a running endpoint"):
        run("call P()")
