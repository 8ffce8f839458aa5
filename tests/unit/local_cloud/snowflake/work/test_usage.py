"""Who used which warehouse for how long and what was stored, and the alerts of the program that look at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from local_cloud.snowflake import clock
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.query import query_log
from local_cloud.snowflake.query.execute import execute
from local_cloud.snowflake.query.query_log import Ran
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.work import outbox, runs
from snowflake_objects.alerts import CONDITIONS
from snowflake_objects.sections import AlertSettings
from tests.unit.local_cloud.snowflake.conftest import Run
from tests.unit.local_cloud.snowflake.work.conftest import START, Advance

_METERED = "select * from table(information_schema.warehouse_metering_history('2026-05-31', '2026-07-31', 'METERED'))"


@pytest.fixture(autouse=True)
def empty_log(account: Account) -> Iterator[None]:
    query_log.forget(account)
    yield
    query_log.forget(account)


def worked(account: Account, minute: float, seconds: float, warehouse: str = "METERED", user: str = "ANN") -> None:
    """A statement so many minutes after the start of June."""
    start = START + timedelta(minutes=minute)
    end = start + timedelta(seconds=seconds)
    query_log.of(account).add(
        Ran("q", "select 1", "SELECT", "1", user, "SYSADMIN", warehouse, "DB", "PUBLIC", start, end, 1, None)
    )


def test_a_statement_is_logged_with_its_warehouse_only_if_it_computes(
    run: Run, session: Session, advance: Advance
) -> None:
    run("create table T (a int)")
    run("insert into T values (1), (2)")
    run("select * from T")
    with pytest.raises(Exception, match="does not exist"):
        run("select * from NOWHERE")
    history = (
        "select query_type, warehouse_name, rows_produced, error_code from table(information_schema.query_history())"
    )
    assert run(history)[:4] == [
        ("SELECT", None, 0, "002003"),
        ("SELECT", session.warehouse, 2, None),
        ("INSERT", session.warehouse, 1, None),
        ("CREATE", None, 1, None),
    ]


def test_a_statement_bears_the_tag_that_the_session_had(run: Run, advance: Advance) -> None:
    run("select 1")
    run("alter session set query_tag = 'nightly'")
    run("select 2")
    run("alter session unset query_tag")
    run("select 3")
    history = (
        "select query_text, query_tag from table(information_schema.query_history()) "
        "where query_type = 'SELECT' order by query_text"
    )
    assert run(history) == [("select 1", ""), ("select 2", "nightly"), ("select 3", "")]


def test_others_queries_are_seen_by_whoever_may_monitor_the_warehouse(
    run: Run, account: Account, advance: Advance
) -> None:
    run("create or replace warehouse METERED")
    run("create or replace role WATCHER")
    run("grant usage on database DB to role WATCHER")
    run("grant usage on warehouse WH to role WATCHER")
    worked(account, 0, 40)
    watcher = account.open_session("BOB", "WATCHER", "WH", "DB", "PUBLIC")
    history = (
        "select user_name, total_elapsed_time from table(information_schema.query_history_by_warehouse('METERED'))"
    )
    assert execute(watcher, history).table.num_rows == 0
    run("grant usage on warehouse METERED to role WATCHER")
    assert execute(watcher, history).table.num_rows == 0
    run("grant monitor on warehouse METERED to role WATCHER")
    assert execute(watcher, history).table.to_pylist() == [{"USER_NAME": "ANN", "TOTAL_ELAPSED_TIME": 40_000}]
    watcher.close()


def test_credits_are_billed_by_the_second_while_a_warehouse_runs(run: Run, account: Account, advance: Advance) -> None:
    run("create or replace warehouse METERED warehouse_size = 'MEDIUM' auto_suspend = 60")
    # Two within one run of 10 + 60 seconds after the second; one across the hour; one that is billed a whole minute.
    worked(account, 10, 10)
    worked(account, 10.5, 10)
    worked(account, 59.5, 30)
    clock.of(account).hold(START + timedelta(hours=3))
    rows = run(_METERED)
    assert [(row[0] - START, row[2]) for row in rows] == [(timedelta(), "METERED"), (timedelta(hours=1), "METERED")]
    four = Decimal(4)
    assert [row[3] for row in rows] == [
        pytest.approx(four * (100 + 30) / 3600, abs=Decimal("1e-8")),
        pytest.approx(four * 60 / 3600, abs=Decimal("1e-8")),
    ]


def test_usage_is_for_who_may_monitor_it(run: Run, account: Account, advance: Advance) -> None:
    run("create or replace warehouse METERED")
    run("create or replace role WATCHER")
    run("grant usage on database DB to role WATCHER")
    run("grant usage on warehouse WH to role WATCHER")
    worked(account, 0, 40)
    clock.of(account).hold(START + timedelta(hours=3))
    watcher = account.open_session("BOB", "WATCHER", "WH", "DB", "PUBLIC")
    storage = "select * from table(information_schema.database_storage_usage_history(database_name => 'db'))"
    assert execute(watcher, _METERED).table.num_rows == execute(watcher, storage).table.num_rows == 0
    run("grant monitor usage on account to role WATCHER")
    assert execute(watcher, _METERED).table.num_rows == 1
    (stored,) = execute(watcher, storage).table.to_pylist()
    assert (stored["USAGE_DATE"], stored["DATABASE_NAME"]) == (date(2026, 6, 1), "DB")
    assert stored["AVERAGE_DATABASE_BYTES"] > 0
    watcher.close()


def alert(run: Run, name: str, settings: AlertSettings) -> None:
    """One alert of the program with its own condition, looked at daily."""
    (condition,) = (each for each in CONDITIONS if each.name == name)
    run(
        "create or replace notification integration OPS type = email enabled = true "
        "allowed_recipients = ('ops@example.com')"
    )
    run(
        f"create or replace alert {name} warehouse = WH schedule = 'USING CRON 0 7 * * * UTC' "
        f"if (exists ({condition.query('DB', 'METERED', settings)})) "
        f"then call system$send_email('OPS', 'ops@example.com', '{name}', 'look')"
    )
    run(f"alter alert {name} resume")


def states(account: Account, name: str) -> list[str]:
    found = runs.of(account).between("alert_runs", START, START + timedelta(days=60))
    return [row["state"] for row in sorted(found, key=lambda row: row["id"]) if row["name"] == f"DB.PUBLIC.{name}"]


def test_a_costly_day_is_told_and_a_cheap_one_is_not(run: Run, account: Account, advance: Advance) -> None:
    run("create or replace warehouse METERED auto_suspend = 60")
    alert(run, "DAILY_COST", AlertSettings(daily_dollars=30, dollars_per_credit=3))
    worked(account, 60, 600)
    advance(START + timedelta(days=1))
    # Eleven hours of one credit each: 33 dollars.
    worked(account, 24 * 60 + 8 * 60, 11 * 3600)
    advance(START + timedelta(days=5))
    expected = ["CONDITION_FALSE", "CONDITION_FALSE", "TRIGGERED", "CONDITION_FALSE", "CONDITION_FALSE"]
    assert states(account, "DAILY_COST") == expected
    assert [each["subject"] for each in outbox.messages(account.home)].count("DAILY_COST") == 1


def test_fast_growth_is_told_and_a_steady_size_is_not(run: Run, account: Account, advance: Advance) -> None:
    alert(run, "STORAGE_GROWTH", AlertSettings(storage_growth_percent=50))
    run("create table T (a varchar)")
    advance(START + timedelta(days=3))
    assert set(states(account, "STORAGE_GROWTH")) == {"CONDITION_FALSE"}
    run("insert into T select uuid_string() from table(generator(rowcount => 200000))")
    advance(START + timedelta(days=4))
    assert states(account, "STORAGE_GROWTH")[-1] == "TRIGGERED"
    # A week later the old size is out of sight.
    advance(START + timedelta(days=20))
    assert states(account, "STORAGE_GROWTH")[-1] == "CONDITION_FALSE"


def test_slow_queries_are_told(run: Run, account: Account, advance: Advance) -> None:
    run("create or replace warehouse METERED")
    alert(run, "SLOW_QUERIES", AlertSettings(query_seconds=30))
    worked(account, 6 * 60 + 30, 20)
    advance(START + timedelta(days=1))
    worked(account, 24 * 60 + 6 * 60 + 30, 40)
    advance(START + timedelta(days=3))
    assert states(account, "SLOW_QUERIES") == ["CONDITION_FALSE", "TRIGGERED", "CONDITION_FALSE"]


def test_days_may_be_told_by_todays_date(run: Run, account: Account) -> None:
    """In real time, where CURRENT_DATE is DuckDB's to work out."""
    assert not clock.of(account).held
    storage = "select usage_date from table(information_schema.database_storage_usage_history({}, {}, 'DB'))"
    assert run(storage.format("dateadd(day, -7, current_date())", "current_date()")) == run("select current_date()")
