"""The control plane through an unchanged Snowflake connector, on a running local cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from snowflake.connector import DictCursor, SnowflakeConnection
from snowflake.connector.errors import DatabaseError, ProgrammingError

from tests.integration.conftest import LocalCloud

pytestmark = pytest.mark.integration


@pytest.fixture
def connection(local_cloud: LocalCloud) -> Iterator[SnowflakeConnection]:
    opened = local_cloud.connect()
    yield opened
    opened.close()


def rows(connection: SnowflakeConnection, text: str) -> list[dict[str, Any]]:
    cursor = connection.cursor(DictCursor)
    cursor.execute(text)
    return [dict(row) for row in cursor.fetchall()]


def values(connection: SnowflakeConnection, text: str) -> list[Any]:
    return [next(iter(row.values())) for row in rows(connection, text)]


def described(connection: SnowflakeConnection, integration: str) -> dict[str, str]:
    found = rows(connection, f"DESC STORAGE INTEGRATION {integration}")
    return {row["property"]: row["property_value"] for row in found}


def test_a_session_enters_what_exists_and_what_it_was_given(local_cloud: LocalCloud, connection: Any) -> None:
    for text in ("CREATE DATABASE OBJ_A", "CREATE WAREHOUSE OBJ_WH WAREHOUSE_SIZE = XSMALL", "CREATE ROLE OBJ_ROLE"):
        rows(connection, text)
    rows(connection, "GRANT ROLE OBJ_ROLE TO ROLE SYSADMIN")
    for text in ("DATABASE OBJ_A", "SCHEMA OBJ_A.PUBLIC", "WAREHOUSE OBJ_WH"):
        rows(connection, f"GRANT USAGE ON {text} TO ROLE OBJ_ROLE")
    other = local_cloud.connect(role="OBJ_ROLE", warehouse="OBJ_WH", database="OBJ_A", schema="PUBLIC")
    found = rows(other, "SELECT CURRENT_ROLE() R, CURRENT_WAREHOUSE() W, CURRENT_DATABASE() D, CURRENT_SCHEMA() S")
    assert found == [{"R": "OBJ_ROLE", "W": "OBJ_WH", "D": "OBJ_A", "S": "PUBLIC"}]
    other.close()
    with pytest.raises(DatabaseError, match="Role 'OBJ_NO_SUCH_ROLE' specified in the connect string does not exist"):
        local_cloud.connect(role="OBJ_NO_SUCH_ROLE")
    with pytest.raises(DatabaseError):
        local_cloud.connect(password="wrong")


def test_a_client_says_whether_its_context_is_validated(local_cloud: LocalCloud) -> None:
    """The provider of a role that the same program creates connects before the role is there."""
    unvalidated = {"CLIENT_VALIDATE_DEFAULT_PARAMETERS": False}
    early = local_cloud.connect(role="OBJ_YET_TO_COME", session_parameters=unvalidated)
    assert values(early, "SELECT CURRENT_ROLE()") == ["PUBLIC"]
    early.close()
    for missing in ("database", "warehouse"):
        local_cloud.connect(**{missing: "OBJ_NONE"}).close()
        with pytest.raises(DatabaseError, match=f"The requested {missing} does not exist or not authorized"):
            local_cloud.connect(validate_default_parameters=True, **{missing: "OBJ_NONE"})


def test_errors_reach_the_client_with_number_state_and_words(connection: SnowflakeConnection) -> None:
    with pytest.raises(ProgrammingError) as caught:
        rows(connection, "ALTER WAREHOUSE OBJ_NONE SUSPEND")
    assert (caught.value.errno, caught.value.sqlstate) == (2003, "02000")
    assert "Warehouse 'OBJ_NONE' does not exist or not authorized." in str(caught.value.msg)
    with pytest.raises(ProgrammingError, match="syntax error line 2 at position 4 unexpected '='"):
        rows(connection, "CREATE WAREHOUSE OBJ_W AUTO_SUSPEND\n  = = 1")
    with pytest.raises(ProgrammingError, match="local cloud does not support: CREATE FAILOVER"):
        rows(connection, "CREATE FAILOVER GROUP G OBJECT_TYPES = ROLES")


def test_show_is_typed_and_ordered(connection: SnowflakeConnection) -> None:
    rows(connection, "CREATE OR REPLACE DATABASE OBJ_B COMMENT = 'b'")
    cursor = connection.cursor()
    cursor.execute("SHOW DATABASES LIKE 'OBJ_B'")
    names = [column.name for column in cursor.description]
    assert names[:5] == ["created_on", "name", "is_default", "is_current", "origin"]
    (row,) = cursor.fetchall()
    assert row[0].tzinfo is not None
    assert row[1] == "OBJ_B"


def test_future_grants_reach_tables_made_later(connection: SnowflakeConnection) -> None:
    for text in (
        "CREATE OR REPLACE DATABASE OBJ_C",
        "CREATE SCHEMA OBJ_C.S WITH MANAGED ACCESS",
        "CREATE DATABASE ROLE OBJ_C.S_READ",
        "GRANT USAGE ON SCHEMA OBJ_C.S TO DATABASE ROLE OBJ_C.S_READ",
        "GRANT SELECT ON FUTURE TABLES IN SCHEMA OBJ_C.S TO DATABASE ROLE OBJ_C.S_READ",
        "CREATE TABLE OBJ_C.S.T (A INT)",
    ):
        rows(connection, text)
    found = rows(connection, "SHOW GRANTS ON TABLE OBJ_C.S.T")
    assert sorted((row["privilege"], row["grantee_name"]) for row in found) == [
        ("OWNERSHIP", "ACCOUNTADMIN"),
        ("SELECT", "S_READ"),
    ]
    rows(connection, "CREATE OR REPLACE TABLE OBJ_C.S.T COPY GRANTS AS SELECT 1 AS B")
    rows(connection, "ALTER TABLE OBJ_C.S.T RENAME TO OBJ_C.S.U")
    assert len(rows(connection, "SHOW GRANTS ON TABLE OBJ_C.S.U")) == 2
    rows(connection, "DROP TABLE OBJ_C.S.U")
    assert [row["name"] for row in rows(connection, "SHOW GRANTS TO DATABASE ROLE OBJ_C.S_READ")] == ["OBJ_C.S"]


def test_the_trust_loop_from_describe_to_a_valid_integration(local_cloud: LocalCloud, connection: Any) -> None:
    s3, iam = local_cloud.client("s3"), local_cloud.client("iam")
    s3.create_bucket(Bucket="obj-lake")
    s3.put_object(Bucket="obj-lake", Key="in/probe.txt", Body=b"x")
    rows(
        connection,
        "CREATE STORAGE INTEGRATION OBJ_S3 TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE "
        "STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/obj-role' STORAGE_AWS_EXTERNAL_ID = 'obj' "
        "STORAGE_ALLOWED_LOCATIONS = ('s3://obj-lake/in/')",
    )
    validate = "SELECT SYSTEM$VALIDATE_STORAGE_INTEGRATION('OBJ_S3', 's3://obj-lake/in/', 'probe.txt', 'read')"
    before = json.loads(values(connection, validate)[0])
    assert (before["status"], before["message"][:24]) == ("failure", "Error assuming AWS_ROLE:")

    described_trust = described(connection, "OBJ_S3")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": described_trust["STORAGE_AWS_IAM_USER_ARN"]},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": described_trust["STORAGE_AWS_EXTERNAL_ID"]}},
    }
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::obj-lake/in/*"}
    iam.create_role(RoleName="obj-role", AssumeRolePolicyDocument=_policy(trust))
    iam.put_role_policy(RoleName="obj-role", PolicyName="read", PolicyDocument=_policy(read))
    assert json.loads(values(connection, validate)[0])["status"] == "success"

    trust["Condition"] = {"StringEquals": {"sts:ExternalId": "broken"}}
    iam.update_assume_role_policy(RoleName="obj-role", PolicyDocument=_policy(trust))
    assert json.loads(values(connection, validate)[0])["status"] == "failure"
    (policy,) = values(connection, "SELECT SYSTEM$GET_AWS_SNS_IAM_POLICY('arn:aws:sns:us-east-1:123456789012:t')")
    principal = json.loads(policy)["Statement"][0]["Principal"]
    assert principal == {"AWS": described_trust["STORAGE_AWS_IAM_USER_ARN"]}


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_objects_survive_a_kill(fresh_cloud: LocalCloud) -> None:
    connection = fresh_cloud.connect()
    for text in (
        "CREATE DATABASE D COMMENT = 'kept'",
        "CREATE STAGE D.PUBLIC.ST",
        "CREATE ROLE R",
        "GRANT READ ON STAGE D.PUBLIC.ST TO ROLE R",
        "CREATE WAREHOUSE W AUTO_SUSPEND = 61",
    ):
        rows(connection, text)
    fresh_cloud.kill()
    fresh_cloud.restart()
    connection = fresh_cloud.connect()
    assert [row["comment"] for row in rows(connection, "SHOW DATABASES LIKE 'D'")] == ["kept"]
    assert [row["auto_suspend"] for row in rows(connection, "SHOW WAREHOUSES LIKE 'W'")] == ["61"]
    assert [(row["privilege"], row["name"]) for row in rows(connection, "SHOW GRANTS TO ROLE R")] == [
        ("READ", "D.PUBLIC.ST")
    ]
    connection.close()
