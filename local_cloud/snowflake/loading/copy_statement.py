"""The text of COPY INTO <table>.

https://docs.snowflake.com/en/sql-reference/sql/copy-into-table
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from local_cloud.snowflake import errors
from local_cloud.snowflake.loading import stage_names
from local_cloud.snowflake.loading.stage_names import StageName
from local_cloud.snowflake.objects import ddl, file_formats
from local_cloud.snowflake.objects.ddl import Option, Reader
from local_cloud.snowflake.statement import Statement

# The staged file's name in a transforming SELECT once its stage reference is taken out.
STAGED = "STAGED_FILE"
_STAGE = re.compile(r"'(@(?:''|[^'])*)'")


@dataclass(frozen=True)
class OnError:
    """`mode` is CONTINUE, SKIP_FILE or ABORT_STATEMENT; a file is skipped from `limit` errors, or above `percent` %."""

    mode: str
    limit: int = 1
    percent: bool = False

    @property
    def text(self) -> str:
        if self.mode != "SKIP_FILE" or (self.limit == 1 and not self.percent):
            return self.mode
        return f"SKIP_FILE_{self.limit}{'%' if self.percent else ''}"

    def skips(self, errors_seen: int, rows: int) -> bool:
        if self.mode != "SKIP_FILE":
            return False
        return errors_seen * 100 > self.limit * rows if self.percent else errors_seen >= self.limit


@dataclass(frozen=True)
class CopyIntoTable:
    """What a COPY asks for.

    Attributes:
        table: one to three parts.
        columns: target columns as stored, or empty for all in order.
        select: expressions of a transforming SELECT, as sqlglot trees; None for a plain COPY.
        alias: what the SELECT calls the staged file, upper case, or None.
        options: the options that were given, by name.
    """

    table: tuple[str, ...]
    columns: tuple[str, ...]
    stage: StageName
    select: tuple[exp.Expression, ...] | None
    alias: str | None
    options: Mapping[str, Any]

    @property
    def on_error(self) -> OnError | None:
        found: OnError | None = self.options.get("ON_ERROR")
        return found

    def option(self, name: str, default: Any = None) -> Any:
        return self.options.get(name, default)


def _on_error(reader: Reader, key: str) -> OnError:
    text = reader.scalar()
    if reader.accept("%"):
        text += "%"
    found = re.fullmatch(r"SKIP_FILE(?:_(\d+)(%?))?|CONTINUE|ABORT_STATEMENT", text, re.IGNORECASE)
    if not found:
        raise errors.invalid_value(text, key, "CONTINUE, SKIP_FILE, SKIP_FILE_<n>, 'SKIP_FILE_<n>%', ABORT_STATEMENT")
    if found[1]:
        return OnError("SKIP_FILE", int(found[1]), bool(found[2]))
    return OnError(text.upper())


def _include(reader: Reader, _: str) -> dict[str, str]:
    """`(COLUMN = METADATA$FILENAME, ...)`: metadata column by target column."""
    reader.expect("(")
    found: dict[str, str] = {}
    while not reader.accept(")"):
        reader.accept(",")
        column = reader.simple_name()
        reader.expect("=")
        found[column] = reader.scalar().upper()
    return found


OPTIONS: Mapping[str, Option] = {
    "FILE_FORMAT": file_formats.inline(),
    "FILES": ddl.texts(),
    "PATTERN": ddl.text(),
    "ON_ERROR": Option(_on_error),
    "SIZE_LIMIT": Option(lambda reader, _: int(reader.scalar())),
    "PURGE": ddl.boolean(),
    "RETURN_FAILED_ONLY": ddl.boolean(),
    "MATCH_BY_COLUMN_NAME": ddl.choice("CASE_SENSITIVE", "CASE_INSENSITIVE", "NONE"),
    "INCLUDE_METADATA": Option(_include),
    "ENFORCE_LENGTH": ddl.boolean(),
    "TRUNCATECOLUMNS": ddl.boolean(),
    "FORCE": ddl.boolean(),
    "LOAD_UNCERTAIN_FILES": ddl.boolean(),
    "VALIDATION_MODE": Option(lambda reader, _: reader.scalar().upper()),
}


def parse(text: str) -> CopyIntoTable:
    """Read `COPY INTO <table> ...`.

    Raises:
        SnowflakeError: 001003 or another compilation error.
    """
    reader = Reader(Statement(stage_names.quoted(text)))
    reader.expect("COPY", "INTO")
    table = reader.name()
    columns = tuple(reader.many(reader.simple_name)) if reader.word() == "(" else ()
    reader.expect("FROM")
    select: tuple[exp.Expression, ...] | None = None
    alias = None
    if reader.word() == "(":
        inner, rest = parenthesised(reader.rest())
        stage, select, alias = _select(inner)
        reader = Reader(Statement(rest))
    else:
        stage = stage_names.parse(reader.string())
    options = reader.properties(OPTIONS, "COPY", stop=())
    return CopyIntoTable(table, columns, stage, select, alias, options)


def parenthesised(text: str) -> tuple[str, str]:
    """`(inner) rest`, parentheses in strings and comments not counted."""
    depth = 0
    for found in re.finditer(r"'(?:''|\\.|[^'\\])*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|[()]", text, re.DOTALL):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0:
            return text[1 : found.start()], text[found.end() :]
    raise errors.syntax_error(1, len(text), "<EOF>")


def _select(text: str) -> tuple[StageName, tuple[exp.Expression, ...], str | None]:
    """The stage, the expressions and the alias of `SELECT ... FROM '@stage' [alias]`."""
    found = list(_STAGE.finditer(text))
    if len(found) != 1:
        raise errors.compilation_error(2, "0A000", "COPY statement only supports simple SELECT from stage statements.")
    plain = f"{text[: found[0].start()]}{STAGED}{text[found[0].end() :]}"
    try:
        tree = sqlglot.parse_one(plain, read="snowflake")
    except ParseError as error:
        detail = error.errors[0] if error.errors else {}
        raise errors.syntax_error(detail.get("line", 1), detail.get("col", 0), detail.get("highlight", "")) from error
    extra = [
        part for part in ("where", "group", "order", "limit", "joins", "having", "distinct") if tree.args.get(part)
    ]
    if not isinstance(tree, exp.Select) or extra:
        raise errors.compilation_error(2, "0A000", "COPY statement only supports simple SELECT from stage statements.")
    source = tree.find(exp.Table)
    alias = source.alias.upper() if source is not None and source.alias else None
    return stage_names.parse(found[0][1].replace("''", "'")), tuple(tree.expressions), alias
