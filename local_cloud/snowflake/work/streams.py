"""Streams on tables: CREATE, ALTER, DROP, SHOW, DESCRIBE, SYSTEM$STREAM_HAS_DATA, and reading them.

https://docs.snowflake.com/en/user-guide/streams-intro, https://docs.snowflake.com/en/sql-reference/sql/create-stream

In the catalog a `stream` has TABLE (full name), MODE (DEFAULT or APPEND_ONLY) and COMMENT. An INSERT, UPDATE, DELETE or
MERGE that reads a stream moves its offset in the same transaction. Differences from Snowflake: an update shows as a
delete and an insert with METADATA$ISUPDATE false; inside one transaction a second statement sees the stream empty;
CREATE TABLE AS SELECT does not consume; streams on views, stages and other tables are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.enforcement import privileges
from local_cloud.snowflake.objects import ddl, show, store
from local_cloud.snowflake.objects.ddl import Reader
from local_cloud.snowflake.objects.securables import BY_NAME, require
from local_cloud.snowflake.objects.store import EXECUTED, Kind
from local_cloud.snowflake.query import run
from local_cloud.snowflake.query.database import identifier
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement
from local_cloud.snowflake.work import scheduler, stream_offsets

STREAM = Kind("stream", "Stream", ("STREAM",))
OPTIONS = {
    "APPEND_ONLY": ddl.boolean(False),
    "SHOW_INITIAL_ROWS": ddl.boolean(False),
    "COMMENT": ddl.text(""),
}
_COLUMNS = (
    "created_on name database_name schema_name owner comment table_name source_type base_tables type stale mode "
    "stale_after invalid_reason owner_role_type"
)


@registry.statement("CREATE STREAM")
def create_stream(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    head = ddl.read_create(reader, "STREAM")
    reader.accept("COPY", "GRANTS")
    reader.expect("ON")
    if not reader.accept("TABLE"):
        raise errors.not_supported(f"a stream on a {reader.word()}")
    table = session.qualify(*reader.name())
    if reader.word() in {"AT", "BEFORE"}:
        raise errors.not_supported(f"CREATE STREAM ... {reader.word()} (Time Travel)")
    given = ddl.defaults(OPTIONS) | reader.properties(OPTIONS, "STREAM")
    reader.end()
    require(session, BY_NAME["TABLE"], table)
    privileges.require(session, "TABLE", table, "SELECT")
    run.commit(session)
    document = {
        "TABLE": table,
        "MODE": "APPEND_ONLY" if given["APPEND_ONLY"] else "DEFAULT",
        "COMMENT": given["COMMENT"],
    }
    full, catalog = store.full_name(session, STREAM, head.name), session.account.catalog
    keep = head.if_not_exists and catalog.get(STREAM.key, full) is not None
    result = store.create(session, STREAM, head, document)
    if not keep:
        stream = store.get(session, STREAM, head.name)
        stream_offsets.begin(session, stream, initial_rows=given["SHOW_INITIAL_ROWS"])
    return result


@registry.statement("ALTER STREAM")
def alter_stream(session: Session, statement: Statement) -> Result:
    """SET and UNSET of the comment."""
    reader = Reader(statement)
    entry = store.alter_target(session, STREAM, reader)
    if entry is None:
        return status(EXECUTED)
    document = ddl.altered(reader, {"COMMENT": OPTIONS["COMMENT"]}, "STREAM", entry.document)
    session.account.catalog.put(STREAM.key, entry.name, document)
    return status(EXECUTED)


@registry.statement("DROP STREAM")
def drop_stream(session: Session, statement: Statement) -> Result:
    dropped: list[Entry] = []
    run.commit(session)
    result = store.drop(session, STREAM, statement, before=dropped.append)
    for entry in dropped:
        stream_offsets.end(session, entry)
    return result


@registry.statement("SHOW STREAMS")
def show_streams(session: Session, statement: Statement) -> Result:
    request = show.read(Reader(statement), "STREAMS")
    found = show.entries(session, request, STREAM.key, show.prefix(session, request))
    return show.table(_COLUMNS, [_row(entry) for entry in found])


@registry.statement("DESCRIBE STREAM")
def describe_stream(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    name, _ = ddl.read_target(reader, "DESCRIBE", "STREAM")
    reader.end()
    return show.table(_COLUMNS, [_row(store.get(session, STREAM, name))])


def _row(entry: Entry) -> list[Any]:
    database, schema, name = entry.name.split(".")
    document = entry.document
    return [
        entry.created_on,
        name,
        database,
        schema,
        entry.owner,
        document["COMMENT"],
        document["TABLE"],
        "Table",
        document["TABLE"],
        "DELTA",
        "false",
        document["MODE"],
        None,
        "N/A",
        "ROLE",
    ]


@registry.scalar_function("SYSTEM$STREAM_HAS_DATA")
def stream_has_data(session: Session, arguments: Sequence[Any]) -> bool:
    """https://docs.snowflake.com/en/sql-reference/functions/system_stream_has_data"""
    reader = Reader(Statement(str(arguments[0])))
    stream = store.get(session, STREAM, reader.name())
    reader.end()
    return stream_offsets.has_data(session, stream)


# -- reading and consuming

# Full names of the streams that the running statement reads, by the session's identifier.
_read: dict[str, set[str]] = {}


def _source(session: Session, name: str) -> tuple[str, str, str] | None:
    """A stream's rows are a temporary view of the session."""
    stream = session.account.catalog.get(STREAM.key, name)
    if stream is None:
        return None
    for kind, full in (("STREAM", name), ("TABLE", stream.document["TABLE"])):
        privileges.require(session, kind, full, "SELECT")
    view = f"stream|{name}"
    query = stream_offsets.changes(session, stream)
    run.execute(session, f"create or replace temp view {identifier(view)} as {query}")
    if session.id in _read:
        _read[session.id].add(name)
    return "temp", "main", view


@contextmanager
def _consuming(session: Session, mentioned: frozenset[str]) -> Iterator[None]:
    """Moves the offsets of the streams that a change of data reads, in its transaction."""
    streams = {entry.name: entry for entry in session.account.catalog.list(STREAM.key)}
    if not any(entry.short_name.upper() in mentioned for entry in streams.values()):
        yield
        return
    _read[session.id] = set()
    try:
        with run.atomic(session):
            yield
            for name in sorted(_read[session.id]):
                stream_offsets.advance(session, streams[name])
    finally:
        del _read[session.id]
    scheduler.wake(session.account)


registry.relation_sources.append(_source)
registry.data_changes.append(_consuming)
