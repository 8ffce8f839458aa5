"""Who handles which statement and which system function.

Modules under `objects/` and `loading/` register themselves by decorator; `query/` runs everything that nobody
registered and that DuckDB can run, and refuses the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from local_cloud.snowflake.results import Result
from local_cloud.snowflake.statement import Statement

if TYPE_CHECKING:
    from local_cloud.snowflake.session import Session

StatementHandler = Callable[["Session", Statement], Result]
# Positional and named arguments, already evaluated to Python values.
ScalarFunction = Callable[["Session", Sequence[Any]], Any]
TableFunction = Callable[["Session", Sequence[Any], Mapping[str, Any]], pa.Table]

_statements: dict[tuple[str, ...], StatementHandler] = {}
_scalars: dict[str, ScalarFunction] = {}
_tables: dict[str, TableFunction] = {}
# Of a full name that is no table or view, such as a stream: where its rows are read, as DuckDB's three parts, or None.
RelationSource = Callable[["Session", str], tuple[str, str, str] | None]
# Around a statement that changes data, given the short names of what it mentions.
DataChange = Callable[["Session", frozenset[str]], AbstractContextManager[None]]
relation_sources: list[RelationSource] = []
data_changes: list[DataChange] = []


def statement(*prefixes: str) -> Callable[[StatementHandler], StatementHandler]:
    """Register for statements that begin with one of the prefixes, e.g. `CREATE STORAGE INTEGRATION`."""

    def register(handler: StatementHandler) -> StatementHandler:
        for prefix in prefixes:
            _statements[tuple(prefix.upper().split())] = handler
        return handler

    return register


def scalar_function(name: str) -> Callable[[ScalarFunction], ScalarFunction]:
    """Register e.g. `SYSTEM$PIPE_STATUS`: called once per statement, its literal arguments evaluated."""

    def register(function: ScalarFunction) -> ScalarFunction:
        _scalars[name.upper()] = function
        return function

    return register


def table_function(name: str) -> Callable[[TableFunction], TableFunction]:
    """Register e.g. `COPY_HISTORY` for TABLE([db.]INFORMATION_SCHEMA.COPY_HISTORY(...))."""

    def register(function: TableFunction) -> TableFunction:
        _tables[name.upper()] = function
        return function

    return register


def find_statement(words: Sequence[str]) -> StatementHandler | None:
    """The handler with the longest registered prefix of `Statement.kind_words`."""
    for length in range(len(words), 0, -1):
        if handler := _statements.get(tuple(words[:length])):
            return handler
    return None


def scalar_functions() -> Mapping[str, ScalarFunction]:
    return _scalars


def table_functions() -> Mapping[str, TableFunction]:
    return _tables
