"""A queue of ours that hears a topic of ours."""

from __future__ import annotations

import pulumi
from pulumi_aws import sns, sqs

from infra import policies


def subscribe(
    policy_name: str,
    subscription_name: str,
    topic: sns.Topic,
    queue: sqs.Queue,
    account_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Let the topic send to the queue, then subscribe the queue; messages come as they were published.

    Args:
        policy_name, subscription_name: names of the two resources in the program.
        account_id: the AWS account that owns both.
    """
    policy = sqs.QueuePolicy(
        policy_name,
        queue_url=queue.url,
        policy=pulumi.Output.all(queue.arn, topic.arn, account_id).apply(
            lambda known: policies.subscribed_queue(*known)
        ),
        opts=opts,
    )
    sns.TopicSubscription(
        subscription_name,
        topic=topic.arn,
        protocol="sqs",
        endpoint=queue.arn,
        raw_message_delivery=True,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[policy])),
    )
