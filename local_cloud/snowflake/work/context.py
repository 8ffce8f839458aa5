"""What a running task or alert knows about itself, for the system functions that its SQL may call.

https://docs.snowflake.com/en/sql-reference/functions/system_set_return_value,
https://docs.snowflake.com/en/sql-reference/functions/system_get_predecessor_return_value,
https://docs.snowflake.com/en/sql-reference/functions/system_get_task_graph_config,
https://docs.snowflake.com/en/sql-reference/functions/system_task_runtime_info,
https://docs.snowflake.com/en/user-guide/alerts#specifying-timestamps-based-on-alert-schedules
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.session import Session


@dataclass
class Running:
    """One run.

    Attributes:
        name: full name of the task or alert.
        predecessors: full names of the tasks that this one runs after.
        returned: what earlier tasks of the graph run set as their return value, by full name.
        return_value: what this one has set.
        config: the graph's configuration, JSON text.
        info: what SYSTEM$TASK_RUNTIME_INFO answers, by its argument.
        scheduled, last_success: of an alert.
    """

    name: str
    predecessors: Sequence[str] = ()
    returned: Mapping[str, str | None] = field(default_factory=dict)
    return_value: str | None = None
    config: str | None = None
    info: Mapping[str, str] = field(default_factory=dict)
    scheduled: datetime | None = None
    last_success: datetime | None = None


# By the session's identifier: a procedure's session has that of the session that called it.
_running: dict[str, Running] = {}


@contextmanager
def running(session: Session, run: Running) -> Iterator[Running]:
    _running[session.id] = run
    try:
        yield run
    finally:
        del _running[session.id]


def current(session: Session, function: str) -> Running:
    """Raises SnowflakeError 091428 (number ours) outside of a run."""
    if run := _running.get(session.id):
        return run
    raise errors.SnowflakeError(91428, "22000", f"{function} must be called from within a task or an alert.")


@registry.scalar_function("SYSTEM$SET_RETURN_VALUE")
def set_return_value(session: Session, arguments: Sequence[Any]) -> None:
    run = current(session, "SYSTEM$SET_RETURN_VALUE")
    value = str(arguments[0])
    if len(value.encode()) > 10_240:
        raise errors.invalid_value(f"{value[:20]}...", "SYSTEM$SET_RETURN_VALUE", "at most 10 kB")
    run.return_value = value


@registry.scalar_function("SYSTEM$GET_PREDECESSOR_RETURN_VALUE")
def get_predecessor_return_value(session: Session, arguments: Sequence[Any]) -> str | None:
    """The name may be left out when there is one predecessor only."""
    run = current(session, "SYSTEM$GET_PREDECESSOR_RETURN_VALUE")
    if arguments:
        wanted = str(arguments[0]).upper().rpartition(".")[2]
        found = [name for name in run.predecessors if name.rpartition(".")[2].upper() == wanted]
    else:
        found = list(run.predecessors)
    if len(found) != 1:
        raise errors.invalid_value(
            str(arguments[0]) if arguments else "", "task_name", ", ".join(run.predecessors) or "none"
        )
    return run.returned.get(found[0])


@registry.scalar_function("SYSTEM$GET_TASK_GRAPH_CONFIG")
def get_task_graph_config(session: Session, arguments: Sequence[Any]) -> str | None:
    """The whole configuration, or one value by a dotted path."""
    value = json.loads(current(session, "SYSTEM$GET_TASK_GRAPH_CONFIG").config or "null")
    for part in str(arguments[0]).split(".") if arguments and value is not None else []:
        value = value.get(part) if isinstance(value, dict) else None
    return value if value is None or isinstance(value, str) else json.dumps(value)


@registry.scalar_function("SYSTEM$TASK_RUNTIME_INFO")
def task_runtime_info(session: Session, arguments: Sequence[Any]) -> str | None:
    run, wanted = current(session, "SYSTEM$TASK_RUNTIME_INFO"), str(arguments[0]).upper()
    if wanted not in run.info:
        raise errors.invalid_value(wanted, "SYSTEM$TASK_RUNTIME_INFO", ", ".join(sorted(run.info)))
    return run.info[wanted]


@registry.scalar_function("LAST_SUCCESSFUL_SCHEDULED_TIME")
def last_successful_scheduled_time(session: Session, _arguments: Sequence[Any]) -> datetime | None:
    """SNOWFLAKE.ALERT.LAST_SUCCESSFUL_SCHEDULED_TIME()"""
    return current(session, "SNOWFLAKE.ALERT.LAST_SUCCESSFUL_SCHEDULED_TIME").last_success


@registry.scalar_function("SCHEDULED_TIME")
def scheduled_time(session: Session, _arguments: Sequence[Any]) -> datetime | None:
    """SNOWFLAKE.ALERT.SCHEDULED_TIME()"""
    return current(session, "SNOWFLAKE.ALERT.SCHEDULED_TIME").scheduled
