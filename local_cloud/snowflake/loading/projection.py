"""What a COPY puts into each target column, as DuckDB expressions over `scan.relation`.

https://docs.snowflake.com/en/user-guide/data-load-transform
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
from sqlglot import exp

from local_cloud.snowflake import errors
from local_cloud.snowflake.loading import scan
from local_cloud.snowflake.loading.copy_statement import CopyIntoTable
from local_cloud.snowflake.loading.formats import FileFormat
from local_cloud.snowflake.loading.history import Target
from local_cloud.snowflake.loading.scan import Fields
from local_cloud.snowflake.query import translate
from local_cloud.snowflake.query.database import identifier

_TEXT_TYPES = {exp.DataType.Type.TEXT, exp.DataType.Type.VARCHAR, exp.DataType.Type.CHAR, exp.DataType.Type.NVARCHAR}


@dataclass(frozen=True)
class Column:
    """A target column: its place in the table from 1, and its DuckDB type."""

    name: str
    type: str
    nullable: bool
    position: int


@dataclass(frozen=True)
class Assignment:
    """`sql` makes the value of `column` in the column's type; `source` is the value before any cast to `kind`."""

    column: Column
    sql: str
    source: str
    kind: str


def columns_of(connection: duckdb.DuckDBPyConnection, target: Target) -> list[Column]:
    """The table's columns in order; empty when there is no such table."""
    rows = connection.execute(
        "select column_name, data_type, is_nullable, column_index from duckdb_columns() "
        "where database_name = ? and schema_name = ? and table_name = ? order by column_index",
        [target.database, target.schema, target.table],
    ).fetchall()
    return [
        Column(str(name), str(kind), bool(nullable), place + 1) for place, (name, kind, nullable, _) in enumerate(rows)
    ]


def targets(copy: CopyIntoTable, table: Sequence[Column]) -> list[Column]:
    """The columns that the COPY names, or all.

    Raises:
        SnowflakeError: 000904 for a column that the table does not have; 002020 when their number is not the SELECT's.
    """
    known = {column.name: column for column in table}
    if unknown := [name for name in copy.columns if name not in known]:
        raise errors.compilation_error(904, "42000", f"error line 0 at position -1\ninvalid identifier '{unknown[0]}'")
    chosen = [known[name] for name in copy.columns] if copy.columns else list(table)
    if copy.select is None:
        return chosen
    if not copy.columns:
        chosen = chosen[: len(copy.select)]
    if len(chosen) != len(copy.select):
        raise errors.compilation_error(
            2020,
            "21S01",
            f"Insert value list does not match column list expecting {len(chosen)} but got {len(copy.select)}",
        )
    return chosen


def assignments(copy: CopyIntoTable, form: FileFormat, fields: Fields, columns: Sequence[Column]) -> list[Assignment]:
    """One assignment for each column that the file fills.

    Raises:
        SnowflakeError: a combination that Snowflake refuses, or an expression that cannot be translated.
    """
    if copy.select is not None:
        translator = _Expression(form, fields, copy.alias)
        return [_selected(translator, column, tree) for column, tree in zip(columns, copy.select, strict=True)]
    match = copy.option("MATCH_BY_COLUMN_NAME", "NONE")
    if match != "NONE":
        return _matched(copy, form, fields, columns, match == "CASE_INSENSITIVE")
    if form.kind != "CSV":
        if len(columns) != 1:
            raise errors.compilation_error(
                2019,
                "0A000",
                f"{form.kind} file format can produce one and only one column of variant, object, or array type. "
                "Load data into separate columns using the MATCH_BY_COLUMN_NAME copy option or copy with "
                "transformation.",
            )
        return [_assigned(columns[0], document(form, fields))]
    return [
        _assigned(column, f"c{place}" if place <= fields.count else "null") for place, column in enumerate(columns, 1)
    ]


def _matched(
    copy: CopyIntoTable, form: FileFormat, fields: Fields, columns: Sequence[Column], lenient: bool
) -> list[Assignment]:
    """MATCH_BY_COLUMN_NAME: columns by name, missing ones NULL, unknown ones ignored; INCLUDE_METADATA fills others."""
    if form.kind == "CSV" and not form.parse_header:
        raise errors.compilation_error(
            1008, "22023", "MATCH_BY_COLUMN_NAME for CSV needs the file format option PARSE_HEADER = TRUE."
        )
    include: Mapping[str, str] = copy.option("INCLUDE_METADATA", {})
    known = {column.name for column in columns}
    if wrong := [name for name, source in include.items() if name not in known or source not in scan.METADATA]:
        name = wrong[0]
        raise errors.compilation_error(904, "42000", f"invalid INCLUDE_METADATA column '{name}' = {include[name]}")
    offered = {name.upper() if lenient else name: place for place, name in enumerate(fields.names)}
    found: list[Assignment] = []
    for column in columns:
        key = column.name.upper() if lenient else column.name
        if column.name in include:
            found.append(_assigned(column, identifier(include[column.name])))
        elif form.kind == "JSON":
            found.append(_assigned(column, f"doc ->> {scan.literal(_json_key(column.name, lenient))}"))
        elif key in offered:
            place = offered[key]
            source = f"c{place + 1}" if form.kind == "CSV" else _parquet_text(fields, place, column.type == "VARCHAR")
            found.append(_assigned(column, source))
    return found


def _json_key(name: str, lenient: bool) -> str:
    # Snowflake matches any case; files nearly always have lower-case keys.
    return f"$.{identifier(name.lower() if lenient else name)}"


def _parquet_text(fields: Fields, place: int, as_text: bool) -> str:
    name = identifier(fields.names[place])
    return text_of(name, fields.types[place]) if as_text else name


def _assigned(column: Column, source: str) -> Assignment:
    return Assignment(column, f"cast({source} as {column.type})", source, column.type)


def _selected(translator: _Expression, column: Column, tree: exp.Expression) -> Assignment:
    made = _assigned(column, translator.sql(tree))
    plain = tree.this if isinstance(tree, exp.Alias) else tree
    if not isinstance(plain, exp.Cast) or isinstance(plain, exp.TryCast):
        return made
    return Assignment(column, made.sql, translator.sql(plain.this), plain.to.sql(dialect="duckdb"))


def document(form: FileFormat, fields: Fields) -> str:
    """`$1` of a Parquet or JSON file: the whole row as one JSON value."""
    if form.kind == "JSON":
        return "doc"
    packed = ", ".join(
        f"{scan.literal(name)}: {text_of(identifier(name), kind) if kind.startswith('TIMESTAMP') else identifier(name)}"
        for name, kind in zip(fields.names, fields.types, strict=True)
    )
    return f"to_json({{{packed}}})"


def text_of(sql: str, kind: str) -> str:
    """A value of a DuckDB type as Snowflake casts it to VARCHAR out of a VARIANT.

    Timestamps have three decimals (`2025-03-14 09:26:53.000`), whole doubles none. strftime would do the same at four
    times the cost: 13.2 s instead of 7.8 s for 13.5 million rows.
    """
    if kind.startswith("TIMESTAMP"):
        plain = f"cast({sql} as timestamp)" if kind != "TIMESTAMP" else sql
        text = f"cast({plain} as varchar)"
        return f"case strlen({text}) when 19 then {text} || '.000' else rpad({text}, 23, '0') end"
    if kind in {"DOUBLE", "FLOAT"}:
        whole = f"{sql} = trunc({sql}) and abs({sql}) < 1e15"
        return f"case when {whole} then cast(cast({sql} as bigint) as varchar) else cast({sql} as varchar) end"
    if kind == "BLOB":
        return f"decode({sql})"
    return f"cast({sql} as varchar)"


class _Expression:
    """Translates one expression of a transforming SELECT."""

    def __init__(self, form: FileFormat, fields: Fields, alias: str | None) -> None:
        self._form = form
        self._fields = fields
        self._alias = alias

    def sql(self, tree: exp.Expression) -> str:
        plain = tree.this if isinstance(tree, exp.Alias) else tree
        if isinstance(plain, exp.Star):
            raise errors.compilation_error(2, "0A000", "SELECT * from a stage is not supported: name $1, $2, ...")
        # Found fields become identifiers with a mark, so that the translation of functions leaves them alone.
        wrapped = exp.select(plain.copy()).transform(self._replaced)
        return translate.sql(translate.to_duckdb(wrapped)).removeprefix("SELECT ")

    def _replaced(self, node: exp.Expression) -> exp.Expression:
        if isinstance(node, (exp.Cast, exp.TryCast)) and self._is_path(node.this):
            return self._cast(node)
        if self._is_path(node):
            return self._raw(self._path(node, text=False)[0])
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.Parameter):
            return self._raw(self._field(int(node.this.name)))
        return node

    def _is_path(self, node: exp.Expression) -> bool:
        return isinstance(node, exp.JSONExtract) and self._number(node.this) is not None

    def _number(self, node: exp.Expression) -> int | None:
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Parameter):
            node = node.this
        if isinstance(node, exp.Parameter) and node.this.name.isdigit():
            return int(node.this.name)
        return None

    def _cast(self, node: exp.Cast) -> exp.Expression:
        as_text = node.to.this in _TEXT_TYPES
        sql, is_text = self._path(node.this, text=as_text or self._form.kind == "JSON")
        if as_text and is_text:
            return self._raw(sql)
        return type(node)(this=self._raw(sql), to=node.to)

    def _path(self, node: exp.Expression, text: bool) -> tuple[str, bool]:
        """SQL of `$1:a.b[0]`, and whether it is text already."""
        steps = node.expression.expressions[1:]
        if self._form.kind == "CSV":
            raise errors.compilation_error(2, "0A000", "Paths such as $1:name need a Parquet or JSON file.")
        if self._form.kind == "JSON":
            path = "$" + "".join(self._json_step(step) for step in steps)
            return f"(doc {'->>' if text else '->'} {scan.literal(path)})", text
        name = str(steps[0].this)
        if name not in self._fields.names:
            return "null", False
        sql, kind = identifier(name), self._fields.types[self._fields.names.index(name)]
        for step in steps[1:]:
            key = step.this + 1 if isinstance(step, exp.JSONPathSubscript) else scan.literal(str(step.this))
            sql, kind, text = f"{sql}[{key}]", "NESTED", text
        return (text_of(sql, kind), True) if text else (sql, kind == "VARCHAR")

    def _json_step(self, step: exp.Expression) -> str:
        if isinstance(step, exp.JSONPathSubscript):
            return f"[{step.this}]"
        return f".{identifier(str(step.this))}"

    def _field(self, number: int) -> str:
        if self._form.kind != "CSV":
            return document(self._form, self._fields) if number == 1 else "null"
        return f"c{number}" if number <= self._fields.count else "null"

    def _column(self, node: exp.Column) -> exp.Expression:
        number = self._number(node)
        if number is not None:
            return self._raw(self._field(number))
        name = node.name.upper()
        if node.table and node.table.upper() != (self._alias or ""):
            raise errors.compilation_error(904, "42000", f"invalid identifier '{node.table.upper()}.{name}'")
        if name not in scan.METADATA:
            raise errors.compilation_error(904, "42000", f"invalid identifier '{name}'")
        return self._raw(identifier(name))

    def _raw(self, sql: str) -> exp.Expression:
        """Text that goes into the result as it is."""
        return exp.Var(this=sql if sql.replace("_", "a").isalnum() or sql.startswith('"') else f"({sql})")
