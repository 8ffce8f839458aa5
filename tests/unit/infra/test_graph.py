"""What the program registers, in which order it can come into being, and what it exports."""

from __future__ import annotations

import json
import re

import pytest
from pulumi.output import Unknown

from c360.outputs import StackOutputs
from infra import policies
from infra.offline import run_offline, stack_config
from snowflake_objects.alerts import CONDITIONS
from snowflake_objects.sections import AlertSettings
from tests.unit.infra.program import ACCOUNT_ID, IAM_USER, REPOSITORY, STACKS, Program, run

# Resource types that the provider keeps behind a preview feature.
# https://www.pulumi.com/registry/packages/snowflake/installation-configuration/
GATED = {
    "Table": "snowflake_table_resource",
    "TableConstraint": "snowflake_table_constraint_resource",
    "Pipe": "snowflake_pipe_resource",
    "Alert": "snowflake_alert_resource",
    "EmailNotificationIntegration": "snowflake_email_notification_integration_resource",
    "NotificationIntegration": "snowflake_notification_integration_resource",
    "ProcedurePython": "snowflake_procedure_python_resource",
    "ProcedureSql": "snowflake_procedure_sql_resource",
    "SemanticView": "snowflake_semantic_view_resource",
    "DynamicTable": "snowflake_dynamic_table_resource",
}
# Importing the SDK's S3 module warns about its own old resource names.
pytestmark = pytest.mark.filterwarnings("ignore:aws.s3:DeprecationWarning")

STABLE = {
    "AccountRole", "Database", "DatabaseRole", "Execute", "FileFormatCsv", "FileFormatParquet", "GrantAccountRole",
    "GrantDatabaseRole", "GrantPrivilegesToAccountRole", "GrantPrivilegesToDatabaseRole", "NetworkPolicy",
    "ResourceMonitor", "Schema", "ServiceUser", "StageExternalS3", "StageInternal", "StorageIntegrationAws",
    "Streamlit", "Task", "Warehouse",
}  # fmt: skip


@pytest.fixture(scope="module", params=STACKS)
def program(request: pytest.FixtureRequest) -> Program:
    return run(str(request.param))


@pytest.fixture(scope="module")
def prod() -> Program:
    return run("prod")


@pytest.fixture(scope="module")
def local() -> Program:
    return run("local")


class TestEveryStack:
    def test_uses_exactly_the_preview_features_it_needs(self, program: Program) -> None:
        kinds = {one.type.rsplit(":", 1)[-1] for one in program.resources.values() if one.type.startswith("snowflake:")}
        assert kinds <= STABLE | GATED.keys()
        for provider in program.all("providers:snowflake"):
            assert set(json.loads(provider.inputs["previewFeaturesEnabled"])) == {
                GATED[kind] for kind in kinds & GATED.keys()
            }

    def test_names_a_provider_for_every_resource(self, program: Program) -> None:
        for one in program.resources.values():
            package = one.type.split(":", 1)[0]
            if one.custom and package in ("aws", "snowflake"):
                assert f"pulumi:providers:{package}" in one.provider, f"{one.urn} would use a default provider"

    def test_gives_every_snowflake_object_an_upper_case_name(self, program: Program) -> None:
        for one in program.resources.values():
            if one.type.startswith("snowflake:") and not re.search(r":(Grant\w+|Execute)$", one.type):
                assert re.fullmatch(r"[A-Z][A-Z0-9_]*", one.inputs["name"]), one.urn

    def test_exports_what_the_contract_says(self, program: Program) -> None:
        text = (REPOSITORY / "docs" / "contracts.md").read_text(encoding="utf-8")
        example = text.split("```json", 1)[1].split("```", 1)[0]
        contract = json.loads(example)
        assert program.exports.keys() == contract.keys()
        for key, value in contract.items():
            if isinstance(value, dict):
                assert value.keys() - {"..."} <= program.exports[key].keys(), key

    def test_exports_can_be_read_by_the_command_line(self, program: Program) -> None:
        outputs = StackOutputs.model_validate(program.exports)
        assert outputs.bucket == program.one("Bucket").inputs["bucket"]
        assert outputs.pipes.transactions.endswith(".BRONZE.TRANSACTIONS_PIPE")

    def test_waits_for_what_each_object_lives_in(self, program: Program) -> None:
        database = program.one("Database")
        schemas = {one.inputs["name"]: one.urn for one in program.all("Schema")}
        inside = [one for one in program.resources.values() if one.custom and "database" in one.inputs]
        assert len(inside) > 30
        for one in inside:
            assert database.urn in program.needs(one), one.urn
            if "schema" in one.inputs:
                assert schemas[one.inputs["schema"]] in program.needs(one), one.urn

    def test_waits_for_both_ends_of_every_grant(self, program: Program) -> None:
        made = {str(one.inputs["name"]): one.urn for one in program.all("AccountRole")}
        made |= {
            f'"{program.one("Database").inputs["name"]}"."{one.inputs["name"]}"': one.urn
            for one in program.all("DatabaseRole")
        }
        ends = ("accountRoleName", "roleName", "databaseRoleName", "parentRoleName", "parentDatabaseRoleName")
        grants = [one for one in program.resources.values() if ":Grant" in one.type]
        assert len(grants) > 100
        for one in grants:
            for name in {one.inputs[end] for end in ends if end in one.inputs} - {"SYSADMIN"}:
                assert made[name] in one.dependencies, f"{one.urn} may come before {name}"

    def test_keeps_credentials_out_of_the_uploads_inputs(self, program: Program) -> None:
        connection = program.one("StageFiles").inputs["connection"]
        assert connection.keys() <= {
            "organization",
            "account",
            "user",
            "role",
            "authenticator",
            "host",
            "port",
            "protocol",
        }


class TestTrustLoop:
    def test_comes_into_being_in_one_pass(self, prod: Program) -> None:
        integration, role = prod.one("StorageIntegrationAws"), prod.one("Role", "snowflake-access")
        assert integration.urn in prod.needs(role)
        assert role.urn not in prod.needs(integration)

    def test_integration_names_the_role_that_will_exist(self, prod: Program) -> None:
        role = prod.one("Role", "snowflake-access")
        assert prod.one("StorageIntegrationAws").inputs["storageAwsRoleArn"] == (
            f"arn:aws:iam::{ACCOUNT_ID}:role/{role.inputs['name']}"
        )
        assert "path" not in role.inputs

    def test_role_trusts_the_integrations_user_under_the_pinned_id(self, prod: Program) -> None:
        external_id = prod.one("StorageIntegrationAws").inputs["storageAwsExternalId"]
        assert prod.one("Role", "snowflake-access").inputs["assumeRolePolicy"] == policies.snowflake_trust(
            IAM_USER, external_id
        )

    def test_external_ids_differ_between_environments(self) -> None:
        ids = {run(stack).one("StorageIntegrationAws").inputs["storageAwsExternalId"] for stack in STACKS}
        assert len(ids) == len(STACKS)

    def test_integration_allows_our_prefixes_and_no_more(self, prod: Program) -> None:
        bucket = f"s3://c360-prod-lake-{ACCOUNT_ID}/"
        allowed = prod.one("StorageIntegrationAws").inputs["storageAllowedLocations"]
        assert sorted(allowed) == sorted(
            bucket + p for p in ("customers/", "transactions/", "campaigns/", "reports/", "health/")
        )
        for stage in prod.all("StageExternalS3"):
            assert any(stage.inputs["url"].startswith(location) for location in allowed)

    def test_stages_and_pipe_wait_for_the_roles_policy_and_retry(self, prod: Program) -> None:
        policy = prod.one("RolePolicy", "snowflake-access-lake").urn
        for one in [*prod.all("StageExternalS3"), *prod.all("Pipe")]:
            assert policy in prod.needs(one)
            assert one.error_hooks == ("retry-while-role-spreads",)
            assert one.delete_before_replace

    def test_topic_policy_precedes_subscription_and_notification(self, prod: Program) -> None:
        policy = prod.one("TopicPolicy")
        assert prod.one("StorageIntegrationAws").urn in prod.needs(policy)
        assert all(policy.urn in prod.needs(pipe) for pipe in prod.all("Pipe"))
        assert policy.urn in prod.needs(prod.one("BucketNotification"))

    def test_replacing_a_stage_replaces_what_hangs_on_it(self, prod: Program) -> None:
        stage = prod.one("StageExternalS3", "transactions-streaming-stage")
        assert stage.replace_with == {prod.one("StorageIntegrationAws").urn}
        assert prod.one("Pipe", "transactions-pipe").replace_with == {stage.urn}
        changes = prod.one("StageExternalS3", "customers-stage")
        assert prod.one("Pipe", "customers-pipe").replace_with == {changes.urn}
        assert prod.one("GrantPrivilegesToAccountRole", "loader-uses-transactions-streaming-stage").replace_with == {
            stage.urn
        }

    def test_proof_is_asked_last_and_about_both_policies(self, prod: Program) -> None:
        proof = prod.one("Execute")
        needed = prod.needs(proof)
        assert {
            *(pipe.urn for pipe in prod.all("Pipe")),
            prod.one("RolePolicy", "snowflake-access-lake").urn,
            prod.one("BucketObjectv2").urn,
        } <= needed
        assert prod.exports["trust"] == {"status": "success", "message": "Snowflake reads and lists the lake"}

    def test_nothing_loads_the_probe(self, prod: Program) -> None:
        probe = f"s3://c360-prod-lake-{ACCOUNT_ID}/{prod.one('BucketObjectv2').inputs['key']}"
        assert not any(probe.startswith(stage.inputs["url"]) for stage in prod.all("StageExternalS3"))
        announced = {each["filterPrefix"] for each in prod.one("BucketNotification").inputs["topics"]}
        assert not any(prod.one("BucketObjectv2").inputs["key"].startswith(prefix) for prefix in announced)

    def test_what_a_pipe_loads_is_announced_and_nothing_else(self, prod: Program) -> None:
        urls = {stage.inputs["name"]: stage.inputs["url"] for stage in prod.all("StageExternalS3")}
        loaded = set()
        for pipe in prod.all("Pipe"):
            location = re.search(r"FROM @CUSTOMER_ANALYTICS\.BRONZE\.(\w+)(?:/(\S+))?\)", pipe.inputs["copyStatement"])
            assert location is not None
            loaded.add(urls[location[1]] + (location[2] or ""))
            assert pipe.inputs["awsSnsTopicArn"] == prod.one("TopicPolicy").inputs["arn"]
        assert loaded == {
            f"s3://c360-prod-lake-{ACCOUNT_ID}/{prefix}" for prefix in ("transactions/streaming/", "customers/changes/")
        }
        topics = prod.one("BucketNotification").inputs["topics"]
        assert {f"s3://c360-prod-lake-{ACCOUNT_ID}/{each['filterPrefix']}" for each in topics} == loaded


class TestPipeErrors:
    def test_the_second_trust_loop_closes_like_the_first(self, prod: Program) -> None:
        integration, role = prod.one("NotificationIntegration"), prod.one("Role", "pipe-error-events")
        assert integration.inputs["awsSnsRoleArn"] == f"arn:aws:iam::{ACCOUNT_ID}:role/{role.inputs['name']}"
        assert integration.inputs["awsSnsTopicArn"] == f"arn:aws:sns:us-east-1:{ACCOUNT_ID}:c360-prod-pipe-errors"
        assert prod.one("Topic", "pipe-error-events").inputs["name"] == "c360-prod-pipe-errors"
        assert role.inputs["assumeRolePolicy"] == policies.snowflake_trust(IAM_USER, "made-by-snowflake")
        assert integration.urn in prod.needs(role)
        assert role.urn not in prod.needs(integration)

    def test_the_pipe_waits_until_snowflake_may_publish(self, prod: Program) -> None:
        for pipe in prod.all("Pipe"):
            assert pipe.inputs["errorIntegration"] == prod.one("NotificationIntegration").inputs["name"]
            assert prod.one("RolePolicy", "pipe-error-events-publish").urn in prod.needs(pipe)

    def test_the_queue_hears_its_own_topic(self, prod: Program) -> None:
        subscription = prod.one("TopicSubscription", "pipe-error-events-subscription")
        assert prod.one("QueuePolicy", "pipe-error-events-queue-policy").urn in subscription.dependencies


class TestServices:
    def test_have_one_role_each_and_no_password(self, prod: Program) -> None:
        users = {each.inputs["name"]: each for each in prod.all("ServiceUser")}
        assert users.keys() == {f"C360_PROD_{name}_SERVICE" for name in ("LOADER", "TRANSFORMER", "REPORTER")}
        granted = {
            each.inputs["userName"]: each.inputs["roleName"]
            for each in prod.all("GrantAccountRole")
            if "userName" in each.inputs
        }
        assert granted == {name: each.inputs["defaultRole"] for name, each in users.items()}
        assert {each.inputs["defaultSecondaryRolesOption"] for each in users.values()} == {"NONE"}

    def test_take_keys_and_network_from_the_settings(self) -> None:
        key = "MII" + "A" * 360
        config = stack_config("dev") | {
            "customer360:serviceUsers": {"loader": {"rsaPublicKey": key}},
            "customer360:network": {"allowedIps": ["203.0.113.0/24"]},
        }
        recorded = run_offline("dev", config=config)
        program = Program(recorded.resources, recorded.exports)
        policy = program.one("NetworkPolicy")
        assert policy.inputs["allowedIpLists"] == ["203.0.113.0/24"]
        assert all(each.inputs["networkPolicy"] == policy.inputs["name"] for each in program.all("ServiceUser"))
        assert program.one("ServiceUser", "loader-user").inputs["rsaPublicKey"] == key
        assert "rsaPublicKey" not in program.one("ServiceUser", "reporter-user").inputs

    def test_mail_goes_to_the_alert_addresses_alone(self, prod: Program) -> None:
        integration = prod.one("EmailNotificationIntegration")
        assert integration.inputs["allowedRecipients"] == ["data-platform@example.com"]

    def test_users_and_mail_can_be_switched_off(self) -> None:
        config = stack_config("dev") | {"customer360:features": {"serviceUsers": False, "email": False}}
        kinds = {each.type.rsplit(":", 1)[-1] for each in run_offline("dev", config=config).resources.values()}
        assert kinds.isdisjoint({"ServiceUser", "EmailNotificationIntegration"})


class TestOperations:
    def test_each_task_calls_the_procedure_made_before_it(self, prod: Program) -> None:
        procedures = {f"{each.inputs['schema']}.{each.inputs['name']}": each for each in prod.all("ProcedurePython")}
        tasks = prod.all("Task")
        assert len(tasks) == len(procedures) == 5
        for task in tasks:
            called = re.fullmatch(r"CALL CUSTOMER_ANALYTICS\.([A-Z_.]+)\(\d*\)", task.inputs["sqlStatement"])
            assert called is not None
            assert procedures[called[1]].urn in task.dependencies

    def test_tasks_run_when_the_settings_say(self, prod: Program) -> None:
        crons = {each.inputs["name"]: each.inputs["schedule"]["usingCron"] for each in prod.all("Task")}
        assert crons["REFRESH_CHURN_PREDICTIONS"] == "0 5 * * * America/New_York"
        assert crons["RETRAIN_CHURN_MODEL"] == "0 3 1 * * America/New_York"
        assert crons["CHECK_DATA_QUALITY"] == "30 * * * * America/New_York"

    def test_nothing_starts_until_it_is_told_to(self, program: Program) -> None:
        assert {each.inputs["started"] for each in program.all("Task")} == {False}
        assert {each.inputs["enabled"] for each in program.all("Alert")} == {False}
        config = stack_config("dev") | {"customer360:features": {"tasksStarted": True}}
        started = run_offline("dev", config=config).resources.values()
        assert all(each.inputs["started"] for each in started if each.type.endswith(":Task"))
        assert all(each.inputs["enabled"] for each in started if each.type.endswith(":Alert"))

    def test_belong_to_the_transformer_which_may_create_them_first(self, prod: Program) -> None:
        provider = prod.one("snowflake", "snowflake-as-transformer")
        assert provider.inputs["role"] == "C360_PROD_TRANSFORMER"
        grant = prod.one("GrantPrivilegesToAccountRole", "transformer-on-account")
        assert {"EXECUTE TASK", "EXECUTE ALERT"} <= set(grant.inputs["privileges"])
        for each in [*prod.all("Task"), *prod.all("Alert"), *prod.all("ProcedurePython")]:
            assert each.provider.startswith(f"{provider.urn}::")
        assert grant.urn in prod.needs(provider)

    def test_run_where_their_owner_may(self, prod: Program) -> None:
        may = {
            each.inputs["onAccountObject"]["objectName"]
            for each in prod.all("GrantPrivilegesToAccountRole")
            if each.inputs["accountRoleName"] == "C360_PROD_TRANSFORMER"
            and "onAccountObject" in each.inputs
            and "USAGE" in each.inputs["privileges"]
        }
        assert {each.inputs["warehouse"] for each in [*prod.all("Task"), *prod.all("Alert")]} <= may

    def test_the_code_is_the_files(self, prod: Program) -> None:
        for each in prod.all("ProcedurePython"):
            file = REPOSITORY / "snowflake_objects" / "procedures" / f"{each.inputs['name'].lower()}.py"
            assert each.inputs["procedureDefinition"] == file.read_text(encoding="utf-8").rstrip()
            assert each.delete_before_replace


class TestAlerts:
    @pytest.mark.parametrize(
        ("name", "key", "value", "said"),
        [
            ("FAILED_FILES", "failedFilesPercent", 42, "* 42.0 / 100"),
            ("DUPLICATES", "duplicatesPercent", 42, "> 42.0 / 100"),
            ("SEGMENT_CHANGES", "segmentChangesPercent", 42, "> 42.0 / 100"),
            ("PIPE_LATENCY", "pipeLatencyMinutes", 42, "> 42"),
            ("SLOW_QUERIES", "querySeconds", 42, "> 42 * 1000"),
            ("STORAGE_GROWTH", "storageGrowthPercent", 42, "(1 + 42.0 / 100)"),
            ("DAILY_COST", "dailyDollars", 42, "> 42"),
            ("DAILY_COST", "dollarsPerCredit", 4.2, "* 4.2 >"),
        ],
    )
    def test_take_their_thresholds_from_the_settings(self, name: str, key: str, value: float, said: str) -> None:
        (condition,) = (each for each in CONDITIONS if each.name == name)
        query = condition.query("DB", "WH", AlertSettings.model_validate({key: value}))
        assert said in query
        assert said not in condition.query("DB", "WH", AlertSettings())

    def test_critical_ones_are_looked_at_most_often(self, prod: Program) -> None:
        schedules = {each.inputs["name"]: each.inputs["alertSchedule"] for each in prod.all("Alert")}
        assert schedules["FAILED_FILES"] == {"interval": 15}
        assert schedules["DUPLICATES"] == {"interval": 60}
        assert schedules["DAILY_COST"] == {"cron": {"expression": "0 7 * * *", "timeZone": "America/New_York"}}

    def test_write_to_the_alert_addresses(self, prod: Program) -> None:
        email = prod.one("EmailNotificationIntegration")
        for alert in prod.all("Alert"):
            assert alert.inputs["action"].startswith(
                "CALL SYSTEM$SEND_EMAIL('C360_PROD_EMAIL', 'data-platform@example.com', "
            )
            assert email.urn in prod.needs(alert)


class TestProtection:
    def test_prod_protects_what_holds_data(self, prod: Program) -> None:
        protected = {one.type.rsplit(":", 1)[-1] for one in prod.resources.values() if one.protect}
        assert protected == {"Bucket", "Database", "StorageIntegrationAws", "Table"}
        assert all(table.protect for table in prod.all("Table"))

    def test_local_protects_the_integration_alone(self, local: Program) -> None:
        assert [one.type.rsplit(":", 1)[-1] for one in local.resources.values() if one.protect] == [
            "StorageIntegrationAws"
        ]

    def test_only_where_data_is_disposable_is_the_bucket_emptied_on_destroy(self) -> None:
        emptied = {stack: run(stack).one("Bucket").inputs["forceDestroy"] for stack in STACKS}
        assert emptied == {"local": True, "dev": True, "staging": False, "prod": False}


class TestApp:
    def test_runs_only_after_its_files_are_there_and_its_owner_may(self, prod: Program) -> None:
        app = prod.one("Streamlit")
        needed = prod.needs(app)
        assert prod.one("StageFiles").urn in needed
        assert prod.one("GrantPrivilegesToAccountRole", "app_owner-uses-app-stage").urn in needed
        assert prod.one("GrantDatabaseRole", "app-write-to-app_owner").urn in needed

    def test_belongs_to_its_own_role(self, prod: Program) -> None:
        app = prod.one("Streamlit")
        owner = next(one for one in prod.all("providers:snowflake") if app.provider.startswith(f"{one.urn}::"))
        assert owner.inputs["role"] == "C360_PROD_APP_OWNER"
        assert app.inputs["queryWarehouse"] == "C360_PROD_ANALYTICS_WH"

    def test_uploads_the_main_file_to_where_the_app_looks(self, prod: Program) -> None:
        files, app = prod.one("StageFiles"), prod.one("Streamlit")
        assert files.inputs["stage"] == app.inputs["stage"]
        assert files.inputs["stage_folder"] == app.inputs["directoryLocation"]
        assert app.inputs["mainFile"] in files.inputs["files"]


class TestEndpoints:
    def test_configured_endpoint_serves_all_six_services(self, local: Program) -> None:
        inputs = local.one("providers:aws").inputs
        endpoint = "http://127.0.0.1:5566"
        services = ("iam", "s3", "s3control", "sns", "sqs", "sts")
        assert json.loads(inputs["endpoints"]) == [dict.fromkeys(services, endpoint)]
        assert inputs["httpProxy"] == endpoint
        assert inputs["s3UsePathStyle"] == "true"

    def test_without_one_aws_is_left_to_its_own(self, prod: Program) -> None:
        inputs = prod.one("providers:aws").inputs
        assert inputs.keys().isdisjoint({"endpoints", "httpProxy", "s3UsePathStyle"})
        assert inputs["skipCredentialsValidation"] == "false"

    def test_tags_come_from_the_provider(self, prod: Program) -> None:
        tags = json.loads(prod.one("providers:aws").inputs["defaultTags"])["tags"]
        assert tags["environment"] == "prod"
        assert {"project", "owner", "cost-center"} <= tags.keys()
        assert not any("tags" in one.inputs for one in prod.resources.values() if one.type.startswith("aws:"))


def test_two_environments_never_share_a_name() -> None:
    def account_level(program: Program) -> set[tuple[str, str]]:
        return {
            (one.type, str(one.inputs.get("name") or one.inputs["bucket"]))
            for one in program.resources.values()
            if one.type.endswith((":Bucket", ":Topic", ":Queue", ":Role"))
            or (one.type.startswith("snowflake:") and "name" in one.inputs and "database" not in one.inputs)
        }

    named = [account_level(run(stack)) for stack in STACKS]
    assert all(len(names) > 15 for names in named)
    assert len(set().union(*named)) == sum(len(names) for names in named)


def test_first_preview_survives_what_is_not_known_yet() -> None:
    program = run("dev", preview=True)
    assert isinstance(program.one("Role", "snowflake-access").inputs["assumeRolePolicy"], Unknown)
    assert program.one("StorageIntegrationAws").inputs["storageAwsRoleArn"].endswith(":role/c360-dev-snowflake")
    assert program.resources.keys() == run("dev").resources.keys()


def test_every_warehouse_has_a_monitor(program: Program) -> None:
    for warehouse in program.all("Warehouse"):
        monitor = program.one("ResourceMonitor", warehouse.name.replace("warehouse", "monitor"))
        assert warehouse.inputs["resourceMonitor"] == monitor.inputs["name"]
        assert (monitor.inputs["notifyTriggers"], monitor.inputs["suspendTrigger"]) == ([75], 90)
