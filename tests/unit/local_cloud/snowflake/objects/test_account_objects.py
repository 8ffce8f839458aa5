"""Objects at account level: warehouses, users, integrations, monitors, network policies, parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_cloud.snowflake import objects
from local_cloud.snowflake.account import Account, open_account
from local_cloud.snowflake.objects import users
from local_cloud.snowflake.session import Session
from tests.unit.local_cloud.snowflake.objects.conftest import Run, refused

INTEGRATION = (
    "CREATE STORAGE INTEGRATION I TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE "
    "STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/r' STORAGE_ALLOWED_LOCATIONS = ('s3://b/p/', 's3://b/q/')"
)


def described(run: Run, text: str) -> dict[str, str]:
    return {row["property"]: row["property_value"] for row in run(text)}


# -- warehouses


def test_a_warehouse_as_the_provider_makes_it(run: Run, session: Session) -> None:
    run(
        "CREATE WAREHOUSE \"W\" WAREHOUSE_SIZE = 'X-SMALL' AUTO_SUSPEND = 60 AUTO_RESUME = true "
        "INITIALLY_SUSPENDED = true"
    )
    assert session.warehouse == "W"
    (row,) = run("SHOW WAREHOUSES LIKE 'W'")
    assert (row["name"], row["state"], row["size"], row["auto_suspend"]) == ("W", "SUSPENDED", "X-Small", "60")
    assert (row["auto_resume"], row["resource_monitor"], row["is_current"]) == ("true", "null", "Y")
    run("ALTER WAREHOUSE W SET WAREHOUSE_SIZE = MEDIUM, STATEMENT_TIMEOUT_IN_SECONDS = 3600")
    assert run("SHOW WAREHOUSES LIKE 'W'")[0]["size"] == "Medium"
    (timeout,) = run("SHOW PARAMETERS LIKE 'STATEMENT_TIMEOUT%' IN WAREHOUSE W")
    assert (timeout["value"], timeout["default"], timeout["level"]) == ("3600", "172800", "WAREHOUSE")
    run("ALTER WAREHOUSE W UNSET STATEMENT_TIMEOUT_IN_SECONDS")
    assert run("SHOW PARAMETERS LIKE 'STATEMENT_TIMEOUT%' IN WAREHOUSE W")[0]["level"] == ""


def test_suspending_and_resuming(run: Run) -> None:
    run("CREATE WAREHOUSE W")
    run("ALTER WAREHOUSE W SUSPEND")
    message = "Invalid state. Warehouse 'W' cannot be suspended."
    assert refused(run, "ALTER WAREHOUSE W SUSPEND").message == message
    run("ALTER WAREHOUSE W RESUME")
    run("ALTER WAREHOUSE W RESUME IF SUSPENDED")
    assert refused(run, "ALTER WAREHOUSE W RESUME").message == "Invalid state. Warehouse 'W' cannot be resumed."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CREATE WAREHOUSE W WAREHOUSE_SIZE = HUGE", "invalid value [HUGE] for parameter 'WAREHOUSE_SIZE'"),
        ("CREATE WAREHOUSE W AUTO_SUSPND = 1", "invalid property 'AUTO_SUSPND' for 'WAREHOUSE'"),
        ("CREATE WAREHOUSE W MIN_CLUSTER_COUNT = 3", "at most MAX_CLUSTER_COUNT, which is 1"),
        ("CREATE WAREHOUSE W RESOURCE_MONITOR = NONE_SUCH", "Resource monitor 'NONE_SUCH' does not exist"),
        ("ALTER WAREHOUSE X SUSPEND", "Warehouse 'X' does not exist or not authorized."),
        ("DROP WAREHOUSE X", "Warehouse 'X' does not exist or not authorized."),
        ("DESCRIBE WAREHOUSE X", "Warehouse 'X' does not exist or not authorized."),
    ],
)
def test_refused_warehouses(run: Run, text: str, message: str) -> None:
    assert message in refused(run, text).message


def test_a_dropped_warehouse_is_no_longer_current(run: Run, session: Session) -> None:
    run("CREATE WAREHOUSE W")
    run("DROP WAREHOUSE W")
    assert session.warehouse is None
    assert refused(run, "USE WAREHOUSE W").errno == 2043


def test_or_replace_and_or_alter(run: Run) -> None:
    run("CREATE WAREHOUSE W COMMENT = 'a' AUTO_SUSPEND = 5")
    run("CREATE ROLE R")
    run("GRANT USAGE ON WAREHOUSE W TO ROLE R")
    run("CREATE OR ALTER WAREHOUSE W COMMENT = 'b'")
    (shown,) = run("SHOW WAREHOUSES LIKE 'W'")
    assert (shown["comment"], shown["auto_suspend"]) == ("b", "600")
    assert [row["privilege"] for row in run("SHOW GRANTS ON WAREHOUSE W")] == ["OWNERSHIP", "USAGE"]
    run("CREATE OR REPLACE WAREHOUSE W")
    assert [row["privilege"] for row in run("SHOW GRANTS ON WAREHOUSE W")] == ["OWNERSHIP"]


# -- integrations


def test_a_storage_integration_describes_the_trust(run: Run) -> None:
    run(f"{INTEGRATION} STORAGE_AWS_EXTERNAL_ID = 'pinned'")
    shown = described(run, "DESC STORAGE INTEGRATION I")
    assert shown["STORAGE_AWS_EXTERNAL_ID"] == "pinned"
    assert shown["STORAGE_ALLOWED_LOCATIONS"] == "s3://b/p/,s3://b/q/"
    assert shown["STORAGE_AWS_IAM_USER_ARN"].startswith("arn:aws:iam::210987654321:user/")
    assert shown["ENABLED"] == "true"
    run("ALTER STORAGE INTEGRATION I SET STORAGE_ALLOWED_LOCATIONS = ('s3://b/r/') COMMENT = 'c'")
    assert described(run, "DESC INTEGRATION I")["STORAGE_ALLOWED_LOCATIONS"] == "s3://b/r/"
    run("ALTER INTEGRATION I UNSET ENABLED, COMMENT")
    assert described(run, "DESC INTEGRATION I")["ENABLED"] == "false"
    (row,) = run("SHOW STORAGE INTEGRATIONS")
    assert (row["name"], row["type"], row["category"], row["comment"]) == ("I", "EXTERNAL_STAGE", "STORAGE", None)


def test_each_replacement_has_a_new_external_id_unless_pinned(run: Run) -> None:
    run(INTEGRATION)
    first = described(run, "DESC INTEGRATION I")
    run(INTEGRATION.replace("CREATE", "CREATE OR REPLACE"))
    second = described(run, "DESC INTEGRATION I")
    assert first["STORAGE_AWS_EXTERNAL_ID"].startswith("LOCAL_C360_SFCRole=2_")
    assert first["STORAGE_AWS_EXTERNAL_ID"] != second["STORAGE_AWS_EXTERNAL_ID"]
    assert first["STORAGE_AWS_IAM_USER_ARN"] == second["STORAGE_AWS_IAM_USER_ARN"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (INTEGRATION.replace("ENABLED = TRUE", ""), "Missing option(s): ENABLED"),
        (INTEGRATION.replace("role/r", "user/r"), "invalid value [arn:aws:iam::123456789012:user/r]"),
        (INTEGRATION.replace("s3://b/p/", "b/p/"), "invalid value [b/p/] for parameter 'STORAGE_ALLOWED_LOCATIONS'"),
        (INTEGRATION.replace("'S3'", "'GCS'"), "Allowed: S3, S3GOV."),
        ("DESC INTEGRATION J", "Integration 'J' does not exist or not authorized."),
        ("DROP STORAGE INTEGRATION J", "Integration 'J' does not exist or not authorized."),
    ],
)
def test_refused_integrations(run: Run, text: str, message: str) -> None:
    assert message in refused(run, text).message


def test_all_integrations_share_one_name_space(run: Run) -> None:
    run("CREATE NOTIFICATION INTEGRATION I TYPE = EMAIL ENABLED = TRUE ALLOWED_RECIPIENTS = ('a@b.example')")
    assert refused(run, INTEGRATION).errno == 2002
    assert described(run, "DESC INTEGRATION I")["ALLOWED_RECIPIENTS"] == "a@b.example"
    assert refused(run, "ALTER STORAGE INTEGRATION I SET ENABLED = FALSE").errno == 2003
    run("ALTER NOTIFICATION INTEGRATION I SET ALLOWED_RECIPIENTS = ('c@d.example')")
    assert described(run, "DESC NOTIFICATION INTEGRATION I")["ALLOWED_RECIPIENTS"] == "c@d.example"
    run("DROP INTEGRATION I")
    assert run("SHOW INTEGRATIONS") == []


def test_a_topic_integration_has_its_own_external_id(run: Run) -> None:
    run(
        "CREATE NOTIFICATION INTEGRATION N TYPE = QUEUE ENABLED = TRUE DIRECTION = OUTBOUND "
        "NOTIFICATION_PROVIDER = AWS_SNS AWS_SNS_TOPIC_ARN = 'arn:aws:sns:us-east-1:123456789012:errors' "
        "AWS_SNS_ROLE_ARN = 'arn:aws:iam::123456789012:role/r'"
    )
    shown = described(run, "DESC NOTIFICATION INTEGRATION N")
    assert shown["SF_AWS_IAM_USER_ARN"].startswith("arn:aws:iam::210987654321:user/")
    assert "_SFCRole=2_" in shown["SF_AWS_EXTERNAL_ID"]


# -- users


def test_a_service_user_has_keys_and_no_password(run: Run) -> None:
    run("CREATE USER S TYPE = SERVICE DEFAULT_ROLE = \"R\" DEFAULT_SECONDARY_ROLES = () RSA_PUBLIC_KEY = 'aGVsbG8='")
    shown = {row["property"]: row["value"] for row in run("DESCRIBE USER S")}
    assert (shown["TYPE"], shown["DEFAULT_ROLE"], shown["DEFAULT_SECONDARY_ROLES"]) == ("SERVICE", "R", "[]")
    assert shown["RSA_PUBLIC_KEY_FP"] == "SHA256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
    assert "Cannot set PASSWORD" in refused(run, "ALTER USER S SET PASSWORD = 'x'").message
    assert "Cannot set PASSWORD" in refused(run, "CREATE USER T TYPE = SERVICE PASSWORD = 'x'").message
    assert "Invalid public key" in refused(run, "ALTER USER S SET RSA_PUBLIC_KEY = '***'").message
    run("ALTER USER S UNSET RSA_PUBLIC_KEY")
    assert {row["property"]: row["value"] for row in run("DESCRIBE USER S")}["RSA_PUBLIC_KEY_FP"] == "null"


def test_passwords_are_hashed_and_checked(run: Run, account: Account) -> None:
    run("CREATE USER P PASSWORD = 'secret' LOGIN_NAME = 'p@b.example'")
    entry = account.catalog.get("user", "P")
    assert entry is not None
    assert "secret" not in str(entry.document)
    assert users.check_password(account, "P@B.example", "secret") is not None
    assert users.check_password(account, "p@b.example", "Secret") is None
    assert users.check_password(account, "nobody", "secret") is None
    run("ALTER USER P SET PASSWORD = 'other'")
    assert users.check_password(account, "p@b.example", "secret") is None
    assert users.check_password(account, "p@b.example", "other") is not None
    assert {row["property"]: row["value"] for row in run("DESCRIBE USER P")}["PASSWORD"] == "********"
    assert refused(run, "DROP USER C360").errno == 3001


# -- resource monitors, network policies, account parameters


def test_resource_monitors(run: Run) -> None:
    run(
        "CREATE RESOURCE MONITOR M WITH CREDIT_QUOTA = 10 FREQUENCY = MONTHLY START_TIMESTAMP = IMMEDIATELY "
        "NOTIFY_USERS = (C360) TRIGGERS ON 75 PERCENT DO NOTIFY ON 85 PERCENT DO NOTIFY ON 90 PERCENT DO SUSPEND"
    )
    (row,) = run("SHOW RESOURCE MONITORS")
    assert (row["credit_quota"], row["notify_at"], row["suspend_at"], row["level"]) == ("10.00", "75%,85%", "90%", None)
    run("CREATE WAREHOUSE W RESOURCE_MONITOR = M")
    assert run("SHOW RESOURCE MONITORS")[0]["level"] == "WAREHOUSE"
    run("ALTER RESOURCE MONITOR M SET CREDIT_QUOTA = 20 TRIGGERS ON 100 PERCENT DO SUSPEND_IMMEDIATE")
    (row,) = run("SHOW RESOURCE MONITORS")
    assert (row["credit_quota"], row["notify_at"], row["suspend_immediately_at"]) == ("20.00", None, "100%")
    run("DROP RESOURCE MONITOR M")
    assert run("SHOW WAREHOUSES LIKE 'W'")[0]["resource_monitor"] == "null"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CREDIT_QUOTA = 0", "Allowed: whole numbers from 1"),
        ("CREDIT_QUOTA = 1 FREQUENCY = DAILY", "FREQUENCY and START_TIMESTAMP must be set together"),
        ("CREDIT_QUOTA = 1 NOTIFY_USERS = (NOBODY)", "User 'NOBODY' does not exist"),
        ("TRIGGERS ON 80 PERCENT DO SUSPEND ON 90 PERCENT DO SUSPEND", "at most 1 with the action SUSPEND"),
        ("TRIGGERS ON 80 PERCENT DO EXPLODE", "unexpected 'EXPLODE'"),
    ],
)
def test_refused_resource_monitors(run: Run, text: str, message: str) -> None:
    assert message in refused(run, f"CREATE RESOURCE MONITOR M WITH {text}").message


def test_network_policies(run: Run) -> None:
    run("CREATE NETWORK POLICY P ALLOWED_IP_LIST = ('10.0.0.0/8', '192.168.1.1') COMMENT = 'office'")
    (row,) = run("SHOW NETWORK POLICIES")
    assert (row["name"], row["entries_in_allowed_ip_list"], row["entries_in_blocked_ip_list"]) == ("P", "2", "0")
    assert run("DESC NETWORK POLICY P") == [{"name": "ALLOWED_IP_LIST", "value": "10.0.0.0/8,192.168.1.1"}]
    assert (
        "invalid value [10.0.0.300]"
        in refused(run, "ALTER NETWORK POLICY P SET BLOCKED_IP_LIST = ('10.0.0.300')").message
    )


def test_parameters_say_on_which_level_they_were_set(run: Run, session: Session) -> None:
    run("ALTER ACCOUNT SET TIMEZONE = 'Europe/London', STATEMENT_TIMEOUT_IN_SECONDS = 60")
    session.parameters["QUERY_TAG"] = "dbt"
    (zone,) = run("SHOW PARAMETERS LIKE 'TIMEZONE'")
    assert (zone["value"], zone["default"], zone["level"]) == ("Europe/London", "UTC", "ACCOUNT")
    (tag,) = run("SHOW PARAMETERS LIKE 'query_tag' IN SESSION")
    assert (tag["value"], tag["level"], tag["type"]) == ("dbt", "SESSION", "STRING")
    run("ALTER ACCOUNT UNSET TIMEZONE")
    assert run("SHOW PARAMETERS LIKE 'TIMEZONE' IN ACCOUNT")[0]["level"] == ""
    assert refused(run, "ALTER ACCOUNT SET NO_SUCH = 1").errno == 1420


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    account = open_account(tmp_path, "http://127.0.0.1:1", memory_limit="256MB")
    objects.bootstrap(account)
    first = [entry.created_on for entry in account.catalog.list("role")]
    account.catalog.delete("user", "C360")
    account.close()
    account = open_account(tmp_path, "http://127.0.0.1:1", memory_limit="256MB")
    objects.bootstrap(account)
    assert [entry.created_on for entry in account.catalog.list("role")] == first
    assert account.catalog.get("user", "C360") is None
    account.close()
