"""Cron expressions with a time zone, as tasks and alerts know them.

https://docs.snowflake.com/en/sql-reference/sql/create-task#optional-parameters

    minute (0-59)  hour (0-23)  day of month (1-31, L)  month (1-12, JAN-DEC)  day of week (0-6, SUN-SAT, 5L)

Fields hold `*`, `n`, `a-b`, `a,b` and steps `/n`. `L` is the last day of the month, `5L` the month's last Friday. A job
with days of the month and days of the week runs on both. Where clocks change, a local time that does not exist has no
run and one that comes twice has two: that is what Snowflake does, and cron libraries differ from each other there.
"""

from __future__ import annotations

import calendar
import re
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"))}
_ITEM = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d+))?")
# 29 February on a given day of the week comes back within 40 years, whatever century's end is between.
_MOST_DAYS = 366 * 41


@dataclass(frozen=True)
class Cron:
    """A parsed expression. `days` and `weekdays` are None for `*`; `last_weekdays` are those written `5L`."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int] | None
    last_day: bool
    months: frozenset[int]
    weekdays: frozenset[int] | None
    last_weekdays: frozenset[int]
    zone: ZoneInfo

    def next(self, after: datetime) -> datetime | None:
        """The first moment later than `after`, in UTC; None when there is none, as for 30 February."""
        start = after.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        day = start.astimezone(self.zone).date()
        for _ in range(_MOST_DAYS):
            if self._runs_on(day):
                moments = _moments(self, day)
                if (at := bisect_left(moments, start)) < len(moments):
                    return moments[at]
            day += timedelta(days=1)
        return None

    def _runs_on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_month = self.days is not None or self.last_day
        by_week = self.weekdays is not None or bool(self.last_weekdays)
        if not by_month and not by_week:
            return True
        return (by_month and self._is_month_day(day)) or (by_week and self._is_weekday(day))

    def _is_month_day(self, day: date) -> bool:
        last = calendar.monthrange(day.year, day.month)[1]
        return day.day in (self.days or ()) or (self.last_day and day.day == last)

    def _is_weekday(self, day: date) -> bool:
        number = day.isoweekday() % 7
        last = calendar.monthrange(day.year, day.month)[1]
        return number in (self.weekdays or ()) or (number in self.last_weekdays and day.day > last - 7)


@lru_cache(maxsize=256)
def _moments(cron: Cron, day: date) -> list[datetime]:
    """All moments of a local day, in UTC: none for local times that are jumped over, two for repeated ones."""
    found = set()
    for hour in cron.hours:
        for minute in cron.minutes:
            for fold in (0, 1):
                local = datetime(day.year, day.month, day.day, hour, minute, fold=fold, tzinfo=cron.zone)
                moment = local.astimezone(UTC)
                if moment.astimezone(cron.zone).replace(tzinfo=None) == local.replace(tzinfo=None):
                    found.add(moment)
    return sorted(found)


def parse(expression: str, zone: str) -> Cron:
    """Raises ValueError with what is wrong, for an expression or a time zone that cron does not know."""
    fields = expression.upper().split()
    if len(fields) != 5:
        raise ValueError(f"cron expression '{expression}' has {len(fields)} fields, not 5")
    minute, hour, day, month, weekday = fields
    days = [item for item in day.split(",") if item != "L"]
    weekdays = [item for item in weekday.split(",") if not re.fullmatch(r"\w+L", item)]
    last_weekdays = [item[:-1] for item in weekday.split(",") if re.fullmatch(r"\w+L", item)]
    return Cron(
        _field(minute, 0, 59),
        _field(hour, 0, 23),
        _field(",".join(days), 1, 31) if days and day != "*" else None,
        "L" in day.split(","),
        _field(month, 1, 12, _MONTHS),
        _week(",".join(weekdays)) if weekdays and weekday != "*" else None,
        _week(",".join(last_weekdays)) if last_weekdays else frozenset(),
        _zone(zone),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"'{name}' is no time zone of the IANA database") from None


def _week(text: str) -> frozenset[int]:
    # 7 is Sunday as 0 is, so that 5-7 is a range.
    return frozenset(number % 7 for number in _field(text, 0, 7, _DAYS))


def _field(text: str, lowest: int, highest: int, names: dict[str, int] | None = None) -> frozenset[int]:
    found: set[int] = set()
    for item in text.split(","):
        match = _ITEM.fullmatch(item)
        if not match:
            raise ValueError(f"'{item}' is no value of a cron field")
        step = int(match["step"] or 1)
        if match["first"] == "*":
            first, last = lowest, highest
        else:
            first = _number(match["first"], names)
            last = _number(match["last"], names) if match["last"] else (highest if match["step"] else first)
        if step < 1 or not lowest <= first <= last <= highest:
            raise ValueError(f"'{item}' is outside {lowest} to {highest}")
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _number(text: str, names: dict[str, int] | None) -> int:
    if names and text in names:
        return names[text]
    if not text.isdigit():
        raise ValueError(f"'{text}' is no value of a cron field")
    return int(text)
