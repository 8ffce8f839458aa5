"""Files that could not be loaded: Snowflake -> SNS -> a queue for whoever repairs them."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import iam, sns, sqs

from infra import policies
from infra.subscriptions import subscribe
from snowflake_objects.settings import LandingSettings


@dataclass(frozen=True)
class PipeErrorEventsArgs:
    """
    Attributes:
        name: of topic and queue; fixed, because the notification integration knows the topic's ARN beforehand.
        role_name: of the IAM role that publishes; fixed for the same reason.
        account_id: the AWS account.
        iam_user_arn, external_id: Snowflake's IAM user and external ID, as the notification integration reports them.
        settings: how long messages wait.
    """

    name: str
    role_name: str
    account_id: pulumi.Input[str]
    iam_user_arn: pulumi.Input[str]
    external_id: pulumi.Input[str]
    settings: LandingSettings


class PipeErrorEvents(pulumi.ComponentResource):
    """Topic, queue and the role with which Snowflake publishes.

    https://docs.snowflake.com/en/user-guide/data-load-snowpipe-errors-sns

    Attributes:
        topic_arn: the topic's ARN.
        queue_url: the queue's URL.
        grant: the role's policy; a pipe with the integration depends on it.
    """

    topic_arn: pulumi.Output[str]
    queue_url: pulumi.Output[str]
    grant: iam.RolePolicy

    def __init__(self, name: str, args: PipeErrorEventsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:aws:PipeErrorEvents", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic = sns.Topic(name, name=args.name, opts=child)
        self.queue_url = _queue(name, args, topic, child)
        role = iam.Role(
            name,
            name=args.role_name,
            description="Assumed by Snowflake's notification integration to announce failed loads",
            assume_role_policy=pulumi.Output.all(args.iam_user_arn, args.external_id).apply(
                lambda known: policies.snowflake_trust(*known)
            ),
            opts=child,
        )
        self.grant = iam.RolePolicy(
            f"{name}-publish", name="publish", role=role.name, policy=topic.arn.apply(policies.publish_only), opts=child
        )
        self.topic_arn = topic.arn
        self.register_outputs({"topicArn": self.topic_arn, "queueUrl": self.queue_url})


def _queue(name: str, args: PipeErrorEventsArgs, topic: sns.Topic, child: pulumi.ResourceOptions) -> pulumi.Output[str]:
    queue = sqs.Queue(
        f"{name}-queue",
        name=args.name,
        message_retention_seconds=args.settings.audit_retention_days * 24 * 3600,
        sqs_managed_sse_enabled=True,
        opts=child,
    )
    subscribe(f"{name}-queue-policy", f"{name}-subscription", topic, queue, args.account_id, child)
    return queue.url
