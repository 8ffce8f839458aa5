"""Running an alert: its condition, and its action when the condition has rows.

https://docs.snowflake.com/en/user-guide/alerts
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from local_cloud.snowflake import clock, errors
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.query import execute
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.work import context, runs, script
from local_cloud.snowflake.work.runs import moment

SCHEDULE, EXECUTED = "SCHEDULE", "EXECUTE_ALERT"
CONDITION_FALSE, CONDITION_FAILED = "CONDITION_FALSE", "CONDITION_FAILED"
TRIGGERED, ACTION_FAILED = "TRIGGERED", "ACTION_FAILED"


def run(account: Account, alert: Entry, scheduled: datetime, source: str) -> str:
    """Evaluate an alert as its owner and act; the state in which the run ended."""
    history, now = runs.of(account), clock.of(account).now()
    row = {
        "name": alert.name,
        "condition": alert.document["CONDITION"],
        "action": alert.document["ACTION"],
        "state": "EXECUTING",
        "scheduled_time": moment(scheduled),
        "query_start_time": moment(now),
        "scheduled_from": source,
    }
    # Before the row of this run, which has not succeeded yet.
    last = _last_success(account, alert)
    number, begun = history.add("alert_runs", row), time.monotonic()
    known = context.Running(alert.name, scheduled=scheduled, last_success=last)
    with _session(account, alert) as session, context.running(session, known):
        outcome = _evaluate(session, alert)
    ended = now + timedelta(seconds=time.monotonic() - begun)
    history.change("alert_runs", number, outcome | {"completed_time": moment(ended)})
    _count_failures(account, alert, str(outcome["state"]))
    return str(outcome["state"])


def _evaluate(session: Session, alert: Entry) -> dict[str, Any]:
    try:
        found = execute.execute(session, alert.document["CONDITION"]).table.num_rows
    except errors.SnowflakeError as error:
        return {"state": CONDITION_FAILED} | _error(error)
    outcome: dict[str, Any] = {"condition_query_id": session.queries[-1], "state": CONDITION_FALSE}
    if not found:
        return outcome
    try:
        script.run(session, alert.document["ACTION"])
    except errors.SnowflakeError as error:
        return outcome | {"state": ACTION_FAILED, "action_query_id": session.queries[-1]} | _error(error)
    return outcome | {"state": TRIGGERED, "action_query_id": session.queries[-1]}


def _last_success(account: Account, alert: Entry) -> datetime:
    """When the latest run was scheduled that did not fail; before the first one, when the alert was resumed or made."""
    row = runs.of(account).latest("alert_runs", "name", alert.name, (CONDITION_FALSE, TRIGGERED))
    if row:
        return datetime.fromisoformat(row["scheduled_time"])
    resumed = alert.document["RESUMED_ON"]
    return datetime.fromisoformat(resumed) if resumed else alert.created_on


@contextmanager
def _session(account: Account, alert: Entry) -> Iterator[Session]:
    database, schema, _ = alert.name.split(".")
    session = account.open_session("SYSTEM", alert.owner, alert.document["WAREHOUSE"], database, schema)
    try:
        yield session
    finally:
        session.close()


def _count_failures(account: Account, alert: Entry, state: str) -> None:
    """Suspend after SUSPEND_ALERT_AFTER_NUM_FAILURES failed runs, one after the other."""
    failed = state in {CONDITION_FAILED, ACTION_FAILED}
    with account.catalog.transaction():
        entry = account.catalog.get("alert", alert.name)
        if entry is None:
            return
        failures = entry.document["FAILURES"] + 1 if failed else 0
        if failures == entry.document["FAILURES"]:
            return
        document = entry.document | {"FAILURES": failures}
        limit = entry.document["SUSPEND_ALERT_AFTER_NUM_FAILURES"]
        if limit and failures >= limit:
            document["STATE"] = "suspended"
        account.catalog.put("alert", alert.name, document)


def _error(error: errors.SnowflakeError) -> dict[str, str]:
    return {"error_code": f"{error.errno:06d}", "error_message": error.message}
