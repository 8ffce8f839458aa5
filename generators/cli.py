"""Commands `all`, `customers`, `history`, `changes`, `hour`, `campaign` and `report`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from generators.settings import DEFAULT_AS_OF, GeneratorSettings

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Synthetic card portfolio: customers, 18 months of transactions, hourly files, changes and a campaign.",
)

Out = Annotated[Path, typer.Option("--out", help="Folder of the lake; what is already there is not written again.")]
Customers = Annotated[int, typer.Option(help="Number of customers.")]
Transactions = Annotated[int, typer.Option(help="Transactions in the 18 months of history.")]
Seed = Annotated[int, typer.Option(help="Same seed, same bytes.")]
AsOf = Annotated[str, typer.Option(help="Last day of the history, YYYY-MM-DD; the last day of a month.")]
Workers = Annotated[int, typer.Option(min=0, max=64, help="Processes; 0: one a core, at most 4 and 2 GB.")]
_DEFAULT = GeneratorSettings()
_AS_OF = DEFAULT_AS_OF.isoformat()


@app.command("all")
def all_parts(
    out: Out,
    customers: Customers = _DEFAULT.customers,
    transactions: Transactions = _DEFAULT.transactions,
    seed: Seed = _DEFAULT.seed,
    as_of: AsOf = _AS_OF,
    workers: Workers = 0,
    hours: Annotated[int, typer.Option(min=0, max=24 * 366, help="Streaming hours after the history.")] = 0,
    no_faults: Annotated[bool, typer.Option("--no-faults", help="Plant no faults in the streaming hours.")] = False,
) -> None:
    """Write everything the lake starts with, and as many streaming hours as asked for."""
    with _sentences():
        settings = _settings(customers, transactions, seed, as_of, faults=not no_faults)
        _generate(out, settings, workers, ("customers", "changes", "campaign", "history"))
        if hours:
            _stream(out, settings, None, hours)


def _add_part(part: str, help_text: str) -> None:
    @app.command(part, help=help_text)
    def write_part(
        out: Out,
        customers: Customers = _DEFAULT.customers,
        transactions: Transactions = _DEFAULT.transactions,
        seed: Seed = _DEFAULT.seed,
        as_of: AsOf = _AS_OF,
        workers: Workers = 0,
    ) -> None:
        with _sentences():
            _generate(out, _settings(customers, transactions, seed, as_of), workers, (part,))


for _part, _help in (
    ("customers", "Write customers/customers.csv.gz."),
    ("history", "Write transactions/historical/, one Parquet file a month."),
    ("changes", "Write customers/changes/, one file a month of changed cards and limits."),
    ("campaign", "Write campaigns/: who was offered what."),
):
    _add_part(_part, _help)


@app.command("hour")
def hour_part(
    out: Out,
    at: Annotated[str, typer.Option(help="First hour (UTC), YYYY-MM-DDTHH; default: just after the history.")] = "",
    hours: Annotated[int, typer.Option(min=1, max=24 * 366, help="How many hours, one file each.")] = 1,
    rows: Annotated[int, typer.Option(help="Rows an hour, about.")] = _DEFAULT.rows_per_hour,
    no_faults: Annotated[bool, typer.Option("--no-faults", help="Plant no faults.")] = False,
) -> None:
    """Write transactions/streaming/YYYY/MM/DD/HH/, one CSV file an hour, for the portfolio in the folder."""
    from generators.manifest import stored_settings

    with _sentences():
        settings = replace(stored_settings(out) or _DEFAULT, faults=not no_faults, rows_per_hour=rows)
        _stream(out, settings, _hour(at) if at else None, hours)


@app.command("report")
def report_part(
    out: Out,
    html: Annotated[Path | None, typer.Option(help="Also draw the statistics into this HTML file.")] = None,
) -> None:
    """Measure the files under a folder against the bands of a realistic portfolio; exit code 1 if one is missed."""
    from generators.report import print_report, write_html
    from generators.statistics import measure

    with _sentences():
        measured = measure(out)
        print_report(measured)
        if html:
            write_html(out, measured, html)
    if not all(statistic.ok for statistic in measured):
        raise typer.Exit(1)


def _settings(customers: int, transactions: int, seed: int, as_of: str, *, faults: bool = True) -> GeneratorSettings:
    try:
        last_day = date.fromisoformat(as_of)
    except ValueError:
        raise ValueError(f"--as-of is {as_of!r}; it must be a date such as 2026-06-30") from None
    return GeneratorSettings(customers, transactions, seed, last_day, faults)


def _hour(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H")  # noqa: DTZ007 - hours are UTC throughout
    except ValueError:
        raise ValueError(f"--at is {text!r}; it must be an hour such as 2026-07-01T09") from None


def _generate(out: Path, settings: GeneratorSettings, workers: int, parts: tuple[str, ...]) -> None:
    from generators.console import generate_with_progress

    generate_with_progress(out, settings, workers or None, parts)


def _stream(out: Path, settings: GeneratorSettings, first: datetime | None, hours: int) -> None:
    from generators.console import stream_with_progress

    stream_with_progress(out, settings, first, hours)


@contextmanager
def _sentences() -> Iterator[None]:
    """Expected failures end with one sentence and exit code 2; Ctrl-C with 130."""
    try:
        yield
    except (ValueError, OSError) as error:
        typer.echo(f"generators: {error}", err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        typer.echo("generators: interrupted; complete files were kept, and the same command carries on", err=True)
        raise typer.Exit(130) from None
