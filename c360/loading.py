"""Load the lake's bulk files into bronze and check the rows against the files.

Snowflake keeps a load history per table, so running this again loads only what is new
(https://docs.snowflake.com/en/sql-reference/sql/copy-into-table).
"""

from __future__ import annotations

import gzip
import io
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq
from snowflake.connector.connection import SnowflakeConnection

from c360.connections import aws_client, connect, query
from c360.errors import C360Error
from c360.outputs import StackOutputs

_PROVENANCE = ("INGESTION_TIMESTAMP", "SOURCE_FILE", "SOURCE_ROW_NUMBER")
_PATIENCE = 300.0
_MISSED_AFTER = 5.0
_METADATA = "METADATA$START_SCAN_TIME, METADATA$FILENAME, METADATA$FILE_ROW_NUMBER"


@dataclass(frozen=True)
class Source:
    """One COPY: the files under `prefix` of the bucket, at `location` (a stage and a path), into `table`."""

    name: str
    table: str
    location: str
    prefix: str
    file_format: str
    parquet: bool


@dataclass(frozen=True)
class Loaded:
    """Files and rows of one source that were loaded now, and rows that the table holds of all its files."""

    name: str
    files: int
    rows: int
    total: int


def sources(outputs: StackOutputs) -> list[Source]:
    """The bulk loads of a stack, in the order in which they run."""
    tables, stages, formats, prefixes = outputs.tables, outputs.stages, outputs.file_formats, outputs.prefixes
    return [
        # Not the changes that lie in a folder below: their pipe loads those, and COPY does not know what a pipe did.
        Source(
            "customers",
            tables.bronze_customers,
            f"{stages.customers}/customers",
            f"{prefixes.customers}customers",
            formats.csv,
            False,
        ),
        Source(
            "history",
            tables.bronze_transactions,
            stages.transactions_historical,
            prefixes.transactions_historical,
            formats.parquet,
            True,
        ),
        Source(
            "campaigns", tables.bronze_campaign_assignments, stages.campaigns, prefixes.campaigns, formats.csv, False
        ),
    ]


def load_all(outputs: StackOutputs, say: Callable[[str], None]) -> list[Loaded]:
    """COPY and reconcile every bulk source, then wait for the pipe that loads customers' changes; as the loader."""
    s3 = aws_client(outputs, "s3")
    connection = connect(outputs, outputs.roles.loader, outputs.warehouses.load)
    try:
        bulk = [load(outputs, connection, s3, source, say) for source in sources(outputs)]
        return [*bulk, load_changes(outputs, connection, s3, say)]
    finally:
        connection.close()


def load(
    outputs: StackOutputs, connection: SnowflakeConnection, s3: Any, source: Source, say: Callable[[str], None]
) -> Loaded:
    """COPY one source and reconcile it.

    Raises:
        C360Error: a file could not be loaded, or the table holds other numbers of rows than the files.
    """
    say(f"{source.name}: COPY")
    answers = query(connection, copy_statement(connection, source))
    loaded = [row for row in answers if len(row) > 1]
    failed = [row for row in loaded if row[1].upper() != "LOADED"]
    if failed:
        file, problem = failed[0][0], failed[0][6]
        raise C360Error(f"{len(failed)} of {len(loaded)} files of {source.name} did not load; {file}: {problem}")
    total = _reconcile(outputs, connection, s3, source, say)
    return Loaded(source.name, len(loaded), sum(row[3] for row in loaded), total)


def load_changes(outputs: StackOutputs, connection: SnowflakeConnection, s3: Any, say: Callable[[str], None]) -> Loaded:
    """Wait until the customers pipe has loaded every file of changes, asking it to look again for missed ones.

    Raises:
        C360Error: rows are still missing after five minutes, Snowpipe's own limit for us on Snowflake.
    """
    table, prefix, pipe = outputs.tables.bronze_customers, outputs.prefixes.customer_changes, outputs.pipes.customers
    expected = dict(rows_in_files(s3, outputs.bucket, prefix))
    before = _missing(expected, rows_by_file(connection, table, prefix))
    started, pause, refreshed = time.monotonic(), 0.2, False
    while missing := _missing(expected, rows_by_file(connection, table, prefix)):
        waited = time.monotonic() - started
        if waited > _PATIENCE:
            raise C360Error(
                f"Snowpipe has not loaded {len(missing)} of {len(expected)} files of changes, the first is "
                f"s3://{outputs.bucket}/{missing[0]}; SYSTEM$PIPE_STATUS('{pipe}') says why."
            )
        if waited > _MISSED_AFTER and not refreshed:
            # What landed before there was a pipe was announced to nobody.
            query(connection, f"ALTER PIPE {pipe} REFRESH")
            refreshed = True
        say(f"changes: {len(expected) - len(missing)} of {len(expected)} files loaded")
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)
    return Loaded("changes", len(before), sum(expected[key] for key in before), sum(expected.values()))


def copy_statement(connection: SnowflakeConnection, source: Source) -> str:
    """The transforming COPY: the table's columns in order from the file's, and where each row came from."""
    names = [column for column in _columns(connection, source.table) if column not in _PROVENANCE]
    values = [f"$1:{c.lower()}::VARCHAR" if source.parquet else f"${i}" for i, c in enumerate(names, start=1)]
    return (
        f"COPY INTO {source.table} ({', '.join([*names, *_PROVENANCE])}) "
        f"FROM (SELECT {', '.join(values)}, {_METADATA} FROM @{source.location}) "
        f"FILE_FORMAT = (FORMAT_NAME = '{source.file_format}') ON_ERROR = ABORT_STATEMENT"
    )


def _columns(connection: SnowflakeConnection, table: str) -> list[str]:
    return [row[0] for row in query(connection, f"DESCRIBE TABLE {table}")]


def _reconcile(
    outputs: StackOutputs, connection: SnowflakeConnection, s3: Any, source: Source, say: Callable[[str], None]
) -> int:
    """Compare rows per file in the bucket with rows per file in the table; their sum."""
    say(f"{source.name}: checking rows against the files")
    found = rows_by_file(connection, source.table, source.prefix)
    expected = dict(rows_in_files(s3, outputs.bucket, source.prefix))
    if not expected:
        raise C360Error(f"s3://{outputs.bucket}/{source.prefix} holds no files; `c360 upload` puts them there.")
    for key in _missing(expected, found):
        raise C360Error(
            f"s3://{outputs.bucket}/{key} has {expected[key]:,} rows, {source.table} has {found.get(key, 0):,} of it. "
            "One of them changed after the load: delete those rows and COPY that file again with FORCE = TRUE."
        )
    return sum(expected.values())


def rows_by_file(connection: SnowflakeConnection, table: str, prefix: str) -> dict[str, int]:
    """Rows that a bronze table holds of each file under a prefix."""
    sql = f"SELECT SOURCE_FILE, COUNT(*) FROM {table} WHERE STARTSWITH(SOURCE_FILE, ?) GROUP BY 1"
    return {name: int(count) for name, count in query(connection, sql, prefix)}


def _missing(expected: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """Files of which a table holds another number of rows."""
    return [key for key, count in expected.items() if found.get(key, 0) != count]


def rows_in_files(s3: Any, bucket: str, prefix: str) -> Iterator[tuple[str, int]]:
    """(key, rows) of every file under a prefix: from a Parquet file's footer, by counting a CSV's records."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            key, size = item["Key"], item["Size"]
            if key.endswith(".parquet"):
                yield key, pq.read_metadata(_RemoteFile(s3, bucket, key, size)).num_rows
            elif key.endswith((".csv.gz", ".csv")):
                yield key, _csv_rows(s3.get_object(Bucket=bucket, Key=key)["Body"].read(), key)


def _csv_rows(body: bytes, key: str) -> int:
    try:
        text = gzip.decompress(body) if key.endswith(".gz") else body
    except (OSError, EOFError) as error:
        raise C360Error(f"{key} is not a whole gzip file ({error}); generate and upload it again.") from error
    return max(text.count(b"\n") - 1, 0)


class _RemoteFile(io.RawIOBase):
    """Just enough of a file for a Parquet footer: ranges of an S3 object, read when asked for."""

    def __init__(self, s3: Any, bucket: str, key: str, size: int) -> None:
        self._s3, self._bucket, self._key, self._size = s3, bucket, key, size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = self._size if size < 0 else min(self._position + size, self._size)
        if end <= self._position:
            return b""
        span = f"bytes={self._position}-{end - 1}"
        data: bytes = self._s3.get_object(Bucket=self._bucket, Key=self._key, Range=span)["Body"].read()
        self._position = end
        return data
