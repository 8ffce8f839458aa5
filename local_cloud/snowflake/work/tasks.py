"""Tasks: CREATE, ALTER, DROP, SHOW, DESCRIBE and EXECUTE.

https://docs.snowflake.com/en/sql-reference/sql/create-task, https://docs.snowflake.com/en/sql-reference/sql/alter-task

In the catalog a `task` has the options below, AFTER and FINALIZE (full names), WHEN, DEFINITION (its SQL), PARAMETERS
(of its session), STATE, ID, VERSION, FAILURES (consecutive failed runs of the graph by task; at the root) and when it
was resumed, committed and suspended.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

from local_cloud.snowflake import clock, errors, registry
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.enforcement import privileges, roles
from local_cloud.snowflake.objects import ddl, show, store
from local_cloud.snowflake.objects.ddl import Option, Reader
from local_cloud.snowflake.objects.parameters import PARAMETERS
from local_cloud.snowflake.objects.store import EXECUTED, Kind
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement
from local_cloud.snowflake.work import schedule, scheduler, script, task_graph
from local_cloud.snowflake.work.runs import moment

TASK = Kind("task", "Task", ("TASK",))
_OWN: dict[str, Option] = {
    "WAREHOUSE": ddl.identifier(),
    "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE": Option(lambda reader, _: reader.scalar().upper()),
    "SCHEDULE": ddl.text(None),
    "CONFIG": ddl.text(None),
    "ALLOW_OVERLAPPING_EXECUTION": ddl.boolean(False),
    # Parameters: those of the schema, database or account unless they are set (work/task_settings.py).
    "USER_TASK_TIMEOUT_MS": ddl.integer(None, 0, 604_800_000),
    "SUSPEND_TASK_AFTER_NUM_FAILURES": ddl.integer(None),
    "TASK_AUTO_RETRY_ATTEMPTS": ddl.integer(None, 0, 30),
    "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS": ddl.integer(None, 10, 604_800),
    "ERROR_INTEGRATION": ddl.identifier(),
    "SUCCESS_INTEGRATION": ddl.identifier(),
    "FINALIZE": ddl.identifier(3),
    "COMMENT": ddl.text(""),
}
_SESSION = {name: Option(lambda reader, _: reader.scalar()) for name in PARAMETERS if name not in _OWN}
OPTIONS = {**_OWN, **_SESSION}
# What a running task keeps when CREATE OR ALTER changes its definition.
_KEPT = ("ID", "FAILURES", "RESUMED_ON", "LAST_SUSPENDED_ON", "LAST_SUSPENDED_REASON", "STATE")
_COLUMNS = (
    "created_on name id database_name schema_name owner comment warehouse schedule predecessors state definition "
    "condition allow_overlapping_execution error_integration last_committed_on last_suspended_on owner_role_type "
    "config budget task_relations last_suspended_reason target_completion_interval"
)


@registry.statement("CREATE TASK")
def create_task(session: Session, statement: Statement) -> Result:
    """A new task is suspended.

    Raises:
        SnowflakeError: 091421 the graph's root is started; 001008 a schedule or size that is none; 002003 a warehouse,
            integration or predecessor that is missing.
    """
    reader = Reader(statement)
    head = ddl.read_create(reader, "TASK")
    given = reader.properties(OPTIONS, "TASK", stop=("AFTER", "WHEN", "AS"))
    after = _after(session, reader) if reader.accept("AFTER") else []
    given |= reader.properties(OPTIONS, "TASK", stop=("WHEN", "AS"))
    when, definition = script.split_at(reader.rest(), "AS")
    document = _document(session, given, after, when[len("WHEN") :].strip() or None, definition)
    full, catalog = store.full_name(session, TASK, head.name), session.account.catalog
    with catalog.transaction():
        old = catalog.get(TASK.key, full)
        if old and head.if_not_exists:
            return store.create(session, TASK, head, document)
        _check(session, full, document)
        if old and head.or_alter:
            task_graph.require_suspended(session.account, old)
            document |= {key: old.document[key] for key in _KEPT} | {"VERSION": old.document["VERSION"] + 1}
        for parent in after:
            task_graph.require_suspended(session.account, catalog.get(TASK.key, parent) or _none(parent))
        result = store.create(session, TASK, head, document)
    scheduler.wake(session.account)
    return result


def _none(name: str) -> Entry:
    raise errors.does_not_exist("Task", name)


def _after(session: Session, reader: Reader) -> list[str]:
    found = [store.full_name(session, TASK, _one_name(reader))]
    while reader.accept(","):
        found.append(store.full_name(session, TASK, _one_name(reader)))
    return list(dict.fromkeys(found))


def _one_name(reader: Reader) -> tuple[str, ...]:
    return tuple(reader.string().upper().split(".")) if reader.is_string() else reader.name()


def _document(
    session: Session, given: dict[str, Any], after: list[str], when: str | None, definition: str
) -> dict[str, Any]:
    own = {key: value for key, value in given.items() if key in _OWN}
    document = ddl.defaults(_OWN) | own
    if document["FINALIZE"]:
        document["FINALIZE"] = store.full_name(session, TASK, tuple(document["FINALIZE"].split(".")))
    return document | {
        "AFTER": after,
        "WHEN": when,
        "DEFINITION": definition,
        "PARAMETERS": {key: value for key, value in given.items() if key in _SESSION},
        "STATE": "suspended",
        "ID": str(uuid.uuid4()),
        "VERSION": 1,
        "FAILURES": {},
        "RESUMED_ON": None,
        "LAST_COMMITTED_ON": None,
        "LAST_SUSPENDED_ON": None,
        "LAST_SUSPENDED_REASON": None,
    }


def _check(session: Session, full: str, document: dict[str, Any]) -> None:
    if document["SCHEDULE"]:
        schedule.parse(document["SCHEDULE"])
    if not document["DEFINITION"]:
        raise errors.syntax_error(1, 0, "<EOF>")
    script.check(document["DEFINITION"])
    if document["CONFIG"]:
        _require_json(document["CONFIG"])
    for option, kind in (("WAREHOUSE", "warehouse"), ("ERROR_INTEGRATION", "integration")):
        name = document[option]
        if name and session.account.catalog.get(kind, name) is None:
            raise errors.does_not_exist(kind.capitalize(), name)
        if name:
            privileges.require(session, kind.upper(), name, "USAGE")
    task_graph.check_links(session.account, full, document)


def _require_json(text: str) -> None:
    try:
        json.loads(text)
    except ValueError as error:
        raise errors.invalid_value(text, "CONFIG", "a JSON document") from error


@registry.statement("ALTER TASK")
def alter_task(session: Session, statement: Statement) -> Result:
    """RESUME, SUSPEND, SET, UNSET, ADD AFTER, REMOVE AFTER, MODIFY AS, MODIFY WHEN, REMOVE WHEN."""
    reader, account = Reader(statement), session.account
    entry = store.alter_target(session, TASK, reader)
    if entry is None:
        return status(EXECUTED)
    with account.catalog.transaction():
        if reader.accept("RESUME"):
            reader.end()
            document = _resumed(account, entry)
        elif reader.accept("SUSPEND"):
            reader.end()
            document = _suspended(account, entry)
        else:
            task_graph.require_suspended(account, entry)
            document = _changed(session, reader, entry)
            _check(session, entry.name, document)
            document["VERSION"] = entry.document["VERSION"] + 1
        account.catalog.put(TASK.key, entry.name, document)
    scheduler.wake(account)
    return status(EXECUTED)


def _resumed(account: Account, entry: Entry) -> dict[str, Any]:
    """Failures are counted from here. Resuming what is started changes nothing."""
    if entry.document["STATE"] == "started":
        return entry.document
    if not task_graph.is_root(entry):
        task_graph.require_suspended(account, entry)
    elif not entry.document["SCHEDULE"] and not entry.document["WHEN"]:
        raise errors.SnowflakeError(
            91426, "22000", f"Task {entry.name} has no schedule and no condition on a stream; it cannot be resumed."
        )
    require_execute(account, entry, "TASK", managed=not entry.document["WAREHOUSE"])
    now = moment(clock.of(account).now())
    return entry.document | {"STATE": "started", "RESUMED_ON": now, "LAST_COMMITTED_ON": now, "FAILURES": {}}


def require_execute(account: Account, entry: Entry, kind: str, *, managed: bool) -> None:
    """Raise 091089 unless the owner may run tasks (or alerts) at all: EXECUTE TASK on the account, MANAGED without
    a warehouse. https://docs.snowflake.com/en/user-guide/tasks-intro#access-control-requirements
    """
    held = privileges.on_account(account, roles.holders_of(account, entry.owner or "PUBLIC"))
    for privilege in [f"EXECUTE {kind}", *([f"EXECUTE MANAGED {kind}"] if managed else [])]:
        if privilege not in held:
            raise errors.SnowflakeError(
                91089,
                "23001",
                f"Cannot execute {kind.lower()} , {privilege} privilege must be granted to owner role",
            )


def _suspended(account: Account, entry: Entry) -> dict[str, Any]:
    if entry.document["STATE"] == "suspended":
        return entry.document
    if not task_graph.is_root(entry):
        task_graph.require_suspended(account, entry)
    return entry.document | suspension(account, "USER_SUSPENDED")


def suspension(account: Account, reason: str) -> dict[str, Any]:
    return {
        "STATE": "suspended",
        "LAST_SUSPENDED_ON": moment(clock.of(account).now()),
        "LAST_SUSPENDED_REASON": reason,
    }


def _changed(session: Session, reader: Reader, entry: Entry) -> dict[str, Any]:
    document = dict(entry.document)
    if reader.accept("ADD", "AFTER"):
        document["AFTER"] = list(dict.fromkeys([*document["AFTER"], *_after(session, reader)]))
    elif reader.accept("REMOVE", "AFTER"):
        removed = _after(session, reader)
        document["AFTER"] = [name for name in document["AFTER"] if name not in removed]
    elif reader.accept("REMOVE", "WHEN"):
        document["WHEN"] = None
    elif reader.accept("MODIFY", "AS"):
        return document | {"DEFINITION": reader.rest()}
    elif reader.accept("MODIFY", "WHEN"):
        return document | {"WHEN": reader.rest()}
    else:
        changed = ddl.altered(reader, OPTIONS, "TASK", document | document["PARAMETERS"])
        document = {key: value for key, value in changed.items() if key not in _SESSION}
        document["PARAMETERS"] = {k: v for k, v in changed.items() if k in _SESSION and v is not None}
        if document["FINALIZE"]:
            document["FINALIZE"] = store.full_name(session, TASK, tuple(document["FINALIZE"].split(".")))
    reader.end()
    return document


@registry.statement("DROP TASK")
def drop_task(session: Session, statement: Statement) -> Result:
    """Children of a dropped task become roots of their own, suspended; a root may be dropped while it is started."""
    account = session.account

    def release(entry: Entry) -> None:
        if not task_graph.is_root(entry):
            task_graph.require_suspended(account, entry)
        for task in account.catalog.list(TASK.key, f"{entry.name.rpartition('.')[0]}."):
            if entry.name not in [*task.document["AFTER"], task.document["FINALIZE"]]:
                continue
            left = [name for name in task.document["AFTER"] if name != entry.name]
            changed = task.document | {"AFTER": left, "FINALIZE": None}
            state = {} if left else suspension(account, "USER_SUSPENDED")
            account.catalog.put(TASK.key, task.name, changed | state)

    return store.drop(session, TASK, statement, before=release)


@registry.statement("SHOW TASKS")
def show_tasks(session: Session, statement: Statement) -> Result:
    words = statement.text.split()
    roots_only = [word.upper() for word in words][-2:] == ["ROOT", "ONLY"]
    reader = Reader(Statement(statement.text[: statement.text.upper().rindex("ROOT")]) if roots_only else statement)
    request = show.read(reader, "TASKS")
    found = show.entries(session, request, TASK.key, show.prefix(session, request))
    chosen = [entry for entry in found if not roots_only or task_graph.is_root(entry)]
    return show.table(_COLUMNS, [_row(session.account, entry) for entry in chosen])


@registry.statement("DESCRIBE TASK")
def describe_task(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    name, _ = ddl.read_target(reader, "DESCRIBE", "TASK")
    reader.end()
    return show.table(_COLUMNS, [_row(session.account, store.get(session, TASK, name))])


def _row(account: Account, entry: Entry) -> list[Any]:
    document = entry.document
    database, schema, name = entry.name.split(".")
    return [
        entry.created_on,
        name,
        document["ID"],
        database,
        schema,
        entry.owner,
        document["COMMENT"],
        document["WAREHOUSE"],
        document["SCHEDULE"],
        json.dumps(document["AFTER"]),
        document["STATE"],
        document["DEFINITION"],
        document["WHEN"],
        document["ALLOW_OVERLAPPING_EXECUTION"],
        document["ERROR_INTEGRATION"],
        document["LAST_COMMITTED_ON"],
        document["LAST_SUSPENDED_ON"],
        "ROLE",
        document["CONFIG"],
        None,
        json.dumps(_relations(account, entry)),
        document["LAST_SUSPENDED_REASON"],
        None,
    ]


def _relations(account: Account, entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = {"Predecessors": entry.document["AFTER"]}
    if entry.document["FINALIZE"]:
        found["FinalizedRootTask"] = entry.document["FINALIZE"]
    elif task_graph.is_root(entry) and (finalizer := task_graph.graph_of(account, entry).finalizer):
        found["FinalizerTask"] = finalizer.name
    return found


@registry.statement("EXECUTE TASK")
def execute_task(session: Session, statement: Statement) -> Result:
    """Queue one run of a root, also of a suspended one; RETRY LAST goes on where the last run failed.

    https://docs.snowflake.com/en/sql-reference/sql/execute-task
    """
    reader = Reader(statement)
    reader.expect("EXECUTE", "TASK")
    entry = store.get(session, TASK, reader.name())
    retry = reader.accept("RETRY", "LAST")
    config = None
    if not retry and reader.accept("USING"):
        reader.expect("CONFIG")
        reader.accept("=")
        config = reader.string()
        _require_json(config)
    reader.end()
    if not task_graph.is_root(entry):
        raise errors.SnowflakeError(91427, "22000", f"Task {entry.name} is not a root task; only roots are executed.")
    require_execute(session.account, entry, "TASK", managed=not entry.document["WAREHOUSE"])
    scheduler.execute_task(session.account, entry, retry=retry, config=config)
    return status(f"Task {entry.short_name} is scheduled to run immediately.")


@registry.scalar_function("SYSTEM$TASK_DEPENDENTS_ENABLE")
def enable_dependents(session: Session, arguments: Sequence[Any]) -> str:
    """Resume a root and all that follows it, children first."""
    reader = Reader(Statement(str(arguments[0])))
    root = store.get(session, TASK, reader.name())
    account = session.account
    with account.catalog.transaction():
        task_graph.require_suspended(account, root)
        graph = task_graph.graph_of(account, root)
        for task in [*([graph.finalizer] if graph.finalizer else []), *reversed(graph.children), root]:
            account.catalog.put(TASK.key, task.name, _resumed(account, task))
    scheduler.wake(account)
    return "Statement executed successfully."
