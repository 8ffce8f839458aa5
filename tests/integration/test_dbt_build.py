"""The dbt project on a local cloud: a small generated portfolio with known faults, all of it built and tested once."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from dbt.contracts.graph.nodes import ModelNode

from c360.documents.metrics import Metric, Metrics
from generators.settings import GeneratorSettings
from generators.stream import REJECTED
from tests.integration.conftest import LocalCloud
from tests.integration.dbt_project import DbtDatabase, failures
from tests.integration.portfolio import Portfolio, Row, all_rows, make_portfolio
from tests.mutations.checks import caught_by_unit_tests
from tests.mutations.mutation import mutations

pytestmark = pytest.mark.integration

UNKNOWN = "0" * 32
METRICS = Metrics.read()


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    settings = GeneratorSettings(customers=150, transactions=6_000, seed=11, rows_per_hour=400)
    return make_portfolio(tmp_path_factory.mktemp("lake"), settings, hours=3)


@pytest.fixture(scope="module")
def built(local_cloud: LocalCloud, landed: Portfolio, tmp_path_factory: pytest.TempPathFactory) -> DbtDatabase:
    """Everything landed, then one `dbt build`, of which nothing may fail."""
    database = DbtDatabase(local_cloud, "DBT_BUILD", tmp_path_factory.mktemp("dbt"))
    database.insert("BRONZE.BRONZE_CUSTOMERS", all_rows(landed.customers))
    database.insert("BRONZE.BRONZE_CAMPAIGN_ASSIGNMENTS", all_rows(landed.campaigns))
    database.insert("BRONZE.BRONZE_TRANSACTIONS", all_rows(landed.transactions))
    # A portfolio of 150 customers may be off the shares of 50,000: those findings are warnings.
    bad = [result for result in failures(database.dbt("build")) if result.status != "warn"]
    assert bad == []
    return database


def test_duplicates_rejects_and_unknown_customers_are_found_exactly(built: DbtDatabase, landed: Portfolio) -> None:
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


def test_versions_are_the_planted_changes(built: DbtDatabase, landed: Portfolio) -> None:
    """Every row of every file of customers opens a version on its day, and nothing else does."""
    rows: list[Row] = list(all_rows(landed.customers))
    assert len(rows) > landed.settings.customers
    # Columns of the files: id, ..., card (8), limit (9), opened (10), ..., effective date (13).
    planted = Counter(
        (str(row[0]), date.fromisoformat(str(row[13] or row[10])), str(row[8]), Decimal(str(row[9]))) for row in rows
    )
    found = built.sql("SELECT CUSTOMER_ID, VALID_FROM, CARD_TYPE, CREDIT_LIMIT FROM GOLD.DIM_CUSTOMER WHERE AGE > 0")
    assert Counter(found) == planted
    assert built.value("SELECT COUNT(*) FROM GOLD.CUSTOMER_360_PROFILE") == landed.settings.customers


@pytest.mark.parametrize("metric", METRICS.metrics, ids=lambda metric: metric.name)
def test_a_metric_is_what_its_definition_computes_from_facts(built: DbtDatabase, metric: Metric) -> None:
    mart = next(model for model in _models(built) if model.name == metric.model)
    keys = ", ".join(metric.keys)
    by_hand = _by_key(built.sql(METRICS.query(metric)))
    in_mart = _by_key(built.sql(f"SELECT {keys}, {metric.column} FROM {mart.relation_name}"))
    assert by_hand
    # A mart also has those of whom the facts say nothing: their metric is zero, false or unknown.
    assert {key: value for key, value in in_mart.items() if key not in by_hand and value} == {}
    # Marts round to cents.
    assert in_mart | by_hand == {key: pytest.approx(value, abs=0.006, rel=1e-6) for key, value in in_mart.items()}


def _models(built: DbtDatabase) -> list[ModelNode]:
    return [node for node in built.manifest.nodes.values() if isinstance(node, ModelNode)]


def _by_key(rows: list[tuple[Any, ...]]) -> dict[tuple[Any, ...], float]:
    return {row[:-1]: float(row[-1]) for row in rows if row[-1] is not None}


def test_the_catalog_knows_every_column_of_the_contracts(built: DbtDatabase) -> None:
    """`dbt docs generate` works, and gold has exactly the columns that it promises."""
    found = {node.metadata.name: set(node.columns) for node in built.catalog().nodes.values()}
    gold = [model for model in _models(built) if model.schema == "GOLD"]
    assert gold
    for model in gold:
        assert found[model.name.upper()] == {column.upper() for column in model.columns}, model.name


def test_only_what_the_churn_model_needs_is_built_on_its_warehouse(built: DbtDatabase) -> None:
    found = built.sql(
        "SELECT DISTINCT WAREHOUSE_NAME, REGEXP_SUBSTR(QUERY_TEXT, 'transient table ([A-Za-z0-9_.]+)', 1, 1, 'e') "
        "FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) "
        "WHERE QUERY_TEXT ILIKE '%create or replace%transient table DBT_BUILD.%'"
    )
    on_ml = {name.split(".")[-1] for warehouse, name in found if warehouse == "DBT_TEST_ML_WH"}
    elsewhere = {name.split(".")[-1] for warehouse, name in found if warehouse == "DBT_TEST_WH"}
    assert on_ml == {"churn_labels"}
    assert {"fct_transactions", "dim_customer", "customer_360_profile"} <= elsewhere
    assert not on_ml & elsewhere


def test_statements_say_of_which_run_and_model_they_are(built: DbtDatabase) -> None:
    tags = built.sql(
        "SELECT DISTINCT QUERY_TAG FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) "
        "WHERE QUERY_TEXT ILIKE '%create or replace%transient table DBT_BUILD.GOLD.dim_customer%'"
    )
    runs = {run for (run,) in built.sql("SELECT RUN_ID FROM OBSERVABILITY.PIPELINE_RUN_METADATA")}
    said = [json.loads(tag) for (tag,) in tags]
    assert said
    assert {(each["app"], each["model"], each["invocation"] in runs) for each in said} == {
        ("dbt", "dim_customer", True)
    }


def test_observability_says_what_ran_and_what_was_found(built: DbtDatabase, landed: Portfolio) -> None:
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


def test_a_run_that_fails_in_the_middle_is_recorded_with_its_reason(built: DbtDatabase) -> None:
    results = built.dbt(
        "build",
        "--select",
        "dim_merchant_category",
        "int_reporting_date+1",
        "--exclude-resource-type",
        "unit_test",
        "--vars",
        json.dumps({"as_of_date": "no date"}),
    )
    assert [result.name for result in failures(results)] == ["int_reporting_date"]
    run, status, failed, message = _last_run(built)
    assert (status, failed) == ("failed", 1)
    assert message.startswith("int_reporting_date: ")
    # What ran before and beside it is recorded too, and what was not reached is called skipped.
    logged = dict(built.sql(f"SELECT MODEL_NAME, STATUS FROM OBSERVABILITY.MODEL_EXECUTION_LOG WHERE RUN_ID = '{run}'"))
    assert logged["dim_merchant_category"] == "success"
    assert logged["int_reporting_date"] == "error"
    assert logged["int_customer_monthly_spend"] == "skipped"


def test_a_failing_test_becomes_a_row_of_quality(built: DbtDatabase) -> None:
    built.sql("INSERT INTO GOLD.DIM_MERCHANT_CATEGORY SELECT * FROM GOLD.DIM_MERCHANT_CATEGORY LIMIT 3")
    assert failures(built.dbt("test", "--select", "dim_merchant_category"))
    run, status, failed, message = _last_run(built)
    assert (status, failed) == ("failed", 0)
    assert "unique_dim_merchant_category" in message
    checks = built.sql(
        "SELECT RECORDS_CHECKED, RECORDS_FAILED, FAILURE_RATE FROM OBSERVABILITY.DATA_QUALITY_METRICS "
        f"WHERE RUN_ID = '{run}' AND TABLE_NAME = 'dim_merchant_category' AND CHECK_TYPE = 'unique'"
    )
    assert (24, 3, 3 / 24) in checks
    assert failures(built.dbt("run", "--select", "dim_merchant_category")) == []


def test_facts_that_come_twice_are_counted(built: DbtDatabase) -> None:
    built.sql("INSERT INTO GOLD.FCT_TRANSACTIONS SELECT * FROM GOLD.FCT_TRANSACTIONS LIMIT 3")
    results = failures(built.dbt("test", "--select", "fct_transactions,test_name:no_repeats"))
    assert [result.message for result in results] == ["Got 3 results, configured to fail if != 0"]
    assert failures(built.dbt("run", "--select", "fct_transactions", "--full-refresh")) == []
    assert failures(built.dbt("test", "--select", "fct_transactions,test_name:no_repeats")) == []


def test_a_test_that_cannot_run_is_recorded_too(built: DbtDatabase) -> None:
    built.sql("ALTER TABLE GOLD.CUSTOMER_SEGMENTS RENAME TO GOLD.CUSTOMER_SEGMENTS_AWAY")
    results = failures(built.dbt("test", "--select", "unique_customer_segments_customer_id"))
    assert [result.status for result in results] == ["error"]
    run, status, _, message = _last_run(built)
    built.sql("ALTER TABLE GOLD.CUSTOMER_SEGMENTS_AWAY RENAME TO GOLD.CUSTOMER_SEGMENTS")
    assert status == "failed"
    assert "does not exist" in message
    checks = f"SELECT RECORDS_CHECKED, RECORDS_FAILED FROM OBSERVABILITY.DATA_QUALITY_METRICS WHERE RUN_ID = '{run}'"
    assert built.sql(checks) == [(None, None)]


@pytest.mark.parametrize("name", ["facts joined to the customer of today", "lift with the wrong sign"])
def test_a_deliberate_mistake_is_noticed(built: DbtDatabase, name: str) -> None:
    """Two of the list; `make mutations` makes them all."""
    mutation = next(each for each in mutations() if each.name == name)
    assert len(caught_by_unit_tests(mutation, built)) == 1


def _last_run(built: DbtDatabase) -> tuple[Any, ...]:
    return built.sql(
        "SELECT RUN_ID, STATUS, MODELS_FAILED, ERROR_MESSAGE FROM OBSERVABILITY.PIPELINE_RUN_METADATA "
        "ORDER BY STARTED_AT DESC LIMIT 1"
    )[0]
