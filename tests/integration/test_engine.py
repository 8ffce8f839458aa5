"""The engine against the local cloud: a program of AWS and Snowflake resources with the trust loop in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import botocore.client
import pytest
import snowflake.connector

from local_cloud.engine import Engine, EngineError, Event
from tests.integration.conftest import LocalCloud

# The SDK deprecates old resources of its own when it is imported.
pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_aws")]

PROGRAM = """
    import json
    import pulumi
    import pulumi_aws as aws
    import pulumi_snowflake as snowflake
    from pulumi_aws import iam, s3, sns, sqs

    config = pulumi.Config()
    endpoint = config.require("endpoint")
    cloud = aws.Provider(
        "cloud", region="us-east-1", s3_use_path_style=True, skip_credentials_validation=True,
        endpoints=[aws.ProviderEndpointArgs(s3=endpoint, iam=endpoint, sns=endpoint, sqs=endpoint, sts=endpoint)],
        default_tags=aws.ProviderDefaultTagsArgs(tags={"owner": "tests"}),
    )
    warehouse = snowflake.Provider(
        "warehouse", organization_name="LOCAL", account_name="C360", user="C360", role="ACCOUNTADMIN",
        host="127.0.0.1", port=config.require_int("port"), protocol="http",
        preview_features_enabled=["snowflake_table_resource", "snowflake_pipe_resource"],
    )
    on_aws, on_snowflake = pulumi.ResourceOptions(provider=cloud), pulumi.ResourceOptions(provider=warehouse)
    account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(provider=cloud)).account_id

    bucket = s3.Bucket("lake", bucket="engine-lake", force_destroy=True, opts=on_aws)
    s3.BucketVersioning(
        "versioning", bucket=bucket.bucket, opts=on_aws,
        versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
    )
    s3.BucketPublicAccessBlock("private", bucket=bucket.bucket, block_public_acls=True, opts=on_aws)
    s3.BucketOwnershipControls(
        "owner", bucket=bucket.bucket, opts=on_aws,
        rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
    )
    s3.BucketLifecycleConfiguration(
        "lifecycle", bucket=bucket.bucket, opts=on_aws,
        rules=[s3.BucketLifecycleConfigurationRuleArgs(
            id="old", status="Enabled", filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="old/"),
            expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=config.get_int("days") or 30),
        )],
    )
    s3.BucketObjectv2("hello", bucket=bucket.bucket, key="data/hello.csv", content="a,b\\n1,2\\n", opts=on_aws)
    topic = sns.Topic("landing", name="engine-landing", opts=on_aws)
    queue = sqs.Queue("audit", name="engine-audit", message_retention_seconds=3600, opts=on_aws)
    sns.TopicSubscription("subscription", topic=topic.arn, protocol="sqs", endpoint=queue.arn, opts=on_aws)

    integration = snowflake.StorageIntegrationAws(
        "integration", name="ENGINE_S3", enabled=True, storage_provider="S3", storage_aws_external_id="engine-external",
        storage_aws_role_arn=account.apply(lambda id_: f"arn:aws:iam::{id_}:role/engine-snowflake"),
        storage_allowed_locations=[pulumi.Output.concat("s3://", bucket.bucket, "/data/")], opts=on_snowflake,
    )
    role = iam.Role(
        "role", name="engine-snowflake", opts=on_aws,
        assume_role_policy=integration.describe_outputs.apply(lambda described: json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": described[0].iam_user_arn},
                "Condition": {"StringEquals": {"sts:ExternalId": described[0].external_id}},
            }],
        })),
    )
    grant = iam.RolePolicy(
        "grant", name="lake", role=role.name, opts=on_aws,
        policy=iam.get_policy_document_output(statements=[iam.GetPolicyDocumentStatementArgs(
            actions=["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:GetBucketLocation"],
            resources=[bucket.arn, pulumi.Output.concat(bucket.arn, "/*")],
        )], opts=pulumi.InvokeOutputOptions(provider=cloud)).json,
    )
    database = snowflake.Database("database", name="ENGINE_DB", drop_public_schema_on_creation=True, opts=on_snowflake)
    schema = snowflake.Schema("schema", name="RAW", database=database.name, opts=on_snowflake)
    small = snowflake.Warehouse(
        "small", name="ENGINE_WH", warehouse_size=config.get("size") or "XSMALL", comment="tests", opts=on_snowflake,
    )
    reader = snowflake.AccountRole("reader", name="ENGINE_READER", opts=on_snowflake)
    snowflake.GrantPrivilegesToAccountRole(
        "use", account_role_name=reader.name, privileges=["USAGE"], opts=on_snowflake,
        on_account_object=snowflake.GrantPrivilegesToAccountRoleOnAccountObjectArgs(
            object_type="WAREHOUSE", object_name=small.name,
        ),
    )
    stage = snowflake.StageExternalS3(
        "stage", name="LAKE", database=database.name, schema=schema.name, storage_integration=integration.name,
        url=pulumi.Output.concat("s3://", bucket.bucket, "/data/"),
        opts=pulumi.ResourceOptions(provider=warehouse, depends_on=[grant]),
    )
    snowflake.Table(
        "table", name="PAIRS", database=database.name, schema=schema.name, opts=on_snowflake,
        columns=[snowflake.TableColumnArgs(name=name, type="VARCHAR(16777216)") for name in ("A", "B")],
    )
    snowflake.Execute(
        "count", execute="SELECT 1", revert="SELECT 1", query="SELECT 41 + 1 AS answer", opts=on_snowflake,
    )
    pulumi.export("stage", stage.fully_qualified_name)
    pulumi.export("role", role.arn)
    pulumi.export("queue", queue.url)
"""


class Stack:
    """A project against a local cloud, counting what is sent to AWS and Snowflake."""

    def __init__(self, folder: Path, cloud: LocalCloud) -> None:
        self.cloud, self.folder = cloud, folder
        (folder / "Pulumi.yaml").write_text("name: play\nruntime: python\n")
        (folder / "Pulumi.test.yaml").write_text("config: {'pulumi:disable-default-providers': [aws, snowflake]}\n")
        (folder / "__main__.py").write_text(dedent(PROGRAM))
        self.events: list[Event] = []
        self.sent: Counter[str] = Counter()

    def engine(self, **config: str) -> Engine:
        settings = {"endpoint": self.cloud.aws_endpoint, "port": str(self.cloud.port), **config}
        return Engine(
            self.folder,
            "test",
            self.folder / "state.json",
            config={f"play:{key}": value for key, value in settings.items()},
            environment={
                "AWS_ACCESS_KEY_ID": "local",
                "AWS_SECRET_ACCESS_KEY": "local",
                "SNOWFLAKE_PASSWORD": "local",
            },
        )

    def up(self, *, refresh: bool = False, **config: str) -> dict[str, int]:
        self.events.clear()
        self.sent.clear()
        return self.engine(**config).up(refresh=refresh, on_event=self.events.append).counts

    def changed(self) -> set[tuple[str, str]]:
        return {(event.kind, event.name) for event in self.events if event.kind not in ("same", "log")}


@pytest.fixture
def stack(tmp_path: Path, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    found = Stack(tmp_path, local_cloud)
    call = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]  # where all calls pass
    execute = snowflake.connector.cursor.SnowflakeCursor.execute

    def counted_call(self: Any, operation: str, arguments: Any) -> Any:
        found.sent[operation] += 1
        return call(self, operation, arguments)

    def counted_execute(self: Any, command: str, *arguments: Any, **options: Any) -> Any:
        found.sent[command] += 1
        return execute(self, command, *arguments, **options)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", counted_call)
    monkeypatch.setattr(snowflake.connector.cursor.SnowflakeCursor, "execute", counted_execute)
    yield found
    found.engine().destroy(unprotect=True)


def _rows(cloud: LocalCloud, statement: str) -> list[Any]:
    with cloud.connect(role="ACCOUNTADMIN") as connection, connection.cursor() as cursor:
        return list(cursor.execute(statement).fetchall())  # type: ignore[union-attr]  # execute returns the cursor


def test_life_of_a_stack(stack: Stack) -> None:
    preview = stack.engine().preview()
    assert preview.counts == {"create": 22}
    assert "CREATE WAREHOUSE \"ENGINE_WH\" WAREHOUSE_SIZE = 'XSMALL' COMMENT = 'tests'" in preview.sql
    assert set(stack.sent) == {"GetCallerIdentity"}

    assert stack.up() == {"create": 22}
    assert stack.engine().outputs()["stage"] == '"ENGINE_DB"."RAW"."LAKE"'
    stored = {each["name"]: each for each in json.loads((stack.folder / "state.json").read_text())["resources"]}
    assert stored["count"]["outputs"]["queryResults"] == [{"ANSWER": "42"}]
    listed = _rows(stack.cloud, "LIST @ENGINE_DB.RAW.LAKE")
    assert [row[0] for row in listed] == ["s3://engine-lake/data/hello.csv"]
    tags = stack.cloud.client("iam").get_role(RoleName="engine-snowflake")["Role"]["Tags"]
    assert tags == [{"Key": "owner", "Value": "tests"}]

    # Nothing changed: one question who we are, and not a single statement.
    assert stack.up() == {"same": 22}
    assert stack.sent == {"GetCallerIdentity": 1}
    stack.sent.clear()
    assert stack.engine().preview().counts == {"same": 22}
    assert stack.sent == {"GetCallerIdentity": 1}

    # One setting changes only what it should.
    stack.up(size="SMALL", days="60")
    assert stack.changed() == {("update", "small"), ("update", "lifecycle")}
    assert set(stack.sent) == {
        "GetCallerIdentity",
        "PutBucketLifecycleConfiguration",
        "ALTER WAREHOUSE \"ENGINE_WH\" SET WAREHOUSE_SIZE = 'SMALL'",
    }
    stack.up()

    outcome = stack.engine().destroy()
    assert outcome.counts == {"delete": 22}
    assert _rows(stack.cloud, "SHOW DATABASES LIKE 'ENGINE%'") == []
    assert _rows(stack.cloud, "SHOW INTEGRATIONS LIKE 'ENGINE%'") == []
    assert "engine-lake" not in {each["Name"] for each in stack.cloud.client("s3").list_buckets()["Buckets"]}
    assert "engine-snowflake" not in {each["RoleName"] for each in stack.cloud.client("iam").list_roles()["Roles"]}


def test_refresh_mends_what_others_changed(stack: Stack) -> None:
    stack.up()
    s3, iam, sqs = (stack.cloud.client(name) for name in ("s3", "iam", "sqs"))
    nobody = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}
    broken = {"Version": "2012-10-17", "Statement": [nobody]}
    iam.update_assume_role_policy(RoleName="engine-snowflake", PolicyDocument=json.dumps(broken))
    s3.put_bucket_versioning(Bucket="engine-lake", VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket="engine-lake", Key="data/hello.csv", Body=b"other")
    sqs.set_queue_attributes(QueueUrl=stack.engine().outputs()["queue"], Attributes={"MessageRetentionPeriod": "60"})
    for statement in (
        "ALTER STORAGE INTEGRATION ENGINE_S3 SET STORAGE_AWS_EXTERNAL_ID = 'other'",
        "ALTER WAREHOUSE ENGINE_WH SET COMMENT = 'other'",
        "REVOKE USAGE ON WAREHOUSE ENGINE_WH FROM ROLE ENGINE_READER",
        "ALTER TABLE ENGINE_DB.RAW.PAIRS DROP COLUMN B",
        "DROP STAGE ENGINE_DB.RAW.LAKE",
    ):
        _rows(stack.cloud, statement)
    assert stack.up() == {"same": 22}
    stack.up(refresh=True)
    assert stack.changed() == {
        ("update", "role"),
        ("update", "versioning"),
        ("update", "hello"),
        ("update", "audit"),
        ("update", "integration"),
        ("update", "small"),
        ("create", "use"),
        ("update", "table"),
        ("create", "stage"),
    }
    assert [row[0] for row in _rows(stack.cloud, "LIST @ENGINE_DB.RAW.LAKE")] == ["s3://engine-lake/data/hello.csv"]
    assert [row[0] for row in _rows(stack.cloud, "DESCRIBE TABLE ENGINE_DB.RAW.PAIRS")] == ["A", "B"]
    assert stack.up(refresh=True) == {"same": 22}


def test_what_exists_already_is_not_taken_over(stack: Stack) -> None:
    _rows(stack.cloud, "CREATE WAREHOUSE ENGINE_WH")
    for _ in range(2):
        with pytest.raises(EngineError, match=r"warehouse:Warehouse small: create failed: .*already exists"):
            stack.up()
    assert json.loads((stack.folder / "state.json").read_text())["pending"] == {}
    _rows(stack.cloud, "DROP WAREHOUSE ENGINE_WH")
    stack.up()
    assert ("create", "small") in stack.changed()


def test_a_create_that_was_cut_off_is_adopted(stack: Stack) -> None:
    stack.up()
    path = stack.folder / "state.json"
    stored = json.loads(path.read_text())
    lost = {"lake", "small", "role", "grant", "audit", "landing", "integration", "stage", "table", "use", "database"}
    for each in [each for each in stored["resources"] if each["name"] in lost and each.get("provider")]:
        stored["resources"].remove(each)
        stored["pending"][each["urn"]] = {key: each[key] for key in ("type", "name", "provider", "inputs")}
    path.write_text(json.dumps(stored))
    _rows(stack.cloud, "ALTER WAREHOUSE ENGINE_WH SET COMMENT = 'half made'")
    assert stack.up() == {"create": len(lost), "same": 22 - len(lost)}
    assert not any(statement.startswith("CREATE ") for statement in stack.sent)
    assert stack.sent["ALTER WAREHOUSE \"ENGINE_WH\" SET COMMENT = 'tests'"] == 1
    assert stack.up(refresh=True) == {"same": 22}


def test_default_providers_can_be_disabled(stack: Stack) -> None:
    source = "import pulumi_snowflake as snowflake\nsnowflake.AccountRole('r', name='ENGINE_R')\n"
    (stack.folder / "__main__.py").write_text(source)
    with pytest.raises(EngineError, match=r"AccountRole r: the default provider of snowflake is disabled"):
        stack.up()


def test_a_stopped_cloud_is_one_sentence(stack: Stack) -> None:
    with pytest.raises(EngineError, match=r"Could not connect to the endpoint URL") as failure:
        stack.up(endpoint="http://127.0.0.1:9")
    assert "\n" not in str(failure.value)
    stack.up()
    assert {("update", "cloud"), ("create", "lake")} <= stack.changed()
