"""An account that nobody has: what AWS and Snowflake would answer to a plan that is made without either.

Placeholders are readable and cannot be mistaken for real ones: AWS's documentation uses 111122223333
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples.html), and angle brackets are in no ARN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local_cloud.engine.resources.aws.connection import AwsConnection
from local_cloud.engine.values import Properties

ACCOUNT_ID = "111122223333"
SNOWFLAKES_USER = "arn:aws:iam::<account of Snowflake>:user/<user of Snowflake>"


class StandInAws(AwsConnection):
    """Says who we would be; knows no service."""

    @property
    def account_id(self) -> str:
        """The one account that the provider allows, if it does."""
        allowed = self._provider.get("allowedAccountIds") or [ACCOUNT_ID]
        return str(allowed[0])

    def client(self, service: str) -> Any:
        assert service == "sts", "a plan asks for nothing else"
        return self

    def get_caller_identity(self) -> dict[str, str]:
        """As STS answers. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""
        arn = f"arn:{self.partition}:iam::{self.account_id}:user/deployer"
        return {"Account": self.account_id, "Arn": arn, "UserId": "AIDAEXAMPLE"}

    def close(self) -> None:
        """Nothing is open."""


def outputs(type_: str, inputs: Properties, provider: Properties) -> Properties:
    """What a resource would compute, as far as others are wired to it.

    Args:
        inputs: checked; values may be unknown.
        provider: inputs of the resource's provider.
    """
    answer = _ANSWERS.get(type_)
    return answer(inputs, StandInAws(provider, {})) if answer else {}


def _role(inputs: Properties, aws: StandInAws) -> Properties:
    return {"arn": f"arn:{aws.partition}:iam::{aws.account_id}:role{inputs.get('path', '/')}{inputs['name']}"}


def _topic(inputs: Properties, aws: StandInAws) -> Properties:
    return {"arn": f"arn:{aws.partition}:sns:{aws.region}:{aws.account_id}:{inputs['name']}"}


def _queue(inputs: Properties, aws: StandInAws) -> Properties:
    return {
        "arn": f"arn:{aws.partition}:sqs:{aws.region}:{aws.account_id}:{inputs['name']}",
        "url": f"https://sqs.{aws.region}.amazonaws.com/{aws.account_id}/{inputs['name']}",
    }


def _storage_integration(inputs: Properties, _aws: StandInAws) -> Properties:
    external_id = inputs.get("storageAwsExternalId") or "<external id of Snowflake>"
    return {"describeOutputs": [{"iamUserArn": SNOWFLAKES_USER, "externalId": external_id}]}


def _notification_integration(_inputs: Properties, _aws: StandInAws) -> Properties:
    return {"awsSnsIamUserArn": SNOWFLAKES_USER, "awsSnsExternalId": "<external id of Snowflake>"}


_ANSWERS: Mapping[str, Callable[[Properties, StandInAws], Properties]] = {
    "aws:iam/role:Role": _role,
    "aws:sns/topic:Topic": _topic,
    "aws:sqs/queue:Queue": _queue,
    "snowflake:index/storageIntegrationAws:StorageIntegrationAws": _storage_integration,
    "snowflake:index/notificationIntegration:NotificationIntegration": _notification_integration,
}
