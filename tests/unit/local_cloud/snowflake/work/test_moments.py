"""The current moment, while the account's clock is held."""

from __future__ import annotations

from datetime import timedelta

from tests.unit.local_cloud.snowflake.conftest import Run
from tests.unit.local_cloud.snowflake.work.conftest import START, Advance


def test_is_the_clocks_with_a_zone_and_in_utc_without(run: Run, advance: Advance) -> None:
    later = START + timedelta(days=3, hours=7)
    advance(later)
    run("alter session set timezone = 'America/Los_Angeles'")
    assert run("select current_timestamp(), sysdate(), current_date()") == [
        (later, later.replace(tzinfo=None), later.date())
    ]
