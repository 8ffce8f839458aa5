"""Graphs: order, skipping, finalizers, return values, retries, and what may not be changed when."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local_cloud.snowflake import clock, objects, work
from local_cloud.snowflake.account import Account, open_account
from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.query.execute import execute
from local_cloud.snowflake.work import runs, scheduler, task_runs
from tests.unit.local_cloud.snowflake.conftest import Run
from tests.unit.local_cloud.snowflake.work.conftest import START, Advance

History = Callable[[], list[tuple[Any, ...]]]
_HOUR, _END = timedelta(hours=1), START + timedelta(days=60)


@pytest.fixture
def history(account: Account) -> History:
    """(task, state, attempt) of this test's runs, in the order in which they ran."""
    before = len(runs.of(account).between("task_runs", START, _END))

    def rows() -> list[tuple[Any, ...]]:
        found = runs.of(account).between("task_runs", START, _END)
        found.sort(key=lambda row: row["id"])
        del found[:before]
        return [(row["name"].rpartition(".")[2], row["state"], row["attempt_number"]) for row in found]

    return rows


@pytest.fixture
def graph(run: Run, advance: Advance) -> Advance:
    """ROOT every hour, then LEFT and RIGHT, then JOIN after both, and LAST as the finalizer; all resumed."""
    run("create table LOG (name varchar)")
    run("create table GATE (open boolean)")
    run("insert into GATE values (true)")
    run("create task ROOT warehouse = WH schedule = '1 HOUR' config = '{\"size\": {\"rows\": 5}}' as select 1")
    run("create task LEFT_ after ROOT as call system$set_return_value('from left')")
    run("create task RIGHT_ after ROOT as insert into LOG values ('right')")
    run(
        "create task JOIN_ after LEFT_, RIGHT_ as insert into LOG select "
        "system$get_predecessor_return_value('LEFT_') || ' ' || system$get_task_graph_config('size.rows')"
    )
    run("create task LAST_ finalize = ROOT as insert into LOG select system$task_runtime_info('current_task_name')")
    run("select system$task_dependents_enable('ROOT')")
    return advance


@pytest.mark.usefixtures("graph")
def test_children_run_after_all_of_their_predecessors(run: Run, advance: Advance, history: History) -> None:
    assert advance(START + _HOUR) == 1
    assert history() == [(name, "SUCCEEDED", 1) for name in ("ROOT", "LEFT_", "RIGHT_", "JOIN_", "LAST_")]
    assert run("select * from LOG") == [("right",), ("from left 5",), ("DB.PUBLIC.LAST_",)]
    found = run("select distinct return_value from table(information_schema.task_history(task_name => 'LEFT_'))")
    assert ("from left",) in found


@pytest.mark.usefixtures("graph")
def test_what_follows_a_failure_is_skipped_and_the_finalizer_still_runs(
    run: Run, advance: Advance, history: History
) -> None:
    run("alter task ROOT suspend")
    run("alter task RIGHT_ modify as select 1 / 0")
    run("select system$task_dependents_enable('ROOT')")
    advance(START + _HOUR)
    assert history() == [
        ("ROOT", "SUCCEEDED", 1),
        ("LEFT_", "SUCCEEDED", 1),
        ("RIGHT_", "FAILED", 1),
        ("JOIN_", "SKIPPED", 1),
        ("LAST_", "SUCCEEDED", 1),
    ]


@pytest.mark.usefixtures("graph")
def test_a_suspended_child_counts_as_succeeded(run: Run, advance: Advance, history: History) -> None:
    run("alter task ROOT suspend")
    run("alter task RIGHT_ suspend")
    run("alter task ROOT resume")
    advance(START + _HOUR)
    assert [name for name, *_ in history()] == ["ROOT", "LEFT_", "JOIN_", "LAST_"]


@pytest.mark.usefixtures("graph")
def test_a_false_condition_skips_the_graph_or_the_branch(run: Run, advance: Advance, history: History) -> None:
    run("alter task ROOT suspend")
    run("alter task LEFT_ modify when (select max(open) from GATE)")
    run("update GATE set open = false")
    run("alter task ROOT resume")
    advance(START + _HOUR)
    assert history()[1:] == [
        ("LEFT_", "SKIPPED", 1),
        ("RIGHT_", "SUCCEEDED", 1),
        ("JOIN_", "SKIPPED", 1),
        ("LAST_", "SUCCEEDED", 1),
    ]
    run("alter task ROOT suspend")
    run("alter task ROOT modify when false")
    run("alter task ROOT resume")
    advance(START + 2 * _HOUR)
    assert history()[5:] == [("ROOT", "SKIPPED", 1)]
    error = "select error_code from table(information_schema.task_history(task_name => 'ROOT')) where state = 'SKIPPED'"
    assert run(error) == [("040003",)]


@pytest.mark.usefixtures("graph")
def test_a_retry_goes_on_from_what_failed(account: Account, run: Run, advance: Advance, history: History) -> None:
    run("alter task ROOT suspend")
    run("alter task RIGHT_ modify as insert into MISSING values (1)")
    run("select system$task_dependents_enable('ROOT')")
    advance(START + _HOUR)
    run("create table MISSING (n number)")
    root = account.catalog.get("task", "DB.PUBLIC.ROOT")
    assert root is not None
    task_runs.retry_last(account, root)
    assert history()[5:] == [("RIGHT_", "SUCCEEDED", 2), ("JOIN_", "SUCCEEDED", 2), ("LAST_", "SUCCEEDED", 2)]
    assert ("from left 5",) in run("select * from LOG")
    with pytest.raises(SnowflakeError, match="did not fail"):
        run("execute task ROOT retry last")


@pytest.mark.usefixtures("graph")
@pytest.mark.parametrize(
    "statement",
    [
        "alter task ROOT set schedule = '2 HOURS'",
        "alter task ROOT modify as select 2",
        "alter task LEFT_ suspend",
        "alter task JOIN_ remove after LEFT_",
        "alter task LAST_ unset finalize",
        "create or alter task ROOT warehouse = WH schedule = '1 HOUR' as select 1",
        "create task NEW after ROOT as select 1",
        "drop task RIGHT_",
    ],
)
def test_a_graph_does_not_change_while_its_root_is_started(run: Run, statement: str) -> None:
    with pytest.raises(SnowflakeError) as raised:
        run(statement)
    assert str(raised.value) == (
        "091421 (22000): Unable to update graph with root task DB.PUBLIC.ROOT since that root task is not suspended."
    )
    run("alter task ROOT suspend")
    run(statement)


@pytest.mark.usefixtures("advance")
def test_links_that_cannot_be(run: Run) -> None:
    run("create task A warehouse = WH schedule = '1 HOUR' as select 1")
    run("create task B after A as select 1")
    for statement, text in (
        ("create task C after NOWHERE as select 1", "002003.*Task 'DB.PUBLIC.NOWHERE' does not exist"),
        ("alter task A add after B", "cannot run after DB.PUBLIC.B|both a schedule and predecessors"),
        ("create task C schedule = '1 HOUR' after A as select 1", "both a schedule and predecessors"),
        ("create task C schedule = '5 DAYS' as select 1", "001008"),
        ("create task C schedule = '1 HOUR' warehouse = NONE_SUCH as select 1", "002003.*NONE_SUCH"),
        ("create task C schedule = '1 HOUR' as begin if (true) then select 1; end if; end", "IF in a block"),
        ("execute task B", "is not a root task"),
        ("create task A schedule = '1 HOUR' as select 1", "002002"),
    ):
        with pytest.raises(SnowflakeError) as raised:
            run(statement)
        assert re.search(text, str(raised.value), re.DOTALL), (statement, raised.value)


@pytest.mark.usefixtures("advance")
def test_owners_need_execute_task(run: Run) -> None:
    run("create role WORKER")
    run("grant role WORKER to role SYSADMIN")
    run("create task T warehouse = WH schedule = '1 HOUR' as select 1")
    run("grant ownership on task T to role WORKER")
    with pytest.raises(SnowflakeError) as raised:
        run("alter task T resume")
    assert str(raised.value) == (
        "091089 (23001): Cannot execute task , EXECUTE TASK privilege must be granted to owner role"
    )
    run("grant execute task on account to role WORKER")
    run("alter task T resume")


def test_a_task_runs_its_block_in_its_own_session(run: Run, advance: Advance, history: History) -> None:
    run("create schema OTHER")
    run("create table DB.PUBLIC.SEEN (who varchar, role varchar, wh varchar, text varchar)")
    run("use schema OTHER")  # a task's names are looked up in its own schema, wherever it was created
    run(
        """create task DB.PUBLIC.BLOCK warehouse = WH schedule = '1 HOUR' timezone = 'Europe/Berlin' as
        begin
            let zone varchar := 'x;y';  -- not the end; of it
            insert into SEEN select current_user(), current_role(), current_warehouse(), :zone;
        end;"""
    )
    run("alter task DB.PUBLIC.BLOCK resume")
    advance(START + _HOUR)
    assert history() == [("BLOCK", "SUCCEEDED", 1)]
    assert run("select * from DB.PUBLIC.SEEN") == [("SYSTEM", "ACCOUNTADMIN", "WH", "x;y")]


def test_a_task_that_takes_too_long_is_ended(run: Run, advance: Advance, history: History) -> None:
    run(
        "create task SLOW warehouse = WH schedule = '1 HOUR' user_task_timeout_ms = 100 as "
        "select count(*) from range(100000) a, range(1000000) b where hash(a.range, b.range) = 7"
    )
    run("alter task SLOW resume")
    advance(START + _HOUR)
    error = "select error_code from table(information_schema.task_history(task_name => 'SLOW', error_only => true))"
    assert history() == [("SLOW", "FAILED", 1)]
    assert run(error) == [("000630",)]


def test_a_task_without_a_schedule_runs_when_its_stream_has_rows(run: Run, advance: Advance, history: History) -> None:
    run("create table T (n number)")
    run("create table SINK (n number)")
    run("create stream S on table T append_only = true")
    run("create task ON_DATA warehouse = WH when system$stream_has_data('S') as insert into SINK select n from S")
    run("alter task ON_DATA resume")
    advance(START + _HOUR)
    assert history() == []
    run("insert into T values (1)")
    advance(START + 2 * _HOUR)
    advance(START + 3 * _HOUR)
    assert history() == [("ON_DATA", "SUCCEEDED", 1)]
    assert run("select * from SINK") == [(1,)]


@pytest.mark.usefixtures("advance")
def test_a_run_that_still_goes_on_is_not_overlapped(account: Account, run: Run) -> None:
    run("create task T warehouse = WH schedule = '1 HOUR' as select 1")
    entry = account.catalog.get("task", "DB.PUBLIC.T")
    assert entry is not None
    planner = scheduler.of(account)
    with planner._only_one(entry, overlap=False) as first, planner._only_one(entry, overlap=False) as second:
        assert (first, second) == (True, False)
    with planner._only_one(entry, overlap=False) as first, planner._only_one(entry, overlap=True) as second:
        assert (first, second) == (True, True)


@pytest.mark.usefixtures("advance")
def test_show_and_describe(run: Run) -> None:
    run("create task A warehouse = WH schedule = '60 MINUTES' comment = 'c' as select 1")
    run("create task B after A when system$stream_has_data('S') as select 2")
    run("create task C finalize = A as select 3")
    root, child, last = run("show tasks in schema DB.PUBLIC")
    assert root[1:2] + root[3:11] == ("A", "DB", "PUBLIC", "ACCOUNTADMIN", "c", "WH", "60 MINUTES", "[]", "suspended")
    assert root[20] == '{"Predecessors": [], "FinalizerTask": "DB.PUBLIC.C"}'
    assert (child[9], child[12]) == ('["DB.PUBLIC.A"]', "system$stream_has_data('S')")
    assert last[20] == '{"Predecessors": [], "FinalizedRootTask": "DB.PUBLIC.A"}'
    assert [row[1] for row in run("show tasks root only")] == ["A"]
    assert run("describe task B") == [child]
    run("drop task A")
    assert run("describe task B")[0][9:11] == ("[]", "suspended")


@pytest.mark.usefixtures("advance")
def test_missed_runs_of_a_stopped_machine_are_left_out(account: Account, run: Run) -> None:
    run("create task T warehouse = WH schedule = '60 MINUTES' as select 1")
    run("alter task T resume")
    entry = account.catalog.get("task", "DB.PUBLIC.T")
    assert entry is not None
    late = START + timedelta(hours=5, minutes=20)
    assert scheduler._first(account, entry, late) == datetime(2026, 6, 1, 6, tzinfo=UTC)


@pytest.mark.usefixtures("advance")
def test_parameters_of_a_task(run: Run) -> None:
    run("create task T schedule = '1 HOUR' user_task_timeout_ms = 5000 timezone = 'Europe/Berlin' as select 1")
    shown = {row[0]: row[1:4] for row in run('show parameters in task "DB"."PUBLIC"."T"')}
    assert shown["USER_TASK_TIMEOUT_MS"] == ("5000", "3600000", "TASK")
    assert shown["TIMEZONE"] == ("Europe/Berlin", "UTC", "TASK")
    assert shown["TASK_AUTO_RETRY_ATTEMPTS"] == ("0", "0", "")
    run("alter task T set user_task_timeout_ms = 3600000")
    ((_, *timeout),) = run("show parameters like 'USER_TASK_TIMEOUT_MS' in task T")
    assert timeout[:3] == ["3600000", "3600000", "TASK"], "set, though it equals the default"
    run("alter task T unset user_task_timeout_ms, timezone")
    left = {row[0]: row[3] for row in run("show parameters in task T")}
    assert set(left.values()) == {""}


def test_started_tasks_go_on_after_a_restart(tmp_path: Path) -> None:
    account = open_account(tmp_path, "http://127.0.0.1:1", memory_limit="256MB")
    objects.bootstrap(account)
    session = account.open_session("C360", "ACCOUNTADMIN")
    for statement in (
        "create database AGAIN",
        "create task T schedule = 'USING CRON 0 6 * * * UTC' as select 1",
        "alter task T resume",
    ):
        execute(session, statement)
    session.close()
    work.stop(account)
    account.close()
    reopened = open_account(tmp_path, "http://127.0.0.1:1", memory_limit="256MB")
    try:
        clock.of(reopened).hold(START)
        work.start(reopened)
        assert scheduler.of(reopened).next_runs() == {("task", "AGAIN.PUBLIC.T"): START + 6 * _HOUR}
        assert scheduler.of(reopened).advance(START + timedelta(days=2)) == 2
    finally:
        work.stop(reopened)
        reopened.close()
