"""Whole files or none: everything is written beside its place and moved there when complete.

Arrow is imported where it is used: an hour of the stream needs none of it and would wait for it 0.2 s.
"""

from __future__ import annotations

import gzip
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

PARTIAL_SUFFIX = ".partial"
# What the generator planted, under the lake's folder: never uploaded.
TRUTH_FOLDER = "truth"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path that takes the place of `path` if the block ends well, and is removed if not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL_SUFFIX}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_partial(folder: Path) -> None:
    """Remove what a killed run left behind."""
    for leftover in folder.rglob(f".*{PARTIAL_SUFFIX}"):
        leftover.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n")


def csv_bytes(table: pa.Table) -> bytes:
    """CSV with header; null and empty text are both empty. Raises ValueError on text that would need quotes."""
    import pyarrow.csv as pa_csv

    buffer = io.BytesIO()
    pa_csv.write_csv(table, buffer, pa_csv.WriteOptions(quoting_style="none", quoting_header="none"))
    return buffer.getvalue()


def write_csv_gz(path: Path, table: pa.Table) -> None:
    """Gzip without a time stamp, so that equal tables give equal bytes."""
    from isal import igzip

    with replacing(path) as temporary:
        temporary.write_bytes(igzip.compress(csv_bytes(table), compresslevel=2, mtime=0))


def read_csv_gz(path: Path) -> pa.Table:
    """All columns as text, empty text for null."""
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    data = gzip.decompress(path.read_bytes())
    names = data[: data.index(b"\n")].decode().replace('"', "").split(",")
    convert = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    return pa_csv.read_csv(io.BytesIO(data), convert_options=convert)
