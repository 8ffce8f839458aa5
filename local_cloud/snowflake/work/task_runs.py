"""Running a task graph: the root, what follows it, its finalizer; retries, failures and suspension.

https://docs.snowflake.com/en/user-guide/tasks-graphs

Tasks of one graph run one after the other, in an order that keeps to their predecessors; Snowflake runs independent
ones at the same time. Each run is a session of the task's own: user SYSTEM, the owner's role, the task's
warehouse, database and schema.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local_cloud.snowflake import clock, errors
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.query import execute
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.work import context, runs, script, task_graph, task_settings
from local_cloud.snowflake.work.runs import moment
from local_cloud.snowflake.work.task_graph import FAILED, SKIPPED, SUCCEEDED, Graph

_LOG = logging.getLogger(__name__)

SCHEDULE, EXECUTED, MANUAL_RETRY, AUTOMATIC_RETRY, TRIGGER = (
    "SCHEDULE",
    "EXECUTE_TASK",
    "MANUAL RETRY",
    "AUTOMATIC RETRY",
    "TRIGGER",
)
AUTO_SUSPENDED = "FAILED_AND_AUTO_SUSPENDED"
_NOT_TRUE = errors.SnowflakeError(40003, "02000", "Conditional expression for task evaluated to false.")


@dataclass
class GraphRun:
    """One run of a graph: all attempts of it share `group`.

    Attributes:
        states: of each task in the latest attempt that reached it, by full name.
        rows: numbers of the history's rows, by full name, of the latest attempt.
    """

    account: Account
    graph: Graph
    scheduled: datetime
    source: str
    config: str | None
    group: str = field(default_factory=lambda: str(uuid.uuid4()))
    attempt: int = 1
    states: dict[str, str] = field(default_factory=dict)
    returned: dict[str, str | None] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


def run_graph(account: Account, root: Entry, scheduled: datetime, source: str, config: str | None = None) -> GraphRun:
    """Run a graph to its end, with its automatic retries, and suspend the root after too many failures."""
    run = GraphRun(account, task_graph.graph_of(account, root), scheduled, source, config or root.document["CONFIG"])
    return _finish(run)


def is_triggered(account: Account, root: Entry) -> bool:
    """Whether the condition of a task without a schedule is true now."""
    with _session(account, root) as session:
        try:
            return _condition(session, root)
        except errors.SnowflakeError:
            # Its run will tell.
            return True


def failed_run(account: Account, root: Entry) -> list[dict[str, Any]]:
    """The history's rows of the latest run of a graph.

    Raises:
        SnowflakeError: 091429 (number ours) when it did not fail.
    """
    latest = runs.of(account).latest("task_runs", "root_task", root.name)
    rows = runs.of(account).of_group(latest["graph_run_group_id"]) if latest else []
    states = {row["name"]: row["state"] for row in rows}
    if not {FAILED, AUTO_SUSPENDED} & set(states.values()):
        raise errors.SnowflakeError(91429, "22000", f"The last run of task {root.name} did not fail; nothing to retry.")
    return rows


def retry_last(account: Account, root: Entry) -> GraphRun:
    """Go on with the latest run of a graph from the tasks that failed."""
    rows = failed_run(account, root)
    latest, states = rows[-1], {row["name"]: row["state"] for row in rows}
    run = GraphRun(
        account,
        task_graph.graph_of(account, root),
        clock.of(account).now(),
        MANUAL_RETRY,
        latest["config"],
        latest["graph_run_group_id"],
        max(row["attempt_number"] for row in rows) + 1,
        {name: state for name, state in states.items() if state == SUCCEEDED},
        {row["name"]: row["return_value"] for row in rows},
    )
    return _finish(run)


def _finish(run: GraphRun) -> GraphRun:
    retries = task_settings.number(run.account, run.graph.root, "TASK_AUTO_RETRY_ATTEMPTS")
    last = run.attempt + retries
    _attempt(run)
    while FAILED in run.states.values() and run.attempt < last:
        run.attempt += 1
        run.source = AUTOMATIC_RETRY
        run.states = {name: state for name, state in run.states.items() if state == SUCCEEDED}
        _attempt(run)
    _count_failures(run)
    return run


def _attempt(run: GraphRun) -> None:
    """Run every task that has not succeeded yet. A root whose condition is false ends the run: nothing follows."""
    graph, run_id = run.graph, str(uuid.uuid4())
    tasks = {task.name: task for task in (graph.root, *graph.children)}
    if graph.root.name not in run.states:
        _one(run, graph.root, run_id)
    if run.states[graph.root.name] == SKIPPED:
        return
    for task in graph.children:
        if task.document["STATE"] != "started" or task.name in run.states:
            continue
        if task_graph.outcome(task, tasks, run.states) == SKIPPED:
            _record_skipped(run, task, run_id)
        else:
            _one(run, task, run_id)
    if graph.finalizer and graph.finalizer.document["STATE"] == "started":
        _one(run, graph.finalizer, run_id)


def _one(run: GraphRun, task: Entry, run_id: str) -> None:
    """Ask a task's condition, run it, and write both down."""
    history, now = runs.of(run.account), clock.of(run.account).now()
    row = history.add("task_runs", _row(run, task, run_id, "EXECUTING", now))
    run.rows[task.name] = row
    begun = time.monotonic()
    outcome: dict[str, str | None] = {}
    with _session(run.account, task) as session, context.running(session, _running(run, task, run_id)) as known:
        try:
            if _condition(session, task):
                with _time_limit(session, task_settings.number(run.account, task, "USER_TASK_TIMEOUT_MS")):
                    script.run(session, task.document["DEFINITION"])
                outcome = {"state": SUCCEEDED}
            else:
                outcome = {"state": SKIPPED, **_error(_NOT_TRUE)}
        except errors.SnowflakeError as error:
            outcome = {"state": FAILED, **_error(error)}
        outcome["query_id"] = session.queries[-1] if session.queries else None
    run.states[task.name], run.returned[task.name] = str(outcome["state"]), known.return_value
    ended = now + timedelta(seconds=time.monotonic() - begun)
    history.change("task_runs", row, outcome | {"completed_time": moment(ended), "return_value": known.return_value})
    if outcome["state"] == FAILED:
        _LOG.info("task %s failed: %s", task.name, outcome["error_message"])
    for tell in listeners:
        tell(run, task, row)


# Called with the run, the task and the number of its row in the history after each run: ERROR_INTEGRATION hooks in.
listeners: list[Any] = []


def _condition(session: Session, task: Entry) -> bool:
    when = task.document["WHEN"]
    if not when:
        return True
    value = execute.execute(session, f"select {when}").table.column(0)[0].as_py()
    return value is True or str(value).lower() in {"true", "1"}


@contextmanager
def _session(account: Account, task: Entry) -> Iterator[Session]:
    database, schema, _ = task.name.split(".")
    session = account.open_session("SYSTEM", task.owner, task.document["WAREHOUSE"], database, schema)
    session.parameters |= task.document["PARAMETERS"]
    try:
        yield session
    finally:
        session.close()


def _running(run: GraphRun, task: Entry, run_id: str) -> context.Running:
    root = run.graph.root
    info = {
        "CURRENT_ROOT_TASK_NAME": root.name,
        "CURRENT_ROOT_TASK_UUID": root.document["ID"],
        "CURRENT_TASK_NAME": task.name,
        "CURRENT_TASK_GRAPH_ORIGINAL_SCHEDULED_TIMESTAMP": moment(run.scheduled),
        "CURRENT_TASK_GRAPH_RUN_GROUP_ID": run.group,
        "CURRENT_TASK_GRAPH_RUN_ID": run_id,
    }
    above = task.document["AFTER"] or ([task.document["FINALIZE"]] if task.document["FINALIZE"] else [])
    return context.Running(task.name, above, dict(run.returned), None, run.config, info, run.scheduled)


@contextmanager
def _time_limit(session: Session, milliseconds: int) -> Iterator[None]:
    """Interrupt what runs too long; raises SnowflakeError 000630 in its place."""
    expired = threading.Event()

    def interrupt() -> None:
        expired.set()
        session.connection.interrupt()

    timer = threading.Timer(milliseconds / 1000, interrupt) if milliseconds else None
    if timer:
        timer.daemon = True
        timer.start()
    try:
        yield
    except errors.SnowflakeError as error:
        if expired.is_set():
            raise errors.SnowflakeError(
                630,
                "57014",
                f"Statement reached its statement or warehouse timeout of {milliseconds // 1000} second(s) "
                "and was canceled.",
            ) from error
        raise
    finally:
        if timer:
            timer.cancel()


def _record_skipped(run: GraphRun, task: Entry, run_id: str) -> None:
    now = clock.of(run.account).now()
    row = _row(run, task, run_id, SKIPPED, None) | {"completed_time": moment(now)}
    run.rows[task.name] = runs.of(run.account).add("task_runs", row)
    run.states[task.name] = SKIPPED


def _row(run: GraphRun, task: Entry, run_id: str, state: str, started: datetime | None) -> dict[str, Any]:
    root = run.graph.root
    return {
        "name": task.name,
        "query_text": task.document["DEFINITION"],
        "condition_text": task.document["WHEN"],
        "state": state,
        "scheduled_time": moment(run.scheduled),
        "query_start_time": moment(started) if started else None,
        "root_task": root.name,
        "root_task_id": root.document["ID"],
        "graph_version": root.document["VERSION"],
        "run_id": run_id,
        "scheduled_from": run.source,
        "attempt_number": run.attempt,
        "config": run.config,
        "graph_run_group_id": run.group,
    }


def _error(error: errors.SnowflakeError) -> dict[str, str | None]:
    return {"error_code": f"{error.errno:06d}", "error_message": error.message}


def _count_failures(run: GraphRun) -> None:
    """Suspend the root when one task of the graph has failed in so many runs of the graph, one after the other.

    https://docs.snowflake.com/en/user-guide/tasks-intro#automatically-suspend-tasks-after-failed-runs
    """
    catalog, name = run.account.catalog, run.graph.root.name
    if run.states[name] == SKIPPED:
        return
    with catalog.transaction():
        root = catalog.get("task", name)
        if root is None:
            return
        before = root.document["FAILURES"]
        failed = [task for task, state in run.states.items() if state == FAILED]
        failures = {task: before.get(task, 0) + 1 for task in failed}
        if failures == before:
            return
        document = root.document | {"FAILURES": failures}
        # 0 means never.
        limit = task_settings.number(run.account, root, "SUSPEND_TASK_AFTER_NUM_FAILURES")
        over = [task for task, count in failures.items() if limit and count >= limit]
        if over and root.document["STATE"] == "started":
            document |= {
                "STATE": "suspended",
                "LAST_SUSPENDED_ON": moment(clock.of(run.account).now()),
                "LAST_SUSPENDED_REASON": "SUSPENDED_DUE_TO_ERRORS",
            }
            for task in over:
                runs.of(run.account).change("task_runs", run.rows[task], {"state": AUTO_SUSPENDED})
        catalog.put("task", name, document)
