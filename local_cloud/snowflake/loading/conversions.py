"""What Snowflake says about a value that a column cannot take.

https://docs.snowflake.com/en/sql-reference/functions/validate_pipe_load shows code, SQL state and text of such errors.
"""

from __future__ import annotations

NULL_IN_REQUIRED = (100072, "NULL result in a non-nullable column")

_BY_TYPE = (
    (("TIMESTAMP",), 100035, "Timestamp '{}' is not recognized"),
    (("DATE",), 100040, "Date '{}' is not recognized"),
    (("TIME",), 100108, "Time '{}' is not recognized"),
    (("BOOLEAN",), 100037, "Boolean value '{}' is not recognized"),
    (("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "DOUBLE", "FLOAT"), 100038,
     "Numeric value '{}' is not recognized"),
    (("JSON",), 100069, "Error parsing JSON: {}"),
)  # fmt: skip


def failure(kind: str, value: str | None) -> tuple[int, str]:
    """Error number and text for a value that could not become the DuckDB type `kind`."""
    if _is_number(kind) and value is not None and _looks_numeric(value):
        return 100132, f"Number out of representable range: type {kind}, value {value}"
    for prefixes, code, text in _BY_TYPE:
        if kind.startswith(prefixes):
            return code, text.format(value if value is not None else "")
    return 100078, f"Value '{value}' cannot be converted to {kind}"


def _is_number(kind: str) -> bool:
    return kind.startswith(_BY_TYPE[4][0])


def _looks_numeric(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return value.strip().lower().lstrip("+-") not in {"nan", "inf", "infinity"}
