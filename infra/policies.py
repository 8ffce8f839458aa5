"""IAM documents as plain data: what each principal may do, and no more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

_VERSION = "2012-10-17"
Statement = dict[str, Any]


def document(*statements: Statement) -> str:
    """An IAM policy as JSON with sorted keys, so that the same policy is always the same text."""
    return json.dumps({"Version": _VERSION, "Statement": list(statements)}, sort_keys=True)


def tls_only(bucket_arn: str) -> str:
    """Bucket policy: whoever asks without TLS is refused. The one statement with a wildcard principal: it denies."""
    return document(
        {
            "Sid": "DenyWithoutTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket_arn, f"{bucket_arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )


def snowflake_trust(iam_user_arn: str, external_id: str) -> str:
    """Trust policy: Snowflake's IAM user alone, and only when it presents our external ID.

    https://docs.snowflake.com/en/user-guide/data-load-s3-config-storage-integration
    """
    return document(
        {
            "Sid": "SnowflakeAssumesWithExternalId",
            "Effect": "Allow",
            "Principal": {"AWS": iam_user_arn},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
        }
    )


def lake_access(bucket_arn: str, read_prefixes: Sequence[str], write_prefix: str) -> str:
    """What Snowflake may do in the bucket: read the given prefixes, list them, and write `write_prefix` alone.

    Args:
        bucket_arn: `arn:aws:s3:::<bucket>`.
        read_prefixes: prefixes ending in `/`.
        write_prefix: where unloads go; ends in `/`.
    """
    return document(
        {
            "Sid": "ReadObjects",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": [f"{bucket_arn}/{prefix}*" for prefix in read_prefixes],
        },
        {
            "Sid": "ListPrefixes",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket_arn,
            "Condition": {"StringLike": {"s3:prefix": [f"{prefix}*" for prefix in read_prefixes]}},
        },
        {"Sid": "FindBucket", "Effect": "Allow", "Action": "s3:GetBucketLocation", "Resource": bucket_arn},
        {
            "Sid": "WriteReports",
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": f"{bucket_arn}/{write_prefix}*",
        },
    )


def landing_topic(topic_arn: str, bucket_arn: str, account_id: str, subscriber_arn: str) -> str:
    """Topic policy: our bucket publishes, Snowflake's IAM user subscribes its queue.

    The bucket is recognised by its ARN and by the account that owns it, since a deleted bucket's name can be taken by
    somebody else (https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html).
    """
    return document(
        {
            "Sid": "BucketPublishes",
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {
                "ArnEquals": {"aws:SourceArn": bucket_arn},
                "StringEquals": {"aws:SourceAccount": account_id},
            },
        },
        {
            "Sid": "SnowflakeSubscribes",
            "Effect": "Allow",
            "Principal": {"AWS": subscriber_arn},
            "Action": "sns:Subscribe",
            "Resource": topic_arn,
        },
    )


def publish_only(topic_arn: str) -> str:
    """What Snowflake may do with the topic of failed loads."""
    return document({"Sid": "Publish", "Effect": "Allow", "Action": "sns:Publish", "Resource": topic_arn})


def subscribed_queue(queue_arn: str, topic_arn: str, account_id: str) -> str:
    """Queue policy: one topic of our account delivers to the queue."""
    return document(
        {
            "Sid": "TopicDelivers",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {
                "ArnEquals": {"aws:SourceArn": topic_arn},
                "StringEquals": {"aws:SourceAccount": account_id},
            },
        }
    )


def redrive(dead_letter_arn: str, attempts: int) -> str:
    """SQS redrive policy: after `attempts` receptions a message goes to the dead-letter queue."""
    return json.dumps({"deadLetterTargetArn": dead_letter_arn, "maxReceiveCount": attempts}, sort_keys=True)


def redrive_allow(source_arn: str) -> str:
    """SQS redrive-allow policy: only `source_arn` may use this dead-letter queue."""
    return json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [source_arn]}, sort_keys=True)
