"""Rows on the wire: Arrow record batches or JSON rowsets, as Snowflake encodes its types in them.

The encodings are those that the drivers decode: nanoarrow's converters in snowflake-connector-python, `converter.go` in
gosnowflake.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MICRO = 1_000_000


def normal(table: pa.Table) -> pa.Table:
    """The same rows in the types that the protocol has: what Snowflake lacks becomes text or the next wider type."""
    columns, fields = [], []
    for field, column in zip(table.schema, table.columns, strict=True):
        plain = _plain(column)
        columns.append(plain)
        fields.append(pa.field(field.name, plain.type, metadata=_logical(field)))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _logical(field: pa.Field) -> dict[str, str] | None:
    nested = pa.types.is_nested(field.type)
    known = bool(field.metadata) and field.metadata.get(b"logicalType") == b"VARIANT"
    return {"logicalType": "VARIANT"} if nested or known else None


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    if pa.types.is_integer(kind):
        return column.cast(pa.decimal128(38, 0)) if kind == pa.uint64() else column.cast(pa.int64())
    if pa.types.is_floating(kind):
        return column.cast(pa.float64())
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", kind.tz), safe=False)
    if pa.types.is_time(kind):
        return column.cast(pa.time64("us"), safe=False)
    if pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_nested(kind):
        values = [None if v is None else json.dumps(v, default=str, separators=(",", ":")) for v in column.to_pylist()]
        return pa.chunked_array([pa.array(values, pa.string())])
    if pa.types.is_interval(kind) or pa.types.is_duration(kind):
        return pa.chunked_array([pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())])
    return column


def to_arrow(table: pa.Table, rowtype: list[dict[str, Any]]) -> bytes:
    """An Arrow stream of a normal table; each field's metadata carries Snowflake's type."""
    arrays, fields = [], []
    for column, kind in zip(table.columns, rowtype, strict=True):
        array, scale = _encoded(column.combine_chunks(), kind)
        metadata = {
            "logicalType": kind["type"].upper(),
            "precision": str(kind["precision"] or 38),
            "scale": str(scale),
            "charLength": str(kind["length"] or 0),
            "byteLength": str(kind["byteLength"] or 0),
            "finalType": "T",
        }
        arrays.append(array)
        fields.append(pa.field(kind["name"], array.type, metadata=metadata))
    sink = pa.BufferOutputStream()
    schema = pa.schema(fields)
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
    return bytes(sink.getvalue())


def _encoded(column: pa.Array | pa.ChunkedArray, kind: dict[str, Any]) -> tuple[pa.Array, int]:
    """The array and its scale: validity is kept, unlike in a struct built from parts without a mask."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_timestamp(array.type):
        return _moment(array), 9
    if pa.types.is_time(array.type):
        return pc.multiply(array.cast(pa.int64()), 1000), 9
    if pa.types.is_decimal(array.type):
        return _scaled(array), int(kind["scale"])
    return array, int(kind["scale"] or 0)


def _moment(array: pa.Array) -> pa.Array:
    """Seconds and nanoseconds since 1970: 64 bits of nanoseconds would end in 2262, before 9999-12-31."""
    micros = np.asarray(array.cast(pa.int64()).fill_null(0))
    seconds = np.floor_divide(micros, _MICRO)
    fraction = ((micros - seconds * _MICRO) * 1000).astype(np.int32)
    return pa.StructArray.from_arrays(
        [pa.array(seconds), pa.array(fraction)], names=["epoch", "fraction"], mask=array.is_null()
    )


def _scaled(array: pa.Array) -> pa.Array:
    """Unscaled 64-bit integers where they fit, as Snowflake sends them, so that pandas gets numbers."""
    if array.type.bit_width != 128 or len(array) == 0:
        return array if len(array) else pa.array([], pa.int64())
    words = np.frombuffer(array.buffers()[1], dtype=np.int64)[2 * array.offset : 2 * (array.offset + len(array))]
    low, high = words[0::2], words[1::2]
    empty = np.asarray(array.is_null())
    if not np.all((high == (low >> 63)) | empty):
        return array
    return pa.array(low, mask=empty)


def to_rowset(table: pa.Table) -> list[list[str | None]]:
    """A JSON rowset of a normal table: every value is text or null."""
    columns = [[_text(value) for value in column.to_pylist()] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "1" if value else "0"
        case datetime():
            return _seconds(value)
        case date():
            return str((value - date(1970, 1, 1)).days)
        case time():
            micros = ((value.hour * 60 + value.minute) * 60 + value.second) * _MICRO + value.microsecond
            return f"{micros // _MICRO}.{micros % _MICRO:06d}000"
        case bytes():
            return value.hex().upper()
        case Decimal():
            return f"{value:f}"
        case float():
            return repr(value) if value == value else "NaN"
        case _:
            return str(value)


def _seconds(value: datetime) -> str:
    # A time without zone counts as if it were UTC.
    delta = (value if value.tzinfo else value.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    micros = (delta.days * 86_400 + delta.seconds) * _MICRO + delta.microseconds
    # One signed number: -0.25 is a quarter of a second before 1970.
    return f"{Decimal(micros) / _MICRO:.9f}"
