"""The account's clock for schedules and histories: real time, or a moment that tests hold and move."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_cloud.snowflake.account import Account


class Clock:
    """Safe to share between threads. All moments are in UTC."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: datetime | None = None

    def now(self) -> datetime:
        with self._lock:
            return self._held or datetime.now(UTC)

    @property
    def held(self) -> bool:
        """Whether time stands still until somebody moves it."""
        with self._lock:
            return self._held is not None

    def hold(self, at: datetime | None = None) -> None:
        """Stand still, now or at a given moment."""
        with self._lock:
            self._held = (at or self._held or datetime.now(UTC)).astimezone(UTC)

    def release(self) -> None:
        """Back to real time."""
        with self._lock:
            self._held = None


_clocks: dict[str, Clock] = {}
_lock = threading.Lock()


def of(account: Account) -> Clock:
    """The account's clock; it shows real time when the account opens."""
    with _lock:
        return _clocks.setdefault(str(account.home), Clock())


def forget(account: Account) -> None:
    """Call when the account closes."""
    with _lock:
        _clocks.pop(str(account.home), None)
