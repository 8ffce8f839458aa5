"""The speed of the stream, by a clock that only sleeping and working move."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from c360.streaming import paced, seconds_an_hour

HOURS = [datetime(2026, 7, 1) + timedelta(hours=number) for number in range(4)]  # noqa: DTZ001  # hours are UTC


class Clock:
    """Seconds, and every sleep that was asked for."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def times(speed: float | None, work: list[float]) -> tuple[list[float], list[float]]:
    """When each hour was due, from the first, and the sleeps, if writing the n-th file takes `work[n]` seconds."""
    clock = Clock()
    due = []
    for number, hour in enumerate(paced(HOURS, seconds_an_hour(speed), lambda: clock.now, clock.sleep)):
        assert hour == HOURS[number]
        due.append(clock.now - 1_000)
        clock.now += work[number]
    return due, clock.slept


@pytest.mark.parametrize(("speed", "seconds"), [(1, 3_600), (60, 60), (0.5, 7_200)])
def test_an_hour_of_data_takes_an_hour_over_the_speed(speed: float, seconds: float) -> None:
    due, _ = times(speed, [0.5, 0.5, 0.5, 0.5])
    assert due == [0, seconds, 2 * seconds, 3 * seconds]


def test_without_a_speed_nothing_is_waited_for() -> None:
    assert times(None, [2, 3, 4, 5]) == ([0, 2, 5, 9], [])


def test_a_slow_file_delays_the_next_but_not_those_after_it() -> None:
    due, slept = times(60, [150, 1, 1, 1])
    assert due == [0, 150, 151, 180]
    assert slept == [28]
