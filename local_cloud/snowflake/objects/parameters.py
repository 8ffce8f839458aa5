"""SHOW PARAMETERS and ALTER ACCOUNT: which parameters there are, and on which level each one's value was set.

https://docs.snowflake.com/en/sql-reference/parameters

Only parameters that clients, dbt and the provider look at are listed; others that a session has set are shown too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.objects import show
from local_cloud.snowflake.objects.ddl import Option, Reader
from local_cloud.snowflake.objects.securables import BY_NAME, full_name, require
from local_cloud.snowflake.objects.store import EXECUTED
from local_cloud.snowflake.results import Result, rows, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement


@dataclass(frozen=True)
class Parameter:
    """`scopes` names where it can be set besides account and session: D(atabase), S(chema), W(arehouse)."""

    default: str
    type: str
    description: str
    scopes: str = ""


PARAMETERS: Mapping[str, Parameter] = {
    "ABORT_DETACHED_QUERY": Parameter("false", "BOOLEAN", "Abort queries of sessions whose client has gone."),
    "AUTOCOMMIT": Parameter("true", "BOOLEAN", "Each statement is its own transaction."),
    "BINARY_INPUT_FORMAT": Parameter("HEX", "STRING", "Format of VARCHAR to BINARY conversions."),
    "BINARY_OUTPUT_FORMAT": Parameter("HEX", "STRING", "Format of BINARY to VARCHAR conversions."),
    "CLIENT_SESSION_KEEP_ALIVE": Parameter("false", "BOOLEAN", "Keep idle sessions logged in."),
    "DATA_RETENTION_TIME_IN_DAYS": Parameter("1", "NUMBER", "Days of Time Travel.", "DS"),
    "DATE_INPUT_FORMAT": Parameter("AUTO", "STRING", "Format of dates in text."),
    "DATE_OUTPUT_FORMAT": Parameter("YYYY-MM-DD", "STRING", "Format of dates shown."),
    "DEFAULT_DDL_COLLATION": Parameter("", "STRING", "Collation of new columns.", "DS"),
    "LOCK_TIMEOUT": Parameter("43200", "NUMBER", "Seconds that a statement waits for a lock."),
    "LOG_LEVEL": Parameter("OFF", "STRING", "Severity of messages kept in the event table.", "DS"),
    "MAX_CONCURRENCY_LEVEL": Parameter("8", "NUMBER", "Statements that a warehouse runs at once.", "W"),
    "MAX_DATA_EXTENSION_TIME_IN_DAYS": Parameter("14", "NUMBER", "Days that retention is extended for streams.", "DS"),
    "PIPE_EXECUTION_PAUSED": Parameter("false", "BOOLEAN", "Pipes do not load.", "S"),
    "QUERY_TAG": Parameter("", "STRING", "Text that marks the session's statements."),
    "QUOTED_IDENTIFIERS_IGNORE_CASE": Parameter("false", "BOOLEAN", "Quoted identifiers become upper case.", "DS"),
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": Parameter("0", "NUMBER", "Seconds that a statement may queue.", "W"),
    "STATEMENT_TIMEOUT_IN_SECONDS": Parameter("172800", "NUMBER", "Seconds that a statement may run.", "W"),
    "SUSPEND_TASK_AFTER_NUM_FAILURES": Parameter("10", "NUMBER", "Failures that suspend a task.", "DS"),
    "TIMESTAMP_INPUT_FORMAT": Parameter("AUTO", "STRING", "Format of timestamps in text."),
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": Parameter("YYYY-MM-DD HH24:MI:SS.FF3", "STRING", "Format of TIMESTAMP_NTZ shown."),
    "TIMESTAMP_OUTPUT_FORMAT": Parameter("YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM", "STRING", "Format of timestamps shown."),
    "TIMESTAMP_TYPE_MAPPING": Parameter("TIMESTAMP_NTZ", "STRING", "What TIMESTAMP stands for."),
    "TIMEZONE": Parameter("UTC", "STRING", "Time zone of the session."),
    "TRACE_LEVEL": Parameter("OFF", "STRING", "Which trace events are kept.", "DS"),
    "USE_CACHED_RESULT": Parameter("true", "BOOLEAN", "Answer a repeated query from its last result."),
    "WEEK_OF_YEAR_POLICY": Parameter("0", "NUMBER", "How weeks of a year are counted."),
    "WEEK_START": Parameter("0", "NUMBER", "First day of the week."),
}
_LETTERS = {"DATABASE": "D", "SCHEMA": "S", "WAREHOUSE": "W"}


@registry.statement("SHOW PARAMETERS")
def show_parameters(session: Session, statement: Statement) -> Result:
    """Without IN those of the session. `level` is where the value was set, empty for the default."""
    request = show.read(Reader(statement), "PARAMETERS")
    scope = request.scope or "SESSION"
    values = _levels(session, scope, request.scope_name)
    letter = _LETTERS.get(scope)
    known = {name: item for name, item in PARAMETERS.items() if letter is None or letter in item.scopes}
    if scope == "SESSION":
        known |= {name: Parameter("", "STRING", "") for name in session.parameters if name not in known}
    found = show.chosen(request, ((name, name) for name in sorted(known)))
    shown = []
    for name in found:
        value, level = _value(name, values, known[name].default)
        shown.append([name, value, known[name].default, level, known[name].description, known[name].type])
    return rows(["key", "value", "default", "level", "description", "type"], shown)


def _levels(session: Session, scope: str, name: tuple[str, ...]) -> list[tuple[str, Mapping[str, Any]]]:
    """(level, what is set there), the closest first."""
    account = session.account
    entry = account.catalog.get("account", account.name)
    base: list[tuple[str, Mapping[str, Any]]] = [("ACCOUNT", entry.document if entry else {})]
    if scope == "SESSION":
        return [("SESSION", session.parameters), *base]
    if scope == "ACCOUNT":
        return base
    if scope not in {"DATABASE", "SCHEMA", "WAREHOUSE", "USER"}:
        raise errors.not_supported(f"SHOW PARAMETERS IN {scope}")
    securable = BY_NAME[scope]
    context = {"DATABASE": session.database, "SCHEMA": session.schema, "WAREHOUSE": session.warehouse}
    default = context.get(scope, session.user)
    if not name and default is None:
        raise errors.compilation_error(2043, "02000", "Object does not exist, or operation cannot be performed.")
    full = full_name(session, securable, name or (str(default),))
    require(session, securable, full)
    found: list[tuple[str, Mapping[str, Any]]] = []
    for kind, at in ((scope, full), *((("DATABASE", full.split(".")[0]),) if scope == "SCHEMA" else ())):
        held = account.catalog.get(kind.lower(), at)
        found.append((kind, held.document if held else {}))
    return [*found, *base]


def _value(name: str, levels: list[tuple[str, Mapping[str, Any]]], default: str) -> tuple[str, str]:
    for level, values in levels:
        value = values.get(name)
        # A warehouse always has its own timeouts; one that equals the default was not set.
        if value is not None and not (level == "WAREHOUSE" and str(value) == default):
            return (str(value).lower() if isinstance(value, bool) else str(value)), level
    return default, ""


@registry.statement("ALTER ACCOUNT")
def alter_account(session: Session, statement: Statement) -> Result:
    """SET and UNSET of parameters, kept for SHOW PARAMETERS."""
    reader = Reader(statement)
    reader.expect("ALTER", "ACCOUNT")
    options = {name: Option(lambda value, _: value.scalar()) for name in PARAMETERS}
    catalog, name = session.account.catalog, session.account.name
    entry = catalog.get("account", name)
    document = dict(entry.document) if entry else {}
    if reader.accept("SET"):
        document |= reader.properties(options, "ACCOUNT")
    else:
        reader.expect("UNSET")
        for key in reader.keys(options, "ACCOUNT"):
            document.pop(key, None)
    reader.end()
    catalog.put("account", name, document)
    return status(EXECUTED)
