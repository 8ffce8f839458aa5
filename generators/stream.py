"""Hourly files of the stream, with faults planted in known numbers.

An hour's transactions depend on settings and hour alone, so an hour can be written again with the same ids, and no
other hour ever uses them, whatever was restarted in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from generators.catalogue import CATEGORY_NAMES, CHANNELS, STATUSES
from generators.files import TRUTH_FOLDER, replacing, write_json
from generators.randomness import generator
from generators.settings import MONTHS, GeneratorSettings
from generators.transactions import Rows, draw_hour
from generators.turns import NEVER
from generators.world import World, make_world

FOLDER = "transactions/streaming"
HEADER = "transaction_id,customer_id,transaction_date,transaction_amount,merchant_name,merchant_category,channel,status"
# Share of an hour's rows that get each fault; a row gets one at most.
FAULT_RATES = {
    "exact_duplicate": 0.006,
    "resent_later": 0.004,
    "missing_category": 0.006,
    "unknown_customer": 0.003,
    "negative_amount": 0.003,
    "bad_date": 0.003,
    "bad_amount": 0.003,
    "short_row": 0.003,
}
# What a pipeline should make of them: further copies, rows to reject; all others are valid transactions.
DUPLICATES = ("exact_duplicate", "resent_later")
REJECTED = ("negative_amount", "bad_date", "bad_amount", "short_row")
_BAD_DATES = ("2026-13-45 09:00:00", "yesterday", "31/31/2026", "0000-00-00 00:00:00")
_BAD_AMOUNTS = ("N/A", "12.3.4", "USD", "1O.50")


@dataclass(frozen=True)
class HourFile:
    """One written file: its path in the lake, its rows without the header, and how many faults of each kind it has."""

    path: str
    rows: int
    faults: dict[str, int]

    @property
    def duplicates(self) -> int:
        return sum(self.faults[kind] for kind in DUPLICATES)

    @property
    def rejected(self) -> int:
        return sum(self.faults[kind] for kind in REJECTED)


def first_hour(settings: GeneratorSettings) -> datetime:
    """The hour in which the stream begins: midnight after `as_of`, UTC."""
    return datetime.combine(settings.as_of + timedelta(days=1), datetime.min.time(), UTC)


def hour_path(hour: datetime) -> str:
    """Path in the lake, such as transactions/streaming/2026/07/01/09/transactions_20260701T090000Z.csv."""
    return f"{FOLDER}/{hour:%Y/%m/%d/%H}/transactions_{hour:%Y%m%dT%H0000Z}.csv"


def next_hour(out: Path, settings: GeneratorSettings) -> datetime:
    """The first hour after the history whose file is not under `out`."""
    hour = first_hour(settings)
    while (out / hour_path(hour)).is_file():
        hour += timedelta(hours=1)
    return hour


def write_hour(out: Path, settings: GeneratorSettings, hour: datetime) -> HourFile:
    """Write the file of one hour (UTC) and, under truth/streaming/, the faults planted in it.

    Transactions of the hour before are sent again only if that hour's file was written to the same folder. Raises
    ValueError for an hour that is not after the history.
    """
    hour = _whole_hour(hour, settings)
    before = hour - timedelta(hours=1)
    resend = (out / _truth_path(before)).is_file()
    lines, planted = hour_lines(settings, hour, before if resend else None)
    file = HourFile(hour_path(hour), len(lines), {kind: len(ids) for kind, ids in planted.items()})
    # Truth first: a data file without it could not be checked.
    write_json(
        out / _truth_path(hour),
        {"file": file.path, "rows": file.rows, "faults": file.faults, "transaction_ids": planted},
    )
    with replacing(out / file.path) as temporary:
        temporary.write_text("\n".join([HEADER, *lines]) + "\n")
    return file


def hour_lines(
    settings: GeneratorSettings, hour: datetime, before: datetime | None
) -> tuple[list[str], dict[str, list[str]]]:
    """The lines of an hour's file without its header, and the ids of the rows with each kind of fault.

    `before` is the hour whose transactions may be sent again, if it was written.
    """
    world = make_world(settings)
    clean = _clean_fields(world, hour)
    chosen = _choose_faulty(settings, hour, len(clean))
    rng = generator(settings.seed, "fault texts", _hour_number(hour))
    lines: list[tuple[int, str]] = []
    planted: dict[str, list[str]] = {kind: [] for kind in FAULT_RATES}
    for position, fields in enumerate(clean):
        kind = chosen.get(position, "")
        lines.append((position, ",".join(_with_fault(fields, kind, rng))))
        if kind == "exact_duplicate":
            lines.append((int(rng.integers(position, len(clean))), lines[-1][1]))
        if kind in planted and kind != "resent_later":
            planted[kind].append(fields[0])
    for fields in _sent_again(settings, before) if before else []:
        lines.append((int(rng.integers(0, len(clean))), ",".join(fields)))
        planted["resent_later"].append(fields[0])
    lines.sort(key=lambda line: line[0])
    return [line for _, line in lines], planted


def _whole_hour(hour: datetime, settings: GeneratorSettings) -> datetime:
    hour = hour.replace(tzinfo=UTC) if hour.tzinfo is None else hour.astimezone(UTC)
    hour = hour.replace(minute=0, second=0, microsecond=0)
    first = first_hour(settings)
    if hour < first:
        raise ValueError(f"hour {hour:%Y-%m-%dT%H} is in the history; the stream starts at {first:%Y-%m-%dT%H}")
    return hour


def _truth_path(hour: datetime) -> str:
    return f"{TRUTH_FOLDER}/streaming/{hour:%Y%m%dT%H0000Z}.json"


def _hour_number(hour: datetime) -> int:
    return int(hour.timestamp()) // 3600


def _clean_fields(world: World, hour: datetime) -> list[list[str]]:
    """The hour's transactions as text fields, by time."""
    settings = world.settings
    rng = generator(settings.seed, "hour", _hour_number(hour))
    weight = np.where(world.life.stop_day == NEVER, world.expected[:, MONTHS - 3 :].mean(axis=1), 0.0)
    rows = int(rng.poisson(settings.rows_per_hour)) if settings.rows_per_hour > 1 else 1
    picked = np.bincount(np.searchsorted(np.cumsum(weight / weight.sum()), rng.random(rows)).clip(max=len(weight) - 1))
    who = np.flatnonzero(picked)
    drawn = draw_hour(world, settings.months[-1], who, picked[who], rng)
    return [_fields(world, hour, drawn, row) for row in range(len(drawn))]


def _fields(world: World, hour: datetime, rows: Rows, row: int) -> list[str]:
    moment = hour + timedelta(seconds=int(rows.second[row]))
    return [
        f"TXN{hour:%Y%m%d%H}{row + 1:06d}",
        f"CUST{rows.customer[row] + 1:08d}",
        f"{moment:%Y-%m-%d %H:%M:%S}",
        f"{rows.cents[row] // 100}.{rows.cents[row] % 100:02d}",
        world.merchants.names[rows.merchant[row]],
        CATEGORY_NAMES[rows.category[row]],
        CHANNELS[rows.channel[row]],
        STATUSES[rows.declined[row]],
    ]


def _choose_faulty(settings: GeneratorSettings, hour: datetime, rows: int) -> dict[int, str]:
    """Which rows get which fault."""
    if not settings.faults:
        return {}
    rng = generator(settings.seed, "faults", _hour_number(hour))
    order = iter(rng.permutation(rows).tolist())
    chosen: dict[int, str] = {}
    for kind, rate in FAULT_RATES.items():
        for _ in range(min(int(rng.binomial(rows, rate)), rows - len(chosen))):
            chosen[next(order)] = kind
    return chosen


def _sent_again(settings: GeneratorSettings, before: datetime) -> list[list[str]]:
    """Rows of the hour before that are marked to arrive once more, now; in their own hour they had no fault."""
    clean = _clean_fields(make_world(settings), before)
    return [clean[row] for row, kind in _choose_faulty(settings, before, len(clean)).items() if kind == "resent_later"]


def _with_fault(fields: list[str], kind: str, rng: np.random.Generator) -> list[str]:
    changed = list(fields)
    if kind == "missing_category":
        changed[5] = ""
    elif kind == "unknown_customer":
        changed[1] = f"CUST9{rng.integers(0, 10**7):07d}"
    elif kind == "negative_amount":
        changed[3] = f"-{fields[3]}"
    elif kind == "bad_date":
        changed[2] = str(rng.choice(_BAD_DATES))
    elif kind == "bad_amount":
        changed[3] = str(rng.choice(_BAD_AMOUNTS))
    elif kind == "short_row":
        changed = fields[:3]
    return changed
