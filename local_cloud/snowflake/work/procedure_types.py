"""Types of a procedure's arguments and result: their names in signatures, and their values in Python.

https://docs.snowflake.com/en/developer-guide/udf-stored-procedure-data-type-mapping#python
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlglot import exp

from local_cloud.snowflake import errors
from local_cloud.snowflake.objects.ddl import Reader

_SYNONYMS = {
    **dict.fromkeys(("STRING", "TEXT", "CHAR", "CHARACTER", "NCHAR", "NVARCHAR"), "VARCHAR"),
    **dict.fromkeys(("INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT", "DECIMAL", "NUMERIC"), "NUMBER"),
    **dict.fromkeys(("DOUBLE", "REAL", "FLOAT4", "FLOAT8"), "FLOAT"),
    **dict.fromkeys(("TIMESTAMP", "DATETIME"), "TIMESTAMP_NTZ"),
    "VARBINARY": "BINARY",
}
_SEMI_STRUCTURED = {"VARIANT", "OBJECT", "ARRAY"}
_ARROW = {
    "VARCHAR": pa.string(),
    "FLOAT": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "TIMESTAMP_NTZ": pa.timestamp("us"),
    "TIMESTAMP_LTZ": pa.timestamp("us", tz="UTC"),
    "TIMESTAMP_TZ": pa.timestamp("us", tz="UTC"),
    "BINARY": pa.binary(),
}
_KNOWN = {*_ARROW, "NUMBER", *_SEMI_STRUCTURED}


def read_type(reader: Reader) -> str:
    """A type as written, e.g. `NUMBER(38,0)` or `VARCHAR`.

    Raises:
        SnowflakeError: 002040 for a type that is none.
    """
    word = reader.any_word()
    if word == "DOUBLE" and reader.accept("PRECISION"):
        word = "FLOAT"
    sizes = reader.many(reader.scalar) if reader.word() == "(" else []
    if signature(word) not in _KNOWN:
        raise errors.compilation_error(2040, "42601", f"Unsupported data type '{word}'.")
    return f"{word}({','.join(sizes)})" if sizes else word


def signature(written: str) -> str:
    """The type as a procedure's signature has it: without sizes, by its main name."""
    word = written.partition("(")[0].strip().upper()
    return _SYNONYMS.get(word, word)


def to_python(value: Any, written: str) -> Any:
    """An argument's value, worked out by the engine, as the handler gets it."""
    kind = signature(written)
    if value is None:
        return None
    if kind in _SEMI_STRUCTURED:
        return json.loads(value) if isinstance(value, str) else value
    if kind == "NUMBER" and isinstance(value, Decimal) and value == value.to_integral_value():
        return value if _scale(written) else int(value)
    return value


def cast(argument: exp.Expr, written: str) -> exp.Expr:
    """The argument as an expression of the declared type."""
    kind = signature(written)
    if kind in _SEMI_STRUCTURED:
        return argument
    return exp.cast(argument, exp.DataType.build(written, dialect="snowflake"))


def result(name: str, value: Any, written: str) -> pa.Table:
    """The one-row, one-column answer of a CALL; the column is named after the procedure."""
    kind = signature(written)
    if kind in _SEMI_STRUCTURED:
        text = None if value is None else json.dumps(value, default=str)
        field = pa.field(name, pa.string(), metadata={"logicalType": "VARIANT"})
        return pa.Table.from_arrays([pa.array([text], pa.string())], schema=pa.schema([field]))
    arrow = _number(value, written) if kind == "NUMBER" else _ARROW[kind]
    try:
        array = pa.array([_plain(value, kind)], type=arrow)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise errors.SnowflakeError(
            100357, "P0000", f"Python Interpreter Error:\nThe return value {value!r} is not of the type {written}."
        ) from error
    return pa.Table.from_arrays([array], names=[name])


def _plain(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "VARCHAR":
        return str(value)
    return Decimal(str(value)) if kind == "NUMBER" and not isinstance(value, int) else value


def _number(value: Any, written: str) -> pa.DataType:
    scale = _scale(written)
    if scale == 0 and isinstance(value, int | None) and abs(value or 0) < 2**63:
        return pa.int64()
    return pa.decimal128(38, scale)


def _scale(written: str) -> int:
    match = re.search(r"\(\s*\d+\s*,\s*(\d+)\s*\)", written)
    return int(match[1]) if match else 0
