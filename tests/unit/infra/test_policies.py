"""IAM documents: each grants what it says and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import policies

BUCKET = "arn:aws:s3:::lake"
TOPIC = "arn:aws:sns:us-east-1:123456789012:landing"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:audit"
USER = "arn:aws:iam::210987654321:user/snowflake"
ALL = {
    "tls": policies.tls_only(BUCKET),
    "trust": policies.snowflake_trust(USER, "id-12345678"),
    "lake": policies.lake_access(BUCKET, ["customers/", "reports/"], "reports/"),
    "topic": policies.landing_topic(TOPIC, BUCKET, "123456789012", USER),
    "queue": policies.subscribed_queue(QUEUE, TOPIC, "123456789012"),
}


def statements(document: str) -> dict[str, dict[str, Any]]:
    return {one["Sid"]: one for one in json.loads(document)["Statement"]}


@pytest.mark.parametrize("document", ALL.values(), ids=ALL.keys())
def test_no_allow_is_for_everybody_or_everything(document: str) -> None:
    for one in statements(document).values():
        if one["Effect"] == "Allow":
            assert "*" not in json.dumps(one.get("Principal", ""))
            actions = [one["Action"]] if isinstance(one["Action"], str) else one["Action"]
            assert not any("*" in action for action in actions)
            assert one["Resource"] != "*" if "Resource" in one else one["Action"] == "sts:AssumeRole"


def test_bucket_refuses_plain_http_for_bucket_and_objects() -> None:
    (deny,) = statements(ALL["tls"]).values()
    assert deny["Effect"] == "Deny"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert deny["Resource"] == [BUCKET, f"{BUCKET}/*"]


def test_trust_wants_the_user_and_the_external_id() -> None:
    (trust,) = statements(ALL["trust"]).values()
    assert trust["Principal"] == {"AWS": USER}
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": "id-12345678"}}


def test_snowflake_writes_reports_and_reads_only_its_prefixes() -> None:
    lake = statements(ALL["lake"])
    assert lake["WriteReports"]["Resource"] == f"{BUCKET}/reports/*"
    assert lake["ReadObjects"]["Resource"] == [f"{BUCKET}/customers/*", f"{BUCKET}/reports/*"]
    assert lake["ListPrefixes"]["Condition"] == {"StringLike": {"s3:prefix": ["customers/*", "reports/*"]}}
    writing = [sid for sid, one in lake.items() if "Put" in str(one["Action"]) or "Delete" in str(one["Action"])]
    assert writing == ["WriteReports"]


def test_topic_hears_our_bucket_of_our_account_and_lets_snowflake_subscribe() -> None:
    topic = statements(ALL["topic"])
    assert topic["BucketPublishes"]["Condition"] == {
        "ArnEquals": {"aws:SourceArn": BUCKET},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }
    assert topic["SnowflakeSubscribes"]["Action"] == "sns:Subscribe"
    assert topic["SnowflakeSubscribes"]["Principal"] == {"AWS": USER}


def test_dead_letter_queue_serves_one_queue() -> None:
    assert json.loads(policies.redrive(QUEUE, 5)) == {"deadLetterTargetArn": QUEUE, "maxReceiveCount": 5}
    assert json.loads(policies.redrive_allow(QUEUE)) == {"redrivePermission": "byQueue", "sourceQueueArns": [QUEUE]}


@given(st.lists(st.from_regex(r"[a-z]{1,10}/", fullmatch=True), min_size=1, max_size=5, unique=True))
def test_reading_and_listing_cover_the_same_prefixes(prefixes: list[str]) -> None:
    lake = statements(policies.lake_access(BUCKET, prefixes, prefixes[0]))
    listed = lake["ListPrefixes"]["Condition"]["StringLike"]["s3:prefix"]
    assert [f"{BUCKET}/{one}" for one in listed] == lake["ReadObjects"]["Resource"]
