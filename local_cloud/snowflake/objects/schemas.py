"""Schemas: DuckDB's own, with properties and owner in the catalog.

https://docs.snowflake.com/en/sql-reference/sql/create-schema
"""

from __future__ import annotations

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.enforcement import visibility
from local_cloud.snowflake.objects import access, databases, show, stages
from local_cloud.snowflake.objects.ddl import Reader, altered, boolean, defaults, read_create, read_target
from local_cloud.snowflake.objects.store import EXECUTED, Kind, alter_target, full_name, get, require_container
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

SCHEMA = Kind("schema", "Schema", ("SCHEMA",), parts=2)
_OPTIONS = {**databases.OPTIONS, "PIPE_EXECUTION_PAUSED": boolean(None)}
_COLUMNS = (
    "created_on name is_default is_current database_name owner comment options retention_time owner_role_type "
    "classification_profile_database classification_profile_schema classification_profile object_visibility"
)


@registry.statement("CREATE SCHEMA")
def create_schema(session: Session, statement: Statement) -> Result:
    """The new schema becomes the session's, as in Snowflake."""
    reader = Reader(statement)
    head = read_create(reader, "SCHEMA", parts=2)
    if reader.word() == "CLONE":
        raise errors.not_supported("CREATE SCHEMA ... CLONE")
    managed = reader.accept("WITH", "MANAGED", "ACCESS")
    document = defaults(_OPTIONS) | reader.properties(_OPTIONS, "SCHEMA")
    reader.end()
    document |= {"TRANSIENT": "TRANSIENT" in head.modifiers, "MANAGED_ACCESS": managed}
    account, full = session.account, full_name(session, SCHEMA, head.name)
    database, name = full.split(".")
    require_container(session, Kind("schema", "Database", ("SCHEMA",), parts=2), full)
    # The transaction also makes clients that create the same name at once wait for each other, as dbt's threads do.
    with account.catalog.transaction():
        if account.catalog.get("schema", full):
            if head.if_not_exists:
                return status(f"{name} already exists, statement succeeded.")
            if head.or_alter:
                account.catalog.put("schema", full, document)
                return status(EXECUTED)
            if not head.or_replace:
                raise errors.already_exists(full)
            remove(account, full)
        account.databases.create_schema(database, name)
        account.catalog.put("schema", full, document, owner=session.role)
        access.apply_future_grants(account, "SCHEMA", full)
    session.database, session.schema = database, name
    return status(f"Schema {name} successfully created.")


def remove(account: Account, full: str) -> None:
    """Drop a schema with everything in it, and the grants on all of that."""
    database, name = full.split(".")
    if account.databases.schema_exists(database, name):
        account.databases.drop_schema(database, name)
    stages.discard_files_under(account, full)
    with account.catalog.transaction():
        account.catalog.delete_under(f"{full}.")
        account.catalog.delete("schema", full)
        access.forget_under(account, full)
        access.forget_object(account, "SCHEMA", full)


@registry.statement("ALTER SCHEMA")
def alter_schema(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    entry = alter_target(session, SCHEMA, reader)
    if entry is None:
        return status(EXECUTED)
    if action := reader.accept_one("ENABLE", "DISABLE"):
        reader.expect("MANAGED", "ACCESS")
        reader.end()
        document = entry.document | {"MANAGED_ACCESS": action == "ENABLE"}
    elif reader.accept("RENAME", "TO"):
        raise errors.not_supported("ALTER SCHEMA ... RENAME TO")
    else:
        document = altered(reader, _OPTIONS, "SCHEMA", entry.document)
    session.account.catalog.put("schema", entry.name, document)
    return status(EXECUTED)


@registry.statement("DROP SCHEMA")
def drop_schema(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    name, lenient = read_target(reader, "DROP", "SCHEMA", parts=2)
    reader.accept_one("CASCADE", "RESTRICT")
    reader.end()
    full = full_name(session, SCHEMA, name)
    if lenient and session.account.catalog.get("schema", full) is None:
        return status(f"Drop statement executed successfully ({name[-1]} already dropped).")
    get(session, SCHEMA, name)
    remove(session.account, full)
    if f"{session.database}.{session.schema}" == full:
        session.schema = None
    return status(f"{name[-1]} successfully dropped.")


@registry.statement("SHOW SCHEMAS")
def show_schemas(session: Session, statement: Statement) -> Result:
    request = show.read(Reader(statement), "SCHEMAS", plain_scope="DATABASE")
    within = _prefix(session, request)
    entries = visibility.visible(session, session.account.catalog.list("schema", within))
    information = [
        Entry("schema", f"{entry.name}.INFORMATION_SCHEMA", "", entry.created_on, {})
        for entry in visibility.visible(session, session.account.catalog.list("database"))
        if f"{entry.name}." == within or not within
    ]
    ordered = sorted([*entries, *information], key=lambda entry: entry.name)
    found = show.chosen(request, ((entry.short_name, entry) for entry in ordered))
    if request.terse:
        columns = "created_on name kind database_name schema_name"
        return show.table(columns, [[e.created_on, e.short_name, None, e.name.split(".")[0], None] for e in found])
    return show.table(_COLUMNS, [_row(session, entry) for entry in found])


def _prefix(session: Session, request: show.Request) -> str:
    database = request.scope_name[0] if request.scope_name else session.database
    if request.scope == "ACCOUNT" or database is None:
        return ""
    return f"{show.existing(session, database)}."


def _row(session: Session, entry: Entry) -> list[object]:
    database = entry.name.split(".")[0]
    document = entry.document
    above = session.account.catalog.get("database", database)
    marks = [
        word for key, word in (("TRANSIENT", "TRANSIENT"), ("MANAGED_ACCESS", "MANAGED ACCESS")) if document.get(key)
    ]
    return [
        entry.created_on,
        entry.short_name,
        "N",
        show.flag(entry.name == f"{session.database}.{session.schema}"),
        database,
        entry.owner,
        document.get("COMMENT", "Views describing the contents of schemas in this database"),
        ", ".join(marks),
        databases.retention(document, above.document if above else {}),
        "ROLE" if entry.owner else "",
        None,
        None,
        None,
        None,
    ]


@registry.statement("DESCRIBE SCHEMA")
def describe_schema(session: Session, statement: Statement) -> Result:
    """Tables, views and the catalog's objects of a schema."""
    reader = Reader(statement)
    name, _ = read_target(reader, "DESCRIBE", "SCHEMA", parts=2)
    reader.end()
    entry = get(session, SCHEMA, name)
    relations = session.connection.execute(
        "select table_name, if(table_type = 'VIEW', 'VIEW', 'TABLE') from information_schema.tables "
        "where table_catalog = ? and table_schema = ? order by 1",
        entry.name.split("."),
    ).fetchall()
    held = [
        (found.short_name, kind.upper().replace("_", " "))
        for kind in ("file_format", "pipe", "stage", "streamlit")
        for found in session.account.catalog.list(kind, f"{entry.name}.")
    ]
    return show.table("created_on name kind", [[entry.created_on, *found] for found in [*relations, *held]])
