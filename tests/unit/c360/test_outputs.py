"""Exports are checked before anything is wired by them."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from c360.connections import snowflake_parameters
from c360.errors import C360Error
from c360.outputs import StackOutputs
from c360.sql import role_named
from c360.transform import environment, exports

NAME = "CUSTOMER_ANALYTICS_DEV.BRONZE."
EXPORTS: dict[str, Any] = {
    "environment": "dev",
    "region": "us-east-1",
    "aws_account_id": "123456789012",
    "aws_endpoint": None,
    "bucket": "c360-dev-lake-123456789012",
    "prefixes": {
        key: f"{key}/"
        for key in (
            "customers",
            "customer_changes",
            "transactions_historical",
            "transactions_streaming",
            "campaigns",
            "reports",
        )
    },
    "role_arn": "arn:aws:iam::123456789012:role/c360-dev-snowflake",
    "topic_arn": "arn:aws:sns:us-east-1:123456789012:c360-dev-landing",
    "audit_queue_url": "https://sqs/audit",
    "audit_dead_letter_queue_url": "https://sqs/dlq",
    "snowflake": {"account": "ORG-ACC", "user": "DEPLOYER", "host": None, "port": None, "protocol": None},
    "database": "CUSTOMER_ANALYTICS_DEV",
    "schemas": {"bronze": "BRONZE", "silver": "SILVER", "gold": "GOLD"},
    "warehouses": {key: f"C360_DEV_{key.upper()}_WH" for key in ("load", "transform", "analytics", "ml")},
    "roles": {
        key: f"C360_DEV_{key.upper()}"
        for key in (
            "data_engineer",
            "data_analyst",
            "marketing_manager",
            "data_scientist",
            "loader",
            "transformer",
            "app_owner",
            "reporter",
        )
    },
    "storage_integration": "C360_DEV_S3",
    "stages": {
        key: f"{NAME}{key.upper()}_STAGE"
        for key in ("customers", "transactions_historical", "transactions_streaming", "campaigns", "app")
    },
    "file_formats": {"csv": f"{NAME}CSV_FORMAT", "parquet": f"{NAME}PARQUET_FORMAT"},
    "tables": {
        key: f"{NAME}{key.upper()}"
        for key in ("bronze_customers", "bronze_transactions", "bronze_campaign_assignments")
    },
    "pipes": {"transactions": f"{NAME}TRANSACTIONS_PIPE", "customers": f"{NAME}CUSTOMERS_PIPE"},
    "notification_channel": "arn:aws:sqs:us-east-1:210987654321:sf-snowpipe",
    "app": {"name": "CUSTOMER_ANALYTICS_DEV.APP.CUSTOMER_360", "stage": "CUSTOMER_ANALYTICS_DEV.APP.APP_STAGE"},
    "trust": {"status": "success", "message": ""},
}
LOCAL = {"account": "LOCAL-C360", "user": "C360", "host": "127.0.0.1", "port": 8085, "protocol": "http"}


def outputs(**changes: Any) -> StackOutputs:
    return StackOutputs.parse("dev", EXPORTS | changes)


def test_the_documented_example_has_every_export() -> None:
    text = (Path(__file__).parents[3] / "docs" / "contracts.md").read_text()
    example = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert example is not None
    assert set(json.loads(example.group(1))) == set(StackOutputs.model_fields)


@pytest.mark.parametrize("missing", [("bucket",), ("warehouses", "load"), ("trust", "status")])
def test_a_missing_export_is_named_with_what_to_do(missing: tuple[str, ...]) -> None:
    raw = copy.deepcopy(EXPORTS)
    place = raw
    for key in missing[:-1]:
        place = place[key]
    del place[missing[-1]]
    with pytest.raises(C360Error, match=rf"output '{'.'.join(missing)}'.*c360 up --stack dev"):
        StackOutputs.parse("dev", raw)


def test_a_cloud_stack_logs_in_with_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNOWFLAKE_PRIVATE_KEY_PATH", "/keys/loader.p8")
    monkeypatch.delenv("SNOWFLAKE_PASSWORD", raising=False)
    parameters = snowflake_parameters(outputs(), "LOADER", "LOAD_WH")
    assert parameters["private_key_file"] == "/keys/loader.p8"
    assert "password" not in parameters
    assert "host" not in parameters


def test_a_local_stack_never_uses_the_environments_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNOWFLAKE_PASSWORD", "of the real account")
    parameters = snowflake_parameters(outputs(snowflake=LOCAL), "LOADER", "LOAD_WH")
    assert (parameters["host"], parameters["password"]) == ("127.0.0.1", "local")


def test_dbt_gets_the_transformers_role_and_warehouse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNOWFLAKE_PRIVATE_KEY_PATH", "/keys/dbt.p8")
    variables = environment(outputs())
    assert variables["C360_SNOWFLAKE_ROLE"] == "C360_DEV_TRANSFORMER"
    assert variables["C360_SNOWFLAKE_PRIVATE_KEY_PATH"] == "/keys/dbt.p8"
    assert "C360_SNOWFLAKE_HOST" not in variables


@pytest.mark.parametrize("stack", [{}, {"snowflake": LOCAL}])
def test_a_shell_gets_what_dbt_reads_and_no_secret_is_written_out(
    monkeypatch: pytest.MonkeyPatch, stack: dict[str, Any]
) -> None:
    monkeypatch.setenv("SNOWFLAKE_PASSWORD", "it's $ecret")
    found = outputs(**stack)
    assert "ecret" not in exports(found)
    shown = subprocess.run(["bash", "-c", f"{exports(found)}\nenv -0"], capture_output=True, text=True, check=True)
    variables = dict(line.split("=", 1) for line in shown.stdout.split("\0") if line)
    assert environment(found).items() <= variables.items()


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, "C360_DEV_DATA_ENGINEER"), ("loader", "C360_DEV_LOADER"), ("SYSADMIN", "SYSADMIN")],
)
def test_roles_are_known_by_key_or_full_name(given: str | None, expected: str) -> None:
    assert role_named(outputs(), given) == expected
