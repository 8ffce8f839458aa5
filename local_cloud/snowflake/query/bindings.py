"""Values for `?` placeholders, put into the statement's text as Snowflake literals.

Placeholders are found by Snowflake's tokenizer, so that a question mark in a string or comment is none, and literals
are written by the generator of the same dialect, so that no value can end its own string.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from sqlglot import exp

from local_cloud.snowflake import errors
from local_cloud.snowflake.statement import Statement


def inline(given: Statement) -> Statement:
    """The statement with its bindings in place.

    Raises:
        SnowflakeError: 002049 when there are fewer values than placeholders.
    """
    if not given.bindings:
        return given
    # `?::DATE` is a placeholder and a cast; other dialects have an operator of these three characters.
    positions = [token for token in given.tokens if token.token_type.name in ("PLACEHOLDER", "QDCOLON")]
    if len(positions) > len(given.bindings):
        raise errors.compilation_error(2049, "42601", f"Bind variable :{len(given.bindings) + 1} not set.")
    text, end = [], 0
    for token, value in zip(positions, given.bindings, strict=False):
        text += [given.text[end : token.start], literal(value)]
        end = token.start + 1
    return Statement("".join([*text, given.text[end:]]))


def literal(value: object) -> str:
    """A Snowflake literal of the value's type."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float() | Decimal():
            return str(value) if value == value else "'NaN'::FLOAT"
        case bytes():
            return f"X'{value.hex()}'"
        case datetime():
            kind = "TIMESTAMP_TZ" if value.tzinfo else "TIMESTAMP_NTZ"
            return f"'{value.isoformat(sep=' ')}'::{kind}"
        case date():
            return f"'{value.isoformat()}'::DATE"
        case time():
            return f"'{value.isoformat()}'::TIME"
        case _:
            return exp.Literal.string(str(value)).sql(dialect="snowflake")
