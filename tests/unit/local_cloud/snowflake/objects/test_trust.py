"""An integration assumes its role: against a real moto server, whose own STS would let anybody in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local_cloud.snowflake import objects
from local_cloud.snowflake.account import Account, open_account
from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.objects import system_functions, trust
from local_cloud.snowflake.session import Session
from tests.unit.local_cloud.snowflake.objects.conftest import run_on

ROLE_ARN = "arn:aws:iam::123456789012:role/lake"
READ = [
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": "arn:aws:s3:::lake/in/*"},
    {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "arn:aws:s3:::lake",
        "Condition": {"StringLike": {"s3:prefix": ["in/*"]}},
    },
]


def client(service: Any, endpoint: str) -> Any:
    return boto3.client(
        service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


@pytest.fixture
def account(tmp_path: Path, moto_endpoint: str) -> Iterator[Account]:
    opened = open_account(tmp_path, moto_endpoint, memory_limit="256MB")
    objects.bootstrap(opened)
    s3 = client("s3", moto_endpoint)
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="in/there.csv", Body=b"a")
    yield opened
    opened.close()


@pytest.fixture
def session(account: Account) -> Session:
    opened = account.open_session("C360", "ACCOUNTADMIN", "COMPUTE_WH")
    run_on(
        opened,
        f"CREATE STORAGE INTEGRATION I TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE "
        f"STORAGE_AWS_ROLE_ARN = '{ROLE_ARN}' STORAGE_AWS_EXTERNAL_ID = 'pinned' "
        f"STORAGE_ALLOWED_LOCATIONS = ('s3://lake/in/', 's3://lake/out/') "
        f"STORAGE_BLOCKED_LOCATIONS = ('s3://lake/in/secret/')",
    )
    return opened


def make_role(account: Account, user: str | None = None, external_id: str = "pinned", policy: Any = READ) -> None:
    iam = client("iam", account.aws_endpoint)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": user or trust.iam_user(account)},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_role(RoleName="lake", AssumeRolePolicyDocument=document)
    inline = json.dumps({"Version": "2012-10-17", "Statement": policy})
    iam.put_role_policy(RoleName="lake", PolicyName="access", PolicyDocument=inline)


def not_assumed(account: Account) -> str:
    with pytest.raises(SnowflakeError) as caught:
        trust.assume(account, "I")
    assert (caught.value.errno, caught.value.sqlstate) == (3167, "42601")
    return caught.value.message


def test_a_trusted_role_is_assumed_and_reads(account: Account, session: Session) -> None:
    make_role(account)
    role = trust.assume(account, "I")
    role.require("s3:GetObject", "arn:aws:s3:::lake/in/there.csv")
    assert role.s3.get_object(Bucket="lake", Key="in/there.csv")["Body"].read() == b"a"


def test_a_missing_role_is_not_assumed(account: Account, session: Session) -> None:
    user = trust.iam_user(account)
    expected = f"User: {user} is not authorized to perform: sts:AssumeRole on resource: {ROLE_ARN}"
    assert not_assumed(account) == f"Error assuming AWS_ROLE:\n{expected}"


@pytest.mark.parametrize(
    "changes", [{"external_id": "another"}, {"user": "arn:aws:iam::210987654321:user/other"}, {"user": "123456789012"}]
)
def test_wrong_principal_or_external_id(account: Account, session: Session, changes: dict[str, Any]) -> None:
    make_role(account, **changes)
    assert not_assumed(account).startswith("Error assuming AWS_ROLE:\nUser: arn:aws:iam::210987654321:user/")


def test_breaking_and_mending_the_trust_shows_at_once(account: Account, session: Session) -> None:
    make_role(account)
    trust.assume(account, "I")
    run_on(session, "ALTER STORAGE INTEGRATION I SET STORAGE_AWS_EXTERNAL_ID = 'moved'")
    not_assumed(account)
    run_on(session, "ALTER STORAGE INTEGRATION I SET STORAGE_AWS_EXTERNAL_ID = 'pinned'")
    trust.assume(account, "I")


def test_a_replaced_integration_without_pinned_id_loses_its_trust(account: Account, session: Session) -> None:
    make_role(account)
    run_on(
        session,
        f"CREATE OR REPLACE STORAGE INTEGRATION I TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE "
        f"STORAGE_AWS_ROLE_ARN = '{ROLE_ARN}' STORAGE_ALLOWED_LOCATIONS = ('s3://lake/in/')",
    )
    not_assumed(account)


def test_what_the_role_may_not_do_is_refused_with_both_sentences(account: Account, session: Session) -> None:
    make_role(account)
    with pytest.raises(SnowflakeError) as caught:
        trust.assume(account, "I").require("s3:PutObject", "arn:aws:s3:::lake/in/new.csv")
    assert caught.value.errno == 3167
    assert caught.value.message == (
        "Error assuming AWS_ROLE:\nUser: arn:aws:sts::123456789012:assumed-role/lake/snowflake is not authorized to "
        "perform: s3:PutObject on resource: arn:aws:s3:::lake/in/new.csv\n"
        "Failure using stage area. Cause: [Access Denied (Status Code: 403; Error Code: AccessDenied)]"
    )


def test_prefix_conditions_and_attached_policies(account: Account, session: Session) -> None:
    make_role(account)
    role = trust.assume(account, "I")
    assert role.allows("s3:ListBucket", "arn:aws:s3:::lake", {"s3:prefix": "in/2025/"})
    assert not role.allows("s3:ListBucket", "arn:aws:s3:::lake", {"s3:prefix": "other/"})
    iam = client("iam", account.aws_endpoint)
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:List*", "Resource": "*"}]}
    arn = iam.create_policy(PolicyName="no-lists", PolicyDocument=json.dumps(deny))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="lake", PolicyArn=arn)
    assert not trust.assume(account, "I").allows("s3:ListBucket", "arn:aws:s3:::lake", {"s3:prefix": "in/2025/"})


def test_the_buckets_policy_may_deny_but_snowflake_speaks_tls(account: Account, session: Session) -> None:
    make_role(account)
    insecure = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3 = client("s3", account.aws_endpoint)
    s3.put_bucket_policy(Bucket="lake", Policy=json.dumps({"Version": "2012-10-17", "Statement": [insecure]}))
    assert trust.assume(account, "I").allows("s3:GetObject", "arn:aws:s3:::lake/in/there.csv")
    always = {key: value for key, value in insecure.items() if key != "Condition"}
    s3.put_bucket_policy(Bucket="lake", Policy=json.dumps({"Version": "2012-10-17", "Statement": [always]}))
    assert not trust.assume(account, "I").allows("s3:GetObject", "arn:aws:s3:::lake/in/there.csv")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("s3://lake/in/", True),
        ("s3://lake/in/2025/x.csv", True),
        ("s3://lake/in", True),
        ("s3://lake/", False),
        ("s3://lake/inside/", False),
        ("s3://other/in/", False),
        ("s3://lake/in/secret/x", False),
    ],
)
def test_locations(account: Account, session: Session, url: str, expected: bool) -> None:
    assert trust.allowed(trust.find(account, "I"), url) is expected


def test_a_disabled_or_missing_integration(account: Account, session: Session) -> None:
    run_on(session, "ALTER STORAGE INTEGRATION I SET ENABLED = FALSE")
    with pytest.raises(SnowflakeError, match="Integration 'I' is not enabled"):
        trust.assume(account, "I")
    with pytest.raises(SnowflakeError, match="Integration 'J' does not exist or not authorized"):
        trust.assume(account, "J")


def validate(session: Session, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(system_functions.validate_storage_integration(session, arguments))
    return found


def test_validation_tells_which_action_fails(account: Account, session: Session) -> None:
    denied = {"status": "failure", "message": "Access Denied (Status Code: 403; Error Code: AccessDenied)"}
    make_role(account)
    good = validate(session, "I", "s3://lake/in/", "there.csv", "read")
    assert good == {"status": "success", "actions": {"READ": {"status": "success"}}}
    everything = validate(session, "I", "s3://lake/in/", "there.csv", "all")
    assert everything["status"] == "failure"
    assert everything["message"].startswith("Some of the integration checks failed.")
    assert everything["actions"] == {
        "READ": {"status": "success"},
        "DELETE": denied,
        "LIST": {"status": "success"},
        "WRITE": denied,
    }
    missing = validate(session, "I", "s3://lake/in/", "missing.csv", "read")["actions"]["READ"]
    assert missing == {"status": "failure", "message": "Not Found (Status Code: 404; Error Code: 404)"}


def test_validation_of_an_untrusted_integration_is_a_failure_in_json(account: Account, session: Session) -> None:
    outcome = validate(session, "I", "s3://lake/in/", "there.csv", "list")
    assert outcome["status"] == "failure"
    assert outcome["message"].startswith("Error assuming AWS_ROLE:")
    outside = validate(session, "I", "s3://elsewhere/", "there.csv", "list")
    assert "is not allowed by integration 'I'" in outside["message"]


def test_writing_and_deleting_a_probe(account: Account, session: Session) -> None:
    make_role(account, policy=[{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}])
    assert validate(session, "I", "s3://lake/out/", "probe", "write")["status"] == "success"
    assert validate(session, "I", "s3://lake/out/", "probe", "write")["status"] == "failure"
    assert validate(session, "I", "s3://lake/out/", "probe", "delete")["status"] == "success"
    assert validate(session, "I", "s3://lake/out/", "probe", "delete")["status"] == "failure"


def test_the_topic_statement_names_the_same_user_as_the_integration(account: Account, session: Session) -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:landing"
    policy = json.loads(system_functions.get_aws_sns_iam_policy(session, [topic]))
    described = {row["property"]: row["property_value"] for row in run_on(session, "DESC INTEGRATION I")}
    assert policy["Statement"] == [
        {
            "Sid": "1",
            "Effect": "Allow",
            "Principal": {"AWS": described["STORAGE_AWS_IAM_USER_ARN"]},
            "Action": ["sns:Subscribe"],
            "Resource": [topic],
        }
    ]
