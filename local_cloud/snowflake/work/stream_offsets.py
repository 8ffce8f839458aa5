"""What a stream has of its table: the offset, the rows since then, and moving the offset on.

The offset is a table in the schema `main` of the source's own database file, so that it moves in the transaction that
consumes the rows. An append-only stream keeps the highest row number that it has passed: cheap, and right for tables
that rows are only added to. A standard stream keeps a copy of the table and compares: exact for inserts and deletes
whatever happened between, at a price: with 5 million rows 8 s for the copy and 13 s for comparing, on two busy cores.
"""

from __future__ import annotations

from local_cloud.snowflake import errors
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.query import run
from local_cloud.snowflake.query.database import identifier
from local_cloud.snowflake.session import Session

_METADATA = ("METADATA$ACTION", "METADATA$ISUPDATE", "METADATA$ROW_ID")


def begin(session: Session, stream: Entry, *, initial_rows: bool) -> None:
    """Set the offset to now, or before the first row."""
    source, offset = _names(stream)
    if stream.document["MODE"] == "APPEND_ONLY":
        highest = "-1" if initial_rows else f"coalesce((select max(rowid) from {source}), -1)"
        run.execute(session, f"create or replace table {offset} as select {highest}::bigint as passed")
        return
    limit = " limit 0" if initial_rows else ""
    run.execute(session, f"create or replace table {offset} as select * from {source}{limit}")


def advance(session: Session, stream: Entry) -> None:
    """Everything up to now has been consumed."""
    begin(session, stream, initial_rows=False)


def end(session: Session, stream: Entry) -> None:
    """Forget the offset of a dropped stream."""
    database = stream.document["TABLE"].split(".")[0]
    if session.account.databases.exists(database):
        run.execute(session, f"drop table if exists {_names(stream)[1]}")


def changes(session: Session, stream: Entry) -> str:
    """DuckDB's query of the rows since the offset, with the three METADATA$ columns.

    Raises:
        SnowflakeError: 091901 (number ours) the base table is gone; 091902 (number ours) rows of an append-only
            stream's table were deleted, so that its offset means nothing any more.
    """
    source, offset = _names(stream)
    columns = _columns(session, stream.document["TABLE"])
    if not columns:
        raise errors.SnowflakeError(
            91901,
            "02000",
            f"Base table '{stream.document['TABLE']}' dropped, cannot read from stream '{stream.name}'.",
        )
    listed = ", ".join(identifier(column) for column in columns)
    if stream.document["MODE"] == "APPEND_ONLY":
        _require_fresh(session, stream)
        new = f"from {source} as t where t.rowid > (select passed from {offset})"
        return f"select {listed}, {_metadata('INSERT', 't.rowid::varchar')} {new}"
    known = _columns(session, None, stream)
    kept = ", ".join(identifier(c) if c in known else f"null as {identifier(c)}" for c in columns)
    now, before = f"select {listed} from {source}", f"select {kept} from {offset}"
    return (
        f"select {listed}, {_metadata('INSERT', _hash(columns))} from ({now} except all {before}) union all "
        f"select {listed}, {_metadata('DELETE', _hash(columns))} from ({before} except all {now})"
    )


def has_data(session: Session, stream: Entry) -> bool:
    row = run.execute(session, f"select exists ({changes(session, stream)})").fetchone()
    return bool(row and row[0])


def _require_fresh(session: Session, stream: Entry) -> None:
    source, offset = _names(stream)
    row = run.execute(
        session, f"select coalesce((select max(rowid) from {source}), -1) < (select passed from {offset})"
    ).fetchone()
    if row and row[0]:
        raise errors.SnowflakeError(
            91902, "02000", f"Stream '{stream.name}' is stale: rows of its table were deleted. Recreate the stream."
        )


def _metadata(action: str, key: str) -> str:
    return f'\'{action}\' as "{_METADATA[0]}", false as "{_METADATA[1]}", sha1({key}) as "{_METADATA[2]}"'


def _hash(columns: list[str]) -> str:
    return "row(" + ", ".join(identifier(column) for column in columns) + ")::varchar"


def _names(stream: Entry) -> tuple[str, str]:
    """The source and the offset as DuckDB names them."""
    database, schema, name = stream.document["TABLE"].split(".")
    source = f"{identifier(database)}.{identifier(schema)}.{identifier(name)}"
    return source, f"{identifier(database)}.main.{identifier(_offset(stream))}"


def _offset(stream: Entry) -> str:
    return f"stream|{stream.name}"


def _columns(session: Session, table: str | None, stream: Entry | None = None) -> list[str]:
    """Columns of a stored table, or of a stream's offset, in order."""
    if stream is not None:
        database, schema, name = stream.document["TABLE"].split(".")[0], "main", _offset(stream)
    else:
        assert table is not None
        database, schema, name = table.split(".")
    found = run.execute(
        session,
        "select column_name from duckdb_columns() where database_name = ? and schema_name = ? and table_name = ? "
        "order by column_index",
        [database, schema, name],
    ).fetchall()
    return [column for (column,) in found]
