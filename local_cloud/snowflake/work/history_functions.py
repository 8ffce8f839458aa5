"""TASK_HISTORY and ALERT_HISTORY: what ran in the last seven days, and what is scheduled next.

https://docs.snowflake.com/en/sql-reference/functions/task_history,
https://docs.snowflake.com/en/sql-reference/functions/alert_history
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from local_cloud.snowflake import clock, errors
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.enforcement import privileges, roles
from local_cloud.snowflake.registry import table_function
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.work import runs, scheduler

_DAYS_BACK, _DAYS_AHEAD = 7, 8
_DEFAULT_LIMIT, _HIGHEST_LIMIT = 100, 10_000
_MOMENT = pa.timestamp("us", tz="UTC")
_TASK_COLUMNS = {
    "QUERY_ID": pa.string(),
    "NAME": pa.string(),
    "DATABASE_NAME": pa.string(),
    "SCHEMA_NAME": pa.string(),
    "QUERY_TEXT": pa.string(),
    "CONDITION_TEXT": pa.string(),
    "STATE": pa.string(),
    "ERROR_CODE": pa.string(),
    "ERROR_MESSAGE": pa.string(),
    "SCHEDULED_TIME": _MOMENT,
    "QUERY_START_TIME": _MOMENT,
    "NEXT_SCHEDULED_TIME": _MOMENT,
    "COMPLETED_TIME": _MOMENT,
    "ROOT_TASK_ID": pa.string(),
    "GRAPH_VERSION": pa.int64(),
    "RUN_ID": pa.string(),
    "RETURN_VALUE": pa.string(),
    "SCHEDULED_FROM": pa.string(),
    "ATTEMPT_NUMBER": pa.int64(),
    "CONFIG": pa.string(),
    "QUERY_HASH": pa.string(),
    "QUERY_HASH_VERSION": pa.int64(),
    "QUERY_PARAMETERIZED_HASH": pa.string(),
    "QUERY_PARAMETERIZED_HASH_VERSION": pa.int64(),
    "GRAPH_RUN_GROUP_ID": pa.string(),
    "BACKFILL_INFO": pa.string(),
    "SPCS_JOB_ID": pa.string(),
}
_ALERT_COLUMNS = {
    "NAME": pa.string(),
    "DATABASE_NAME": pa.string(),
    "SCHEMA_NAME": pa.string(),
    "CONDITION": pa.string(),
    "CONDITION_QUERY_ID": pa.string(),
    "ACTION": pa.string(),
    "ACTION_QUERY_ID": pa.string(),
    "ERROR_CODE": pa.string(),
    "ERROR_MESSAGE": pa.string(),
    "STATE": pa.string(),
    "SCHEDULED_TIME": _MOMENT,
    "COMPLETED_TIME": _MOMENT,
}

Row = dict[str, Any]


@table_function("TASK_HISTORY")
def task_history(session: Session, positional: Sequence[Any], named: Mapping[str, Any]) -> pa.Table:
    """The latest first; only tasks that the role owns, may monitor or operate.

    Raises:
        SnowflakeError: 001008 a time range outside of the last seven days, or a RESULT_LIMIT outside of 1 to 10000.
    """
    order = ("SCHEDULED_TIME_RANGE_START", "SCHEDULED_TIME_RANGE_END", "RESULT_LIMIT", "TASK_NAME", "ERROR_ONLY")
    asked = dict(zip(order, positional, strict=False)) | dict(named)
    rows = [*_scheduled(session.account, "task"), *_past(session.account, "task_runs", asked)]
    next_runs = {row["name"]: row["scheduled_time"] for row in rows if row["state"] == "SCHEDULED"}
    rows = _chosen(session, "TASK", asked.get("TASK_NAME"), asked, rows)
    if _true(asked.get("ERROR_ONLY")):
        rows = [row for row in rows if row["state"] in {"FAILED", "CANCELLED", "FAILED_AND_AUTO_SUSPENDED"}]
    if root := asked.get("ROOT_TASK_ID"):
        rows = [row for row in rows if row.get("root_task_id") == root]
    for row in rows:
        row["next_scheduled_time"] = next_runs.get(row["name"])
    return _table(_TASK_COLUMNS, rows[: _limit(asked)])


@table_function("ALERT_HISTORY")
def alert_history(session: Session, positional: Sequence[Any], named: Mapping[str, Any]) -> pa.Table:
    order = ("SCHEDULED_TIME_RANGE_START", "SCHEDULED_TIME_RANGE_END", "RESULT_LIMIT", "ALERT_NAME")
    asked = dict(zip(order, positional, strict=False)) | dict(named)
    rows = [*_scheduled(session.account, "alert"), *_past(session.account, "alert_runs", asked)]
    return _table(_ALERT_COLUMNS, _chosen(session, "ALERT", asked.get("ALERT_NAME"), asked, rows)[: _limit(asked)])


def _past(account: Account, table: str, asked: Mapping[str, Any]) -> list[Row]:
    now = clock.of(account).now()
    earliest = now - timedelta(days=_DAYS_BACK)
    start = _moment(asked.get("SCHEDULED_TIME_RANGE_START")) or earliest
    end = _moment(asked.get("SCHEDULED_TIME_RANGE_END")) or now + timedelta(days=_DAYS_AHEAD)
    # A minute of grace: a range that the client worked out as seven days ago is a little older when it arrives.
    if start < earliest - timedelta(minutes=1) or end < start:
        raise errors.invalid_value(
            str(start), "SCHEDULED_TIME_RANGE_START", f"the last {_DAYS_BACK} days, before the end"
        )
    return runs.of(account).between(table, start, end)


def _scheduled(account: Account, kind: str) -> list[Row]:
    """The next run of each started task or alert, the latest first."""
    limit = clock.of(account).now() + timedelta(days=_DAYS_AHEAD)
    found = []
    for (planned, name), due in scheduler.of(account).next_runs().items():
        entry = account.catalog.get(kind, name) if planned == kind else None
        if entry is None or due > limit:
            continue
        document = entry.document
        found.append(
            {
                "name": name,
                "query_text": document.get("DEFINITION"),
                "condition_text": document.get("WHEN"),
                "condition": document.get("CONDITION"),
                "action": document.get("ACTION"),
                "state": "SCHEDULED",
                "scheduled_time": runs.moment(due),
                "root_task_id": document.get("ID"),
                "graph_version": document.get("VERSION"),
                "scheduled_from": "SCHEDULE",
                "attempt_number": 1,
                "config": document.get("CONFIG"),
            }
        )
    return sorted(found, key=lambda row: str(row["scheduled_time"]), reverse=True)


def _chosen(session: Session, kind: str, name: str | None, asked: Mapping[str, Any], rows: Iterable[Row]) -> list[Row]:
    """Rows of the named task or alert, inside the time range, that the role may see."""
    end = _moment(asked.get("SCHEDULED_TIME_RANGE_END"))
    wanted = name.upper().rpartition(".")[2] if name else None
    rows = [
        row
        for row in rows
        if (wanted is None or row["name"].rpartition(".")[2].upper() == wanted)
        and (end is None or row["scheduled_time"] <= runs.moment(end))
    ]
    visible = {full for full in {row["name"] for row in rows} if _may_see(session, kind, full)}
    return [row for row in rows if row["name"] in visible]


def _may_see(session: Session, kind: str, name: str) -> bool:
    on_account = privileges.on_account(session.account, roles.active(session))
    return "MONITOR EXECUTION" in on_account or privileges.may(session, kind, name, "MONITOR", "OPERATE")


def _limit(asked: Mapping[str, Any]) -> int:
    limit = int(asked.get("RESULT_LIMIT") or _DEFAULT_LIMIT)
    if not 1 <= limit <= _HIGHEST_LIMIT:
        raise errors.invalid_value(str(limit), "RESULT_LIMIT", f"1 to {_HIGHEST_LIMIT}")
    return limit


def _table(columns: Mapping[str, pa.DataType], rows: Sequence[Row]) -> pa.Table:
    arrays = [pa.array([_value(row, name, kind) for row in rows], type=kind) for name, kind in columns.items()]
    return pa.Table.from_arrays(arrays, names=list(columns))


def _value(row: Row, column: str, kind: pa.DataType) -> Any:
    database, schema, name = row["name"].split(".")
    named = {"NAME": name, "DATABASE_NAME": database, "SCHEMA_NAME": schema}
    value = named[column] if column in named else row.get(column.lower())
    return datetime.fromisoformat(value) if kind == _MOMENT and value else value


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _true(value: Any) -> bool:
    return value is True or str(value).upper() == "TRUE"
