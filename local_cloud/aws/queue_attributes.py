"""Attributes of a queue that moto stores but does not tell."""

from __future__ import annotations

from moto.sqs.models import Queue

_NAME = "RedriveAllowPolicy"


def tell_the_redrive_allow_policy() -> None:
    """GetQueueAttributes answers with RedriveAllowPolicy once it is set, as AWS does; safe to call again.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
    """
    if _NAME not in Queue.BASE_ATTRIBUTES:
        Queue.redrive_allow_policy = None  # type: ignore[attr-defined]  # what a queue without one has
        Queue.BASE_ATTRIBUTES.append(_NAME)
