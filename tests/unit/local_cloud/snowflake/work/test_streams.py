"""Streams: what they show, and what moves them on."""

from __future__ import annotations

import pytest

from local_cloud.snowflake.errors import SnowflakeError
from tests.unit.local_cloud.snowflake.conftest import Run

_CHANGES = 'select N, "METADATA$ACTION", "METADATA$ISUPDATE" from S order by 1, 2'


@pytest.fixture(params=["", "append_only = true"])
def stream(run: Run, request: pytest.FixtureRequest) -> str:
    run("create table T (n number, name varchar)")
    run("create table SINK (n number)")
    run("insert into T values (1, 'before')")
    run(f"create stream S on table T {request.param}")
    return "S"


def test_inserts_show_until_a_change_of_data_consumes_them(run: Run, stream: str) -> None:
    assert run(f"select system$stream_has_data('{stream}')") == [(False,)]
    run("insert into T values (2, 'two'), (3, 'three')")
    assert run("select system$stream_has_data('DB.PUBLIC.S')") == [(True,)]
    assert run(_CHANGES) == [(2, "INSERT", False), (3, "INSERT", False)]
    assert run(_CHANGES) == [(2, "INSERT", False), (3, "INSERT", False)]  # a SELECT does not consume
    run("insert into SINK select n from S")
    assert run("select * from SINK order by 1") == [(2,), (3,)]
    assert run("select count(*) from S") == [(0,)]
    run("insert into T values (4, 'four')")
    run("merge into SINK using S on SINK.n = S.n when not matched then insert (n) values (S.n)")
    assert run("select max(n), system$stream_has_data('S') from SINK") == [(4, False)]


def test_a_failed_or_rolled_back_change_leaves_the_rows(run: Run, stream: str) -> None:
    run("insert into T values (2, 'two')")
    with pytest.raises(SnowflakeError):
        run("insert into SINK select 1 / 0 from S")
    assert run(f"select count(*) from {stream}") == [(1,)]
    run("begin")
    run("insert into SINK select n from S")
    run("rollback")
    assert run("select count(*) from S") == [(1,)]
    assert run("select count(*) from SINK") == [(0,)]


def test_an_unrelated_change_does_not_consume(run: Run, stream: str) -> None:
    run("insert into T values (2, 'two')")
    run("insert into SINK select n from T")
    assert run(f"select count(*) from {stream}") == [(1,)]


def test_a_standard_stream_shows_deletes_and_updates_as_net_changes(run: Run) -> None:
    run("create table T (n number, name varchar)")
    run("insert into T values (1, 'one'), (2, 'two')")
    run("create stream S on table T")
    run("update T set name = 'uno' where n = 1")
    run("delete from T where n = 2")
    run("insert into T values (3, 'three')")
    run("delete from T where n = 3")
    found = run('select n, name, "METADATA$ACTION" from S order by 1, 3')
    assert found == [(1, "one", "DELETE"), (1, "uno", "INSERT"), (2, "two", "DELETE")]
    run("truncate table T")
    assert {row[2] for row in run('select n, name, "METADATA$ACTION" from S')} == {"DELETE"}


def test_initial_rows_and_new_columns(run: Run) -> None:
    run("create table T (n number)")
    run("insert into T values (1)")
    run("create stream S on table T show_initial_rows = true")
    assert run("select n from S") == [(1,)]
    run("create table SINK (n number)")
    run("insert into SINK select n from S")
    run("alter table T add column name varchar")
    run("insert into T values (2, 'two')")
    assert run("select n, name from S") == [(2, "two")]


def test_a_stream_whose_table_lost_rows_or_is_gone_says_so(run: Run) -> None:
    run("create table T (n number)")
    run("insert into T values (1), (2)")
    run("create stream S on table T append_only = true")
    run("create or replace table T (n number)")
    with pytest.raises(SnowflakeError, match="is stale"):
        run("select * from S")
    run("drop table T")
    with pytest.raises(SnowflakeError, match=r"Base table 'DB\.PUBLIC\.T' dropped"):
        run("select * from S")
    with pytest.raises(SnowflakeError, match=r"000002.*a stream on a VIEW"):
        run("create stream V on view X")


def test_show_describe_and_drop(run: Run, stream: str) -> None:
    (shown,) = run("show streams like 's' in schema DB.PUBLIC")
    assert shown[1:5] == (stream, "DB", "PUBLIC", "ACCOUNTADMIN")
    assert shown[6:10] == ("DB.PUBLIC.T", "Table", "DB.PUBLIC.T", "DELTA")
    assert run("describe stream S") == [shown]
    run("drop stream S")
    assert run("show streams") == []
    with pytest.raises(SnowflakeError, match="002003"):
        run("select * from S")
