"""Snowpipe's ear: its SQS queue in Snowflake's own AWS account, subscribed to the customers' SNS topics.

https://docs.snowflake.com/en/user-guide/data-load-snowpipe-auto-s3, option 2
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local_cloud.snowflake import errors
from local_cloud.snowflake.account import SNOWFLAKE_AWS_ACCOUNT, Account
from local_cloud.snowflake.objects import policy, trust

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient


_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Created:
    """An object that S3 announces. `key` is decoded; `modified` is the event's time."""

    bucket: str
    key: str
    etag: str
    size: int
    modified: datetime


def queue_name(account: Account) -> str:
    """One queue for all pipes of the account, named after its IAM user as Snowflake's is."""
    user = trust.iam_user(account).rpartition("/")[2]
    return f"sf-snowpipe-{user}"


def queue_arn(account: Account) -> str:
    return f"arn:aws:sqs:{account.region}:{SNOWFLAKE_AWS_ACCOUNT}:{queue_name(account)}"


def ensure_queue(account: Account) -> str:
    """The queue's URL; makes the queue when it is not there."""
    return sqs(account).create_queue(QueueName=queue_name(account))["QueueUrl"]


def delete_queue(account: Account) -> None:
    client = sqs(account)
    try:
        client.delete_queue(QueueUrl=client.get_queue_url(QueueName=queue_name(account))["QueueUrl"])
    except ClientError as error:
        if "NonExistentQueue" not in str(error):
            raise


def subscribe(account: Account, topic: str) -> str:
    """Subscribe the queue to a topic, as Snowflake's IAM user, and return the subscription's ARN.

    Raises:
        SnowflakeError: 003186 (number ours) when the topic is missing or its policy does not let the user subscribe.
    """
    client = sns(account, topic)
    user = trust.iam_user(account)
    try:
        document = client.get_topic_attributes(TopicArn=topic)["Attributes"].get("Policy", "{}")
    except ClientError as error:
        raise _refused(f"Topic '{topic}' does not exist: {error.response['Error']['Message']}") from error
    context: policy.Context = {
        "sns:Protocol": "sqs",
        "sns:Endpoint": queue_arn(account),
        "aws:SecureTransport": True,
        "aws:PrincipalArn": user,
    }
    if not policy.allows(json.loads(document), user, "sns:Subscribe", topic, context):
        raise _refused(f"User: {user} is not authorized to perform: SNS:Subscribe on resource: {topic}")
    ensure_queue(account)
    return client.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn(account))["SubscriptionArn"]


def unsubscribe(account: Account, topic: str, subscription: str) -> None:
    """End a subscription; nothing happens when the topic or the subscription is gone already."""
    client = sns(account, topic)
    try:
        client.unsubscribe(SubscriptionArn=subscription)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"NotFound", "NotFoundException", "ResourceNotFound"}:
            raise


def created_objects(body: str) -> Iterator[Created]:
    """The new objects that a queue's message tells of: an S3 event, in SNS's envelope or bare.

    S3's test event, other events and texts that are no events give nothing.
    """
    try:
        document = json.loads(body)
        if document.get("Type") == "Notification":
            document = json.loads(document["Message"])
        found = list(_created(document.get("Records", [])))
    except (ValueError, AttributeError, KeyError, TypeError):
        # A message that nobody can read must not keep the readable ones from being loaded.
        _LOG.warning("Snowpipe ignores a message that is no S3 event: %.200s", body)
        return
    yield from found


def _created(records: list[dict[str, Any]]) -> Iterator[Created]:
    for record in records:
        if record.get("eventSource") == "aws:s3" and str(record.get("eventName", "")).startswith("ObjectCreated"):
            found = record["s3"]["object"]
            yield Created(
                record["s3"]["bucket"]["name"],
                unquote_plus(found["key"]),
                str(found.get("eTag", "")).strip('"'),
                int(found.get("size", 0)),
                _moment(record.get("eventTime")),
            )


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _refused(sentence: str) -> errors.SnowflakeError:
    return errors.compilation_error(3186, "42601", f'Pipe Notifications bind failure "{sentence}"')


def sqs(account: Account) -> SQSClient:
    client: SQSClient = _client("sqs", account.aws_endpoint, account.region, SNOWFLAKE_AWS_ACCOUNT)
    return client


def sns(account: Account, topic: str) -> SNSClient:
    """A client that sees the topic's account, where a subscription is kept whoever made it."""
    parts = topic.split(":")
    if len(parts) != 6 or parts[2] != "sns":
        raise errors.invalid_value(topic, "AWS_SNS_TOPIC", "arn:aws:sns:<region>:<account>:<topic>")
    client: SNSClient = _client("sns", account.aws_endpoint, parts[3], parts[4])
    return client


@lru_cache(maxsize=16)
def _client(service: str, endpoint: str, region: str, owner: str) -> Any:
    client = boto3.client(
        service,  # type: ignore[call-overload]  # a service's name in a variable
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id="snowflake",
        aws_secret_access_key="snowflake",  # noqa: S106  # moto accepts anything
        config=Config(retries={"max_attempts": 2}, read_timeout=30, max_pool_connections=8),
    )

    def act_in_account(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["x-moto-account-id"] = owner

    client.meta.events.register("before-call", act_in_account)
    return client
