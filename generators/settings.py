"""What a run of the generator is asked for; everything else follows from these values."""

from __future__ import annotations

import calendar
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

MONTHS = 18
DEFAULT_AS_OF = date(2026, 6, 30)
# Raised whenever the same settings would give other bytes, so that old files are not taken for finished ones.
GENERATOR_VERSION = 6


@dataclass(frozen=True)
class Month:
    """One calendar month of the history; `index` counts from 0 (oldest) to 17."""

    index: int
    start: date
    days: int

    @property
    def name(self) -> str:
        return f"{self.start:%Y-%m}"

    @property
    def end(self) -> date:
        """The last day of the month."""
        return self.start + timedelta(days=self.days - 1)


@dataclass(frozen=True)
class GeneratorSettings:
    """Size, seed and date of a portfolio; the same settings give the same bytes everywhere.

    Raises ValueError with one sentence that names the value and what is allowed.
    """

    customers: int = 50_000
    transactions: int = 13_500_000
    seed: int = 42
    as_of: date = DEFAULT_AS_OF
    faults: bool = True
    rows_per_hour: int = 750

    def __post_init__(self) -> None:
        _check_range("customers", self.customers, 20, 2_000_000)
        _check_range("transactions", self.transactions, self.customers * 20, self.customers * 2_000)
        _check_range("seed", self.seed, 0, 2**63 - 1)
        _check_range("rows_per_hour", self.rows_per_hour, 1, 1_000_000)
        if (self.as_of + timedelta(days=1)).day != 1:
            month_end = _month_end(self.as_of)
            raise ValueError(f"as_of is {self.as_of}; it must be the last day of a month, such as {month_end}")
        if not 2000 <= self.as_of.year <= 2100:
            raise ValueError(f"as_of is {self.as_of}; years from 2000 to 2100 are allowed")

    @property
    def months(self) -> tuple[Month, ...]:
        """The 18 full months that end at `as_of`, oldest first."""
        first = self.as_of.year * 12 + self.as_of.month - MONTHS
        return tuple(_month(index, first + index) for index in range(MONTHS))

    @property
    def history_start(self) -> date:
        return self.months[0].start

    @property
    def history_days(self) -> int:
        return (self.as_of - self.history_start).days + 1

    def parameters(self) -> dict[str, Any]:
        """What the files depend on, as JSON values."""
        values = asdict(self) | {"as_of": self.as_of.isoformat(), "version": GENERATOR_VERSION}
        for only_stream in ("faults", "rows_per_hour"):
            del values[only_stream]
        return values


def _month(index: int, number: int) -> Month:
    year, month = divmod(number, 12)
    return Month(index, date(year, month + 1, 1), calendar.monthrange(year, month + 1)[1])


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} is {value:,}; it must be between {low:,} and {high:,}")
