"""Files arrive in any order and dbt runs in between: its tables end as a full refresh makes them."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from generators.settings import GeneratorSettings
from tests.integration.conftest import LocalCloud
from tests.integration.dbt_project import DbtDatabase, failures
from tests.integration.portfolio import LOADED_AT, Files, Portfolio, Row, all_rows, loaded_again, make_portfolio

pytestmark = pytest.mark.integration

# Each example takes four builds; more on request.
EXAMPLES = int(os.environ.get("C360_ARRIVAL_EXAMPLES", "3"))
# Every incremental model and what it reads. The other tables are made afresh from these on every run.
BUILD = ("build", "--select", "+config.materialized:incremental", "--exclude-resource-type", "test", "unit_test")
BATCHES = 3


@dataclass(frozen=True)
class Arrivals:
    """In which batch each file commits; which one commits in two halves, and which are loaded again by force.

    Ingestion times are those of the files' own order: a file that commits late is older than what was built before it.
    """

    transactions: dict[str, int]
    customers: dict[str, int]
    campaigns: int
    halved: str
    again: dict[str, int]

    def rows(self, portfolio: Portfolio, batch: int) -> tuple[list[Row], list[Row], list[Row]]:
        """Rows of customers, campaigns and transactions that commit in a batch."""
        customers = [row for name, rows in portfolio.customers.items() if self.customers[name] == batch for row in rows]
        campaigns = list(all_rows(portfolio.campaigns)) if self.campaigns == batch else []
        return customers, campaigns, list(self._transactions(portfolio.transactions, batch))

    def _transactions(self, files: Files, batch: int) -> Iterator[Row]:
        for name, rows in files.items():
            first = self.transactions[name]
            half = len(rows) // 2 if name == self.halved else len(rows)
            if first == batch:
                yield from rows[:half]
            if min(first + 1, BATCHES - 1) == batch:
                yield from rows[half:]
            if self.again.get(name) == batch:
                yield from loaded_again(rows, LOADED_AT + timedelta(days=1 + batch))


def arrivals(portfolio: Portfolio, seed: int) -> Arrivals:
    """Any arrivals at all. By a seed, so that no example is the simplest one, in which everything comes at once."""
    choose = random.Random(seed)
    names = sorted(portfolio.transactions)
    return Arrivals(
        transactions={name: choose.randrange(BATCHES) for name in names},
        customers={name: choose.randrange(BATCHES) for name in sorted(portfolio.customers)},
        campaigns=choose.randrange(BATCHES),
        halved=choose.choice(names),
        again={name: choose.randrange(BATCHES) for name in choose.sample(names, 3)},
    )


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    small = GeneratorSettings(customers=30, transactions=600, seed=23, rows_per_hour=40)
    return make_portfolio(tmp_path_factory.mktemp("lake"), small, hours=3)


@pytest.fixture(scope="module")
def database(local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> DbtDatabase:
    return DbtDatabase(local_cloud, "DBT_ARRIVALS", tmp_path_factory.mktemp("dbt"))


def test_any_order_of_arrivals_ends_as_a_full_refresh(database: DbtDatabase, portfolio: Portfolio) -> None:
    # The same examples every time, and no search for a smaller one: each costs several builds.
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**32))
    def check(seed: int) -> None:
        arrived = arrivals(portfolio, seed)
        database.forget()
        for batch in range(BATCHES):
            customers, campaigns, transactions = arrived.rows(portfolio, batch)
            database.insert("BRONZE.BRONZE_CUSTOMERS", customers)
            database.insert("BRONZE.BRONZE_CAMPAIGN_ASSIGNMENTS", campaigns)
            database.insert("BRONZE.BRONZE_TRANSACTIONS", transactions)
            assert failures(database.dbt(*BUILD)) == []
        step_by_step = database.contents()
        assert failures(database.dbt(*BUILD, "--full-refresh")) == []
        at_once = database.contents()
        assert differences(step_by_step, at_once) == {}
        assert sum(at_once["GOLD.FCT_TRANSACTIONS"].values()) > portfolio.settings.transactions

    check()


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, list[Any]]:
    """A few rows of each table that only one side has."""
    found = {name: [*(one[name] - other[name]), *(other[name] - one[name])][:4] for name in one.keys() & other.keys()}
    missing = {name: ["missing"] for name in one.keys() ^ other.keys()}
    return {name: rows for name, rows in found.items() if rows} | missing
