"""Snowflake's functions and operators where sqlglot's and fakesnow's translation answers something else."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from local_cloud.snowflake import errors

_TEXTS = {exp.DataType.Type.VARCHAR, exp.DataType.Type.TEXT}
# What may turn out to be a moment; literals and operators on text never do.
_TYPED_BY_ENGINE = (exp.Column, exp.Func, exp.Window, exp.Cast, exp.Paren, exp.Subquery)
_DATE_UNITS = {"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}
_STRFTIME = {
    "YYYY": "%Y",
    "YY": "%y",
    "MMMM": "%B",
    "MON": "%b",
    "MM": "%m",
    "DD": "%d",
    "DY": "%a",
    "HH24": "%H",
    "HH12": "%I",
    "AM": "%p",
    "PM": "%p",
    "MI": "%M",
    "SS": "%S",
    "FF9": "%n",
    "FF6": "%f",
    "FF3": "%g",
    "FF": "%n",
    "TZHTZM": "%z",
    "TZH:TZM": "%z",
}
_MOMENT_PARTS = re.compile("|".join(sorted(_STRFTIME, key=len, reverse=True)), re.IGNORECASE)

_UNNAMED = (exp.Column, exp.Alias, exp.Star, exp.Aliases, exp.Dot)


def name_columns(statement: exp.Expr) -> None:
    """Name unnamed result columns as Snowflake does: by the upper-case text of their expression."""
    for select in statement.find_all(exp.Select):
        for projection in list(select.expressions):
            if (not isinstance(projection, _UNNAMED) and not projection.find(exp.Star, bfs=True)) or _is_count(
                projection
            ):
                text = projection.sql(dialect="snowflake", comments=False).upper()
                projection.replace(exp.alias_(projection.copy(), text, quoted=True))


def transform(node: exp.Expr) -> exp.Expr:
    """Mend one node; applied to every node from the root down."""
    if mend := _BY_TYPE.get(type(node)):
        return mend(node)
    if isinstance(node, exp.Anonymous) and (anonymous := _BY_NAME.get(node.name.upper())):
        return anonymous(node)
    return node


def _is_count(projection: exp.Expr) -> bool:
    return isinstance(projection, exp.Count | exp.Window)


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _divide(node: exp.Expr) -> exp.Expr:
    """https://docs.snowflake.com/en/sql-reference/operators-arithmetic: division by zero is an error."""
    quotient = call("_sf_div", node.this.unnest(), node.expression.unnest())
    if _is_whole(node.this) and _is_whole(node.expression):
        return exp.cast(quotient, exp.DataType.build("DECIMAL(38, 6)"), dialect="duckdb")
    return quotient


def _is_whole(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit()


def _cast(node: exp.Expr) -> exp.Expr:
    kind = node.args["to"].this
    if kind in (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ):
        if isinstance(node.this, exp.Literal) and not node.this.is_string:
            return call("_sf_to_timestamp", node.this, exp.Literal.number(0))
        node.set("to", exp.DataType.build("TIMESTAMP", dialect="duckdb"))
    if kind in _TEXTS and isinstance(node.this, _TYPED_BY_ENGINE):
        return call("_sf_text", node.this)
    return node


def _to_char(node: exp.Expr) -> exp.Expr:
    """TO_CHAR and TO_VARCHAR: https://docs.snowflake.com/en/sql-reference/functions/to_char"""
    pattern = node.args.get("format")
    if pattern is None:
        return call("_sf_text", node.this)
    text = str(pattern.name)
    if not isinstance(pattern, exp.Literal) or set(text) & set("90$X"):
        raise errors.not_supported(f"TO_CHAR with the format {pattern.sql(dialect='snowflake')}")
    return call("_sf_format", node.this, exp.Literal.string(text if "%" in text else moment_format(text)))


def moment_format(pattern: str) -> str:
    """`YYYY-MM-DD HH24:MI` as strftime writes it; https://docs.snowflake.com/en/sql-reference/date-time-input-output"""
    return _MOMENT_PARTS.sub(lambda found: _STRFTIME[found[0].upper()], pattern.replace("%", "%%"))


def _date_add(node: exp.Expr) -> exp.Expr:
    """Whole days keep a date a date, whatever the type of the column turns out to be."""
    unit = str(node.args["unit"].name if node.args.get("unit") else "DAY").upper()
    if unit not in _DATE_UNITS or isinstance(node.this, exp.Literal):
        return node
    return call("_sf_add_interval", node.this, exp.Interval(this=_parenthesised(node.expression), unit=exp.var(unit)))


def _date_trunc(node: exp.Expr) -> exp.Expr:
    """https://docs.snowflake.com/en/sql-reference/functions/date_trunc: a date stays a date."""
    return call("_sf_date_trunc", exp.Literal.string(node.args["unit"].name), node.this)


def _parenthesised(value: exp.Expr) -> exp.Expr:
    return value.copy() if isinstance(value, exp.Literal | exp.Column) else exp.paren(value.copy())


def _to_timestamp(node: exp.Expr) -> exp.Expr:
    scale = node.args.get("scale") or exp.Literal.number(0)
    return call("_sf_to_timestamp", node.this, scale)


def _to_timestamp_call(macro: str) -> Callable[[exp.Expr], exp.Expr]:
    def mend(node: exp.Expr) -> exp.Expr:
        arguments = node.expressions
        return call(macro, arguments[0], arguments[1] if len(arguments) > 1 else exp.Literal.number(0))

    return mend


def _months_between(node: exp.Expr) -> exp.Expr:
    moments = (exp.cast(value.copy(), "TIMESTAMP", dialect="duckdb") for value in (node.this, node.expression))
    return call("_sf_months_between", *moments)


def _width_bucket(node: exp.Expr) -> exp.Expr:
    return call("_sf_width_bucket", *(value for value in node.args.values() if isinstance(value, exp.Expr)))


def _ratio_to_report(node: exp.Expr) -> exp.Expr:
    """RATIO_TO_REPORT(x) OVER (w): x / SUM(x) OVER (w), NULL where the sum is zero."""
    inner = node.this
    if not (isinstance(inner, exp.Anonymous) and inner.name.upper() == "RATIO_TO_REPORT"):
        return node
    value = inner.expressions[0]
    total = node.copy()
    total.set("this", exp.Sum(this=value.copy()))
    return exp.Div(this=exp.paren(value.copy()), expression=exp.Nullif(this=total, expression=exp.Literal.number(0)))


def _position(node: exp.Expr) -> exp.Expr:
    """`$1` over VALUES is its first column; https://docs.snowflake.com/en/sql-reference/constructs/values"""
    if node.this.name.isdigit():
        return exp.column(exp.to_identifier(f"COLUMN{node.this.name}", quoted=True))
    return node


def _today(node: exp.Expr) -> exp.Expr:
    """A column of its own: DuckDB takes CURRENT_DATE AS "CURRENT_DATE" for one that refers to itself."""
    return call("today") if isinstance(node.parent, exp.Alias | exp.Select) else node


_BY_TYPE: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.CurrentDate: _today,
    exp.Div: _divide,
    exp.Cast: _cast,
    exp.UnixToTime: _to_timestamp,
    exp.MonthsBetween: _months_between,
    exp.WidthBucket: _width_bucket,
    exp.ToChar: _to_char,
    exp.DateAdd: _date_add,
    exp.DateTrunc: _date_trunc,
    exp.TimestampTrunc: _date_trunc,
    exp.Parameter: _position,
    exp.Window: _ratio_to_report,
}
_BY_NAME: dict[str, Callable[[exp.Expr], exp.Expr]] = {
    "TO_TIMESTAMP": _to_timestamp_call("_sf_to_timestamp"),
    "TO_TIMESTAMP_NTZ": _to_timestamp_call("_sf_to_timestamp"),
    "TRY_TO_TIMESTAMP": _to_timestamp_call("_sf_try_to_timestamp"),
    "TRY_TO_TIMESTAMP_NTZ": _to_timestamp_call("_sf_try_to_timestamp"),
}
