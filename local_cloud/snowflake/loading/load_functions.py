"""SYSTEM$PIPE_STATUS, COPY_HISTORY and their like.

https://docs.snowflake.com/en/sql-reference/functions/copy_history,
https://docs.snowflake.com/en/sql-reference/functions/system_pipe_status
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from botocore.exceptions import BotoCoreError, ClientError

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.enforcement import privileges, relations
from local_cloud.snowflake.loading import history, notifications, snowpipe
from local_cloud.snowflake.loading.history import FileLoad, Target
from local_cloud.snowflake.objects.ddl import Reader
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

_MOMENT = pa.timestamp("us", tz="UTC")
_COPY_HISTORY = pa.schema(
    [
        ("FILE_NAME", pa.string()),
        ("STAGE_LOCATION", pa.string()),
        ("LAST_LOAD_TIME", _MOMENT),
        ("ROW_COUNT", pa.int64()),
        ("ROW_PARSED", pa.int64()),
        ("FILE_SIZE", pa.int64()),
        ("FIRST_ERROR_MESSAGE", pa.string()),
        ("FIRST_ERROR_LINE_NUMBER", pa.int64()),
        ("FIRST_ERROR_CHARACTER_POS", pa.int64()),
        ("FIRST_ERROR_COLUMN_NAME", pa.string()),
        ("ERROR_COUNT", pa.int64()),
        ("ERROR_LIMIT", pa.int64()),
        ("STATUS", pa.string()),
        ("TABLE_CATALOG_NAME", pa.string()),
        ("TABLE_SCHEMA_NAME", pa.string()),
        ("TABLE_NAME", pa.string()),
        ("PIPE_CATALOG_NAME", pa.string()),
        ("PIPE_SCHEMA_NAME", pa.string()),
        ("PIPE_NAME", pa.string()),
        ("PIPE_RECEIVED_TIME", _MOMENT),
        ("BYTES_BILLED", pa.int64()),
    ]
)
_VALIDATE = pa.schema(
    [(name, pa.string()) for name in ("ERROR", "FILE")]
    + [(name, pa.int64()) for name in ("LINE", "CHARACTER", "BYTE_OFFSET")]
    + [("CATEGORY", pa.string()), ("CODE", pa.int64()), ("SQL_STATE", pa.string()), ("COLUMN_NAME", pa.string())]
    + [("ROW_NUMBER", pa.int64()), ("ROW_START_LINE", pa.int64()), ("REJECTED_RECORD", pa.string())]
)


@registry.table_function("COPY_HISTORY")
def copy_history(session: Session, positional: Sequence[Any], named: Mapping[str, Any]) -> pa.Table:
    """Loads of a table by COPY and pipes. Arguments: TABLE_NAME, START_TIME, [END_TIME], [PIPE_NAME]."""
    given = dict(zip(("TABLE_NAME", "START_TIME", "END_TIME", "PIPE_NAME"), positional, strict=False)) | dict(named)
    if given.get("TABLE_NAME") is None or given.get("START_TIME") is None:
        raise errors.compilation_error(
            938, "22023", "not enough arguments for function [COPY_HISTORY], expected 2, got 1"
        )
    target = Target(*session.qualified(*_parts(given["TABLE_NAME"])))
    relations.require_visible(session, target.name)
    found = _loads(
        session.account,
        target.database,
        "schema_name = ? and table_name = ? and loaded_at >= ? and loaded_at <= ?",
        [target.schema, target.table, _moment(given["START_TIME"]), _moment(given.get("END_TIME"))],
    )
    if pipe := given.get("PIPE_NAME"):
        wanted = session.qualify(*_parts(pipe))
        found = [load for load in found if load.pipe == wanted]
    return pa.Table.from_pylist([_history_row(target, load) for load in found], schema=_COPY_HISTORY)


def _history_row(target: Target, load: FileLoad) -> dict[str, Any]:
    pipe: list[str | None] = [*load.pipe.split(".")] if load.pipe else [None, None, None]
    values = [
        load.path,
        load.stage_location,
        load.loaded_at,
        load.rows_loaded,
        load.rows_parsed,
        load.size,
        load.first_error,
        load.line,
        load.character,
        load.column_name,
        load.errors_seen,
        load.error_limit,
        load.status,
        target.database,
        load.schema_name,
        load.table_name,
        *pipe,
        load.received_at,
        load.size,
    ]
    return dict(zip(_COPY_HISTORY.names, values, strict=True))


@registry.table_function("VALIDATE_PIPE_LOAD")
def validate_pipe_load(session: Session, positional: Sequence[Any], named: Mapping[str, Any]) -> pa.Table:
    """The first error of each file that a pipe could not load wholly. Arguments: PIPE_NAME, START_TIME, [END_TIME]."""
    given = dict(zip(("PIPE_NAME", "START_TIME", "END_TIME"), positional, strict=False)) | dict(named)
    pipe = _pipe(session, given["PIPE_NAME"], "MONITOR")
    found = _loads(
        session.account,
        pipe.document["TARGET"].split(".")[0],
        "pipe = ? and errors_seen > 0 and loaded_at >= ? and loaded_at <= ?",
        [pipe.name, _moment(given["START_TIME"]), _moment(given.get("END_TIME"))],
    )
    rows = [
        {
            "ERROR": load.first_error,
            "FILE": load.path,
            "LINE": load.line,
            "CHARACTER": load.character,
            "CATEGORY": "conversion" if load.column_name else "parsing",
            "COLUMN_NAME": load.column_name,
        }
        for load in found
    ]
    return pa.Table.from_pylist(rows, schema=_VALIDATE)


@registry.scalar_function("SYSTEM$PIPE_STATUS")
def pipe_status(session: Session, arguments: Sequence[Any]) -> str:
    """A JSON text with the documented keys."""
    return status_text(session, _pipe(session, arguments[0], "MONITOR", "OPERATE"))


def status_text(session: Session, pipe: Entry) -> str:
    """What SYSTEM$PIPE_STATUS says of a pipe; keys that do not apply are left out."""
    account, state = session.account, snowpipe.state_of(session.account, pipe.name)
    with closing(account.databases.connect()) as connection:
        database = pipe.document["TARGET"].split(".")[0]
        known = account.databases.exists(database)
        if known:
            history.prepare(connection, database)
        waiting = history.pending(connection, database, pipe.name) if known else []
    loaded = _loads(account, database, "pipe = ? and status <> ?", [pipe.name, history.FAILED]) if known else []
    answer: dict[str, Any] = {
        "executionState": _execution_state(account, pipe, state),
        "pendingFileCount": len(waiting),
        "oldestPendingFilePath": waiting[0].path if waiting else None,
        "oldestFileTimestamp": _iso(waiting[0].received_at) if waiting else None,
        "lastIngestedTimestamp": _iso(loaded[-1].loaded_at) if loaded else None,
        "lastIngestedFilePath": loaded[-1].path if loaded else None,
        "notificationChannelName": pipe.document["CHANNEL"],
        "numOutstandingMessagesOnChannel": _outstanding(account) if pipe.document["AUTO_INGEST"] else None,
        "lastReceivedMessageTimestamp": _iso(state.last_received),
        "lastForwardedMessageTimestamp": _iso(state.last_forwarded),
        "lastPulledFromChannelTimestamp": _iso(state.last_pulled),
        "lastForwardedFilePath": state.last_forwarded_path,
        "lastPipeErrorTimestamp": _iso(state.error_at),
        "error": state.error.message if state.error else None,
    }
    return json.dumps({key: value for key, value in answer.items() if value is not None}, separators=(",", ":"))


@registry.scalar_function("SYSTEM$PIPE_FORCE_RESUME")
def pipe_force_resume(session: Session, arguments: Sequence[Any]) -> str:
    """Resume a pipe that was paused, however long ago."""
    pipe = _pipe(session, arguments[0], "OPERATE")
    resumed = session.account.catalog.put("pipe", pipe.name, pipe.document | {"PAUSED": False, "PAUSED_AT": None})
    snowpipe.wake(session.account)
    return status_text(session, resumed)


def _execution_state(account: Account, pipe: Entry, state: snowpipe.PipeState) -> str:
    if pipe.document["PAUSED"]:
        return "PAUSED"
    if account.catalog.get("stage", pipe.document["STAGE"]) is None:
        return "STOPPED_STAGE_DROPPED"
    if state.error is None:
        return "RUNNING"
    if state.error.errno == 2003 and state.error.message.find("Table '") >= 0:
        return "STOPPED_MISSING_TABLE"
    return "STALLED_STAGE_PERMISSION_ERROR" if state.error.errno == 3167 else "STALLED_EXECUTION_ERROR"


def _outstanding(account: Account) -> int:
    client = notifications.sqs(account)
    try:
        url = client.get_queue_url(QueueName=notifications.queue_name(account))["QueueUrl"]
        found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    except (ClientError, BotoCoreError):
        return 0
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def _loads(account: Account, database: str, where: str, values: Sequence[object]) -> list[FileLoad]:
    if not account.databases.exists(database):
        return []
    with closing(account.databases.connect()) as connection:
        return history.loads(connection, database, where, values)


def _pipe(session: Session, name: Any, *any_of: str) -> Entry:
    full = session.qualify(*_parts(name))
    entry = session.account.catalog.get("pipe", full)
    if entry is None:
        raise errors.does_not_exist("Pipe", full)
    privileges.require(session, "PIPE", full, *any_of)
    return entry


def _parts(name: Any) -> tuple[str, ...]:
    return Reader(Statement(str(name))).name()


def _moment(value: Any) -> datetime:
    """A time argument, which may be a timestamp, a date or text; now when it was not given."""
    if value is None:
        return datetime.now(UTC)
    if not isinstance(value, datetime):
        value = datetime.fromisoformat(str(value))
    moment: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
    return moment


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None
