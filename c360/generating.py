"""`c360 generate`: parts of the lake on this machine, and how their statistics compare with a real portfolio's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from rich.console import Console

from c360 import lake
from c360.cli import Part
from c360.errors import C360Error
from c360.progress import Reporter
from generators import stream
from generators.lake import PARTS
from generators.manifest import stored_settings
from generators.settings import GeneratorSettings

# Below this, chance alone moves some statistics out of their bands.
_MEASURABLE_CUSTOMERS = 5_000


def as_of_date(text: str) -> date:
    """Raises C360Error for anything but YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise C360Error(f"--as-of is {text!r}; it must be a date such as 2026-06-30.") from None


def generate(
    out: Path, wanted: GeneratorSettings, part: Part, workers: int | None, reporter: Reporter, html: Path | None
) -> None:
    """Write what is missing, then show the statistics of what is there; `html` also draws them."""
    if part is Part.HOUR:
        _next_hour(out, wanted, reporter)
        return
    parts = PARTS if part is Part.ALL else (part.value,)
    with reporter.step("generate") as step:
        step.detail = lake.generate(out, wanted, step.say, parts=parts, workers=workers)
    if part in (Part.ALL, Part.HISTORY):
        _report(out, wanted, reporter, html)
    elif html:
        raise C360Error(f"--report needs the history, which `c360 generate {part}` does not write.")


def _next_hour(out: Path, wanted: GeneratorSettings, reporter: Reporter) -> None:
    settings = stored_settings(out)
    if settings is None:
        raise C360Error(f"There is no portfolio under {out}; `c360 generate customers` makes one.")
    with reporter.step("generate") as step:
        file = stream.write_hour(out, replace(settings, faults=wanted.faults), stream.next_hour(out, settings))
        faults = ", ".join(f"{kind} {count}" for kind, count in file.faults.items() if count) or "no faults"
        step.detail = f"{file.path}: {file.rows:,} rows; {faults}"


def _report(out: Path, wanted: GeneratorSettings, reporter: Reporter, html: Path | None) -> None:
    from generators.report import print_report, write_html
    from generators.statistics import measure

    try:
        with reporter.step("measure") as step:
            measured = measure(out)
            if html:
                write_html(out, measured, html)
                step.detail = f"drawn in {html}"
    except ValueError as error:
        raise C360Error(f"{error}.") from error
    print_report(measured, Console())
    if wanted.customers < _MEASURABLE_CUSTOMERS:
        reporter.console.print(f"Fewer than {_MEASURABLE_CUSTOMERS:,} customers: chance alone misses some bands.")
