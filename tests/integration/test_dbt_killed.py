"""kill -9 of dbt in the middle of a run: running it again ends with the same tables as if nothing had happened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from generators.settings import GeneratorSettings
from tests.integration.conftest import LocalCloud
from tests.integration.dbt_project import DbtDatabase, failures
from tests.integration.portfolio import Portfolio, all_rows, make_portfolio

pytestmark = pytest.mark.integration

BUILD = ("build", "--select", "+fct_transactions", "--exclude-resource-type", "test", "unit_test")
RUNS = "SELECT STATUS, COUNT(*) FROM OBSERVABILITY.PIPELINE_RUN_METADATA GROUP BY STATUS ORDER BY STATUS"


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    small = GeneratorSettings(customers=30, transactions=600, seed=29, rows_per_hour=40)
    return make_portfolio(tmp_path_factory.mktemp("lake"), small, hours=2)


def test_killed_runs_leave_nothing_that_the_next_does_not_mend(
    local_cloud: LocalCloud, portfolio: Portfolio, tmp_path: Path
) -> None:
    database = DbtDatabase(local_cloud, "DBT_KILLED", tmp_path)
    *early, late, latest = portfolio.transactions.values()
    database.insert("BRONZE.BRONZE_CUSTOMERS", all_rows(portfolio.customers))
    database.insert("BRONZE.BRONZE_TRANSACTIONS", (row for rows in early for row in rows))
    assert failures(database.dbt(*BUILD)) == []

    # Between one incremental model and the next, with old rows deleted and new ones not yet there.
    database.insert("BRONZE.BRONZE_TRANSACTIONS", late)
    kill_when(database, "insert into", "fct_transactions")
    database.insert("BRONZE.BRONZE_TRANSACTIONS", latest)
    kill_when(database, "insert into", "int_transactions_classified")
    assert failures(database.dbt(*BUILD)) == []
    mended = database.contents()
    assert failures(database.dbt(*BUILD, "--full-refresh")) == []
    assert mended == database.contents()
    assert database.sql(RUNS) == [("interrupted", 2), ("success", 3)]


def kill_when(database: DbtDatabase, *words: str) -> None:
    """Run dbt until it sends a statement with all these words, then kill it."""
    command = [str(Path(sys.executable).parent / "dbt"), "--log-format", "json", "--log-level", "debug"]
    with subprocess.Popen(
        [*command, *BUILD, *database.command],
        env={**os.environ, **database.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as dbt:
        assert dbt.stdout is not None
        said = []
        for line in dbt.stdout:
            said.append(line)
            event = json.loads(line)
            if event["info"]["name"] == "SQLQuery" and all(word in event["data"]["sql"] for word in words):
                dbt.kill()
                break
    assert dbt.returncode == -9, "".join(said[-20:])
