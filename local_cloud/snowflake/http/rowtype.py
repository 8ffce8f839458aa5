"""Result columns as the protocol describes them, from an Arrow schema."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

_TEXT = {"length": 16_777_216, "byteLength": 16_777_216}


def describe(schema: pa.Schema) -> list[dict[str, Any]]:
    """`rowtype`: one document per column."""
    return [_column(field) for field in schema]


def _column(field: pa.Field) -> dict[str, Any]:
    column = {
        "name": field.name,
        "database": "",
        "schema": "",
        "table": "",
        "nullable": True,
        "byteLength": None,
        "length": None,
        "precision": None,
        "scale": None,
        "collation": None,
    }
    return {**column, **_kind(field)}


def _kind(field: pa.Field) -> dict[str, Any]:
    kind = field.type
    if field.metadata and field.metadata.get(b"logicalType") == b"VARIANT":
        return {"type": "variant"}
    if pa.types.is_decimal(kind):
        return {"type": "fixed", "precision": kind.precision, "scale": kind.scale}
    if pa.types.is_integer(kind):
        return {"type": "fixed", "precision": 38, "scale": 0}
    if pa.types.is_floating(kind):
        return {"type": "real"}
    if pa.types.is_boolean(kind):
        return {"type": "boolean"}
    if pa.types.is_date(kind):
        return {"type": "date"}
    if pa.types.is_time(kind):
        return {"type": "time", "precision": 0, "scale": 9}
    if pa.types.is_timestamp(kind):
        return {"type": "timestamp_ltz" if kind.tz else "timestamp_ntz", "precision": 0, "scale": 9}
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return {"type": "binary", "length": 8_388_608, "byteLength": 8_388_608}
    return {"type": "text", **_TEXT}
