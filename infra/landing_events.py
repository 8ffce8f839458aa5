"""New files announce themselves: S3 -> SNS -> Snowflake's queue and our audit queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import s3, sns, sqs

from infra import policies
from infra.subscriptions import subscribe
from snowflake_objects.settings import LandingSettings


@dataclass(frozen=True)
class LandingEventsArgs:
    """
    Attributes:
        topic_name, queue_name, dead_letter_queue_name: names in AWS.
        bucket, bucket_arn: the lake's bucket.
        prefixes: only files under them are announced; by a name for each.
        account_id: the AWS account that owns the bucket and the topic.
        subscriber_arn: Snowflake's IAM user, which subscribes Snowflake's queue.
        settings: retention and attempts of the audit queue.
    """

    topic_name: str
    queue_name: str
    dead_letter_queue_name: str
    bucket: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    prefixes: Mapping[str, str]
    account_id: pulumi.Input[str]
    subscriber_arn: pulumi.Input[str]
    settings: LandingSettings


class LandingEvents(pulumi.ComponentResource):
    """The topic, who may publish and subscribe, the bucket's one notification, and the audit queue.

    Attributes:
        topic_arn: available once the topic's policy is in place, so that whoever subscribes may.
        audit_queue_url, audit_dead_letter_queue_url: URLs of our own queues.
    """

    topic_arn: pulumi.Output[str]
    audit_queue_url: pulumi.Output[str]
    audit_dead_letter_queue_url: pulumi.Output[str]

    def __init__(self, name: str, args: LandingEventsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:aws:LandingEvents", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic = sns.Topic(name, name=args.topic_name, opts=child)
        topic_policy = sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            policy=pulumi.Output.all(topic.arn, args.bucket_arn, args.account_id, args.subscriber_arn).apply(
                lambda known: policies.landing_topic(*known)
            ),
            opts=child,
        )
        queue, dead_letters = _audit_queue(name, args, topic, child)
        s3.BucketNotification(
            f"{name}-notification",
            bucket=args.bucket,
            topics=[
                s3.BucketNotificationTopicArgs(
                    # An id of our own: without one the provider invents another for every replacement.
                    id=f"landing-{key}",
                    topic_arn=topic.arn,
                    # All of them: a multi-part upload ends in CompleteMultipartUpload, not in Put.
                    events=["s3:ObjectCreated:*"],
                    filter_prefix=prefix,
                )
                for key, prefix in args.prefixes.items()
            ],
            # S3 sends a test message when the notification is set, and refuses it if it may not publish.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[topic_policy]),
        )
        self.topic_arn = topic_policy.arn
        self.audit_queue_url = queue.url
        self.audit_dead_letter_queue_url = dead_letters.url
        self.register_outputs(
            {
                "topicArn": self.topic_arn,
                "auditQueueUrl": self.audit_queue_url,
                "auditDeadLetterQueueUrl": self.audit_dead_letter_queue_url,
            }
        )


def _audit_queue(
    name: str, args: LandingEventsArgs, topic: sns.Topic, child: pulumi.ResourceOptions
) -> tuple[sqs.Queue, sqs.Queue]:
    """Our own record of every announcement, with a dead-letter queue that only it may use."""
    retention = args.settings.audit_retention_days * 24 * 3600
    dead_letters = sqs.Queue(
        f"{name}-audit-dlq",
        name=args.dead_letter_queue_name,
        message_retention_seconds=14 * 24 * 3600,
        sqs_managed_sse_enabled=True,
        opts=child,
    )
    queue = sqs.Queue(
        f"{name}-audit",
        name=args.queue_name,
        message_retention_seconds=retention,
        sqs_managed_sse_enabled=True,
        redrive_policy=dead_letters.arn.apply(lambda arn: policies.redrive(arn, args.settings.audit_attempts)),
        opts=child,
    )
    sqs.RedriveAllowPolicy(
        f"{name}-audit-dlq-allow",
        queue_url=dead_letters.url,
        redrive_allow_policy=queue.arn.apply(policies.redrive_allow),
        opts=child,
    )
    subscribe(f"{name}-audit-policy", f"{name}-audit-subscription", topic, queue, args.account_id, child)
    return queue, dead_letters
