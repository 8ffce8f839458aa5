"""The SCHEDULE of a task or an alert: an interval, or a cron expression with a time zone.

https://docs.snowflake.com/en/sql-reference/sql/create-task, https://docs.snowflake.com/en/sql-reference/sql/create-alert
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from local_cloud.snowflake import errors
from local_cloud.snowflake.work import cron

_INTERVAL = re.compile(r"(\d+)\s*(SECONDS?|S|MINUTES?|M|HOURS?|H)", re.IGNORECASE)
_CRON = re.compile(r"USING\s+CRON\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(\S+)", re.IGNORECASE)
_SECONDS = {"S": 1, "M": 60, "H": 3600}
_SHORTEST, _LONGEST = timedelta(seconds=10), timedelta(minutes=11_520)


@dataclass(frozen=True)
class Schedule:
    """Either an interval or a cron expression."""

    interval: timedelta | None = None
    cron: cron.Cron | None = None

    def next(self, after: datetime) -> datetime | None:
        """The first run later than `after`; an interval counts from there."""
        if self.interval is not None:
            return after + self.interval
        return self.cron.next(after) if self.cron else None


@lru_cache(maxsize=256)
def parse(text: str) -> Schedule:
    """A schedule from its text.

    Raises:
        SnowflakeError: 001008 for a text that is none; intervals are 10 seconds to 8 days.
    """
    text = text.strip()
    if match := _INTERVAL.fullmatch(text):
        interval = timedelta(seconds=int(match[1]) * _SECONDS[match[2][0].upper()])
        if _SHORTEST <= interval <= _LONGEST:
            return Schedule(interval=interval)
    elif match := _CRON.fullmatch(text):
        try:
            return Schedule(cron=cron.parse(match[1], match[2]))
        except ValueError as error:
            raise errors.invalid_value(text, "SCHEDULE", f"a cron expression that runs ({error})") from error
    raise errors.invalid_value(
        text, "SCHEDULE", "'<n> HOURS | MINUTES | SECONDS' from 10 seconds to 8 days, 'USING CRON <expression> <zone>'"
    )
