"""Inputs that the provider would refuse are refused, by resource and property."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.engine import EngineError
from local_cloud.engine.registry import handler_of, known_types
from local_cloud.engine.schema import args_class
from local_cloud.engine.values import UNKNOWN, Secret

# The SDK deprecates old resources of its own when it is imported.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_aws")

Inputs = dict[str, Any]
GATES = {"previewFeaturesEnabled": ["snowflake_table_resource", "snowflake_pipe_resource"], "region": "us-east-1"}
STAGE: Inputs = {"name": "A", "database": "D", "schema": "S", "url": "s3://b/"}
GRANT: Inputs = {"accountRoleName": "R", "privileges": ["USAGE"], "onSchema": {"schemaName": "D.S"}}
BUCKET = "aws:s3/bucket:Bucket"


def check(type_: str, inputs: Inputs, provider: Inputs | None = None) -> Inputs:
    token = type_ if ":" in type_ else f"snowflake:index/{type_}:{type_[0].upper()}{type_[1:]}"
    return handler_of(token, "it").check("it", inputs, GATES if provider is None else provider)


@pytest.mark.parametrize("token", known_types())
def test_every_type_is_one_of_the_sdk(token: str) -> None:
    assert args_class(token).__name__.endswith("Args")


@pytest.mark.parametrize(
    ("type_", "inputs", "sentence"),
    [
        (
            BUCKET,
            {"bukcet": "b"},
            r"aws:s3/bucket:Bucket it: the provider knows no input bukcet; it takes acceleration",
        ),
        (BUCKET, {"bucket": 3}, r"the input bucket is 3; allowed is str"),
        (BUCKET, {"forceDestroy": "yes"}, r"the input forceDestroy is 'yes'; allowed is bool"),
        (BUCKET, {"tags": ["a"]}, r"the input tags is \['a'\]; allowed is"),
        (BUCKET, {"policy": "{}"}, r"the input policy is deprecated; use aws.s3.BucketPolicy"),
        ("aws:s3/bucketPolicy:BucketPolicy", {"bucket": "b", "policy": "{"}, "the input policy must be a JSON text"),
        (
            "aws:s3/bucketVersioning:BucketVersioning",
            {"bucket": "b", "versioningConfiguration": {"status": "On"}},
            "status is 'On'; allowed is Enabled, Suspended",
        ),
        (
            "aws:s3/bucketNotification:BucketNotification",
            {"bucket": "b", "topics": [{"topicArn": "a", "events": ["s3:x"], "prefix": "p"}]},
            r"knows no input topics\[0\].prefix; it takes events, filterPrefix",
        ),
        (
            "aws:s3/bucketNotification:BucketNotification",
            {"bucket": "b", "topics": [{"topicArn": "a", "events": ["ObjectCreated"]}]},
            "'ObjectCreated' .* must begin with s3:",
        ),
        ("aws:sqs/queue:Queue", {"name": "q", "messageRetentionSeconds": 5}, "is 5; allowed is 60 to 1209600"),
        ("aws:iam/role:Role", {"name": "r"}, "the input assumeRolePolicy is required"),
        ("aws:iam/role:Role", {"assumeRolePolicy": "{}", "maxSessionDuration": 1}, "is 1; allowed is 3600 to 43200"),
        (
            "aws:sns/topicSubscription:TopicSubscription",
            {"topic": "t", "protocol": "pigeon", "endpoint": "e"},
            "the input protocol is 'pigeon'; allowed is sqs",
        ),
        ("warehouse", {"warehouseSize": "TINY"}, "the input warehouseSize is 'TINY'; allowed is XSMALL"),
        ("warehouse", {"autoResume": "yes"}, "the input autoResume is 'yes'; allowed is true, false"),
        ("warehouse", {"autoSuspend": -5}, "the input autoSuspend is -5"),
        ("schema", {"database": "D", "withManagedAccess": True}, "the input withManagedAccess is True; allowed is str"),
        ("stageExternalS3", STAGE | {"url": "http://x"}, "the input url is 'http://x'; allowed is s3://"),
        ("stageExternalS3", STAGE | {"fileFormat": {"csv": {"skipHeaders": 1}}}, "no input fileFormat.csv.skipHeaders"),
        ("stageExternalS3", STAGE | {"directory": {}}, "the input directory.enable is required"),
        ("stageExternalS3", STAGE | {"fileFormat": {"orc": {}}}, "fileFormat takes one of csv"),
        ("grantPrivilegesToAccountRole", GRANT | {"privileges": ["usage"]}, "'usage' must be in upper case: USAGE"),
        ("grantPrivilegesToAccountRole", GRANT | {"onAccount": True}, "exactly one of the inputs onAccount"),
        (
            "grantPrivilegesToAccountRole",
            GRANT | {"allPrivileges": True},
            "either the input privileges or allPrivileges",
        ),
        ("grantPrivilegesToAccountRole", GRANT | {"alwaysApply": True}, "does not support the input alwaysApply"),
        (
            "grantPrivilegesToAccountRole",
            {"accountRoleName": "R", "allPrivileges": True, "onAccount": True, "strictPrivilegeManagement": True},
            "strictPrivilegeManagement conflicts with allPrivileges",
        ),
        (
            "grantPrivilegesToAccountRole",
            GRANT | {"onSchema": {"allSchemasInDatabase": "D"}, "strictPrivilegeManagement": True},
            "strictPrivilegeManagement conflicts with allSchemasInDatabase",
        ),
        (
            "grantPrivilegesToDatabaseRole",
            {"databaseRoleName": "D.R", "privileges": ["USAGE"], "onSchema": {"schemaName": "D.S"}}
            | {"strictPrivilegeManagement": True},
            "the provider knows no input strictPrivilegeManagement",
        ),
        (
            "grantPrivilegesToAccountRole",
            {
                "accountRoleName": "R",
                "privileges": ["USAGE"],
                "onAccountObject": {"objectType": "TABLE", "objectName": "T"},
            },
            "onAccountObject.objectType is 'TABLE'; allowed is USER",
        ),
        ("grantAccountRole", {"roleName": "A"}, "exactly one of the inputs parentRoleName, userName is needed, not 0"),
        (
            "storageIntegrationAws",
            {
                "name": "I",
                "enabled": True,
                "storageProvider": "S3",
                "storageAwsRoleArn": "a",
                "storageAllowedLocations": ["bucket/x"],
            },
            "storageAllowedLocations holds 'bucket/x'; allowed is a URL",
        ),
        (
            "storageIntegrationAws",
            {
                "name": "I",
                "enabled": True,
                "storageProvider": "GCS",
                "storageAwsRoleArn": "a",
                "storageAllowedLocations": ["s3://x/"],
            },
            "storageProvider is 'GCS'; allowed is S3, S3GOV, S3CHINA",
        ),
        ("resourceMonitor", {"suspendTrigger": 90}, "triggers alone are not enough"),
        ("resourceMonitor", {"creditQuota": 1, "frequency": "DAILY"}, "frequency and startTimestamp go together"),
        (
            "fileFormatParquet",
            {"name": "F", "database": "D", "schema": "S", "compression": "ZIP"},
            "allowed is AUTO, LZO",
        ),
        ("execute", {"execute": "use  role X", "revert": "SELECT 1"}, "the input execute may not switch role"),
        (
            "streamlit",
            {"name": "A", "database": "D", "schema": "S", "stage": "x", "mainFile": "m", "queryWarehouse": "w"},
            "queryWarehouse is 'w'; it must be in upper case",
        ),
        ("serviceUser", {"name": "U", "jsonIndent": 2}, "does not support jsonIndent"),
    ],
)
def test_refused(type_: str, inputs: Inputs, sentence: str) -> None:
    with pytest.raises(EngineError, match=sentence):
        check(type_, inputs)


@pytest.mark.parametrize("type_", ["table", "pipe"])
def test_a_preview_feature_needs_its_gate(type_: str) -> None:
    with pytest.raises(EngineError, match=rf"is a preview feature; add 'snowflake_{type_}_resource' to the provider's"):
        check(type_, {}, {})


def test_strictness_cannot_be_had_without_its_experiment() -> None:
    provider = {"experimentalFeaturesDisableds": ["GRANTS_STRICT_PRIVILEGE_MANAGEMENT"]}
    assert check("grantPrivilegesToAccountRole", GRANT, provider) == GRANT
    with pytest.raises(EngineError, match=r"needs the experiment GRANTS_STRICT_PRIVILEGE_MANAGEMENT; do not disable"):
        check("grantPrivilegesToAccountRole", GRANT | {"strictPrivilegeManagement": True}, provider)


def test_an_unknown_type_names_those_that_are_known() -> None:
    with pytest.raises(
        EngineError, match=r"aws:ec2/vpc:Vpc v: the local engine does not know .* it knows aws:iam/policy"
    ):
        handler_of("aws:ec2/vpc:Vpc", "v")


def test_unknown_and_secret_values_pass() -> None:
    inputs = {"name": "W", "warehouseSize": UNKNOWN, "autoSuspend": UNKNOWN, "comment": Secret("x")}
    assert check("warehouse", inputs) == inputs


def test_a_secret_of_the_wrong_type_is_not_shown() -> None:
    with pytest.raises(EngineError, match=r"the input comment is \[secret\]; allowed is str"):
        check("warehouse", {"comment": Secret(12345)})


def test_default_tags_are_merged() -> None:
    provider = {"region": "us-east-1", "defaultTags": {"tags": {"a": "1", "b": "2"}}}
    assert check(BUCKET, {"bucket": "b", "tags": {"b": "3"}}, provider)["tagsAll"] == {"a": "1", "b": "3"}


def test_a_provider_reads_json_and_hides_its_secrets() -> None:
    inputs = {"port": "8085", "previewFeaturesEnabled": '["x"]', "password": "hush", "host": "h", "version": "2.22.0"}
    checked = check("pulumi:providers:snowflake", inputs)
    assert checked == {"port": 8085, "previewFeaturesEnabled": ["x"], "password": Secret("hush"), "host": "h"}
