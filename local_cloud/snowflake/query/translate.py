"""From a Snowflake statement to the same statement for DuckDB.

Most of the work is sqlglot's and fakesnow's; `functions` mends what they leave different.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import sqlglot
from fakesnow import transforms
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from local_cloud.snowflake import errors
from local_cloud.snowflake.enforcement import relations, warehouse
from local_cloud.snowflake.query import failures, functions, names, system_calls
from local_cloud.snowflake.session import Session

# sqlglot warns when it falls back to an opaque command; we refuse those ourselves, in Snowflake's words.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

Transform = Callable[[exp.Expr], exp.Expr]

# Order matters: see the comments in fakesnow.cursor about JSON extraction before regular expressions.
_TRANSFORMS: list[Transform] = [
    transforms.semi_structured_types,
    transforms.try_parse_json,
    transforms.split,
    transforms.trim_cast_varchar,
    transforms.indices_to_json_extract,
    transforms.json_extract_cast_as_varchar,
    transforms.json_extract_cased_as_varchar,
    transforms.json_extract_precedence,
    transforms.flatten_value_cast_as_varchar,
    transforms.flatten,
    transforms.regex_replace,
    transforms.regex_substr,
    transforms.sequence_nextval,
    transforms.values_columns,
    transforms.to_date,
    transforms.timestamp_offsets,
    functions.transform,
    transforms.to_decimal,
    transforms.to_variant,
    transforms.object_construct,
    transforms.timestamp_ntz,
    transforms.float_to_double,
    transforms.integer_precision,
    transforms.sample,
    transforms.array_size,
    transforms.random,
    transforms.array_agg_within_group,
    transforms.array_agg,
    transforms.object_agg,
    transforms.array_construct_etc,
    transforms.dateadd_date_cast,
    transforms.dateadd_string_literal_timestamp_cast,
    transforms.datediff_string_literal_timestamp_cast,
    transforms.haversine,
    transforms.hex_string,
    transforms.sha256,
    transforms.alias_in_join,
    transforms.alias_in_where,
]


def parse(text: str) -> exp.Expr:
    """One Snowflake statement; raises SnowflakeError 001003 when it is none."""
    try:
        parsed = sqlglot.parse(text, read="snowflake")
    except ParseError as error:
        raise failures.from_parser(error) from error
    except TokenError as error:
        raise errors.syntax_error(1, 0, str(error)) from error
    statements = [p for p in parsed if p is not None and not isinstance(p, exp.Semicolon)]
    if not statements:
        raise errors.SnowflakeError(900, "42601", "SQL compilation error:\nEmpty SQL statement.")
    if len(statements) > 1:
        raise errors.SnowflakeError(
            8, "0A000", f"Actual statement count {len(statements)} did not match the desired statement count 1."
        )
    return statements[0]


def stored_case(node: exp.Expr) -> exp.Expr:
    """Unquoted identifiers in upper case, as Snowflake stores them."""
    upper: exp.Expr = transforms.upper_case_unquoted_identifiers(node)
    return upper


def prepare(session: Session, statement: exp.Expr) -> exp.Expr:
    """Names in their stored case, context and system functions answered, tables qualified.

    Raises:
        SnowflakeError: 002003, 003001: the session's roles may not read or change one of the tables.
    """
    functions.name_columns(statement)
    statement = statement.transform(stored_case, copy=False)
    statement = statement.transform(lambda node: transforms.identifier(node, None), copy=False)
    statement = statement.transform(stored_case, copy=False)
    statement = system_calls.replace(session, statement, evaluate)
    qualified = names.qualify(session, statement)
    relations.check(session, qualified)
    return qualified


def to_duckdb(statement: exp.Expr) -> exp.Expr:
    """A prepared statement with its functions and types as DuckDB knows them."""
    for transform in _TRANSFORMS:
        statement = _bottom_up(statement, transform)
    return statement


def _bottom_up(tree: exp.Expr, transform: Transform) -> exp.Expr:
    """Apply to every node, children first: sqlglot's own `transform` leaves out what is inside a replaced node."""
    for node in reversed(list(tree.dfs())):
        parent, key, index = node.parent, node.arg_key, node.index
        mended = transform(node)
        if mended is node:
            continue
        if node is tree:
            tree = mended
        elif parent is not None and key is not None:
            parent.set(key, mended, index)
    return tree


def translate(session: Session, statement: exp.Expr) -> str:
    """DuckDB's text of a parsed Snowflake statement."""
    return sql(to_duckdb(prepare(session, statement)), copy=False)


def executable(session: Session, statement: exp.Expr) -> str:
    """`translate`, for a statement that is about to run: what computes needs a warehouse.

    Raises:
        SnowflakeError: 000606 the session has none that its roles may use.
    """
    prepared = prepare(session, statement)
    if warehouse.is_needed(prepared):
        warehouse.require(session)
    return sql(to_duckdb(prepared), copy=False)


def evaluate(session: Session, expression: exp.Expr) -> Any:
    """The Python value of a constant expression, worked out by DuckDB."""
    # All rows, because DuckDB refuses other work on a connection while a result is unfinished.
    rows = session.connection.execute(translate(session, exp.select(expression.copy()))).fetchall()
    return rows[0][0] if rows else None


def sql(statement: exp.Expr, *, copy: bool = True) -> str:
    """DuckDB's text. Writing it changes the tree: `copy=False`, for one that nobody looks at afterwards, spares a sixth
    of all Python time."""
    # All names quoted: words that Snowflake allows as names, such as AT, are reserved in DuckDB.
    return statement.sql(dialect="duckdb", identify=True, copy=copy)
