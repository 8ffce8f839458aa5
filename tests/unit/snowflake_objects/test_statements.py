"""SQL that the program writes itself: the pipe's COPY and the proof of trust."""

from __future__ import annotations

import json

import pytest

from snowflake_objects.pipes import copy_csv
from snowflake_objects.storage_integration import read_answer, validation_query
from snowflake_objects.tables import BRONZE_TABLES, BRONZE_TRANSACTIONS, OBSERVABILITY_TABLES, PROVENANCE, TEXT

FAILED_READ = json.dumps({"status": "failure", "message": "sum", "actions": {"READ": {"message": "Access Denied"}}})
SUCCESS = json.dumps({"status": "success", "actions": {"READ": {"status": "success"}}})


def test_the_copy_is_that_of_the_contract() -> None:
    assert copy_csv(BRONZE_TRANSACTIONS, table="D.B.T", location="D.B.S", file_format="D.B.F") == (
        "COPY INTO D.B.T (TRANSACTION_ID, CUSTOMER_ID, TRANSACTION_DATE, TRANSACTION_AMOUNT, MERCHANT_NAME, "
        "MERCHANT_CATEGORY, CHANNEL, STATUS, INGESTION_TIMESTAMP, SOURCE_FILE, SOURCE_ROW_NUMBER) FROM (SELECT $1, $2, "
        "$3, $4, $5, $6, $7, $8, METADATA$START_SCAN_TIME, METADATA$FILENAME, METADATA$FILE_ROW_NUMBER FROM @D.B.S) "
        "FILE_FORMAT = (FORMAT_NAME = 'D.B.F') ON_ERROR = CONTINUE"
    )


def test_bronze_lands_as_text_with_its_provenance() -> None:
    for table in BRONZE_TABLES:
        assert table.columns[-3:] == PROVENANCE
        assert {kind for _, kind in table.columns[:-3]} == {TEXT}
    names = [table.name for table in (*BRONZE_TABLES, *OBSERVABILITY_TABLES)]
    assert len(set(names)) == 7


def test_the_proof_reads_and_lists_where_the_probe_lies() -> None:
    query = validation_query("C360_DEV_S3", "lake", "health/trust-probe.txt", "policies")
    for action in ("read", "list"):
        expected = f"('C360_DEV_S3', 's3://lake/health/', 'trust-probe.txt', '{action}') AS \"{action}\""
        assert f"SYSTEM$VALIDATE_STORAGE_INTEGRATION{expected}" in query


def test_changed_policies_make_another_question() -> None:
    queries = {validation_query("I", "lake", "health/p", text) for text in ("one", "other", "one")}
    assert len(queries) == 2


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (None, "Snowflake did not answer SYSTEM$VALIDATE_STORAGE_INTEGRATION"),
        ([], "Snowflake did not answer SYSTEM$VALIDATE_STORAGE_INTEGRATION"),
        (
            [{"read": FAILED_READ, "list": SUCCESS}],
            "read: Access Denied",
        ),
        ([{"read": SUCCESS, "list": json.dumps({"status": "failure", "message": "no role"})}], "list: no role"),
        ([{"read": SUCCESS}], "list: unreadable answer ''"),
        ([{"read": '{"status":"failure"}', "list": '{"status":"failure"}'}], "read: failed; list: failed"),
    ],
)  # fmt: skip
def test_any_failure_is_a_failure_and_says_which(rows: list[dict[str, str]] | None, message: str) -> None:
    assert read_answer(rows) == {"status": "failure", "message": message}


def test_two_successes_are_a_success() -> None:
    assert read_answer([{"read": SUCCESS, "list": SUCCESS}])["status"] == "success"
