"""COPY INTO <location>: rows into files of a stage.

https://docs.snowflake.com/en/sql-reference/sql/copy-into-location
"""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from local_cloud.snowflake import errors
from local_cloud.snowflake.enforcement import warehouse
from local_cloud.snowflake.loading import formats, stage_names, stages
from local_cloud.snowflake.loading.copy_statement import parenthesised
from local_cloud.snowflake.loading.formats import FileFormat
from local_cloud.snowflake.loading.scan import literal
from local_cloud.snowflake.loading.stage_names import StageName
from local_cloud.snowflake.loading.stages import Stage
from local_cloud.snowflake.objects import ddl, file_formats
from local_cloud.snowflake.objects.ddl import Option, Reader
from local_cloud.snowflake.query import run, translate
from local_cloud.snowflake.results import Result, rows
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

_DEFAULT_SIZE = 16 * 1024 * 1024
_OPTIONS: Mapping[str, Option] = {
    "FILE_FORMAT": file_formats.inline(),
    "OVERWRITE": ddl.boolean(),
    "SINGLE": ddl.boolean(),
    "MAX_FILE_SIZE": Option(lambda reader, _: int(reader.scalar())),
    "HEADER": ddl.boolean(),
    "INCLUDE_QUERY_ID": ddl.boolean(),
    "DETAILED_OUTPUT": ddl.boolean(),
}


@dataclass(frozen=True)
class _Unload:
    stage: StageName
    query: str
    options: Mapping[str, Any]


def is_unload(text: str) -> bool:
    return re.match(r"\s*COPY\s+INTO\s+'?@", text, re.IGNORECASE) is not None


def run_unload(session: Session, statement: Statement) -> Result:
    """Write the files; answers rows_unloaded, input_bytes and output_bytes."""
    asked = _parse(statement.text)
    stage = stages.find(session, asked.stage, writes=True)
    form = formats.resolve(session, asked.options.get("FILE_FORMAT"), stage.document)
    if form.kind == "JSON":
        raise errors.not_supported("COPY INTO <location> with JSON")
    spool = session.account.home / "spool" / "loads" / uuid.uuid4().hex
    spool.mkdir(parents=True)
    try:
        return _write(session, asked, stage, form, spool)
    finally:
        shutil.rmtree(spool)


def _parse(text: str) -> _Unload:
    reader = Reader(Statement(stage_names.quoted(text)))
    reader.expect("COPY", "INTO")
    stage = stage_names.parse(reader.string())
    reader.expect("FROM")
    if reader.word() == "(":
        query, rest = parenthesised(reader.rest())
        reader = Reader(Statement(rest))
    else:
        query = "select * from " + ".".join(f'"{part}"' for part in reader.name())
    return _Unload(stage, query, reader.properties(_OPTIONS, "COPY", stop=()))


def _write(session: Session, asked: _Unload, stage: Stage, form: FileFormat, spool: Path) -> Result:
    single = bool(asked.options.get("SINGLE"))
    count = _export(session, asked, form, spool)
    parts = sorted(spool.rglob("*"), key=lambda path: (len(path.name), path.name))
    parts = [path for path in parts if path.is_file()]
    targets = [_name(asked.stage.path, number, _ending(form), single) for number in range(len(parts))]
    if not asked.options.get("OVERWRITE") and any(stage.file(path) is not None for path in targets):
        raise errors.SnowflakeError(
            1030,
            "22000",
            f"Files already existing at the unload destination: {stage.location}{asked.stage.path}. "
            "Use overwrite option to force unloading.",
        )
    for part, path in zip(parts, targets, strict=True):
        stage.write(part, path)
    size = sum(part.stat().st_size for part in parts)
    kinds = [pa.int64()] * 3
    return rows(["rows_unloaded", "input_bytes", "output_bytes"], [[count, size, size]], kinds)


def _export(session: Session, asked: _Unload, form: FileFormat, spool: Path) -> int:
    """Write the rows into `spool`, in one file or in files of about MAX_FILE_SIZE; how many rows."""
    query = translate.translate(session, translate.parse(asked.query))
    writer = _writer(form, bool(asked.options.get("HEADER")))
    target = spool / "data"
    if not asked.options.get("SINGLE"):
        limit = int(asked.options.get("MAX_FILE_SIZE") or _DEFAULT_SIZE)
        writer += f", file_size_bytes {limit}"
    warehouse.require(session)
    found = run.execute(session, f"copy ({query}) to {literal(str(target))} ({writer})").fetchall()
    return int(found[0][0]) if found else 0


def _writer(form: FileFormat, header: bool) -> str:
    if form.kind == "PARQUET":
        kind = {"NONE": "uncompressed"}.get(form.compression, "snappy")
        return f"format parquet, compression {kind}"
    packed = {"AUTO": "gzip", "GZIP": "gzip", "ZSTD": "zstd", "NONE": "none"}[form.compression]
    quote = form.enclosed_by or '"'
    # Snowflake writes NULL as \N unless NULL_IF says otherwise; without enclosing it escapes instead of quoting.
    null = form.null_if[0] if form.null_if else ""
    return (
        f"format csv, header {str(header).lower()}, delimiter {literal(form.field_delimiter)}, quote {literal(quote)}, "
        f"nullstr {literal(null)}, compression {packed}"
    )


def _ending(form: FileFormat) -> str:
    if form.kind == "PARQUET":
        return ".snappy.parquet" if form.compression in {"AUTO", "SNAPPY"} else ".parquet"
    packed = {"AUTO": ".gz", "GZIP": ".gz", "ZSTD": ".zst", "NONE": ""}[form.compression]
    return f".{form.file_extension or 'csv'}{packed}"


def _name(path: str, number: int, ending: str, single: bool) -> str:
    """`path` is a file's name with SINGLE, else a prefix; a folder's files are called `data`."""
    if single:
        return path if path and not path.endswith("/") else f"{path}data"
    return f"{path}{'data' if not path or path.endswith('/') else ''}_0_{number}_0{ending}"
