"""Which files were loaded into which table, kept in the table's own database file.

https://docs.snowflake.com/en/user-guide/data-load-considerations-load, section "Load metadata"

A record is written in the transaction that writes the file's rows, so that a process killed at any moment has both or
neither. COPY's records belong to the table and know a file by path and ETag for 64 days; a pipe's belong to the pipe
and know it by path alone for 14 days. TRUNCATE keeps them; a replaced table or pipe starts without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa

from local_cloud.snowflake.query.database import identifier

COPY_DAYS = 64
PIPE_DAYS = 14
LOADED, PARTIAL, FAILED = "Loaded", "Partially loaded", "Load failed"


@dataclass(frozen=True)
class Target:
    """A table, its names as stored."""

    database: str
    schema: str
    table: str

    @property
    def sql(self) -> str:
        return ".".join(map(identifier, (self.database, self.schema, self.table)))

    @property
    def name(self) -> str:
        return f"{self.database}.{self.schema}.{self.table}"


@dataclass(frozen=True)
class FileLoad:
    """What became of one file; the columns of COPY_HISTORY. `path` with `stage_location` is the whole address.

    Attributes:
        pipe: full name of the pipe, or None for COPY.
        line, character: of the first error, from 1.
    """

    schema_name: str
    table_name: str
    pipe: str | None
    stage_location: str
    path: str
    etag: str
    size: int
    status: str
    rows_parsed: int
    rows_loaded: int
    errors_seen: int
    error_limit: int
    first_error: str | None
    line: int | None
    character: int | None
    column_name: str | None
    received_at: datetime | None
    loaded_at: datetime


_TYPES = {
    "int": ("bigint", pa.int64()),
    "datetime": ("timestamptz", pa.timestamp("us", tz="UTC")),
    "str": ("varchar", pa.string()),
}
_COLUMNS = {field.name: _TYPES[str(field.type).removesuffix(" | None")] for field in fields(FileLoad)}
SCHEMA = pa.schema([(name, arrow) for name, (_, arrow) in _COLUMNS.items()])


def table(database: str) -> str:
    """DuckDB's own schema `main`, which no Snowflake client sees, holds the history of the database's tables."""
    return f"{identifier(database)}.main.load_history"


def prepare(connection: duckdb.DuckDBPyConnection, database: str) -> None:
    """Create the history of a database; nothing happens when it is there. Call it outside of transactions."""
    columns = ", ".join(f"{name} {sql}" for name, (sql, _) in _COLUMNS.items())
    connection.execute(f"create table if not exists {table(database)} ({columns})")
    connection.execute(
        f"create table if not exists {pending_table(database)} "
        "(pipe varchar, path varchar, etag varchar, size bigint, modified_at timestamptz, received_at timestamptz)"
    )


def pending_table(database: str) -> str:
    """Files that were announced to a pipe and are not loaded yet."""
    return f"{identifier(database)}.main.pipe_pending"


def record(connection: duckdb.DuckDBPyConnection, database: str, loads: Sequence[FileLoad]) -> None:
    """Write records in the transaction that is open."""
    if not loads:
        return
    rows = pa.Table.from_pylist([vars(load) for load in loads], schema=SCHEMA)
    connection.register("load_history_rows", rows)
    try:
        # A record that goes before stays: COPY_HISTORY shows every load of a file.
        connection.execute(f"insert into {table(database)} select * from load_history_rows")
    finally:
        connection.unregister("load_history_rows")


def copied(connection: duckdb.DuckDBPyConnection, target: Target) -> set[tuple[str, str]]:
    """(address, ETag) of the files that COPY has loaded, wholly or in part, in the last 64 days."""
    rows = connection.execute(
        f"select distinct stage_location || path, etag from {table(target.database)} "
        "where pipe is null and schema_name = ? and table_name = ? and status <> ? and loaded_at >= ?",
        [target.schema, target.table, FAILED, _since(COPY_DAYS)],
    ).fetchall()
    return {(str(path), str(etag)) for path, etag in rows}


def piped(connection: duckdb.DuckDBPyConnection, database: str, pipe: str) -> set[str]:
    """Paths that the pipe has loaded, or failed to load, in the last 14 days."""
    rows = connection.execute(
        f"select distinct path from {table(database)} where pipe = ? and loaded_at >= ?", [pipe, _since(PIPE_DAYS)]
    ).fetchall()
    return {str(path) for (path,) in rows}


def loads(connection: duckdb.DuckDBPyConnection, database: str, where: str, values: Sequence[object]) -> list[FileLoad]:
    """Records that fulfil an SQL condition on the columns of `FileLoad`, oldest first."""
    prepare(connection, database)
    found = connection.execute(
        f"select * from {table(database)} where {where} order by loaded_at, path", list(values)
    ).fetchall()
    return [FileLoad(*row) for row in found]


def forget_table(connection: duckdb.DuckDBPyConnection, target: Target) -> None:
    """A replaced or dropped table begins without COPY's history; pipes keep theirs."""
    if not _exists(connection, target.database):
        return
    connection.execute(
        f"delete from {table(target.database)} where pipe is null and schema_name = ? and table_name = ?",
        [target.schema, target.table],
    )


def rename_table(connection: duckdb.DuckDBPyConnection, target: Target, schema: str, name: str) -> None:
    """A renamed table (within its database) keeps its history."""
    if not _exists(connection, target.database):
        return
    connection.execute(
        f"update {table(target.database)} set schema_name = ?, table_name = ? where schema_name = ? and table_name = ?",
        [schema, name, target.schema, target.table],
    )


def _exists(connection: duckdb.DuckDBPyConnection, database: str) -> bool:
    found = connection.execute(
        "select 1 from duckdb_tables() "
        "where database_name = ? and schema_name = 'main' and table_name = 'load_history'",
        [database],
    )
    return bool(found.fetchall())


def forget_pipe(connection: duckdb.DuckDBPyConnection, database: str, pipe: str) -> None:
    """A replaced or dropped pipe begins without history and without waiting files."""
    prepare(connection, database)
    connection.execute(f"delete from {table(database)} where pipe = ?", [pipe])
    connection.execute(f"delete from {pending_table(database)} where pipe = ?", [pipe])


@dataclass(frozen=True)
class Pending:
    """A file that waits for its pipe."""

    pipe: str
    path: str
    etag: str
    size: int
    modified_at: datetime
    received_at: datetime


def announce(connection: duckdb.DuckDBPyConnection, database: str, files: Sequence[Pending]) -> int:
    """Remember announced files that their pipe neither has loaded nor waits for; returns how many are new."""
    known = {file.pipe: piped(connection, database, file.pipe) for file in files}
    waiting = {(file.pipe, file.path) for file in pending(connection, database)}
    fresh: dict[tuple[str, str], Pending] = {}
    for file in files:
        if file.path not in known[file.pipe] and (file.pipe, file.path) not in waiting:
            fresh.setdefault((file.pipe, file.path), file)
    if fresh:
        rows = pa.Table.from_pylist([vars(file) for file in fresh.values()], schema=_PENDING)
        connection.register("pipe_pending_rows", rows)
        try:
            connection.execute(f"insert into {pending_table(database)} select * from pipe_pending_rows")
        finally:
            connection.unregister("pipe_pending_rows")
    return len(fresh)


def pending(connection: duckdb.DuckDBPyConnection, database: str, pipe: str | None = None) -> list[Pending]:
    """The files that wait, oldest first: of one pipe, or of all."""
    found = connection.execute(
        f"select * from {pending_table(database)} where ? is null or pipe = ? order by received_at, path", [pipe, pipe]
    ).fetchall()
    return [Pending(*row) for row in found]


def settle(connection: duckdb.DuckDBPyConnection, database: str, pipe: str, paths: Sequence[str]) -> None:
    """These files wait no more; call it in the transaction that loads them."""
    connection.execute(
        f"delete from {pending_table(database)} where pipe = ? and list_contains(?, path)", [pipe, list(paths)]
    )


_PENDING = pa.schema(
    [("pipe", pa.string()), ("path", pa.string()), ("etag", pa.string()), ("size", pa.int64())]
    + [(name, pa.timestamp("us", tz="UTC")) for name in ("modified_at", "received_at")]
)


def _since(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)
