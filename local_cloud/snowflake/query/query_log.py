"""The latest statements of an account: what they were, who ran them, where and for how long.

In memory, five thousand of them: they are gone after a restart.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_cloud.snowflake.account import Account

_KEPT = 5_000
TEXT_KEPT = 10_000
"""Characters of a statement; Snowflake keeps a hundred thousand."""


@dataclass(frozen=True)
class Ran:
    """One statement that ended, well or not; `warehouse` only if it computed, `error` as number and message,
    `tag` as the session's QUERY_TAG was when it began."""

    query_id: str
    text: str
    kind: str
    session_id: str
    user: str
    role: str | None
    warehouse: str | None
    database: str | None
    schema: str | None
    start: datetime
    end: datetime
    rows: int
    error: tuple[int, str] | None
    tag: str = ""


class Log:
    """Statements of one account, the latest last; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ran: deque[Ran] = deque(maxlen=_KEPT)

    def add(self, ran: Ran) -> None:
        with self._lock:
            self._ran.append(ran)

    def all(self) -> list[Ran]:
        with self._lock:
            return list(self._ran)


_logs: dict[str, Log] = {}
_lock = threading.Lock()


def of(account: Account) -> Log:
    """The account's statements since it was opened."""
    with _lock:
        return _logs.setdefault(str(account.home), Log())


def forget(account: Account) -> None:
    """Call when the account closes."""
    with _lock:
        _logs.pop(str(account.home), None)
