"""Attributes of a queue that moto stores but does not tell."""

from __future__ import annotations

from moto.sqs.models import Queue

_NAME = "RedriveAllowPolicy"
_FIELD = "redrive_allow_policy"


def tell_the_redrive_allow_policy() -> None:
    """GetQueueAttributes answers with RedriveAllowPolicy while it is set, as AWS does; safe to call again.

    Setting it to an empty string removes it.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
    """
    if _NAME not in Queue.BASE_ATTRIBUTES:
        setattr(Queue, _FIELD, property(_policy, _set_policy))
        Queue.BASE_ATTRIBUTES.append(_NAME)


def _policy(queue: Queue) -> str | None:
    return vars(queue).get(_FIELD) or None


def _set_policy(queue: Queue, value: str | None) -> None:
    vars(queue)[_FIELD] = value
