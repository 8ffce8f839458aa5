"""Every Snowflake resource as the statements that the provider sends, exactly."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.engine.registry import handler_of
from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import SqlHandler
from local_cloud.engine.values import UNKNOWN

Inputs = dict[str, Any]
IN_SCHEMA: Inputs = {"database": "DB", "schema": "S"}


def handler(name: str) -> SqlHandler:
    found = handler_of(f"snowflake:index/{name}:{name[0].upper()}{name[1:]}", "x")
    assert isinstance(found, SqlHandler)
    return found


CREATED: list[tuple[str, Inputs, list[str]]] = [
    (
        "database",
        {"name": "DB", "comment": "it's", "dataRetentionTimeInDays": 1, "dropPublicSchemaOnCreation": True},
        [
            "CREATE DATABASE \"DB\" DATA_RETENTION_TIME_IN_DAYS = 1 COMMENT = 'it''s'",
            'DROP SCHEMA IF EXISTS "DB"."PUBLIC"',
        ],
    ),
    ("database", {"name": "DB", "isTransient": True}, ['CREATE TRANSIENT DATABASE "DB"']),
    (
        "schema",
        {"name": "S", "database": '"DB"', "withManagedAccess": "true", "comment": "c"},
        ['CREATE SCHEMA "DB"."S" WITH MANAGED ACCESS COMMENT = \'c\''],
    ),
    (
        "warehouse",
        {
            "name": "W",
            "warehouseSize": "x-small",
            "autoSuspend": 60,
            "autoResume": "true",
            "initiallySuspended": True,
            "resourceMonitor": "M",
            "statementTimeoutInSeconds": 300,
        },
        [
            "CREATE WAREHOUSE \"W\" WAREHOUSE_SIZE = 'XSMALL' AUTO_SUSPEND = 60 AUTO_RESUME = true "
            'INITIALLY_SUSPENDED = true RESOURCE_MONITOR = "M" STATEMENT_TIMEOUT_IN_SECONDS = 300'
        ],
    ),
    (
        "resourceMonitor",
        {"name": "M", "creditQuota": 10, "notifyTriggers": [90, 75], "suspendTrigger": 95},
        [
            'CREATE RESOURCE MONITOR "M" WITH CREDIT_QUOTA = 10 TRIGGERS ON 75 PERCENT DO NOTIFY '
            "ON 90 PERCENT DO NOTIFY ON 95 PERCENT DO SUSPEND"
        ],
    ),
    ("accountRole", {"name": "R", "comment": "c"}, ["CREATE ROLE \"R\" COMMENT = 'c'"]),
    ("databaseRole", {"name": "R", "database": "DB"}, ['CREATE DATABASE ROLE "DB"."R"']),
    ("grantAccountRole", {"roleName": "A", "parentRoleName": "B"}, ['GRANT ROLE "A" TO ROLE "B"']),
    ("grantAccountRole", {"roleName": "A", "userName": "U"}, ['GRANT ROLE "A" TO USER "U"']),
    (
        "grantDatabaseRole",
        {"databaseRoleName": '"DB"."A"', "parentDatabaseRoleName": '"DB"."B"'},
        ['GRANT DATABASE ROLE "DB"."A" TO DATABASE ROLE "DB"."B"'],
    ),
    (
        "grantDatabaseRole",
        {"databaseRoleName": "DB.A", "parentRoleName": "B"},
        ['GRANT DATABASE ROLE "DB"."A" TO ROLE "B"'],
    ),
    (
        "grantOwnership",
        {"accountRoleName": "R", "on": {"objectType": "TABLE", "objectName": "DB.S.T"}, "outboundPrivileges": "COPY"},
        ['GRANT OWNERSHIP ON TABLE "DB"."S"."T" TO ROLE "R" COPY CURRENT GRANTS'],
    ),
    (
        "grantPrivilegesToAccountRole",
        {"accountRoleName": "R", "privileges": ["EXECUTE TASK"], "onAccount": True, "withGrantOption": True},
        ['GRANT EXECUTE TASK ON ACCOUNT TO ROLE "R" WITH GRANT OPTION'],
    ),
    (
        "grantPrivilegesToAccountRole",
        {
            "accountRoleName": "R",
            "privileges": ["USAGE", "MONITOR"],
            "onAccountObject": {"objectType": "WAREHOUSE", "objectName": "W"},
        },
        ['GRANT USAGE, MONITOR ON WAREHOUSE "W" TO ROLE "R"'],
    ),
    (
        "grantPrivilegesToAccountRole",
        {"accountRoleName": "R", "allPrivileges": True, "onSchema": {"futureSchemasInDatabase": "DB"}},
        ['GRANT ALL PRIVILEGES ON FUTURE SCHEMAS IN DATABASE "DB" TO ROLE "R"'],
    ),
    (
        "grantPrivilegesToDatabaseRole",
        {
            "databaseRoleName": '"DB"."R"',
            "privileges": ["SELECT"],
            "onSchemaObject": {"all": {"objectTypePlural": "TABLES", "inSchema": '"DB"."S"'}},
        },
        ['GRANT SELECT ON ALL TABLES IN SCHEMA "DB"."S" TO DATABASE ROLE "DB"."R"'],
    ),
    (
        "grantPrivilegesToDatabaseRole",
        {
            "databaseRoleName": '"DB"."R"',
            "privileges": ["SELECT"],
            "onSchemaObject": {"objectType": "VIEW", "objectName": '"DB"."S"."V"'},
        },
        ['GRANT SELECT ON VIEW "DB"."S"."V" TO DATABASE ROLE "DB"."R"'],
    ),
    (
        "storageIntegrationAws",
        {
            "name": "I",
            "enabled": True,
            "storageProvider": "S3",
            "storageAwsRoleArn": "arn:r",
            "storageAwsExternalId": "x",
            "storageAllowedLocations": ["s3://b/p/", "s3://b/q/"],
            "comment": "c",
        },
        [
            "CREATE STORAGE INTEGRATION \"I\" TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' "
            "STORAGE_AWS_ROLE_ARN = 'arn:r' "
            "STORAGE_AWS_EXTERNAL_ID = 'x' ENABLED = true STORAGE_ALLOWED_LOCATIONS = ('s3://b/p/', 's3://b/q/') "
            "COMMENT = 'c'"
        ],
    ),
    (
        "fileFormatCsv",
        {
            "name": "F",
            **IN_SCHEMA,
            "compression": "AUTO",
            "skipHeader": 1,
            "fieldOptionallyEnclosedBy": '"',
            "escapeUnenclosedField": "NONE",
            "nullIfs": ["\\N", ""],
            "emptyFieldAsNull": "true",
        },
        [
            'CREATE FILE FORMAT "DB"."S"."F" TYPE = CSV COMPRESSION = AUTO SKIP_HEADER = 1 '
            "ESCAPE_UNENCLOSED_FIELD = NONE FIELD_OPTIONALLY_ENCLOSED_BY = '\"' NULL_IF = ('\\\\N', '') "
            "EMPTY_FIELD_AS_NULL = true"
        ],
    ),
    (
        "fileFormatParquet",
        {"name": "F", **IN_SCHEMA, "compression": "SNAPPY"},
        ['CREATE FILE FORMAT "DB"."S"."F" TYPE = PARQUET COMPRESSION = SNAPPY'],
    ),
    (
        "fileFormatJson",
        {"name": "F", **IN_SCHEMA, "stripOuterArray": "true"},
        ['CREATE FILE FORMAT "DB"."S"."F" TYPE = JSON STRIP_OUTER_ARRAY = true'],
    ),
    (
        "stageExternalS3",
        {
            "name": "ST",
            **IN_SCHEMA,
            "url": "s3://b/p/",
            "storageIntegration": "I",
            "directory": {"enable": True, "autoRefresh": "false"},
            "fileFormat": {"csv": {"skipHeader": 1}},
        },
        [
            'CREATE STAGE "DB"."S"."ST" URL = \'s3://b/p/\' STORAGE_INTEGRATION = "I" '
            "DIRECTORY = (ENABLE = true AUTO_REFRESH = false) FILE_FORMAT = (TYPE = CSV SKIP_HEADER = 1)"
        ],
    ),
    (
        "stageInternal",
        {"name": "ST", **IN_SCHEMA, "encryption": {"snowflakeSse": {}}, "directory": {"enable": True}, "comment": "c"},
        [
            'CREATE STAGE "DB"."S"."ST" ENCRYPTION = (TYPE = \'SNOWFLAKE_SSE\') DIRECTORY = (ENABLE = true) '
            "COMMENT = 'c'"
        ],
    ),
    (
        "table",
        {
            "name": "T",
            **IN_SCHEMA,
            "comment": "c",
            "columns": [
                {"name": "A", "type": "VARCHAR(16777216)", "nullable": False},
                {"name": "b", "type": "NUMBER(38,0)", "default": {"expression": "1 + 1"}, "comment": "n"},
            ],
        },
        [
            'CREATE TABLE "DB"."S"."T" ("A" VARCHAR(16777216) NOT NULL, "b" NUMBER(38,0) DEFAULT 1 + 1 COMMENT \'n\') '
            "COMMENT = 'c'"
        ],
    ),
    (
        "pipe",
        {
            "name": "P",
            **IN_SCHEMA,
            "autoIngest": True,
            "awsSnsTopicArn": "arn:t",
            "copyStatement": "COPY INTO t FROM @s",
        },
        ['CREATE PIPE "DB"."S"."P" AUTO_INGEST = true AWS_SNS_TOPIC = \'arn:t\' AS COPY INTO t FROM @s'],
    ),
    (
        "streamlit",
        {
            "name": "APP",
            **IN_SCHEMA,
            "stage": '"DB"."S"."ST"',
            "directoryLocation": "app",
            "mainFile": "main.py",
            "queryWarehouse": "W",
            "title": "T",
        },
        [
            'CREATE STREAMLIT "DB"."S"."APP" ROOT_LOCATION = \'@"DB"."S"."ST"/app\' MAIN_FILE = \'main.py\' '
            "QUERY_WAREHOUSE = \"W\" TITLE = 'T'"
        ],
    ),
    ("execute", {"execute": "SELECT 1", "revert": "SELECT 2"}, ["SELECT 1"]),
    (
        "serviceUser",
        {"name": "U", "rsaPublicKey": "MII", "defaultRole": "R", "defaultSecondaryRolesOption": "NONE"},
        ['CREATE USER "U" TYPE = SERVICE DEFAULT_ROLE = "R" DEFAULT_SECONDARY_ROLES = () RSA_PUBLIC_KEY = \'MII\''],
    ),
]


@pytest.mark.parametrize(
    ("name", "inputs", "statements"), CREATED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_create(name: str, inputs: Inputs, statements: list[str]) -> None:
    assert handler(name).statements("create", None, inputs) == statements


ALTERED: list[tuple[str, Inputs, Inputs, list[str]]] = [
    (
        "database",
        {"name": "DB", "comment": "a", "logLevel": "INFO"},
        {"name": "NEW", "comment": "b"},
        [
            'ALTER DATABASE "DB" RENAME TO "NEW"',
            "ALTER DATABASE \"NEW\" SET COMMENT = 'b'",
            'ALTER DATABASE "NEW" UNSET LOG_LEVEL',
        ],
    ),
    (
        "schema",
        {"name": "S", "database": "DB", "withManagedAccess": "true"},
        {"name": "S", "database": "DB"},
        ['ALTER SCHEMA "DB"."S" DISABLE MANAGED ACCESS'],
    ),
    (
        "warehouse",
        {"name": "W", "warehouseSize": "XSMALL", "autoSuspend": 60, "initiallySuspended": True},
        {"name": "W", "warehouseSize": "LARGE", "autoSuspend": 30},
        ["ALTER WAREHOUSE \"W\" SET WAREHOUSE_SIZE = 'LARGE' AUTO_SUSPEND = 30"],
    ),
    (
        "resourceMonitor",
        {"name": "M", "creditQuota": 10, "suspendTrigger": 90},
        {"name": "M", "creditQuota": 20, "suspendTrigger": 90},
        ['ALTER RESOURCE MONITOR "M" SET CREDIT_QUOTA = 20'],
    ),
    (
        "grantPrivilegesToAccountRole",
        {"accountRoleName": "R", "privileges": ["USAGE", "MODIFY"], "onSchema": {"schemaName": "DB.S"}},
        {"accountRoleName": "R", "privileges": ["USAGE", "CREATE TABLE"], "onSchema": {"schemaName": "DB.S"}},
        [
            'REVOKE MODIFY ON SCHEMA "DB"."S" FROM ROLE "R"',
            'GRANT CREATE TABLE ON SCHEMA "DB"."S" TO ROLE "R"',
        ],
    ),
    (
        "storageIntegrationAws",
        {"name": "I", "storageAwsExternalId": "x", "enabled": True, "storageAllowedLocations": ["s3://a/"]},
        {"name": "I", "storageAwsExternalId": "y", "enabled": True, "storageAllowedLocations": ["s3://a/", "s3://b/"]},
        [
            "ALTER STORAGE INTEGRATION \"I\" SET STORAGE_AWS_EXTERNAL_ID = 'y' "
            "STORAGE_ALLOWED_LOCATIONS = ('s3://a/', 's3://b/')"
        ],
    ),
    (
        "stageExternalS3",
        {"name": "ST", **IN_SCHEMA, "url": "s3://a/", "storageIntegration": "I"},
        {"name": "ST", **IN_SCHEMA, "url": "s3://b/", "storageIntegration": "J", "comment": "c"},
        [
            'ALTER STAGE "DB"."S"."ST" SET URL = \'s3://b/\' STORAGE_INTEGRATION = "J"',
            'ALTER STAGE "DB"."S"."ST" SET COMMENT = \'c\'',
        ],
    ),
    (
        "table",
        {"name": "T", **IN_SCHEMA, "columns": [{"name": "A", "type": "INT"}, {"name": "B", "type": "INT"}]},
        {"name": "T", **IN_SCHEMA, "columns": [{"name": "A", "type": "NUMBER(38,2)"}, {"name": "C", "type": "INT"}]},
        [
            'ALTER TABLE "DB"."S"."T" DROP COLUMN "B"',
            'ALTER TABLE "DB"."S"."T" ADD COLUMN "C" INT',
            'ALTER TABLE "DB"."S"."T" ALTER COLUMN "A" SET DATA TYPE NUMBER(38,2)',
        ],
    ),
    (
        "streamlit",
        {"name": "A", **IN_SCHEMA, "stage": "DB.S.X", "mainFile": "a.py"},
        {"name": "A", **IN_SCHEMA, "stage": "DB.S.Y", "mainFile": "b.py"},
        [
            'ALTER STREAMLIT "DB"."S"."A" SET MAIN_FILE = \'b.py\'',
            'ALTER STREAMLIT "DB"."S"."A" SET ROOT_LOCATION = \'@"DB"."S"."Y"\'',
        ],
    ),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "statements"), ALTERED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_alter(name: str, old: Inputs, new: Inputs, statements: list[str]) -> None:
    assert handler(name).statements("update", old, new) == statements


@pytest.mark.parametrize(
    ("name", "inputs", "statements"),
    [
        ("database", {"name": "DB"}, ['DROP DATABASE IF EXISTS "DB"']),
        ("databaseRole", {"name": "R", "database": "DB"}, ['DROP DATABASE ROLE IF EXISTS "DB"."R"']),
        ("pipe", {"name": "P", **IN_SCHEMA}, ['DROP PIPE IF EXISTS "DB"."S"."P"']),
        ("grantAccountRole", {"roleName": "A", "parentRoleName": "B"}, ['REVOKE ROLE "A" FROM ROLE "B"']),
        ("execute", {"execute": "SELECT 1", "revert": "SELECT 2"}, ["SELECT 2"]),
    ],
)
def test_drop(name: str, inputs: Inputs, statements: list[str]) -> None:
    assert handler(name).statements("delete", inputs, None) == statements


REPLACED: list[tuple[str, Inputs, Inputs, set[str]]] = [
    ("storageIntegrationAws", {"name": "A", "comment": "a"}, {"name": "B", "comment": "b"}, {"name"}),
    ("database", {"name": "A", "isTransient": False}, {"name": "B", "isTransient": True}, {"isTransient"}),
    ("schema", {"name": "A", "database": "X"}, {"name": "B", "database": "Y"}, {"database"}),
    ("schema", {"name": "A", "database": "X"}, {"name": "A", "database": '"X"'}, set()),
    ("databaseRole", {"name": "A", "database": "X"}, {"name": "A", "database": "Y"}, {"database"}),
    ("warehouse", {"name": "A", "warehouseSize": "SMALL"}, {"name": "B", "warehouseSize": "LARGE"}, set()),
    (
        "grantAccountRole",
        {"roleName": "A", "parentRoleName": "B"},
        {"roleName": "A", "parentRoleName": "C"},
        {"parentRoleName"},
    ),
    (
        "grantPrivilegesToAccountRole",
        {"accountRoleName": "A", "privileges": ["X"], "onSchema": {"schemaName": "A.B"}},
        {"accountRoleName": '"A"', "privileges": ["Y"], "onSchema": {"schemaName": '"A"."C"'}},
        {"onSchema"},
    ),
    (
        "stageExternalS3",
        {**IN_SCHEMA, "name": "A", "url": "a", "storageIntegration": "I"},
        {**IN_SCHEMA, "name": "A", "url": "b"},
        {"storageIntegration"},
    ),
    (
        "stageExternalS3",
        {**IN_SCHEMA, "name": "A", "directory": {"enable": True, "awsSnsTopic": "a"}},
        {**IN_SCHEMA, "name": "A", "directory": {"enable": False, "awsSnsTopic": "b"}},
        {"directory"},
    ),
    (
        "stageExternalS3",
        {**IN_SCHEMA, "name": "A", "directory": {"enable": True}},
        {**IN_SCHEMA, "name": "A", "directory": {"enable": False}},
        set(),
    ),
    (
        "stageInternal",
        {"encryption": {"snowflakeSse": {}}, **IN_SCHEMA, "name": "A"},
        {"encryption": {"snowflakeFull": {}}, **IN_SCHEMA, "name": "B"},
        {"encryption"},
    ),
    (
        "table",
        {**IN_SCHEMA, "name": "A", "columns": []},
        {"database": "DB", "schema": "T", "name": "B", "columns": [1]},
        {"schema"},
    ),
    (
        "pipe",
        {**IN_SCHEMA, "name": "A", "copyStatement": "COPY ;\n", "comment": "a", "integration": "I"},
        {**IN_SCHEMA, "name": "A", "copyStatement": " COPY", "comment": "b", "integration": "J"},
        set(),
    ),
    (
        "pipe",
        {**IN_SCHEMA, "name": "A", "copyStatement": "COPY 1", "autoIngest": True},
        {**IN_SCHEMA, "name": "B", "copyStatement": "COPY 2", "autoIngest": False},
        {"name", "copyStatement", "autoIngest"},
    ),
    (
        "resourceMonitor",
        {"name": "A", "creditQuota": 1, "suspendTrigger": 90},
        {"name": "A", "creditQuota": 2},
        {"suspendTrigger"},
    ),
    (
        "execute",
        {"execute": "a", "revert": "a", "query": "a"},
        {"execute": "b", "revert": "b", "query": "b"},
        {"execute"},
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "replacing"), REPLACED)
def test_what_forces_a_replacement(name: str, old: Inputs, new: Inputs, replacing: set[str]) -> None:
    assert handler(name).compare("", old, {}, new).replacing == replacing


def test_values_that_are_not_known_yet_show_as_such() -> None:
    inputs = {"name": "P", **IN_SCHEMA, "awsSnsTopicArn": UNKNOWN, "copyStatement": UNKNOWN}
    assert handler("pipe").statements("create", None, inputs) == [
        'CREATE PIPE "DB"."S"."P" AWS_SNS_TOPIC = \'<unknown>\' AS <unknown>'
    ]


@pytest.mark.parametrize(
    ("name", "quoted"), [("A", '"A"'), ('"A"', '"A"'), ('"DB"."S"', '"DB"."S"'), ("a.b", '"a"."b"'), ('"a.b"', '"a.b"')]
)
def test_requalified(name: str, quoted: str) -> None:
    assert sql.requalified(name) == quoted


def test_text_escapes() -> None:
    assert sql.text("a'b\\c") == "'a''b\\\\c'"
