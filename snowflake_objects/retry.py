"""Patience while AWS spreads a new IAM role."""

from __future__ import annotations

import asyncio
import time

import pulumi

PAUSE_SECONDS = 5.0
LIMIT_SECONDS = 90.0
# 003167 (42601): Error assuming AWS_ROLE: User: arn:aws:iam::... is not authorized to perform: sts:AssumeRole
_NOT_YET = "assuming aws_role"


class RolePropagation:
    """Says whether a failed stage or pipe is worth another attempt.

    A new role can be assumed after some 10 to 30 seconds; until then Snowflake answers "Error assuming AWS_ROLE".
    Each resource waits on its own clock, `PAUSE_SECONDS` between attempts, `LIMIT_SECONDS` at most.
    """

    def __init__(self) -> None:
        self._first_failure: dict[str, float] = {}

    async def should_retry(self, failure: pulumi.ErrorHookArgs) -> bool:
        """True, after a pause, while the newest error is about assuming the role and time is left."""
        if not failure.errors or _NOT_YET not in failure.errors[0].lower():
            return False
        now = time.monotonic()
        waited = now - self._first_failure.setdefault(failure.urn, now)
        if waited + PAUSE_SECONDS > LIMIT_SECONDS:
            return False
        await asyncio.sleep(PAUSE_SECONDS)
        return True


def retry_while_role_spreads() -> pulumi.ResourceHookBinding:
    """A hook for every resource that makes Snowflake assume the role. Create one per program run."""
    hook = pulumi.ErrorHook("retry-while-role-spreads", RolePropagation().should_retry)
    return pulumi.ResourceHookBinding(on_error=[hook])
