"""Bucket policies: one that demands TLS refuses nothing on the local endpoint, any other denial holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.conftest import LocalCloud

pytestmark = pytest.mark.integration


def deny(bucket: str, condition: dict[str, Any]) -> str:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | condition]})


def test_demanding_tls_refuses_nothing_here(local_cloud: LocalCloud) -> None:
    s3 = local_cloud.client("s3")
    s3.create_bucket(Bucket="tls-only")
    s3.put_bucket_policy(
        Bucket="tls-only", Policy=deny("tls-only", {"Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    )
    s3.put_object(Bucket="tls-only", Key="a", Body=b"1")
    assert s3.get_object(Bucket="tls-only", Key="a")["Body"].read() == b"1"


def test_any_other_denial_holds(local_cloud: LocalCloud) -> None:
    s3 = local_cloud.client("s3")
    s3.create_bucket(Bucket="closed")
    s3.put_bucket_policy(Bucket="closed", Policy=deny("closed", {}))
    with pytest.raises(ClientError, match="403"):
        s3.head_object(Bucket="closed", Key="a")
