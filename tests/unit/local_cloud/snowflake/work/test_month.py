"""A month of schedules in seconds, with injected failures: states, retries, suspension and history as documented."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from local_cloud.snowflake.account import Account
from local_cloud.snowflake.work import runs
from tests.unit.local_cloud.snowflake.conftest import Run
from tests.unit.local_cloud.snowflake.work.conftest import START, Advance

END = datetime(2026, 7, 1, tzinfo=UTC)


def _of(account: Account, name: str, table: str = "task_runs") -> list[dict[str, Any]]:
    """All runs of a task or alert in the order in which they happened."""
    rows = runs.of(account).between(table, START, END)
    return [row for row in reversed(rows) if row["name"] == f"DB.PUBLIC.{name}"]


def test_a_month_of_tasks_and_alerts_with_two_failures(account: Account, run: Run, advance: Advance) -> None:
    run("create table CALLS (name varchar, at timestamp_ltz)")
    run("create table CHECKS (n number)")
    run(
        """create task SCORE warehouse = WH schedule = 'USING CRON 30 5 * * * UTC' task_auto_retry_attempts = 1
        suspend_task_after_num_failures = 2 as insert into SCORES select 'score', current_timestamp()"""
    )
    run("create task PUBLISH warehouse = WH after SCORE as insert into CALLS select 'publish', current_timestamp()")
    run(
        """create task TIDY warehouse = WH finalize = SCORE
        as insert into CALLS select 'tidy', current_timestamp()"""
    )
    run("create task CHECK_DATA warehouse = WH schedule = '1 HOUR' as insert into CHECKS values (1)")
    run("create task RETRAIN warehouse = WH schedule = 'USING CRON 0 3 L * * Europe/Berlin' as select 1")
    run(
        """create alert FAILED_RUNS warehouse = WH schedule = '60 MINUTES'
        if (exists (select 1 from table(information_schema.task_history(
            scheduled_time_range_start => snowflake.alert.last_successful_scheduled_time(),
            scheduled_time_range_end => snowflake.alert.scheduled_time(), error_only => true))))
        then insert into CALLS select 'alert', current_timestamp()"""
    )
    run("create table SCORES (name varchar, at timestamp_ltz)")
    run("select system$task_dependents_enable('DB.PUBLIC.SCORE')")
    for task in ("CHECK_DATA", "RETRAIN"):
        run(f"alter task {task} resume")
    run("alter alert FAILED_RUNS resume")

    advance(datetime(2026, 6, 10, tzinfo=UTC))
    run("alter table SCORES rename to SCORES_AWAY")  # first failure: one day
    advance(datetime(2026, 6, 11, tzinfo=UTC))
    run("alter table SCORES_AWAY rename to SCORES")
    advance(datetime(2026, 6, 20, tzinfo=UTC))
    run("drop table SCORES")  # second failure: for good
    advance(END)

    score = _of(account, "SCORE")
    by_day = {row["scheduled_time"][8:10]: row for row in score}
    assert sorted(by_day) == [f"{day:02}" for day in range(1, 22)]  # none after the suspension of the 21st
    assert [
        (row["attempt_number"], row["scheduled_from"], row["state"]) for row in score if "-10T" in row["scheduled_time"]
    ] == [
        (1, "SCHEDULE", "FAILED"),
        (2, "AUTOMATIC RETRY", "FAILED"),
    ]
    assert by_day["11"]["state"] == "SUCCEEDED"  # one failure does not suspend, and is forgotten
    assert [row["state"] for row in score][-4:] == ["FAILED", "FAILED", "FAILED", "FAILED_AND_AUTO_SUSPENDED"]
    assert by_day["20"]["error_code"] == "002003"
    assert "SCORES" in by_day["20"]["error_message"]
    assert {row["scheduled_time"][11:16] for row in score} == {"05:30"}

    states = Counter(row["state"] for row in _of(account, "PUBLISH"))
    assert states == {"SUCCEEDED": 18, "SKIPPED": 6}  # skipped in both attempts of three days
    assert Counter(row["state"] for row in _of(account, "TIDY")) == {"SUCCEEDED": 24}
    assert run("select count(*) from CALLS where name = 'publish'") == [(18,)]
    assert run("select min(at) from CALLS where name = 'publish'") == [(datetime(2026, 6, 1, 5, 30, tzinfo=UTC),)]

    row = run("show tasks like 'SCORE'")[0]
    assert (row[10], row[21]) == ("suspended", "SUSPENDED_DUE_TO_ERRORS")
    assert run("show tasks like 'PUBLISH'")[0][10] == "started"

    assert len(_of(account, "CHECK_DATA")) == 30 * 24
    assert run("select count(*) from CHECKS") == [(720,)]
    assert [row["scheduled_time"] for row in _of(account, "RETRAIN")] == ["2026-06-30T01:00:00.000000+00:00"]

    alerts = Counter(row["state"] for row in _of(account, "FAILED_RUNS", "alert_runs"))
    # Three days of failures, each seen by the one evaluation whose interval has it.
    assert alerts == {"TRIGGERED": 3, "CONDITION_FALSE": 717}
    assert run("select count(*) from CALLS where name = 'alert'") == [(3,)]


def test_the_table_function_shows_seven_days_and_what_comes_next(run: Run, advance: Advance) -> None:
    run("create task DAILY warehouse = WH schedule = 'USING CRON 0 4 * * * UTC' as select 1")
    run("alter task DAILY resume")
    advance(START + timedelta(days=20))
    found = run(
        """select state, scheduled_time, query_start_time, next_scheduled_time, database_name, scheduled_from
        from table(information_schema.task_history(task_name => 'DAILY')) order by scheduled_time"""
    )
    next_run = datetime(2026, 6, 21, 4, tzinfo=UTC)
    assert [row[0] for row in found] == ["SUCCEEDED"] * 7 + ["SCHEDULED"]
    assert found[-1][1:3] == (next_run, None)
    assert found[0][1:] == (datetime(2026, 6, 14, 4, tzinfo=UTC),) * 2 + (next_run, "DB", "SCHEDULE")
