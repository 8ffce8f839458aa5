"""Databases: the data is a DuckDB file, properties and owner are in the catalog.

https://docs.snowflake.com/en/sql-reference/sql/create-database
"""

from __future__ import annotations

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.objects import access, relation_entries, show, stages
from local_cloud.snowflake.objects.ddl import (
    Reader,
    altered,
    boolean,
    choice,
    defaults,
    integer,
    read_create,
    read_target,
    text,
    unsupported,
)
from local_cloud.snowflake.objects.store import EXECUTED, Kind, alter_target, get
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

DATABASE = Kind("database", "Database", ("DATABASE",), parts=1)

# Shared with schemas, which inherit from their database what is not set (None).
OPTIONS = {
    "DATA_RETENTION_TIME_IN_DAYS": integer(None, 0, 90),
    "MAX_DATA_EXTENSION_TIME_IN_DAYS": integer(None, 0, 90),
    "LOG_LEVEL": choice("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"),
    "TRACE_LEVEL": choice("ALWAYS", "ON_EVENT", "OFF", "PROPAGATE"),
    "DEFAULT_DDL_COLLATION": text(None),
    "SUSPEND_TASK_AFTER_NUM_FAILURES": integer(None),
    "TASK_AUTO_RETRY_ATTEMPTS": integer(None, 0, 30),
    "USER_TASK_TIMEOUT_MS": integer(None, 0, 604_800_000),
    "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS": integer(None, 10, 604_800),
    "QUOTED_IDENTIFIERS_IGNORE_CASE": boolean(None),
    "STORAGE_SERIALIZATION_POLICY": choice("COMPATIBLE", "OPTIMIZED"),
    "REPLACE_INVALID_CHARACTERS": boolean(None),
    "ENABLE_CONSOLE_OUTPUT": boolean(None),
    "EXTERNAL_VOLUME": unsupported(),
    "CATALOG": unsupported(),
    "COMMENT": text(),
}
_COLUMNS = (
    "created_on name is_default is_current origin owner comment options retention_time kind budget "
    "owner_role_type object_visibility"
)


@registry.statement("CREATE DATABASE")
def create_database(session: Session, statement: Statement) -> Result:
    """The new database has a schema PUBLIC, and both become the session's context, as in Snowflake."""
    reader = Reader(statement)
    head = read_create(reader, "DATABASE", parts=1)
    if reader.word() in {"CLONE", "FROM", "AS"}:
        raise errors.not_supported(f"CREATE DATABASE ... {reader.word()}")
    document = defaults(OPTIONS) | reader.properties(OPTIONS, "DATABASE")
    reader.end()
    document["TRANSIENT"] = "TRANSIENT" in head.modifiers
    account, name = session.account, head.name[0]
    # The transaction also makes clients that create the same name at once wait for each other.
    with account.catalog.transaction():
        if account.catalog.get("database", name):
            if head.if_not_exists:
                return status(f"{name} already exists, statement succeeded.")
            if head.or_alter:
                account.catalog.put("database", name, document)
                return status(EXECUTED)
            if not head.or_replace:
                raise errors.already_exists(name)
            remove(account, name)
        account.databases.create(name)
        adopt(account, name, document, session.role)
    session.database, session.schema = name, "PUBLIC"
    return status(f"Database {name} successfully created.")


def adopt(account: Account, name: str, document: dict[str, object], owner: str | None) -> None:
    """Enter a database file and its schemas into the catalog."""
    with account.catalog.transaction():
        account.catalog.put("database", name, document, owner=owner)
        for schema in account.databases.schemas(name):
            if account.catalog.get("schema", f"{name}.{schema}") is None:
                account.catalog.put("schema", f"{name}.{schema}", {"COMMENT": ""}, owner=owner)


def remove(account: Account, name: str) -> None:
    """File first, as it is the truth: `reconcile` removes what a kill in between leaves in the catalog."""
    if account.databases.exists(name):
        account.databases.drop(name)
    stages.discard_files_under(account, name)
    with account.catalog.transaction():
        account.catalog.delete_under(f"{name}.")
        account.catalog.delete("database", name)
        access.forget_under(account, name)
        access.forget_object(account, "DATABASE", name)


def reconcile(account: Account) -> None:
    """Make the catalog agree with the database files after a process was killed between the two."""
    there = set(account.databases.list())
    for entry in account.catalog.list("database"):
        if entry.name not in there:
            remove(account, entry.name)
    for name in there:
        entry_now = account.catalog.get("database", name)
        document = entry_now.document if entry_now else {**defaults(OPTIONS), "TRANSIENT": False}
        adopt(account, name, document, entry_now.owner if entry_now else "ACCOUNTADMIN")
        schemas = set(account.databases.schemas(name))
        for schema in account.catalog.list("schema", f"{name}."):
            if schema.short_name not in schemas:
                account.catalog.delete("schema", schema.name)
                account.catalog.delete_under(f"{schema.name}.")
                access.forget_under(account, schema.name)
        relation_entries.reconcile(account, name)


@registry.statement("ALTER DATABASE")
def alter_database(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    entry = alter_target(session, DATABASE, reader)
    if entry is None:
        return status(EXECUTED)
    if reader.accept("RENAME", "TO"):
        raise errors.not_supported("ALTER DATABASE ... RENAME TO")
    document = altered(reader, OPTIONS, "DATABASE", entry.document)
    session.account.catalog.put("database", entry.name, document)
    return status(EXECUTED)


@registry.statement("DROP DATABASE")
def drop_database(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    (name,), lenient = read_target(reader, "DROP", "DATABASE", parts=1)
    reader.accept_one("CASCADE", "RESTRICT")
    reader.end()
    if lenient and session.account.catalog.get("database", name) is None:
        return status(f"Drop statement executed successfully ({name} already dropped).")
    get(session, DATABASE, (name,))
    remove(session.account, name)
    if session.database == name:
        session.database = session.schema = None
    return status(f"{name} successfully dropped.")


@registry.statement("SHOW DATABASES")
def show_databases(session: Session, statement: Statement) -> Result:
    request = show.read(Reader(statement), "DATABASES")
    found = show.entries(session, request, "database")
    if request.terse:
        columns = "created_on name kind database_name schema_name"
        return show.table(columns, [[entry.created_on, entry.name, "STANDARD", None, None] for entry in found])
    return show.table(_COLUMNS, [_row(session, entry) for entry in found])


def _row(session: Session, entry: Entry) -> list[object]:
    document = entry.document
    return [
        entry.created_on,
        entry.name,
        "N",
        show.flag(entry.name == session.database),
        "",
        entry.owner,
        document["COMMENT"],
        "TRANSIENT" if document["TRANSIENT"] else "",
        retention(document),
        "STANDARD",
        None,
        "ROLE",
        None,
    ]


def retention(*documents: dict[str, object]) -> str:
    """Days of time travel: the first document that says, else Snowflake's default of one."""
    values = (document.get("DATA_RETENTION_TIME_IN_DAYS") for document in documents)
    return str(next((value for value in values if value is not None), 1))


@registry.statement("DESCRIBE DATABASE")
def describe_database(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    name, _ = read_target(reader, "DESCRIBE", "DATABASE", parts=1)
    reader.end()
    entry = get(session, DATABASE, name)
    schemas = session.account.catalog.list("schema", f"{entry.name}.")
    values = [[schema.created_on, schema.short_name, "SCHEMA"] for schema in schemas]
    information = [entry.created_on, "INFORMATION_SCHEMA", "SCHEMA"]
    return show.table("created_on name kind", sorted([information, *values], key=lambda row: str(row[1])))
