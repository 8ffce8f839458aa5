"""An account whose clock stands at the start of June 2026 and moves only when a test says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from local_cloud.snowflake import clock, work
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.work import scheduler
from tests.unit.local_cloud.snowflake.conftest import Run

START = datetime(2026, 6, 1, tzinfo=UTC)
Advance = Callable[[datetime], int]


@pytest.fixture
def advance(account: Account, run: Run) -> Iterator[Advance]:
    """Moves the clock and runs what is due; the account has a warehouse WH."""
    clock.of(account).hold(START)
    run("create warehouse if not exists WH")
    yield scheduler.of(account).advance
    work.stop(account)
