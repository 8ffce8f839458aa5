"""SHOW PARAMETERS IN TASK: the parameters of a task's session, and those of tasks themselves.

https://docs.snowflake.com/en/sql-reference/sql/show-parameters, https://docs.snowflake.com/en/sql-reference/parameters
"""

from __future__ import annotations

from typing import Any

from local_cloud.snowflake import registry
from local_cloud.snowflake.objects import show, store
from local_cloud.snowflake.objects.ddl import Reader
from local_cloud.snowflake.objects.parameters import PARAMETERS, Parameter
from local_cloud.snowflake.results import Result, rows
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement
from local_cloud.snowflake.work.tasks import TASK

_OF_TASKS = {
    "SUSPEND_TASK_AFTER_NUM_FAILURES": PARAMETERS["SUSPEND_TASK_AFTER_NUM_FAILURES"],
    "TASK_AUTO_RETRY_ATTEMPTS": Parameter("0", "NUMBER", "Retries of a graph that failed."),
    "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE": Parameter("Medium", "STRING", "First size of serverless compute."),
    "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS": Parameter("30", "NUMBER", "Least time between triggered runs."),
    "USER_TASK_TIMEOUT_MS": Parameter("3600000", "NUMBER", "Milliseconds that a run may take."),
}
# What belongs to warehouses, schemas and databases only.
_NOT_IN_SESSIONS = {"MAX_CONCURRENCY_LEVEL", "PIPE_EXECUTION_PAUSED", "DATA_RETENTION_TIME_IN_DAYS"}


@registry.statement("SHOW PARAMETERS IN TASK", "SHOW PARAMETERS FOR TASK")
def show_parameters(session: Session, statement: Statement) -> Result:
    """`level` is TASK for what was set to something else than the default, empty for the rest."""
    request = show.read(Reader(statement), "PARAMETERS")
    task = store.get(session, TASK, request.scope_name)
    given = {**task.document["PARAMETERS"], **{name: task.document[name] for name in _OF_TASKS}}
    known = {name: item for name, item in {**PARAMETERS, **_OF_TASKS}.items() if name not in _NOT_IN_SESSIONS}
    shown: list[list[Any]] = []
    for name, item in sorted(known.items()):
        value = given.get(name)
        changed = value is not None and str(value).lower() != item.default.lower()
        text = str(value) if changed else item.default
        shown.append([name, text, item.default, "TASK" if changed else "", item.description, item.type])
    return rows(["key", "value", "default", "level", "description", "type"], shown)
