"""Pipes: CREATE, ALTER, DROP, SHOW and DESCRIBE.

https://docs.snowflake.com/en/sql-reference/sql/create-pipe

In the catalog a `pipe` has the options below, DEFINITION (its COPY), CONTEXT (database and schema for the names in it),
TARGET and STAGE (full names), PAUSED, PAUSED_AT, CHANNEL (ARN of Snowflake's queue) and SUBSCRIPTION (to the topic).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.enforcement import privileges, relations
from local_cloud.snowflake.loading import copy_into, copy_statement, history, notifications, snowpipe
from local_cloud.snowflake.loading.copy_statement import OnError
from local_cloud.snowflake.loading.ingest import Plan
from local_cloud.snowflake.loading.stages import S3Stage, Stage
from local_cloud.snowflake.objects import ddl, show, store
from local_cloud.snowflake.objects.ddl import Head, Reader
from local_cloud.snowflake.objects.store import EXECUTED, Kind
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

PIPE = Kind("pipe", "Pipe", ("PIPE",))
OPTIONS = {
    "AUTO_INGEST": ddl.boolean(False),
    "ERROR_INTEGRATION": ddl.identifier(),
    "AWS_SNS_TOPIC": ddl.text(None),
    "INTEGRATION": ddl.identifier(),
    "COMMENT": ddl.text(""),
}
_SET = {
    "PIPE_EXECUTION_PAUSED": ddl.boolean(False),
    "ERROR_INTEGRATION": ddl.identifier(),
    "COMMENT": ddl.text(""),
}
_REFUSED = ["FILES", "SIZE_LIMIT", "PURGE", "FORCE", "RETURN_FAILED_ONLY", "VALIDATION_MODE"]
_COLUMNS = (
    "created_on name database_name schema_name definition owner notification_channel comment integration pattern "
    "error_integration owner_role_type invalid_reason kind"
)


@registry.statement("CREATE PIPE")
def create_pipe(session: Session, statement: Statement) -> Result:
    """With AUTO_INGEST the stage's role is assumed and Snowflake's queue subscribed to the topic, or nothing is made.

    Raises:
        SnowflakeError: 003167 the role does not trust Snowflake; 003186 (number ours) the topic does not.
    """
    reader = Reader(statement)
    head = ddl.read_create(reader, "PIPE")
    given = ddl.defaults(OPTIONS) | reader.properties(OPTIONS, "PIPE", stop=("AS",))
    reader.expect("AS")
    definition = reader.rest()
    full = store.full_name(session, PIPE, head.name)
    old = session.account.catalog.get(PIPE.key, full)
    if old and not (head.or_replace or head.or_alter):
        return store.create(session, PIPE, head, {})
    plan, stage = _checked(session, definition)
    relations.require(session, plan.target.name, "SELECT", "INSERT")
    for option in ("INTEGRATION", "ERROR_INTEGRATION"):
        if given[option]:
            privileges.require(session, "INTEGRATION", given[option], "USAGE")
    document = given | {
        "DEFINITION": definition,
        "CONTEXT": [session.database, session.schema],
        "TARGET": plan.target.name,
        "STAGE": stage.full_name,
        "PATTERN": plan.copy.option("PATTERN"),
        "PAUSED": False,
        "PAUSED_AT": None,
        "CHANNEL": None,
        "SUBSCRIPTION": None,
    }
    if old and head.or_alter:
        return _altered(session, head, old, document)
    return _created(session, head, full, document, plan, stage)


def _checked(session: Session, definition: str) -> tuple[Plan, Stage]:
    copy = copy_statement.parse(definition)
    if wrong := [name for name in _REFUSED if copy.option(name)]:
        raise errors.compilation_error(2, "0A000", f"COPY option {wrong[0]} is not supported in a pipe's definition.")
    if copy.on_error and copy.on_error.mode == "ABORT_STATEMENT":
        raise errors.compilation_error(
            2, "0A000", "ON_ERROR = ABORT_STATEMENT is not supported in a pipe's definition."
        )
    copy_into.check(copy)
    return copy_into.prepare(session, copy, OnError("SKIP_FILE"))


def _created(session: Session, head: Head, full: str, document: dict[str, Any], plan: Plan, stage: Stage) -> Result:
    account = session.account
    if document["AUTO_INGEST"]:
        if not isinstance(stage, S3Stage):
            raise errors.not_supported("AUTO_INGEST = TRUE on an internal stage")
        document["CHANNEL"] = notifications.queue_arn(account)
        if topic := document["AWS_SNS_TOPIC"]:
            document["SUBSCRIPTION"] = notifications.subscribe(account, topic)
        else:
            notifications.ensure_queue(account)
    elif document["AWS_SNS_TOPIC"]:
        raise errors.compilation_error(1008, "22023", "AWS_SNS_TOPIC needs AUTO_INGEST = TRUE.")
    result = store.create(session, PIPE, head, document)
    history.forget_pipe(session.connection, plan.target.database, full)
    snowpipe.wake(account)
    return result


def _altered(session: Session, head: Head, old: Entry, document: dict[str, Any]) -> Result:
    """CREATE OR ALTER may change the comment and the error integration, nothing else."""
    fixed = ("DEFINITION", "AUTO_INGEST", "AWS_SNS_TOPIC", "INTEGRATION")
    if changed := [name for name in fixed if document[name] != old.document[name]]:
        raise errors.compilation_error(2, "0A000", f"CREATE OR ALTER PIPE cannot change {changed[0]}.")
    kept = old.document | {name: document[name] for name in ("COMMENT", "ERROR_INTEGRATION")}
    return store.create(session, PIPE, head, kept)


@registry.statement("ALTER PIPE")
def alter_pipe(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    entry = store.alter_target(session, PIPE, reader)
    if entry is None:
        return status(EXECUTED)
    if reader.accept("REFRESH"):
        return _refresh(session, entry, reader)
    before = entry.document | {"PIPE_EXECUTION_PAUSED": entry.document["PAUSED"]}
    document = ddl.altered(reader, _SET, "PIPE", before)
    paused = bool(document.pop("PIPE_EXECUTION_PAUSED"))
    document["PAUSED_AT"] = _paused_at(entry, paused)
    document["PAUSED"] = paused
    session.account.catalog.put(PIPE.key, entry.name, document)
    snowpipe.wake(session.account)
    return status(EXECUTED)


def _paused_at(entry: Entry, paused: bool) -> str | None:
    if not paused:
        return None
    return entry.document["PAUSED_AT"] or datetime.now(UTC).isoformat()


def _refresh(session: Session, entry: Entry, reader: Reader) -> Result:
    """Queue the staged files of the last seven days that neither pipe nor table has loaded."""
    given = reader.properties({"PREFIX": ddl.text(""), "MODIFIED_AFTER": ddl.text(None)}, "PIPE")
    reader.end()
    return snowpipe.refresh(session, entry, given.get("PREFIX", ""), given.get("MODIFIED_AFTER"))


@registry.statement("DROP PIPE")
def drop_pipe(session: Session, statement: Statement) -> Result:
    dropped: list[Entry] = []
    result = store.drop(session, PIPE, statement, before=dropped.append)
    for entry in dropped:
        forget(session.account, entry)
    return result


def forget(account: Account, entry: Entry) -> None:
    """What a dropped pipe leaves: its history, and its queue and subscription when it was the last to use them.

    Call it after the pipe left the catalog, also when its schema or database is dropped.
    """
    database = entry.document["TARGET"].split(".")[0]
    if account.databases.exists(database):
        connection = account.databases.connect()
        try:
            history.forget_pipe(connection, database, entry.name)
        finally:
            connection.close()
    left = [pipe for pipe in account.catalog.list(PIPE.key) if pipe.document["AUTO_INGEST"]]
    topic, subscription = entry.document["AWS_SNS_TOPIC"], entry.document["SUBSCRIPTION"]
    if subscription and all(pipe.document["AWS_SNS_TOPIC"] != topic for pipe in left):
        notifications.unsubscribe(account, topic, subscription)
    if entry.document["AUTO_INGEST"] and not left:
        notifications.delete_queue(account)


@registry.statement("SHOW PIPES")
def show_pipes(session: Session, statement: Statement) -> Result:
    request = show.read(Reader(statement), "PIPES")
    found = show.entries(session, request, PIPE.key, show.prefix(session, request))
    return show.table(_COLUMNS, [_row(entry) for entry in found])


@registry.statement("DESCRIBE PIPE")
def describe_pipe(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    name, _ = ddl.read_target(reader, "DESCRIBE", "PIPE")
    reader.end()
    return show.table(_COLUMNS, [_row(store.get(session, PIPE, name))])


def _row(entry: Entry) -> list[Any]:
    database, schema, name = entry.name.split(".")
    document = entry.document
    return [
        entry.created_on,
        name,
        database,
        schema,
        document["DEFINITION"],
        entry.owner,
        document["CHANNEL"],
        document["COMMENT"],
        document["INTEGRATION"],
        document["PATTERN"],
        document["ERROR_INTEGRATION"],
        "ROLE",
        "",
        "STAGE",
    ]
