"""One statement, its rows shown to a person or as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import snowflake.connector
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from c360.connections import connect
from c360.errors import C360Error
from c360.outputs import StackOutputs

_ROWS_SHOWN = 100
_ANY_WIDTH = 100_000


@dataclass(frozen=True)
class Answer:
    """Columns and rows of one statement."""

    columns: list[str]
    rows: list[tuple[Any, ...]]

    def to_json(self) -> str:
        """A list of objects; values that JSON does not know become text."""
        return json.dumps([dict(zip(self.columns, row, strict=True)) for row in self.rows], default=str, indent=2)


def run(outputs: StackOutputs, statement: str, role: str) -> Answer:
    """Run a statement in the analytics warehouse.

    Raises:
        C360Error: Snowflake's own message, with its number.
    """
    connection = connect(outputs, role, outputs.warehouses.analytics)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            rows = [tuple(row) for row in cursor.fetchall()]
            return Answer([column.name for column in cursor.description], rows)
    except snowflake.connector.errors.Error as error:
        raise C360Error(" ".join(str(error.msg).split())) from error
    finally:
        connection.close()


def role_named(outputs: StackOutputs, role: str | None) -> str:
    """A role by its full name or by its key in the outputs (`loader`); the engineer's by default."""
    if role is None:
        return outputs.roles.data_engineer
    known: dict[str, str] = outputs.roles.model_dump()
    return known.get(role.lower(), role)


def show(console: Console, answer: Answer) -> None:
    """Print at most a hundred rows, and say how many there are.

    As a table when a line holds a whole row; else each row as a list of its columns, so that nothing is cut off.
    """
    rows = [["" if value is None else str(value) for value in row] for row in answer.rows[:_ROWS_SHOWN]]
    table = Table(*answer.columns, header_style="bold")
    for row in rows:
        table.add_row(*map(escape, row))
    if Measurement.get(console, console.options.update(max_width=_ANY_WIDTH), table).maximum <= console.width:
        console.print(table)
    else:
        for number, row in enumerate(rows, start=1):
            console.print(_record(number, answer.columns, row))
    shown = f", the first {_ROWS_SHOWN} shown" if len(answer.rows) > _ROWS_SHOWN else ""
    console.print(f"{len(answer.rows):,} rows{shown}")


def _record(number: int, columns: list[str], values: list[str]) -> Table:
    record = Table(title=f"row {number}", title_justify="left", show_header=False, box=None, padding=(0, 1))
    record.add_column(style="bold", no_wrap=True)
    record.add_column(overflow="fold")
    for column, value in zip(columns, values, strict=True):
        record.add_row(column, escape(value))
    return record
