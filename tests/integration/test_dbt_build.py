"""The dbt project on a local cloud: a small generated portfolio with known faults, then late and shuffled arrivals."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from generators.lake import generate
from generators.settings import GeneratorSettings
from generators.stream import REJECTED, first_hour, write_hour
from tests.integration.conftest import LocalCloud
from tests.integration.dbt_project import DbtDatabase, failures

pytestmark = pytest.mark.integration

SETTINGS = GeneratorSettings(customers=150, transactions=6_000, seed=11, rows_per_hour=400)
HOURS = 3
LOADED_AT = datetime(2026, 7, 1, 12, tzinfo=UTC)
UNKNOWN = "0" * 32


@dataclass
class Landed:
    """Rows as bronze gets them, by file in the order of arrival, and the faults planted in them."""

    customers: dict[str, list[list[object]]] = field(default_factory=dict)
    campaigns: dict[str, list[list[object]]] = field(default_factory=dict)
    transactions: dict[str, list[list[object]]] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    lake = tmp_path_factory.mktemp("lake")
    generate(lake, SETTINGS, workers=1)
    found = Landed()
    for path in sorted(lake.glob("transactions/historical/*.parquet")):
        rows: list[list[object]] = [[str(value) for value in row.values()] for row in pq.read_table(path).to_pylist()]
        found.transactions[path.relative_to(lake).as_posix()] = rows
    for hour in range(HOURS):
        file = write_hour(lake, SETTINGS, first_hour(SETTINGS) + timedelta(hours=hour))
        found.transactions[file.path] = _csv(lake / file.path, 8)
        found.faults.update(file.faults)
    for path in [lake / "customers/customers.csv.gz", *sorted(lake.glob("customers/changes/*.csv.gz"))]:
        found.customers[path.relative_to(lake).as_posix()] = _csv(path, 14)
    for path in lake.glob("campaigns/*.csv.gz"):
        found.campaigns[path.relative_to(lake).as_posix()] = _csv(path, 7)
    for files in (found.customers, found.campaigns, found.transactions):
        for number, (name, rows) in enumerate(files.items()):
            arrived = (LOADED_AT + timedelta(seconds=number)).isoformat()
            files[name] = [[*row, arrived, name, line] for line, row in enumerate(rows, start=1)]
    return found


def _csv(path: Path, width: int) -> list[list[object]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        lines = list(csv.reader(file))[1:]
    return [[*(value or None for value in line), *[None] * (width - len(line))] for line in lines]


def _all(files: dict[str, list[list[object]]]) -> Iterator[list[object]]:
    for rows in files.values():
        yield from rows


@pytest.fixture(scope="module")
def built(local_cloud: LocalCloud, landed: Landed, tmp_path_factory: pytest.TempPathFactory) -> DbtDatabase:
    """Everything landed, then one `dbt build`, of which nothing may fail."""
    database = DbtDatabase(local_cloud, "DBT_BUILD", tmp_path_factory.mktemp("dbt"))
    database.insert("BRONZE.BRONZE_CUSTOMERS", _all(landed.customers))
    database.insert("BRONZE.BRONZE_CAMPAIGN_ASSIGNMENTS", _all(landed.campaigns))
    database.insert("BRONZE.BRONZE_TRANSACTIONS", _all(landed.transactions))
    # A portfolio of 150 customers may be off the shares of 50,000: those findings are warnings.
    bad = [result for result in failures(database.dbt("build")) if result.status != "warn"]
    assert bad == []
    return database


def test_duplicates_rejects_and_unknown_customers_are_found_exactly(built: DbtDatabase, landed: Landed) -> None:
    counts = built.sql(
        "SELECT (SELECT COUNT(*) FROM SILVER.INT_TRANSACTIONS_DUPLICATES), "
        "(SELECT COUNT(*) FROM SILVER.INT_TRANSACTIONS_REJECTED), (SELECT COUNT(*) FROM GOLD.FCT_TRANSACTIONS), "
        f"(SELECT COUNT(*) FROM GOLD.FCT_TRANSACTIONS WHERE CUSTOMER_KEY = '{UNKNOWN}')"
    )[0]
    faults = landed.faults
    duplicates, rejected = faults["exact_duplicate"] + faults["resent_later"], sum(faults[kind] for kind in REJECTED)
    everything = sum(map(len, landed.transactions.values()))
    assert duplicates > 0
    assert rejected > 0
    assert counts == (duplicates, rejected, everything - duplicates - rejected, faults["unknown_customer"])


def test_versions_are_the_planted_changes(built: DbtDatabase, landed: Landed) -> None:
    changes = sum(map(len, landed.customers.values())) - SETTINGS.customers
    assert changes > 0
    assert built.value("SELECT COUNT(*) FROM SILVER.INT_CUSTOMER_VERSIONS") == SETTINGS.customers + changes
    assert built.value("SELECT COUNT(*) FROM GOLD.CUSTOMER_360_PROFILE") == SETTINGS.customers


def test_observability_says_what_ran_and_what_was_found(built: DbtDatabase, landed: Landed) -> None:
    run, status, models_run, failed = built.sql(
        "SELECT RUN_ID, STATUS, MODELS_RUN, MODELS_FAILED FROM OBSERVABILITY.PIPELINE_RUN_METADATA "
        "ORDER BY STARTED_AT LIMIT 1"
    )[0]
    assert (status, failed) == ("success", 0)
    logged = f"SELECT COUNT(*) FROM OBSERVABILITY.MODEL_EXECUTION_LOG WHERE RUN_ID = '{run}' AND STATUS = 'success'"
    assert built.value(logged) == models_run
    found = f"SELECT RECORDS_FAILED FROM OBSERVABILITY.DATA_QUALITY_METRICS WHERE RUN_ID = '{run}' AND CHECK_TYPE = "
    duplicates = landed.faults["exact_duplicate"] + landed.faults["resent_later"]
    assert built.value(f"{found} 'duplicate_transactions'") == duplicates
    assert built.value(f"{found} 'rejected_bad_date'") == landed.faults["bad_date"]
    counted = f"SELECT RECORD_COUNT FROM OBSERVABILITY.LAYER_RECORD_COUNTS WHERE RUN_ID = '{run}' AND MODEL_NAME = "
    assert built.value(f"{counted} 'fct_transactions'") == built.value("SELECT COUNT(*) FROM GOLD.FCT_TRANSACTIONS")


def test_a_failed_run_is_recorded_with_its_reason(built: DbtDatabase) -> None:
    results = built.dbt(
        "build",
        "--select",
        "dim_merchant_category",
        "int_reporting_date",
        "--vars",
        json.dumps({"as_of_date": "no date"}),
    )
    assert [result.name for result in failures(results)] == ["int_reporting_date"]
    status, failed, message = built.sql(
        "SELECT STATUS, MODELS_FAILED, ERROR_MESSAGE FROM OBSERVABILITY.PIPELINE_RUN_METADATA "
        "ORDER BY STARTED_AT DESC LIMIT 1"
    )[0]
    assert (status, failed) == ("failed", 1)
    assert message.startswith("int_reporting_date: ")


FACTS = ("build", "--select", "+fct_transactions", "--exclude-resource-type", "test")
COMPARED = {
    "SILVER.INT_TRANSACTIONS_CLASSIFIED": "* EXCLUDE (CLASSIFIED_AT)",
    "GOLD.FCT_TRANSACTIONS": "*",
    "GOLD.DIM_CUSTOMER": "*",
}


def test_shuffled_late_and_repeated_arrivals_end_as_a_full_refresh(
    local_cloud: LocalCloud, landed: Landed, tmp_path: Path
) -> None:
    """Files commit in another order than they were read, one twice, customers after their transactions."""
    database = DbtDatabase(local_cloud, "DBT_SHUFFLED", tmp_path)
    random_order = random.Random(5)
    files = list(landed.transactions.items())
    random_order.shuffle(files)
    repeated = files[3][1]
    files.append((files[3][0], [[*row[:8], "2026-07-02T00:00:00+00:00", *row[9:]] for row in repeated]))
    customer_files = list(landed.customers.items())
    random_order.shuffle(customer_files)
    batches = [files[:9], files[9:16], files[16:]]
    customer_batches = [customer_files[:7], customer_files[7:], []]
    for batch, customers in zip(batches, customer_batches, strict=True):
        database.insert("BRONZE.BRONZE_CUSTOMERS", (row for _, rows in customers for row in rows))
        database.insert("BRONZE.BRONZE_TRANSACTIONS", (row for _, rows in batch for row in rows))
        assert failures(database.dbt(*FACTS)) == []
    step_by_step = {table: database.sql(f"SELECT {columns} FROM {table}") for table, columns in COMPARED.items()}
    assert failures(database.dbt(*FACTS, "--full-refresh")) == []
    for table, columns in COMPARED.items():
        at_once = database.sql(f"SELECT {columns} FROM {table}")
        assert Counter(step_by_step[table]) == Counter(at_once), table
