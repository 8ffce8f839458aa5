"""Hourly files: ids, times and exactly the faults that the truth names."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from generators.settings import GeneratorSettings
from generators.stream import HEADER, HourFile, first_hour, hour_lines, write_hour

FIRST = datetime(2026, 7, 1, tzinfo=UTC)


def rows_of(out: Path, file: HourFile) -> list[list[str]]:
    lines = (out / file.path).read_text().splitlines()
    assert lines[0] == HEADER
    return list(csv.reader(lines[1:]))


def test_stream_begins_after_the_history(small: GeneratorSettings, out: Path) -> None:
    assert first_hour(small) == FIRST
    with pytest.raises(ValueError, match="hour 2026-06-30T23 is in the history; the stream starts at 2026-07-01T00"):
        write_hour(out, small, FIRST - timedelta(hours=1))


def test_clean_hour(small: GeneratorSettings, out: Path) -> None:
    file = write_hour(out, replace(small, faults=False), FIRST + timedelta(hours=9))
    assert file.path == "transactions/streaming/2026/07/01/09/transactions_20260701T090000Z.csv"
    rows = rows_of(out, file)
    assert 650 <= len(rows) == file.rows <= 850
    assert len({row[0] for row in rows}) == len(rows)
    assert all(row[2].startswith("2026-07-01 09:") for row in rows)
    assert all(float(row[3]) > 0 for row in rows)
    assert sum(file.faults.values()) == 0


def test_planted_faults_are_exactly_those_found(small: GeneratorSettings, out: Path) -> None:
    faulty = replace(small, rows_per_hour=4_000)
    seen: Counter[str] = Counter()
    for number in range(3):
        file = write_hour(out, faulty, FIRST + timedelta(hours=number))
        rows = rows_of(out, file)
        assert len(rows) == file.rows
        ids = Counter(row[0] for row in rows)
        again = sum(count - 1 for count in ids.values()) + sum(1 for identity in ids if seen[identity])
        seen += ids
        whole = [row for row in rows if len(row) == 8]
        assert again == file.duplicates == file.faults["exact_duplicate"] + file.faults["resent_later"]
        assert len(rows) - len(whole) == file.faults["short_row"]
        assert sum(not row[5] for row in whole) == file.faults["missing_category"]
        assert sum(row[1] >= "CUST9" for row in whole) == file.faults["unknown_customer"]
        assert sum(row[3].startswith("-") for row in whole) == file.faults["negative_amount"]
        assert sum(not is_date(row[2]) for row in whole) == file.faults["bad_date"]
        assert sum(not is_amount(row[3]) for row in whole) == file.faults["bad_amount"]
        assert all(file.faults[kind] > 0 for kind in file.faults if kind != "resent_later" or number)


def is_date(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


def is_amount(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_truth_names_the_planted_rows(small: GeneratorSettings, out: Path) -> None:
    file = write_hour(out, small, FIRST)
    truth = json.loads((out / "truth/streaming/20260701T000000Z.json").read_text())
    assert truth["file"] == file.path
    assert {kind: len(ids) for kind, ids in truth["transaction_ids"].items()} == file.faults == truth["faults"]


def test_nothing_is_sent_again_from_an_hour_that_was_never_written(small: GeneratorSettings, out: Path) -> None:
    assert write_hour(out, small, FIRST + timedelta(hours=5)).faults["resent_later"] == 0
    assert write_hour(out, small, FIRST + timedelta(hours=6)).faults["resent_later"] > 0


def test_any_time_zone_gives_the_same_hour(small: GeneratorSettings, out: Path) -> None:
    here = datetime(2026, 7, 1, 12, 34, tzinfo=timezone(timedelta(hours=2)))
    assert write_hour(out, small, here).path == write_hour(out, small, datetime(2026, 7, 1, 10)).path  # noqa: DTZ001


@hypothesis_settings(max_examples=20, deadline=None)
@given(first=st.integers(0, 5_000), second=st.integers(0, 5_000))
def test_ids_are_unique_across_hours_and_repeatable(first: int, second: int) -> None:
    settings = GeneratorSettings(customers=100, transactions=27_000, seed=5, rows_per_hour=40, faults=False)
    lines = {hour: hour_lines(settings, FIRST + timedelta(hours=hour), None)[0] for hour in {first, second}}
    ids = [line.split(",")[0] for hour in lines for line in lines[hour]]
    assert len(set(ids)) == len(ids)
    assert hour_lines(settings, FIRST + timedelta(hours=first), None)[0] == lines[first]
