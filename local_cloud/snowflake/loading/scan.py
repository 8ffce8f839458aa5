"""A staged file as a relation that DuckDB reads: its fields and the METADATA$ columns.

https://docs.snowflake.com/en/user-guide/querying-metadata

CSV fields are called c1, c2, ...; Parquet columns keep their names; JSON has one column `doc`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from local_cloud.snowflake import errors
from local_cloud.snowflake.loading import strict_csv
from local_cloud.snowflake.loading.formats import FileFormat, open_text
from local_cloud.snowflake.loading.stages import StageFile
from local_cloud.snowflake.query.database import identifier

FILENAME = "METADATA$FILENAME"
ROW_NUMBER = "METADATA$FILE_ROW_NUMBER"
METADATA = (
    FILENAME,
    ROW_NUMBER,
    "METADATA$START_SCAN_TIME",
    "METADATA$FILE_LAST_MODIFIED",
    "METADATA$FILE_CONTENT_KEY",
)
_BATCH_ROWS = 50_000
# DuckDB skips blank lines, Snowflake does not; files up to this size are looked through for them.
_LOOK_THROUGH = 8 * 1024 * 1024


@dataclass(frozen=True)
class LocalFile:
    """A staged file with its content on this machine; `started` is METADATA$START_SCAN_TIME."""

    staged: StageFile
    path: Path
    started: datetime


@dataclass(frozen=True)
class Fields:
    """What a file offers: for CSV the number of fields, for Parquet names and types, and a header's names.

    Attributes:
        names: of Parquet columns, or of a CSV header when PARSE_HEADER is set.
        types: DuckDB types of Parquet columns.
        count: fields of CSV's first record; 0 for an empty file.
    """

    kind: str
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    count: int = 0


class UnreadableError(Exception):
    """The file is damaged as a whole; the message is Snowflake's, with the file's name left to the caller."""


def literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def describe(side: duckdb.DuckDBPyConnection, file: LocalFile, form: FileFormat) -> Fields:
    """Look at the beginning of a file (CSV) or its footer (Parquet).

    Raises:
        UnreadableError: not a Parquet file, or a damaged compressed one.
    """
    if form.kind == "JSON":
        return Fields("JSON", count=1)
    if form.kind == "PARQUET":
        return _describe_parquet(side, file)
    skip = 0 if form.parse_header else form.skip_header
    try:
        found = list(itertools.islice(strict_csv.records(file.path, compression(file, form), form, skip), 2))
    except (OSError, EOFError) as error:
        raise UnreadableError(damaged(error, compression(file, form))) from error
    if not form.parse_header:
        return Fields("CSV", count=len(found[0].fields) if found else 0)
    names = tuple(str(name) for name in found[0].fields) if found else ()
    return Fields("CSV", names=names, count=len(names))


def _describe_parquet(side: duckdb.DuckDBPyConnection, file: LocalFile) -> Fields:
    try:
        rows = side.execute(f"describe select * from read_parquet({literal(str(file.path))})").fetchall()
    except duckdb.Error as error:
        raise UnreadableError(damaged(error, "PARQUET")) from error
    return Fields("PARQUET", tuple(str(row[0]) for row in rows), tuple(str(row[1]) for row in rows), len(rows))


def compression(file: LocalFile, form: FileFormat) -> str:
    return form.compression_of(file.staged.path)


def damaged(error: Exception, what: str) -> str:
    """Snowflake's sentence for a file that cannot be decoded."""
    if what == "PARQUET":
        return "Error parsing the parquet file: the file is truncated, or not a Parquet file"
    if what in {"GZIP", "ZSTD"}:
        return f"Error while decompressing the file: the {what} stream is truncated or damaged"
    return f"Error while reading the file: {str(error).splitlines()[0] if str(error) else type(error).__name__}"


def relation(files: Sequence[LocalFile], form: FileFormat, fields: Fields) -> str:
    """A SELECT over the fast reader: fields, METADATA$ columns and `#file`, the file's place in `files`.

    Several files not for JSON. DuckDB raises for whatever it cannot read, and so does the guard against what it would
    read otherwise than Snowflake.
    """
    if form.kind == "PARQUET":
        return " union all ".join(_parquet_relation(file, place) for place, file in enumerate(files))
    if form.kind == "JSON":
        shape = "array" if form.strip_outer_array else "auto"
        packed = _duckdb_compression(compression(files[0], form))
        return (
            f"select json as doc, row_number() over () as {identifier(ROW_NUMBER)}, {_constants(files[0])} "
            f"from read_json_objects({literal(str(files[0].path))}, format = '{shape}', compression = '{packed}', "
            "maximum_object_size = 134217728)"
        )
    return _csv_relation(files, form, fields)


def parquet_rows(side: duckdb.DuckDBPyConnection, file: LocalFile) -> int:
    """Rows of a Parquet file by its footer."""
    row = side.execute(f"select num_rows from parquet_file_metadata({literal(str(file.path))})").fetchone()
    return int(row[0]) if row else 0


def _parquet_relation(file: LocalFile, place: int) -> str:
    return (
        f"select * exclude (file_row_number), file_row_number + 1 as {identifier(ROW_NUMBER)}, "
        f"{_constants(file, place)} from read_parquet({literal(str(file.path))}, file_row_number = true)"
    )


def _csv_relation(files: Sequence[LocalFile], form: FileFormat, fields: Fields) -> str:
    columns = [f"c{number + 1}" for number in range(fields.count)]
    reader = _read_csv(files, form, columns)
    values = ", ".join(f"{_csv_value(name, form)} as {name}" for name in columns)
    if len(files) == 1:
        numbered = f"row_number() over () as {identifier(ROW_NUMBER)}"
        return f"select {values}, {numbered}, {_constants(files[0])} from {reader}"
    # Rows of a file are contiguous in what the reader gives, so a file's first row has its lowest number.
    listed = ", ".join(
        f"({literal(str(file.path))}, {place}, {', '.join(_values(file))})" for place, file in enumerate(files)
    )
    names = ", ".join(identifier(name) for name in ("#path", "#file", FILENAME, *METADATA[2:]))
    return (
        "select r.* exclude (filename, rn), "
        f"rn - min(rn) over (partition by filename) + 1 as {identifier(ROW_NUMBER)}, "
        f'f.* exclude ("#path") from (select {values}, filename, row_number() over () as rn from {reader}) r '
        f'join (values {listed}) f({names}) on f."#path" = r.filename'
    )


def _read_csv(files: Sequence[LocalFile], form: FileFormat, columns: Sequence[str]) -> str:
    paths = ", ".join(literal(str(file.path)) for file in files)
    kinds = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
    quote = form.enclosed_by or ""
    null = "''" if form.empty_field_as_null else literal("\x01\x02no such value\x02\x01")
    skip = 1 if form.parse_header else form.skip_header
    packed = _duckdb_compression(compression(files[0], form))
    return (
        f"read_csv([{paths}], auto_detect = false, header = false, skip = {skip}, columns = {{{kinds}}}, "
        f"delim = {literal(form.field_delimiter)}, quote = {literal(quote)}, escape = {literal(form.escape or quote)}, "
        f"nullstr = {null}, allow_quoted_nulls = false, compression = '{packed}', strict_mode = true, "
        f"filename = {str(len(files) > 1).lower()})"
    )


def _csv_value(name: str, form: FileFormat) -> str:
    value = name
    if form.null_if:
        value = f"case when {name} in ({', '.join(map(literal, form.null_if))}) then null else {name} end"
    if form.escape_unenclosed is not None:
        escape = literal(form.escape_unenclosed)
        value = f"case when contains({name}, {escape}) then error('escape character') else {value} end"
    return value


def needs_strict(file: LocalFile, form: FileFormat) -> bool:
    """Whether DuckDB's reader would read a CSV file otherwise than Snowflake does."""
    if form.escape is not None or (form.trim_space and form.enclosed_by) or len(form.field_delimiter) > 4:
        return True
    if form.skip_blank_lines or file.staged.size > _LOOK_THROUGH:
        return False
    try:
        with open_text(file.path, compression(file, form)) as opened:
            content = bytes(opened.read()).replace(b"\r\n", b"\n")
    except OSError:
        # The strict parser meets the damage again and reports it.
        return True
    return b"\n\n" in content or content.startswith(b"\n")


def strict_relation(
    side: duckdb.DuckDBPyConnection, file: LocalFile, form: FileFormat, fields: Fields, name: str
) -> str:
    """Parse a CSV file with error messages into a temporary table, and a SELECT over it as `relation` gives.

    The SELECT has besides `#line`, `#fault`, `#code`, `#character`, `#fields` and `#text`.
    """
    skip = 1 if form.parse_header else form.skip_header
    found = strict_csv.records(file.path, compression(file, form), form, skip)
    reader = pa.RecordBatchReader.from_batches(_schema(fields.count), _batches(found, fields.count))
    side.register("strict_rows", reader)
    try:
        side.execute(f"create or replace temp table {name} as select * from strict_rows")
    except (duckdb.Error, OSError) as error:
        raise UnreadableError(damaged(error, compression(file, form))) from error
    finally:
        side.unregister("strict_rows")
    return f"select *, {_constants(file)} from {name}"


def _schema(count: int) -> pa.Schema:
    return pa.schema(
        [(f"c{number + 1}", pa.string()) for number in range(count)]
        + [(ROW_NUMBER, pa.int64()), ("#line", pa.int64()), ("#fault", pa.string()), ("#code", pa.int64())]
        + [("#character", pa.int64()), ("#fields", pa.int64()), ("#text", pa.string())]
    )


def _batches(found: Iterator[strict_csv.Record], count: int) -> Iterator[pa.RecordBatch]:
    schema = _schema(count)
    numbered = enumerate(found, start=1)
    while batch := list(itertools.islice(numbered, _BATCH_ROWS)):
        rows = [_strict_row(number, record, count) for number, record in batch]
        columns = list(zip(*rows, strict=True))
        yield pa.RecordBatch.from_arrays(
            [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
        )


def _strict_row(number: int, record: strict_csv.Record, count: int) -> tuple[object, ...]:
    fault = record.fault
    fields = [] if fault else record.fields
    padded = (*fields[:count], *[None] * (count - len(fields)))
    text = record.text.encode(errors="replace").decode(errors="replace")
    tail = (fault.message, fault.code, fault.character) if fault else (None, None, None)
    return (*padded, number, record.line, *tail, len(record.fields), text)


def _constants(file: LocalFile, place: int = 0) -> str:
    named = zip(("#file", FILENAME, *METADATA[2:]), (str(place), *_values(file)), strict=True)
    return ", ".join(f"{value} as {identifier(name)}" for name, value in named)


def _values(file: LocalFile) -> tuple[str, str, str, str]:
    """SQL of FILENAME, START_SCAN_TIME, FILE_LAST_MODIFIED and FILE_CONTENT_KEY."""
    started = file.started.astimezone(UTC).isoformat(sep=" ")
    modified = file.staged.modified.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    return (
        literal(file.staged.name),
        f"timestamptz '{started}'",
        f"timestamp '{modified}'",
        literal(file.staged.etag),
    )


def _duckdb_compression(kind: str) -> str:
    known = {"GZIP": "gzip", "ZSTD": "zstd", "NONE": "none"}
    if kind not in known:
        raise errors.not_supported(f"COMPRESSION = {kind} of text files")
    return known[kind]
