"""Declared column types and how Snowflake spells them back."""

from __future__ import annotations

import re

from sqlglot import exp

_TEXT_MAXIMUM = 16_777_216
_INTEGERS = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
)
_BY_ENGINE = {
    "VARCHAR": f"VARCHAR({_TEXT_MAXIMUM})",
    "DOUBLE": "FLOAT",
    "FLOAT": "FLOAT",
    "TIMESTAMP": "TIMESTAMP_NTZ(9)",
    "TIMESTAMP_NS": "TIMESTAMP_NTZ(9)",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_LTZ(9)",
    "TIME": "TIME(9)",
    "JSON": "VARIANT",
    "BLOB": "BINARY(8388608)",
}
_TEXTS = {
    exp.DataType.Type.VARCHAR,
    exp.DataType.Type.TEXT,
    exp.DataType.Type.CHAR,
    exp.DataType.Type.NVARCHAR,
    exp.DataType.Type.NCHAR,
}


def spelled(engine_type: str, declared: str | None = None) -> str:
    """`VARCHAR(16777216)`, `NUMBER(38,0)`, ... for DuckDB's type, or the declaration when there is one."""
    if declared:
        return declared
    if engine_type in _INTEGERS:
        return "NUMBER(38,0)"
    if match := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", engine_type):
        return f"NUMBER({match[1]},{match[2]})"
    return _BY_ENGINE.get(engine_type, engine_type)


def declared(kind: exp.DataType) -> str | None:
    """What to note about a declaration that DuckDB's type will not tell, else None."""
    size = kind.expressions[0].name if kind.expressions else None
    if kind.this in _TEXTS:
        length = size or ("1" if kind.this in {exp.DataType.Type.CHAR, exp.DataType.Type.NCHAR} else None)
        return f"VARCHAR({length})" if length and int(length) != _TEXT_MAXIMUM else None
    if kind.this == exp.DataType.Type.TIMESTAMPTZ:
        return f"TIMESTAMP_TZ({size or 9})"
    if kind.this in (exp.DataType.Type.TIMESTAMPNTZ, exp.DataType.Type.TIMESTAMP) and size not in (None, "9"):
        return f"TIMESTAMP_NTZ({size})"
    if kind.this == exp.DataType.Type.TIMESTAMPLTZ and size not in (None, "9"):
        return f"TIMESTAMP_LTZ({size})"
    if kind.this in (exp.DataType.Type.ARRAY, exp.DataType.Type.OBJECT):
        return str(kind.this.name)
    return None
