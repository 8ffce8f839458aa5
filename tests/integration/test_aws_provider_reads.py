"""What the real AWS provider asks when it creates, reads and deletes the resource types of the program.

The calls are those of terraform-provider-aws 6, on which pulumi-aws 7 is built. It waits until S3 and SQS tell exactly
what was set, and knows a missing thing by its error code; an answer that differs a little would cost minutes or fail.
"""

from __future__ import annotations

import http.client
import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.conftest import LocalCloud

pytestmark = pytest.mark.integration

ACCOUNT = "123456789012"
SNOWFLAKE = "arn:aws:iam::210987654321:user/44030000-s"


def told(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def error_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


class TestBucket:
    @pytest.fixture
    def bucket(self, local_cloud: LocalCloud, request: pytest.FixtureRequest) -> str:
        name = request.node.name.replace("_", "-").partition("[")[0][:63].strip("-")
        local_cloud.client("s3").create_bucket(Bucket=name, ObjectOwnership="BucketOwnerEnforced")
        return str(name)

    @pytest.mark.parametrize(
        ("call", "code"),
        [
            ("get_bucket_cors", "NoSuchCORSConfiguration"),
            ("get_bucket_website", "NoSuchWebsiteConfiguration"),
            ("get_bucket_replication", "ReplicationConfigurationNotFoundError"),
            ("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError"),
            ("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"),
            ("get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError"),
            ("get_bucket_policy", "NoSuchBucketPolicy"),
            ("get_bucket_tagging", "NoSuchTagSet"),
            ("get_public_access_block", "NoSuchPublicAccessBlockConfiguration"),
        ],
    )
    def test_what_is_not_set_has_its_own_code(self, local_cloud: LocalCloud, call: str, code: str) -> None:
        s3 = local_cloud.client("s3")
        s3.create_bucket(Bucket="bare-bucket")
        assert error_of(getattr(s3, call), Bucket="bare-bucket") == code
        assert error_of(getattr(s3, call), Bucket="no-such-bucket") == "NoSuchBucket"

    def test_a_fresh_bucket_answers_every_read(self, local_cloud: LocalCloud, bucket: str) -> None:
        s3 = local_cloud.client("s3")
        assert told(s3.head_bucket(Bucket=bucket)) == {"BucketRegion": "us-east-1"}
        assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
        assert [grant["Permission"] for grant in s3.get_bucket_acl(Bucket=bucket)["Grants"]] == ["FULL_CONTROL"]
        for call in ("versioning", "accelerate_configuration", "logging", "notification_configuration"):
            assert told(getattr(s3, f"get_bucket_{call}")(Bucket=bucket)) == {}, call
        s3.get_bucket_request_payment(Bucket=bucket)
        assert error_of(s3.head_bucket, Bucket="no-such-bucket") == "404"

    def test_lifecycle_rules_are_told_as_they_were_put(self, local_cloud: LocalCloud, bucket: str) -> None:
        rules = [
            {
                "ID": "history",
                "Status": "Enabled",
                "Filter": {"Prefix": "transactions/historical/"},
                "Transitions": [
                    {"Days": 90, "StorageClass": "STANDARD_IA"},
                    {"Days": 365, "StorageClass": "GLACIER_IR"},
                ],
            },
            {"ID": "reports", "Status": "Enabled", "Filter": {"Prefix": "reports/"}, "Expiration": {"Days": 180}},
            {
                "ID": "everywhere",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            },
        ]
        s3 = local_cloud.client("s3")
        size = "all_storage_classes_128K"
        s3.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": rules}, TransitionDefaultMinimumObjectSize=size
        )
        assert told(s3.get_bucket_lifecycle_configuration(Bucket=bucket)) == {
            "Rules": rules,
            "TransitionDefaultMinimumObjectSize": size,
        }

    def test_settings_are_told_as_they_were_put(self, local_cloud: LocalCloud, bucket: str) -> None:
        s3 = local_cloud.client("s3")
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=encryption)
        rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
        assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
        assert rule["BucketKeyEnabled"] is False
        ownership = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"] == ownership
        block = dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
        )
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
        assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == block
        s3.delete_public_access_block(Bucket=bucket)
        assert error_of(s3.get_public_access_block, Bucket=bucket) == "NoSuchPublicAccessBlockConfiguration"

    def test_an_object_is_told_with_its_tags(self, local_cloud: LocalCloud, bucket: str) -> None:
        s3 = local_cloud.client("s3")
        s3.put_object(Bucket=bucket, Key="health/probe", Body=b"here", ContentType="text/plain", Tagging="a=b")
        head = s3.head_object(Bucket=bucket, Key="health/probe", ChecksumMode="ENABLED")
        assert (head["ContentType"], head["ContentLength"]) == ("text/plain", 4)
        assert s3.get_object_tagging(Bucket=bucket, Key="health/probe")["TagSet"] == [{"Key": "a", "Value": "b"}]
        assert error_of(s3.head_object, Bucket=bucket, Key="health/none") == "404"


def s3_control(cloud: LocalCloud, method: str, path: str, body: str = "") -> str:
    """A request of S3 Control as the provider sends it: its host has no address, the endpoint is its proxy."""
    host = f"{ACCOUNT}.{cloud.aws_endpoint.removeprefix('http://')}"
    connection = http.client.HTTPConnection(cloud.aws_endpoint.removeprefix("http://"), timeout=20)
    headers = {
        "Host": host,
        "x-amz-account-id": ACCOUNT,
        "Authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request, "
        "SignedHeaders=host, Signature=0",
    }
    connection.request(method, f"http://{host}/v20180820/{path}", body, headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    assert response.status in (200, 204), text
    return text


def test_bucket_tags_go_through_s3_control_and_stay(fresh_cloud: LocalCloud) -> None:
    fresh_cloud.client("s3").create_bucket(Bucket="tagged")
    tags = "tags/arn%3Aaws%3As3%3A%3A%3Atagged"
    one = "<Tag><Key>environment</Key><Value>local</Value></Tag><Tag><Key>owner</Key><Value>data</Value></Tag>"
    sent = f'<TagResourceRequest xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"><Tags>{one}</Tags>'
    s3_control(fresh_cloud, "POST", tags, f"{sent}</TagResourceRequest>")
    s3_control(fresh_cloud, "DELETE", f"{tags}?tagKeys=owner")
    fresh_cloud.kill()
    fresh_cloud.restart()
    assert re.findall("<(?:Key|Value)>([^<]*)</", s3_control(fresh_cloud, "GET", tags)) == ["environment", "local"]
    plain = fresh_cloud.client("s3").get_bucket_tagging(Bucket="tagged")["TagSet"]
    assert plain == [{"Key": "environment", "Value": "local"}]


def test_a_role_is_told_with_its_policies_and_tags(local_cloud: LocalCloud) -> None:
    iam = local_cloud.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": SNOWFLAKE}, "Action": "sts:AssumeRole"}],
    }
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/*"}],
    }
    tags = [{"Key": "environment", "Value": "local"}]
    role = {"RoleName": "provider-role"}
    iam.create_role(
        **role,
        Path="/",
        AssumeRolePolicyDocument=json.dumps(trust),
        MaxSessionDuration=3600,
        Description="x",
        Tags=tags,
    )
    found = iam.get_role(**role)["Role"]
    assert (found["AssumeRolePolicyDocument"], found["Tags"], found["MaxSessionDuration"]) == (trust, tags, 3600)
    iam.put_role_policy(**role, PolicyName="lake", PolicyDocument=json.dumps(policy))
    assert iam.list_role_policies(**role)["PolicyNames"] == ["lake"]
    assert iam.list_attached_role_policies(**role)["AttachedPolicies"] == []
    assert iam.list_instance_profiles_for_role(**role)["InstanceProfiles"] == []
    assert iam.get_role_policy(**role, PolicyName="lake")["PolicyDocument"] == policy
    iam.update_assume_role_policy(**role, PolicyDocument=json.dumps(policy | {"Statement": trust["Statement"]}))
    iam.delete_role_policy(**role, PolicyName="lake")
    assert error_of(iam.get_role_policy, **role, PolicyName="lake") == "NoSuchEntity"
    iam.delete_role(**role)
    assert error_of(iam.get_role, **role) == "NoSuchEntity"


def test_a_queue_tells_exactly_what_was_set(local_cloud: LocalCloud) -> None:
    sqs = local_cloud.client("sqs")
    attributes = {
        "DelaySeconds": "0",
        "MaximumMessageSize": "262144",
        "MessageRetentionPeriod": "1209600",
        "ReceiveMessageWaitTimeSeconds": "0",
        "SqsManagedSseEnabled": "true",
        "VisibilityTimeout": "30",
    }
    queue = {
        "QueueUrl": sqs.create_queue(QueueName="provider-queue", Attributes=attributes, tags={"a": "b"})["QueueUrl"]
    }
    # The provider takes the name from the URL's second and last step.
    assert queue["QueueUrl"].removeprefix("http://").split("/")[1:] == [ACCOUNT, "provider-queue"]

    def found() -> dict[str, str]:
        return dict(sqs.get_queue_attributes(**queue, AttributeNames=["All"])["Attributes"])

    assert attributes.items() <= found().items()
    assert sqs.list_queue_tags(**queue)["Tags"] == {"a": "b"}
    redrive = {"deadLetterTargetArn": found()["QueueArn"], "maxReceiveCount": 5}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": found()["QueueArn"]}
    policies = {
        "Policy": {"Version": "2012-10-17", "Statement": [statement]},
        "RedriveAllowPolicy": {"redrivePermission": "allowAll"},
        "RedrivePolicy": redrive,
    }
    for name, policy in policies.items():
        sqs.set_queue_attributes(**queue, Attributes={name: json.dumps(policy)})
        assert json.loads(found()[name]) == policy
        sqs.set_queue_attributes(**queue, Attributes={name: ""})
        assert name not in found()
    sqs.delete_queue(**queue)
    gone = "AWS.SimpleQueueService.NonExistentQueue"
    assert error_of(sqs.get_queue_attributes, **queue, AttributeNames=["All"]) == gone


def test_a_topic_and_its_subscription_are_told(local_cloud: LocalCloud) -> None:
    sns, sqs = local_cloud.client("sns"), local_cloud.client("sqs")
    queue = sqs.create_queue(QueueName="provider-subscriber")["QueueUrl"]
    endpoint = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="provider-topic", Tags=[{"Key": "a", "Value": "b"}])["TopicArn"]
    statement = {"Effect": "Allow", "Principal": {"AWS": SNOWFLAKE}, "Action": "sns:Subscribe", "Resource": topic}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (attributes["TopicArn"], attributes["Owner"]) == (topic, ACCOUNT)
    assert json.loads(attributes["Policy"]) == policy
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "a", "Value": "b"}]
    made = sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=endpoint,
        ReturnSubscriptionArn=True,
        Attributes={"RawMessageDelivery": "true"},
    )["SubscriptionArn"]
    expected = {
        "ConfirmationWasAuthenticated": "true",
        "Endpoint": endpoint,
        "PendingConfirmation": "false",
        "Protocol": "sqs",
        "RawMessageDelivery": "true",
        "TopicArn": topic,
    }
    assert expected.items() <= sns.get_subscription_attributes(SubscriptionArn=made)["Attributes"].items()
    sns.unsubscribe(SubscriptionArn=made)
    assert error_of(sns.get_subscription_attributes, SubscriptionArn=made) == "NotFound"
    sns.delete_topic(TopicArn=topic)
    assert error_of(sns.get_topic_attributes, TopicArn=topic) == "NotFound"


def test_the_account_behind_the_provider(local_cloud: LocalCloud) -> None:
    assert local_cloud.client("sts").get_caller_identity()["Account"] == ACCOUNT
