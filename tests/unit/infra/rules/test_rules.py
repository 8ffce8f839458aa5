"""Each rule, on what keeps it and on what breaks it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra import policies
from infra.rules import aws, iam, snowflake
from infra.rules.catalogue import RESOURCE_RULES, STACK_RULES, rules_of, stateful_is_protected
from infra.rules.model import UNKNOWN, Resource, ResourceRule, breaches

BUCKET = "arn:aws:s3:::lake"
ROLE, TOPIC_POLICY, BUCKET_POLICY = (
    "aws:iam/role:Role",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:s3/bucketPolicy:BucketPolicy",
)
GRANT = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole"


def document(**statement: Any) -> dict[str, str]:
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | statement]})}


def trust(condition: Any = None, principal: Any = None) -> dict[str, str]:
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": principal or {"AWS": "arn:aws:iam::210987654321:user/s"},
        "Condition": condition or {},
    }
    return {"assumeRolePolicy": json.dumps({"Statement": statement})}


GOOD_WAREHOUSE = {
    "autoSuspend": 60.0,
    "statementTimeoutInSeconds": 3600.0,
    "statementQueuedTimeoutInSeconds": 600.0,
    "resourceMonitor": "M",
}
WAREHOUSE = "snowflake:index/warehouse:Warehouse"
SCHEMA = "snowflake:index/schema:Schema"
QUEUE = "aws:sqs/queue:Queue"
PROVIDER = "pulumi:providers:aws"
TAGS = dict.fromkeys(("project", "environment", "owner", "cost-center"), "x")


@pytest.mark.parametrize(
    ("check", "type_", "inputs"),
    [
        (iam.no_wildcard_principals, BUCKET_POLICY, {"policy": policies.tls_only(BUCKET)}),
        (iam.no_wildcard_principals, BUCKET_POLICY, {"policy": UNKNOWN}),
        (iam.no_wildcard_actions, BUCKET_POLICY, {"policy": policies.tls_only(BUCKET)}),
        (iam.no_wildcard_actions, TOPIC_POLICY, {"policy": policies.landing_topic("t", "b", "1", "u")}),
        (iam.no_wildcard_principals, "snowflake:index/execute:Execute", {"policy": "no document"}),
        (iam.trust_needs_external_id, ROLE, {"assumeRolePolicy": policies.snowflake_trust("user", "id")}),
        (iam.trust_needs_external_id, ROLE, trust(principal={"Service": "ecs-tasks.amazonaws.com"})),
        (iam.services_act_for_us, TOPIC_POLICY, {"policy": policies.landing_topic("t", "b", "1", "u")}),
        (iam.services_act_for_us, ROLE, trust(principal={"Service": "ecs-tasks.amazonaws.com"})),
        (aws.queues_are_encrypted, QUEUE, {"sqsManagedSseEnabled": True}),
        (aws.queues_are_encrypted, QUEUE, {"kmsMasterKeyId": "alias/x"}),
        (aws.tags_are_present, PROVIDER, {"defaultTags": json.dumps({"tags": TAGS})}),
        (aws.tags_are_present, PROVIDER, {"defaultTags": {"tags": TAGS}}),
        (snowflake.warehouses_are_bounded, WAREHOUSE, GOOD_WAREHOUSE),
        (snowflake.nothing_for_public, GRANT, {"accountRoleName": "C360_DEV_LOADER"}),
        (snowflake.grants_are_narrow, GRANT, {"privileges": ["USAGE"]}),
        (snowflake.schemas_manage_access, SCHEMA, {"withManagedAccess": "true"}),
        (snowflake.no_passwords, "snowflake:index/serviceUser:ServiceUser", {"rsaPublicKey": "MIIB"}),
        (snowflake.no_passwords, "snowflake:index/execute:Execute", {"execute": "SELECT 1"}),
    ],
)
def test_what_keeps_a_rule(check: Any, type_: str, inputs: dict[str, Any]) -> None:
    assert list(check(type_, inputs)) == []


@pytest.mark.parametrize(
    ("check", "type_", "inputs", "said"),
    [
        (iam.no_wildcard_principals, TOPIC_POLICY, document(Principal="*", Action="sns:Publish"), "allows everybody"),
        (iam.no_wildcard_principals, ROLE, trust(principal={"AWS": ["*"]}), "allows everybody"),
        (iam.no_wildcard_principals, TOPIC_POLICY, document(NotPrincipal={"AWS": "x"}), "everybody but somebody"),
        (iam.no_wildcard_actions, TOPIC_POLICY, document(Action=["s3:Get*"]), "allows s3:Get*"),
        (iam.no_wildcard_actions, TOPIC_POLICY, document(Action="s3:GetObject", Resource="*"), "every resource"),
        (iam.no_wildcard_actions, TOPIC_POLICY, document(NotAction="s3:GetObject"), "everything but something"),
        (iam.trust_needs_external_id, ROLE, trust(), "without an external ID"),
        (
            iam.services_act_for_us,
            "aws:sqs/queuePolicy:QueuePolicy",
            document(Principal={"Service": "sns.amazonaws.com"}, Condition={"ArnEquals": {"aws:SourceArn": "t"}}),
            "act for anybody",
        ),
        (aws.queues_are_encrypted, QUEUE, {}, "is not encrypted"),
        (aws.tags_are_present, PROVIDER, {}, "lack cost-center, environment, owner, project"),
        (aws.tags_are_present, PROVIDER, {"defaultTags": {"tags": TAGS | {"owner": ""}}}, "lack owner"),
        (snowflake.warehouses_are_bounded, WAREHOUSE, GOOD_WAREHOUSE | {"autoSuspend": 0}, "autoSuspend is 0"),
        (snowflake.warehouses_are_bounded, WAREHOUSE, GOOD_WAREHOUSE | {"autoSuspend": 3600}, "autoSuspend is 3600"),
        (
            snowflake.warehouses_are_bounded,
            WAREHOUSE,
            GOOD_WAREHOUSE | {"resourceMonitor": None},
            "resourceMonitor is not set",
        ),
        (
            snowflake.warehouses_are_bounded,
            WAREHOUSE,
            GOOD_WAREHOUSE | {"statementTimeoutInSeconds": 0},
            "statementTimeoutInSeconds is not set",
        ),
        (snowflake.nothing_for_public, GRANT, {"accountRoleName": '"PUBLIC"'}, "grants to PUBLIC"),
        (
            snowflake.nothing_for_public,
            "snowflake:index/grantAccountRole:GrantAccountRole",
            {"roleName": "X", "parentRoleName": "public"},
            "grants to PUBLIC",
        ),
        (snowflake.grants_are_narrow, GRANT, {"allPrivileges": True}, "grants all privileges"),
        (snowflake.grants_are_narrow, GRANT, {"privileges": ["OWNERSHIP"]}, "grants ownership"),
        (snowflake.grants_are_narrow, GRANT, {"privileges": ["USAGE"], "withGrantOption": True}, "may be granted on"),
        (
            snowflake.grants_are_narrow,
            "snowflake:index/grantAccountRole:GrantAccountRole",
            {"roleName": "SYSADMIN", "userName": "X"},
            "hands out SYSADMIN",
        ),
        (snowflake.schemas_manage_access, SCHEMA, {}, "not a managed-access schema"),
        (snowflake.no_passwords, "snowflake:index/user:User", {}, "has a password"),
        (snowflake.no_passwords, "pulumi:providers:snowflake", {"privateKey": "x"}, "privateKey is set"),
        (
            snowflake.no_passwords,
            "snowflake:index/execute:Execute",
            {"execute": "CREATE USER x PASSWORD = 'y'"},
            "execute carries a credential",
        ),
    ],
)
def test_what_breaks_a_rule(check: Any, type_: str, inputs: dict[str, Any], said: str) -> None:
    (sentence,) = check(type_, inputs)
    assert said in sentence


def good_bucket() -> list[Resource]:
    def of(kind: str, **inputs: Any) -> Resource:
        return Resource(f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}", kind, {"bucket": "lake"} | inputs)

    blocked = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True)
    return [
        of("Bucket"),
        of("BucketPublicAccessBlock", **blocked),
        of("BucketOwnershipControls", rule={"objectOwnership": "BucketOwnerEnforced"}),
        of("BucketServerSideEncryptionConfiguration"),
        of("BucketVersioning", versioningConfiguration={"status": "Enabled"}),
        of("BucketPolicy", policy=policies.tls_only(BUCKET)),
    ]


def test_a_bucket_with_all_its_companions_is_private() -> None:
    assert list(aws.buckets_are_private_and_encrypted(good_bucket())) == []


@pytest.mark.parametrize("missing", range(1, 6))
def test_a_bucket_lacks_nothing(missing: int) -> None:
    resources = good_bucket()
    gone = resources.pop(missing)
    ((blamed, _sentence),) = aws.buckets_are_private_and_encrypted(resources)
    assert blamed.name == "Bucket"
    elsewhere = Resource(gone.type, gone.name, dict(gone.inputs) | {"bucket": "another"})
    assert [each.name for each, _ in aws.buckets_are_private_and_encrypted([*resources, elsewhere])] == ["Bucket"]


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("BucketPublicAccessBlock", {"ignorePublicAcls": False}),
        ("BucketOwnershipControls", {"rule": {"objectOwnership": "ObjectWriter"}}),
        ("BucketVersioning", {"versioningConfiguration": {"status": "Suspended"}}),
        ("BucketPolicy", {"policy": policies.subscribed_queue("q", "t", "1")}),
        ("Bucket", {"acl": "public-read"}),
    ],
)
def test_a_companion_says_what_it_should(kind: str, change: dict[str, Any]) -> None:
    resources = [
        Resource(each.type, each.name, dict(each.inputs) | change) if each.name == kind else each
        for each in good_bucket()
    ]
    assert [each.name for each, _ in aws.buckets_are_private_and_encrypted(resources)] == [kind]


def test_what_holds_data_is_protected_wherever_data_is_not_disposable() -> None:
    bare = Resource("snowflake:index/database:Database", "database", {})
    kept = Resource("snowflake:index/database:Database", "database", {}, protect=True)
    assert [each for each, _ in stateful_is_protected([bare, kept])] == [bare]
    names = {stack: {rule.name for rule in rules_of(stack)} for stack in ("local", "prod")}
    assert names["prod"] - names["local"] == {"stateful-protected"}


def test_a_breach_names_resource_and_rule() -> None:
    (breach,) = breaches(RESOURCE_RULES, [Resource(QUEUE, "audit", {})])
    assert str(breach).startswith(f"{QUEUE} audit: is not encrypted; ")
    assert str(breach).endswith("[queues-encrypted]")


def test_rules_have_names_of_their_own() -> None:
    every: list[Any] = [*RESOURCE_RULES, *STACK_RULES]
    assert len({rule.name for rule in every}) == len(every)
    assert all(isinstance(rule, ResourceRule) for rule in RESOURCE_RULES)
