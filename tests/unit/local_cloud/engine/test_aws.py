"""What the AWS handlers send, where it is more than renamed inputs; the rest meets a server in tests/integration."""

from __future__ import annotations

import json

import pytest

from local_cloud.engine import EngineError
from local_cloud.engine.invokes import policy_document
from local_cloud.engine.registry import handler_of
from local_cloud.engine.resources.aws.common import same_json
from local_cloud.engine.resources.aws.s3_events import configuration
from local_cloud.engine.resources.aws.s3_settings import lifecycle_rule


def test_policy_documents_read_like_the_providers() -> None:
    document = policy_document(
        {
            "statements": [
                {
                    "sid": "Read",
                    "actions": ["s3:GetObject", "s3:ListBucket"],
                    "resources": ["arn:b"],
                    "principals": [{"type": "AWS", "identifiers": ["arn:u"]}],
                    "conditions": [
                        {"test": "StringLike", "variable": "s3:prefix", "values": ["a/*", "b/*"]},
                        {"test": "StringLike", "variable": "aws:x", "values": ["y"]},
                    ],
                },
                {"effect": "Deny", "notActions": ["iam:*"], "principals": [{"type": "*", "identifiers": ["*"]}]},
            ]
        }
    )
    assert document.startswith('{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Sid": "Read",')
    assert json.loads(document)["Statement"] == [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:GetObject"],
            "Resource": "arn:b",
            "Principal": {"AWS": "arn:u"},
            "Condition": {"StringLike": {"s3:prefix": ["a/*", "b/*"], "aws:x": "y"}},
        },
        {"Effect": "Deny", "NotAction": "iam:*", "Principal": "*"},
    ]


def test_what_a_policy_document_cannot_take_is_named() -> None:
    with pytest.raises(EngineError, match="does not support sourcePolicyDocuments"):
        policy_document({"sourcePolicyDocuments": ["{}"]})


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ('{"a": ["x"], "b": 1}', '{"b": 1,\n "a": "x"}', True),
        ('{"a": ["x", "y"]}', '{"a": ["y", "x"]}', True),
        ('{"a": ["x", "y"]}', '{"a": ["x"]}', False),
        ('{"a": 1}', "{", False),
    ],
)
def test_policies_are_compared_by_meaning(old: str, new: str, same: bool) -> None:
    assert same_json(old, new) is same


def test_lifecycle_rules() -> None:
    assert lifecycle_rule(
        {
            "id": "r",
            "status": "Enabled",
            "filter": {"and": {"prefix": "p/", "tags": {"k": "v"}}},
            "transitions": [{"days": 30, "storageClass": "STANDARD_IA"}],
            "noncurrentVersionExpiration": {"noncurrentDays": 7},
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 2},
        }
    ) == {
        "ID": "r",
        "Status": "Enabled",
        "Filter": {"And": {"Prefix": "p/", "Tags": [{"Key": "k", "Value": "v"}]}},
        "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
        "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
    }


def test_notifications() -> None:
    topic = {"topicArn": "arn:t", "events": ["s3:ObjectCreated:*"], "filterPrefix": "in/", "id": "landing"}
    assert configuration({"bucket": "b", "topics": [topic], "eventbridge": True}) == {
        "EventBridgeConfiguration": {},
        "TopicConfigurations": [
            {
                "TopicArn": "arn:t",
                "Events": ["s3:ObjectCreated:*"],
                "Id": "landing",
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}},
            }
        ],
    }


def test_an_id_that_s3_made_up_is_no_change() -> None:
    notification = handler_of("aws:s3/bucketNotification:BucketNotification", "n")
    target = {"topicArn": "arn:t", "events": ["s3:a", "s3:b"]}
    assert notification.same("topics", [target | {"id": "tf-123"}], [target | {"events": ["s3:b", "s3:a"]}])
    assert not notification.same("topics", [target], [target | {"filterPrefix": "x"}])
