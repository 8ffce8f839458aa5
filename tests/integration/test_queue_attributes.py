"""Queues tell what was set on them."""

from __future__ import annotations

import json

import pytest

from tests.integration.conftest import LocalCloud

pytestmark = pytest.mark.integration


def test_a_dead_letter_queue_tells_who_may_use_it(local_cloud: LocalCloud) -> None:
    sqs = local_cloud.client("sqs")
    url = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    assert "RedriveAllowPolicy" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    policy = json.dumps(
        {"redrivePermission": "byQueue", "sourceQueueArns": ["arn:aws:sqs:us-east-1:123456789012:audit"]}
    )
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": policy})
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedriveAllowPolicy"])["Attributes"]
    assert told == {"RedriveAllowPolicy": policy}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": ""})
    assert "RedriveAllowPolicy" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
