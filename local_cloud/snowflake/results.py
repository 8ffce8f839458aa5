"""What a statement answers, before it is put on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class Result:
    """One statement's answer.

    Attributes:
        table: the rows. Timestamps are `timestamp[us]`, with a time zone (UTC) for TIMESTAMP_TZ and _LTZ.
        rows_affected: for DML, what the client reports as `cursor.rowcount`; None otherwise.
        payload: extra members of the response's `data` that replace the rows, as for PUT and GET.
    """

    table: pa.Table
    rows_affected: int | None = None
    payload: Mapping[str, Any] | None = field(default=None)


def rows(columns: Sequence[str], values: Sequence[Sequence[Any]], types: Sequence[pa.DataType] | None = None) -> Result:
    """A result from Python values; columns are VARCHAR unless `types` (one per column) says otherwise."""
    kinds = list(types) if types is not None else [pa.string()] * len(columns)
    arrays = [pa.array([_plain(row[i], kind) for row in values], type=kind) for i, kind in enumerate(kinds)]
    return Result(pa.Table.from_arrays(arrays, names=list(columns)))


def status(message: str) -> Result:
    """The one-row, one-column answer of most DDL."""
    return rows(["status"], [[message]])


def _plain(value: Any, kind: pa.DataType) -> Any:
    """Strings for VARCHAR columns whatever they were; booleans as Snowflake prints them in SHOW."""
    if value is None or not pa.types.is_string(kind):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
