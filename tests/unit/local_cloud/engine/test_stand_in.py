"""An account that nobody has answers like one."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.engine import stand_in


@pytest.mark.parametrize(
    ("type_", "inputs", "provider", "expected"),
    [
        ("aws:iam/role:Role", {"name": "r"}, {}, {"arn": "arn:aws:iam::111122223333:role/r"}),
        (
            "aws:iam/role:Role",
            {"name": "r", "path": "/x/"},
            {"region": "cn-north-1", "allowedAccountIds": ["210987654321"]},
            {"arn": "arn:aws-cn:iam::210987654321:role/x/r"},
        ),
        ("aws:sns/topic:Topic", {"name": "t"}, {}, {"arn": "arn:aws:sns:eu-west-1:111122223333:t"}),
        (
            "aws:sqs/queue:Queue",
            {"name": "q"},
            {},
            {
                "arn": "arn:aws:sqs:eu-west-1:111122223333:q",
                "url": "https://sqs.eu-west-1.amazonaws.com/111122223333/q",
            },
        ),
        (
            "snowflake:index/storageIntegrationAws:StorageIntegrationAws",
            {"storageAwsExternalId": "ours"},
            {},
            {"describeOutputs": [{"iamUserArn": stand_in.SNOWFLAKES_USER, "externalId": "ours"}]},
        ),
        ("snowflake:index/warehouse:Warehouse", {"name": "w"}, {}, {}),
    ],
)
def test_what_a_resource_would_compute(
    type_: str, inputs: dict[str, Any], provider: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert stand_in.outputs(type_, inputs, {"region": "eu-west-1"} | provider) == expected


def test_says_who_we_would_be() -> None:
    aws = stand_in.StandInAws({"region": "eu-west-1", "allowedAccountIds": ["210987654321"]}, {})
    assert aws.client("sts").get_caller_identity()["Account"] == aws.account_id == "210987654321"
