"""SHOW PARAMETERS and ALTER ACCOUNT: which parameters there are, and on which level each one's value was set.

https://docs.snowflake.com/en/sql-reference/parameters

Only parameters that clients, dbt and the provider look at are listed; others that a session has set are shown too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.objects import show
from local_cloud.snowflake.objects.ddl import Option, Reader
from local_cloud.snowflake.objects.securables import BY_NAME, full_name, require
from local_cloud.snowflake.objects.store import EXECUTED
from local_cloud.snowflake.results import Result, rows, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

Levels = Sequence[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Parameter:
    """`scopes` names where it can be set besides the account: D(atabase), S(chema), W(arehouse), P(rocedure), T(ask),
    U(ser), and X for sessions, which tasks and users set too."""

    default: str
    type: str
    description: str
    scopes: str = "X"


PARAMETERS: Mapping[str, Parameter] = {
    "ABORT_DETACHED_QUERY": Parameter("false", "BOOLEAN", "Abort queries of sessions whose client has gone."),
    "AUTOCOMMIT": Parameter("true", "BOOLEAN", "Each statement is its own transaction."),
    "BINARY_INPUT_FORMAT": Parameter("HEX", "STRING", "Format of VARCHAR to BINARY conversions."),
    "BINARY_OUTPUT_FORMAT": Parameter("HEX", "STRING", "Format of BINARY to VARCHAR conversions."),
    "CLIENT_SESSION_KEEP_ALIVE": Parameter("false", "BOOLEAN", "Keep idle sessions logged in."),
    "DATA_RETENTION_TIME_IN_DAYS": Parameter("1", "NUMBER", "Days of Time Travel.", "DS"),
    "DATE_INPUT_FORMAT": Parameter("AUTO", "STRING", "Format of dates in text."),
    "DATE_OUTPUT_FORMAT": Parameter("YYYY-MM-DD", "STRING", "Format of dates shown."),
    "CATALOG": Parameter("", "STRING", "Catalog integration of new Iceberg tables.", "DS"),
    "DEFAULT_DDL_COLLATION": Parameter("", "STRING", "Collation of new columns.", "DS"),
    "ENABLE_CONSOLE_OUTPUT": Parameter("false", "BOOLEAN", "Standard output of handlers is kept.", "DSP"),
    "ENABLE_UNREDACTED_QUERY_SYNTAX_ERROR": Parameter("false", "BOOLEAN", "Failed statements stay readable.", "U"),
    "EXTERNAL_VOLUME": Parameter("", "STRING", "Volume of new Iceberg tables.", "DS"),
    "LOCK_TIMEOUT": Parameter("43200", "NUMBER", "Seconds that a statement waits for a lock."),
    "LOG_LEVEL": Parameter("OFF", "STRING", "Severity of messages kept in the event table.", "XDSP"),
    "MAX_CONCURRENCY_LEVEL": Parameter("8", "NUMBER", "Statements that a warehouse runs at once.", "W"),
    "MAX_DATA_EXTENSION_TIME_IN_DAYS": Parameter("14", "NUMBER", "Days that retention is extended for streams.", "DS"),
    "METRIC_LEVEL": Parameter("NONE", "STRING", "Which metrics are kept.", "XDSP"),
    "NETWORK_POLICY": Parameter("", "STRING", "From which addresses users log in.", "U"),
    "PIPE_EXECUTION_PAUSED": Parameter("false", "BOOLEAN", "Pipes do not load.", "S"),
    "PREVENT_UNLOAD_TO_INTERNAL_STAGES": Parameter("false", "BOOLEAN", "COPY INTO internal stages is refused.", "U"),
    "QUERY_TAG": Parameter("", "STRING", "Text that marks the session's statements."),
    "QUOTED_IDENTIFIERS_IGNORE_CASE": Parameter("false", "BOOLEAN", "Quoted identifiers become upper case.", "XDS"),
    "REPLACE_INVALID_CHARACTERS": Parameter("false", "BOOLEAN", "Invalid UTF-8 is replaced.", "DS"),
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": Parameter("0", "NUMBER", "Seconds that a statement may queue.", "XW"),
    "STATEMENT_TIMEOUT_IN_SECONDS": Parameter("172800", "NUMBER", "Seconds that a statement may run.", "XW"),
    "STORAGE_SERIALIZATION_POLICY": Parameter("OPTIMIZED", "STRING", "Encoding of Iceberg tables.", "DS"),
    "SUSPEND_TASK_AFTER_NUM_FAILURES": Parameter("10", "NUMBER", "Failures that suspend a task.", "DST"),
    "TASK_AUTO_RETRY_ATTEMPTS": Parameter("0", "NUMBER", "Retries of a graph that failed.", "DST"),
    "TIMESTAMP_INPUT_FORMAT": Parameter("AUTO", "STRING", "Format of timestamps in text."),
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": Parameter("YYYY-MM-DD HH24:MI:SS.FF3", "STRING", "Format of TIMESTAMP_NTZ shown."),
    "TIMESTAMP_OUTPUT_FORMAT": Parameter("YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM", "STRING", "Format of timestamps shown."),
    "TIMESTAMP_TYPE_MAPPING": Parameter("TIMESTAMP_NTZ", "STRING", "What TIMESTAMP stands for."),
    "TIMEZONE": Parameter("UTC", "STRING", "Time zone of the session."),
    "TRACE_LEVEL": Parameter("OFF", "STRING", "Which trace events are kept.", "XDSP"),
    "USE_CACHED_RESULT": Parameter("true", "BOOLEAN", "Answer a repeated query from its last result."),
    "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE": Parameter(
        "Medium", "STRING", "First size of serverless compute.", "DST"
    ),
    "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS": Parameter("30", "NUMBER", "Least time between runs.", "DST"),
    "USER_TASK_TIMEOUT_MS": Parameter("3600000", "NUMBER", "Milliseconds that a task may run.", "DST"),
    "WEEK_OF_YEAR_POLICY": Parameter("0", "NUMBER", "How weeks of a year are counted."),
    "WEEK_START": Parameter("0", "NUMBER", "First day of the week."),
}
_LETTERS = {
    "SESSION": "X",
    "DATABASE": "D",
    "SCHEMA": "S",
    "WAREHOUSE": "W",
    "PROCEDURE": "P",
    "TASK": "XT",
    "USER": "XU",
}
# Scopes that other modules add: what is set there and above, given the object's name as it was written.
levels_of: dict[str, Callable[[Session, tuple[str, ...]], Levels]] = {}
_COLUMNS = ["key", "value", "default", "level", "description", "type"]


def of_scope(scope: str) -> dict[str, Parameter]:
    """The parameters that can be set in a scope; all in ACCOUNT."""
    letters = _LETTERS.get(scope)
    return {name: item for name, item in PARAMETERS.items() if letters is None or set(letters) & set(item.scopes)}


@registry.statement("SHOW PARAMETERS")
def show_parameters(session: Session, statement: Statement) -> Result:
    """Without IN those of the session. `level` is where the value was set, empty for the default."""
    request = show.read(Reader(statement), "PARAMETERS")
    scope = request.scope or "SESSION"
    values = _levels(session, scope, request.scope_name)
    known = of_scope(scope)
    if scope == "SESSION":
        known |= {name: Parameter("", "STRING", "") for name in session.parameters if name not in known}
    return table(request, known, values)


def table(request: show.Request, known: Mapping[str, Parameter], values: Levels) -> Result:
    """A row of SHOW PARAMETERS for each known parameter that the request asks for."""
    shown = []
    for name in show.chosen(request, ((name, name) for name in sorted(known))):
        value, level = _value(name, values, known[name].default)
        shown.append([name, value, known[name].default, level, known[name].description, known[name].type])
    return rows(_COLUMNS, shown)


def above(account: Account, full: str) -> Levels:
    """What the containers of a `DB.SCHEMA...` or `DB` have set, and the account."""
    parts = full.split(".")[:2] if full else []
    levels = []
    for kind, at in (("SCHEMA", ".".join(parts)), ("DATABASE", parts[0]))[2 - len(parts) :] if parts else ():
        held = account.catalog.get(kind.lower(), at)
        levels.append((kind, held.document if held else {}))
    entry = account.catalog.get("account", account.name)
    return [*levels, ("ACCOUNT", entry.document if entry else {})]


def _levels(session: Session, scope: str, name: tuple[str, ...]) -> Levels:
    """(level, what is set there), the closest first."""
    account = session.account
    if scope == "SESSION":
        return [("SESSION", session.parameters), *above(account, "")]
    if scope == "ACCOUNT":
        return above(account, "")
    if scope in levels_of:
        return levels_of[scope](session, name)
    if scope not in {"DATABASE", "SCHEMA", "WAREHOUSE", "USER"}:
        raise errors.not_supported(f"SHOW PARAMETERS IN {scope}")
    securable = BY_NAME[scope]
    context = {"DATABASE": session.database, "SCHEMA": session.schema, "WAREHOUSE": session.warehouse}
    default = context.get(scope, session.user)
    if not name and default is None:
        raise errors.compilation_error(2043, "02000", "Object does not exist, or operation cannot be performed.")
    full = full_name(session, securable, name or (str(default),))
    require(session, securable, full)
    if scope in {"DATABASE", "SCHEMA"}:
        return above(account, full)
    held = account.catalog.get(scope.lower(), full)
    return [(scope, held.document if held else {}), *above(account, "")]


def _value(name: str, levels: Levels, default: str) -> tuple[str, str]:
    """A value that equals the default is set nevertheless: clients that manage the object look at the level."""
    for level, values in levels:
        value = values.get(name)
        if value is not None:
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
