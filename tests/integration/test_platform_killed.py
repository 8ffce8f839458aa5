"""`kill -9` of the local cloud under up, load, stream and dbt, then the same command again: the same counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.platform import Platform

pytestmark = pytest.mark.integration

# Large enough for each step to be under way when the blow falls.
SIZE = ("--customers", "4000", "--transactions", "1080000")
TABLES = (
    "BRONZE.BRONZE_TRANSACTIONS",
    "BRONZE.BRONZE_CUSTOMERS",
    "SILVER.INT_TRANSACTIONS_DEDUPLICATED",
    "SILVER.INT_TRANSACTIONS_REJECTED",
    "SILVER.INT_TRANSACTIONS_DUPLICATES",
    "GOLD.FCT_TRANSACTIONS",
    "GOLD.DIM_CUSTOMER",
    "GOLD.CUSTOMER_360_PROFILE",
)


@pytest.fixture
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(tmp_path_factory.mktemp("killed"))
    platform.run("local", "start")
    yield platform
    platform.run("local", "stop")


def test_every_step_carries_on_after_kill_9(platform: Platform) -> None:
    for seconds in (3.0, 6.0):
        platform.interrupt(seconds, "up")
    platform.run("up")
    platform.run("generate", *SIZE)
    platform.run("upload")
    expected = 1_080_000

    # How long a step takes differs from machine to machine by a factor of five: early blows for a quick one (1 s of
    # imports, 2.5 s of COPY), late ones for a busy one.
    for seconds in (1.5, 2.5, 4.0):
        platform.interrupt(seconds, "load")
    platform.run("load")
    assert platform.count("BRONZE.BRONZE_TRANSACTIONS") == expected

    stream = ("stream", "--hours", "6", "--from", "2026-07-01")
    for seconds in (1.5, 2.0, 4.0):
        platform.interrupt(seconds, *stream)
    platform.run(*stream)
    streamed = sum(
        len(file.read_text().splitlines()) - 1
        for file in (platform.state / "lake" / "transactions" / "streaming").rglob("*.csv")
    )
    assert platform.count("BRONZE.BRONZE_TRANSACTIONS") == expected + streamed

    for seconds in (6.0, 10.0, 16.0):
        platform.interrupt(seconds, "transform")
    platform.run("transform")
    after_blows = {table: platform.count(table) for table in TABLES}
    platform.run("transform", "--full-refresh")
    assert {table: platform.count(table) for table in TABLES} == after_blows
    bronze, silver, rejected, duplicates = (after_blows[TABLES[i]] for i in (0, 2, 3, 4))
    assert bronze == silver + rejected + duplicates
