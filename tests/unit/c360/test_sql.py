"""Rows as a person sees them."""

from __future__ import annotations

import io

from rich.console import Console

from c360.sql import Answer, show


def shown(answer: Answer, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    show(console, answer)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_rows_that_fit_are_a_table() -> None:
    text = shown(Answer(["ID", "NAME"], [(1, "Ann"), (2, None)]))
    assert "│ 1  │ Ann  │" in text
    assert text.endswith("2 rows\n")


def test_wide_rows_are_shown_whole_one_column_a_line() -> None:
    columns = [f"COLUMN_{number}" for number in range(30)]
    text = shown(Answer(columns, [tuple(f"value {number}" for number in range(30))] * 2))
    lines = [line.strip().split(maxsplit=1) for line in text.splitlines()]
    for number in range(30):
        assert lines.count([f"COLUMN_{number}", f"value {number}"]) == 2
    assert "row 2" in text
    assert text.endswith("2 rows\n")


def test_brackets_in_values_are_no_markup() -> None:
    assert "[bold]x" in shown(Answer(["A"], [("[bold]x",)]))


def test_more_than_a_hundred_rows_are_counted_not_shown() -> None:
    text = shown(Answer(["N"], [(number,) for number in range(1234)]))
    assert "│ 99 " in text
    assert "│ 100 " not in text
    assert text.endswith("1,234 rows, the first 100 shown\n")
