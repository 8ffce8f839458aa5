"""SNS to SQS across accounts: moto looks for a subscribed queue in the topic's account, AWS in the queue's own."""

from __future__ import annotations

from typing import Any

from moto.sns.models import Subscription


def deliver_to_the_queues_account() -> None:
    """Make a published message reach a queue of another account; safe to call again."""
    original = Subscription.publish
    if getattr(original, "across_accounts", False):
        return

    def publish(self: Subscription, *args: Any, **kwargs: Any) -> None:
        if self.protocol == "sqs":
            # The fifth part of `arn:aws:sqs:region:account:queue`.
            self.account_id = self.endpoint.split(":")[4]
        original(self, *args, **kwargs)

    publish.across_accounts = True  # type: ignore[attr-defined]  # a mark on our own function
    Subscription.publish = publish  # type: ignore[method-assign]  # moto offers no other way
