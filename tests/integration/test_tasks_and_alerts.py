"""Tasks, alerts and procedures through the unchanged connector, against a running local cloud."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from snowflake.connector import SnowflakeConnection

from tests.integration.conftest import LocalCloud

Sql = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def connection(local_cloud: LocalCloud) -> Iterator[SnowflakeConnection]:
    with local_cloud.connect(role="ACCOUNTADMIN") as opened:
        opened.cursor().execute("create or replace database WORK_TESTS")
        opened.cursor().execute("create warehouse if not exists WORK_WH")
        yield opened
        opened.cursor().execute("drop database WORK_TESTS")


@pytest.fixture
def sql(connection: SnowflakeConnection) -> Sql:
    def run(text: str, *values: Any) -> list[tuple[Any, ...]]:
        cursor = connection.cursor()
        cursor.execute(text, values or None)
        return [tuple(row) for row in cursor.fetchall()]

    return run


def _eventually(question: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def _clock(cloud: LocalCloud) -> str:
    return f"http://{cloud.host}:{cloud.port}/local/clock"


def _move(cloud: LocalCloud, **how: Any) -> requests.Response:
    return requests.post(_clock(cloud), json=how, timeout=30)


def test_an_executed_task_runs_in_the_background_as_its_owner(sql: Sql) -> None:
    sql("create table MADE (who varchar, role varchar, warehouse varchar)")
    sql(
        "create task MAKE warehouse = WORK_WH schedule = '60 MINUTES' "
        "as insert into MADE select current_user(), current_role(), current_warehouse()"
    )
    assert sql("execute task MAKE") == [("Task MAKE is scheduled to run immediately.",)]
    _eventually(lambda: sql("select count(*) from MADE") == [(1,)])
    assert sql("select * from MADE") == [("SYSTEM", "ACCOUNTADMIN", "WORK_WH")]
    history = "select state, scheduled_from from table(information_schema.task_history(task_name => 'MAKE'))"
    _eventually(lambda: sql(history) == [("SUCCEEDED", "EXECUTE_TASK")])


def test_a_started_task_runs_in_real_time(local_cloud: LocalCloud, sql: Sql) -> None:
    sql("create table TICKS (n number)")
    sql("create task TICK warehouse = WORK_WH schedule = '10 SECONDS' as insert into TICKS values (1)")
    # As if it had been resumed nine seconds ago: its first run is one second away.
    _move(local_cloud, hold=(datetime.now(UTC) - timedelta(seconds=9)).isoformat())
    sql("alter task TICK resume")
    sql("show tasks")
    _move(local_cloud, release=True)
    _eventually(lambda: sql("select count(*) from TICKS") == [(1,)], seconds=8)
    sql("alter task TICK suspend")


def test_the_clock_moves_over_http(local_cloud: LocalCloud, sql: Sql) -> None:
    sql("create table DAYS (at timestamp_ntz)")
    sql(
        "create task DAILY warehouse = WORK_WH schedule = 'USING CRON 0 6 * * * UTC' "
        "as insert into DAYS select current_timestamp()::timestamp_ntz"
    )
    assert _move(local_cloud, hold="2026-06-01T00:00:00+00:00").json()["held"] is True
    try:
        sql("alter task DAILY resume")
        answer = _move(local_cloud, advance_to="2026-06-04T00:00:00+00:00").json()
        assert answer == {"now": "2026-06-04T00:00:00+00:00", "held": True, "runs": 3}
        assert sql("select at::varchar from DAYS order by 1") == [
            (f"2026-06-0{day} 06:00:00.000",) for day in (1, 2, 3)
        ]
        assert _move(local_cloud, advance_to="soon").status_code == 400
    finally:
        sql("alter task DAILY suspend")
        assert _move(local_cloud, release=True).json()["held"] is False
    shown = requests.get(_clock(local_cloud), timeout=10).json()
    assert abs((datetime.fromisoformat(shown["now"]) - datetime.now(UTC)).total_seconds()) < 10
