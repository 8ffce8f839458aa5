"""Cron expressions and SCHEDULE texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.work import cron, schedule

_START = datetime(2026, 1, 1, tzinfo=UTC)


def _runs(expression: str, zone: str, after: str, count: int) -> list[str]:
    """The next runs in local time."""
    parsed, moment, found = cron.parse(expression, zone), datetime.fromisoformat(after), []
    for _ in range(count):
        following = parsed.next(moment)
        assert following is not None
        moment = following
        found.append(moment.astimezone(parsed.zone).strftime("%a %Y-%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("*/20 8-9 * * *", "2026-06-01T09:30:00+00:00", ["Mon 2026-06-01 09:40", "Tue 2026-06-02 08:00"]),
        ("0 9 * * MON-FRI", "2026-06-05T09:00:00+00:00", ["Mon 2026-06-08 09:00", "Tue 2026-06-09 09:00"]),
        ("0 0 L * *", "2026-01-31T00:00:00+00:00", ["Sat 2026-02-28 00:00", "Tue 2026-03-31 00:00"]),
        ("0 0 * * 5L", "2026-06-01T00:00:00+00:00", ["Fri 2026-06-26 00:00", "Fri 2026-07-31 00:00"]),
        # Days of the month and of the week: both.
        ("0 0 10 * TUE", "2026-06-08T00:00:00+00:00", ["Tue 2026-06-09 00:00", "Wed 2026-06-10 00:00"]),
        ("15 4 29 FEB *", "2026-01-01T00:00:00+00:00", ["Tue 2028-02-29 04:15", "Sun 2032-02-29 04:15"]),
        ("0 0 * * 0,7", "2026-06-01T00:00:00+00:00", ["Sun 2026-06-07 00:00", "Sun 2026-06-14 00:00"]),
    ],
)
def test_next_runs(expression: str, after: str, expected: list[str]) -> None:
    assert _runs(expression, "UTC", after, 2) == expected


def test_a_local_time_that_is_jumped_over_has_no_run() -> None:
    found = _runs("30 2 * * *", "America/Los_Angeles", "2026-03-07T00:00:00-08:00", 2)
    assert found == ["Sat 2026-03-07 02:30", "Mon 2026-03-09 02:30"]


def test_a_local_time_that_comes_twice_has_two_runs() -> None:
    found = _runs("30 1 * * *", "America/Los_Angeles", "2026-11-01T00:00:00-07:00", 3)
    assert found == ["Sun 2026-11-01 01:30", "Sun 2026-11-01 01:30", "Mon 2026-11-02 01:30"]


def test_a_day_that_never_comes_has_no_run() -> None:
    assert cron.parse("0 0 30 2 *", "UTC").next(_START) is None


@given(
    minute=st.sampled_from(["*", "0", "*/7", "5-50/9", "59"]),
    hour=st.sampled_from(["*", "3", "*/5", "22-23"]),
    day=st.sampled_from(["*", "1", "L", "28-31"]),
    weekday=st.sampled_from(["*", "0", "MON,FRI", "3L"]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia"]),
    after=st.integers(0, 60 * 24 * 400),
)
def test_the_next_run_is_the_first_minute_that_matches(
    minute: str, hour: str, day: str, weekday: str, zone: str, after: int
) -> None:
    parsed = cron.parse(f"{minute} {hour} {day} * {weekday}", zone)
    start = _START + timedelta(minutes=after)
    found = parsed.next(start)
    assert found is not None
    assert found > start
    local = found.astimezone(parsed.zone)
    assert local.minute in parsed.minutes
    assert local.hour in parsed.hours
    # Between two runs there is none: the run after one minute before is this one again.
    assert parsed.next(found - timedelta(minutes=1)) == found


@pytest.mark.parametrize(
    "text",
    [
        "5",
        "9 SECONDS",
        "11521 MINUTES",
        "USING CRON * * * * UTC",
        "USING CRON 60 * * * * UTC",
        "USING CRON 0 0 * * * Mars/Olympus",
        "USING CRON 0 0 0 * * UTC",
        "USING CRON a * * * * UTC",
        "USING CRON 5-1 * * * * UTC",
    ],
)
def test_schedules_that_are_refused(text: str) -> None:
    with pytest.raises(SnowflakeError, match=r"001008 \(22023\).*SCHEDULE|SCHEDULE"):
        schedule.parse(text)


@pytest.mark.parametrize(
    ("text", "interval"), [("60 MINUTES", 3600), ("1 hour", 3600), ("10 SECONDS", 10), ("5 M", 300), ("1 minute", 60)]
)
def test_intervals(text: str, interval: int) -> None:
    assert schedule.parse(text).next(_START) == _START + timedelta(seconds=interval)
