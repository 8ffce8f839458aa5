"""A small generated portfolio as rows of bronze, with the faults that were planted in it."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from generators.lake import generate
from generators.settings import GeneratorSettings
from generators.stream import first_hour, write_hour

Row = list[object]
Files = dict[str, list[Row]]
LOADED_AT = datetime(2026, 7, 1, 12, tzinfo=UTC)


@dataclass
class Portfolio:
    """Rows as bronze gets them, by file in the order of arrival, and the faults planted in them."""

    settings: GeneratorSettings
    customers: Files = field(default_factory=dict)
    campaigns: Files = field(default_factory=dict)
    transactions: Files = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)


def make_portfolio(lake: Path, settings: GeneratorSettings, hours: int) -> Portfolio:
    """Generate into a folder and read it back."""
    generate(lake, settings, workers=1)
    found = Portfolio(settings)
    for path in sorted(lake.glob("transactions/historical/*.parquet")):
        rows: list[Row] = [[str(value) for value in row.values()] for row in pq.read_table(path).to_pylist()]
        found.transactions[path.relative_to(lake).as_posix()] = rows
    for hour in range(hours):
        file = write_hour(lake, settings, first_hour(settings) + timedelta(hours=hour))
        found.transactions[file.path] = _csv(lake / file.path, 8)
        found.faults.update(file.faults)
    for path in [lake / "customers/customers.csv.gz", *sorted(lake.glob("customers/changes/*.csv.gz"))]:
        found.customers[path.relative_to(lake).as_posix()] = _csv(path, 14)
    for path in lake.glob("campaigns/*.csv.gz"):
        found.campaigns[path.relative_to(lake).as_posix()] = _csv(path, 7)
    for files in (found.customers, found.campaigns, found.transactions):
        for number, (name, rows) in enumerate(files.items()):
            arrived = (LOADED_AT + timedelta(seconds=number)).isoformat()
            files[name] = [[*row, arrived, name, line] for line, row in enumerate(rows, start=1)]
    return found


def all_rows(files: Files) -> Iterator[Row]:
    for rows in files.values():
        yield from rows


def loaded_again(rows: Iterable[Row], at: datetime) -> list[Row]:
    """The same rows of the same file, read at another time."""
    return [[*row[:-3], at.isoformat(), *row[-2:]] for row in rows]


def _csv(path: Path, width: int) -> list[Row]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        lines = list(csv.reader(file))[1:]
    return [[*(value or None for value in line), *[None] * (width - len(line))] for line in lines]
