"""What dbt leaves in OBSERVABILITY, and that the alerts of the Pulumi program find it there."""

from __future__ import annotations

import pytest

from generators.settings import GeneratorSettings
from snowflake_objects.alerts import CONDITIONS
from snowflake_objects.sections import AlertSettings
from tests.integration.conftest import LocalCloud
from tests.integration.dbt_project import DbtDatabase, failures
from tests.integration.portfolio import all_rows, make_portfolio

pytestmark = pytest.mark.integration

QUALITY = "OBSERVABILITY.DATA_QUALITY_METRICS"
CUSTOMERS = 60


@pytest.fixture(scope="module")
def built(local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> DbtDatabase:
    settings = GeneratorSettings(customers=CUSTOMERS, transactions=2_000, seed=5, rows_per_hour=300)
    landed = make_portfolio(tmp_path_factory.mktemp("lake"), settings, hours=2)
    made = DbtDatabase(local_cloud, "DBT_OBSERVABILITY", tmp_path_factory.mktemp("dbt"))
    made.insert("BRONZE.BRONZE_CUSTOMERS", all_rows(landed.customers))
    made.insert("BRONZE.BRONZE_CAMPAIGN_ASSIGNMENTS", all_rows(landed.campaigns))
    made.insert("BRONZE.BRONZE_TRANSACTIONS", all_rows(landed.transactions))
    assert failures(made.dbt("build", "--exclude-resource-type", "test", "unit_test")) == []
    return made


@pytest.fixture
def database(built: DbtDatabase) -> DbtDatabase:
    """Everything built, and nothing recorded of it."""
    for (name,) in built.sql(
        "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES "
        "WHERE TABLE_SCHEMA = 'OBSERVABILITY' AND TABLE_TYPE = 'BASE TABLE'"
    ):
        built.sql(f"DELETE FROM OBSERVABILITY.{name}")
    return built


def finds(database: DbtDatabase, name: str, **thresholds: float) -> bool:
    """Whether the condition of an alert holds now."""
    (condition,) = (each for each in CONDITIONS if each.name == name)
    return bool(database.sql(condition.query(database.name, "DBT_TEST_WH", AlertSettings(**thresholds))))


def test_duplicates_of_a_batch_raise_an_alert(database: DbtDatabase) -> None:
    assert failures(database.dbt("run", "--select", "int_transactions_classified", "--full-refresh")) == []
    share = database.value(
        f"SELECT 100 * FAILURE_RATE FROM {QUALITY} WHERE CHECK_TYPE = 'duplicate_transactions_in_batch'"
    )
    assert 0 < share < 100
    assert finds(database, "DUPLICATES", duplicates_percent=share * 0.99)
    assert not finds(database, "DUPLICATES", duplicates_percent=share * 1.01)


def test_a_failing_test_of_staging_raises_an_alert(database: DbtDatabase) -> None:
    assert failures(database.dbt("test", "--select", "stg_merchant_categories,test_type:data")) == []
    assert not finds(database, "FAILED_STAGING_TESTS")
    database.sql(
        "INSERT INTO BRONZE.BRONZE_MERCHANT_CATEGORIES SELECT * FROM BRONZE.BRONZE_MERCHANT_CATEGORIES LIMIT 1"
    )
    assert failures(database.dbt("test", "--select", "stg_merchant_categories,test_type:data"))
    assert finds(database, "FAILED_STAGING_TESTS")
    found = database.sql("SELECT TABLE_NAME, CHECK_TYPE, RECORDS_FAILED FROM OBSERVABILITY.V_RECENT_DQ_FAILURES")
    assert ("stg_merchant_categories", "unique", 1) in found
    assert failures(database.dbt("seed")) == []


def test_a_failed_run_raises_an_alert(database: DbtDatabase) -> None:
    assert not finds(database, "FAILED_GOLD_RUN")
    assert failures(database.dbt("run", "--select", "int_reporting_date", "--vars", '{"as_of_date": "no date"}'))
    assert finds(database, "FAILED_GOLD_RUN")


def test_customers_who_change_segment_are_followed_and_raise_an_alert(database: DbtDatabase) -> None:
    history = "SILVER.CUSTOMER_SEGMENT_HISTORY"
    database.sql(f"DROP TABLE {history}")
    assert failures(database.dbt("snapshot")) == []
    assert database.sql(f"SELECT COUNT(*), COUNT(DBT_VALID_TO) FROM {history}") == [(CUSTOMERS, 0)]
    moved = [row[0] for row in database.sql("SELECT CUSTOMER_ID FROM GOLD.CUSTOMER_SEGMENTS ORDER BY 1 LIMIT 9")]
    named = ", ".join(f"'{each}'" for each in moved)
    # Nine of sixty go and come back: fifteen percent, however often they moved.
    before = database.sql(
        f"SELECT CUSTOMER_ID, CUSTOMER_SEGMENT FROM GOLD.CUSTOMER_SEGMENTS WHERE CUSTOMER_ID IN ({named})"
    )
    database.sql(f"UPDATE GOLD.CUSTOMER_SEGMENTS SET CUSTOMER_SEGMENT = 'Elsewhere' WHERE CUSTOMER_ID IN ({named})")
    assert failures(database.dbt("build", "--select", "customer_segment_history")) == []
    assert failures(database.dbt("run", "--select", "customer_segments")) == []
    assert failures(database.dbt("build", "--select", "customer_segment_history")) == []
    stays = database.sql(
        f"SELECT CUSTOMER_ID, LISTAGG(CUSTOMER_SEGMENT, '>') WITHIN GROUP (ORDER BY DBT_VALID_FROM) FROM {history} "
        "GROUP BY CUSTOMER_ID HAVING COUNT(*) > 1"
    )
    assert sorted(stays) == sorted((customer, f"{segment}>Elsewhere>{segment}") for customer, segment in before)
    rates = database.sql(
        "SELECT RECORDS_CHECKED, RECORDS_FAILED FROM OBSERVABILITY.DATA_QUALITY_METRICS "
        "WHERE CHECK_TYPE = 'segment_changes_in_a_day' ORDER BY RUN_TIMESTAMP"
    )
    assert rates == [(CUSTOMERS, 9), (CUSTOMERS, 9)]
    assert finds(database, "SEGMENT_CHANGES", segment_changes_percent=14)
    assert not finds(database, "SEGMENT_CHANGES", segment_changes_percent=15)
    # What was true the day before yesterday is no news.
    database.sql(f"UPDATE {history} SET DBT_VALID_TO = DATEADD(hour, -25, DBT_VALID_TO)")
    assert failures(database.dbt("build", "--select", "customer_segment_history", "--exclude", "test_type:data")) == []
    newest = database.value(
        f"SELECT RECORDS_FAILED FROM {QUALITY} WHERE CHECK_TYPE = 'segment_changes_in_a_day' "
        "ORDER BY RUN_TIMESTAMP DESC LIMIT 1"
    )
    assert newest == 0


def test_views_show_the_latest_runs_failures_of_a_week_and_trends(database: DbtDatabase) -> None:
    database.sql(
        "INSERT INTO OBSERVABILITY.PIPELINE_RUN_METADATA (RUN_ID, PIPELINE_NAME, STATUS, STARTED_AT, FINISHED_AT) "
        "VALUES "
        "('old', 'load', 'failed', '2020-01-01', '2020-01-01'), "
        "('new', 'load', 'success', '2020-01-02 00:00:00', '2020-01-02 00:01:30')"
    )
    assert failures(database.dbt("run", "--select", "int_reporting_date")) == []
    latest = database.sql(
        "SELECT RUN_ID, STATUS, DURATION_SECONDS FROM OBSERVABILITY.V_LATEST_PIPELINE_RUNS WHERE PIPELINE_NAME = 'load'"
    )
    assert latest == [("new", "success", 90)]
    assert database.value("SELECT COUNT(*) FROM OBSERVABILITY.V_LATEST_PIPELINE_RUNS") == 2

    database.sql(
        f"INSERT INTO {QUALITY} (RUN_ID, RUN_TIMESTAMP, CHECK_TYPE, RECORDS_FAILED) SELECT column1, "
        "DATEADD(minute, column2, SYSDATE()), 'planted', column3 FROM VALUES "
        "('week', -10079, 1), ('older', -10081, 1), ('clean', -1, 0)"
    )
    recent = database.sql("SELECT RUN_ID FROM OBSERVABILITY.V_RECENT_DQ_FAILURES WHERE CHECK_TYPE = 'planted'")
    assert recent == [("week",)]

    database.sql(
        "INSERT INTO OBSERVABILITY.LAYER_RECORD_COUNTS (RUN_ID, LAYER, MODEL_NAME, RECORD_COUNT, RUN_TIMESTAMP) VALUES "
        "('a', 'GOLD', 'planted', 90, '2020-01-01 08:00:00'), ('b', 'GOLD', 'planted', 100, '2020-01-01 23:59:59'), "
        "('c', 'GOLD', 'planted', 150, '2020-01-03 00:00:00')"
    )
    trends = database.sql(
        "SELECT COUNT_DATE::VARCHAR, RECORD_COUNT, COUNT_CHANGE, COUNT_CHANGE_PCT "
        "FROM OBSERVABILITY.V_RECORD_COUNT_TRENDS WHERE MODEL_NAME = 'planted' ORDER BY 1"
    )
    assert trends == [("2020-01-01", 100, None, None), ("2020-01-03", 150, 50, 0.5)]
