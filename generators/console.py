"""Progress and summaries on standard error, for the command lines."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from generators.settings import GeneratorSettings

if TYPE_CHECKING:
    from generators.lake import Progress, Summary

_console = Console(stderr=True)


def generate_with_progress(
    out: Path, settings: GeneratorSettings, workers: int | None, parts: tuple[str, ...]
) -> Summary:
    """`lake.generate` with a bar of files, rows a second and the time left; then one line on what is there."""
    from generators.lake import generate

    with Bar(
        TextColumn("generating"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), console=_console
    ) as bar:
        task = bar.add_task("", total=None)

        def show(progress: Progress) -> None:
            left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f} s left"
            text = f"{progress.rows_done:,} rows, {progress.rows_per_second:,.0f} rows/s{left}"
            bar.update(task, completed=progress.files_done, total=progress.files_total, description=text)

        summary = generate(out, settings, show, workers=workers, parts=parts)
    _console.print(
        f"{out}: {len(summary.written)} files written, {len(summary.skipped)} already there, "
        f"{sum(summary.rows.values()):,} rows, {summary.seconds:.1f} s",
        soft_wrap=True,
    )
    return summary


def stream_with_progress(out: Path, settings: GeneratorSettings, first: datetime | None, hours: int) -> None:
    """Write streaming hours one after another, from `first` or the end of the history, and say what each holds."""
    from generators.stream import first_hour, write_hour

    start = first or first_hour(settings)
    for number in range(hours):
        written = write_hour(out, settings, start + timedelta(hours=number))
        faults = ", ".join(f"{kind} {count}" for kind, count in written.faults.items() if count)
        _console.print(f"{written.path}: {written.rows:,} rows; {faults or 'no faults'}", soft_wrap=True)
