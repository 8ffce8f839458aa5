"""The retry hook: patient with a new role, with nothing else, and not for ever."""

from __future__ import annotations

import asyncio
import time

import pulumi
import pytest

from snowflake_objects import retry

NOT_YET = (
    "003167 (42601): Error assuming AWS_ROLE:\nUser: arn:aws:iam::210987654321:user/x is not authorized to perform: "
    "sts:AssumeRole on resource: arn:aws:iam::123456789012:role/c360-dev-snowflake"
)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(asyncio, "sleep", clock.sleep)
    return clock


def failure(*errors: str, urn: str = "urn:pipe") -> pulumi.ErrorHookArgs:
    return pulumi.ErrorHookArgs(urn, "", "pipe", "snowflake:index/pipe:Pipe", None, None, None, "create", list(errors))


def ask(hook: retry.RolePropagation, args: pulumi.ErrorHookArgs) -> bool:
    return asyncio.run(hook.should_retry(args))


def test_tries_every_five_seconds_for_ninety(clock: Clock) -> None:
    hook, attempts = retry.RolePropagation(), 0
    while ask(hook, failure(NOT_YET)):
        attempts += 1
    assert attempts == 18
    assert clock.now == 1090.0


@pytest.mark.parametrize("error", ["002003 (02000): Stage does not exist or not authorized", ""])
def test_gives_up_at_once_on_any_other_error(clock: Clock, error: str) -> None:
    assert not ask(retry.RolePropagation(), failure(error))
    assert clock.now == 1000.0


def test_looks_at_the_newest_error(clock: Clock) -> None:
    assert not ask(retry.RolePropagation(), failure("003001: Insufficient privileges", NOT_YET))
    assert ask(retry.RolePropagation(), failure(NOT_YET, "something before"))


def test_nothing_to_look_at_is_no_reason_to_retry(clock: Clock) -> None:
    assert not ask(retry.RolePropagation(), failure())


def test_every_resource_has_its_own_time(clock: Clock) -> None:
    hook = retry.RolePropagation()
    while ask(hook, failure(NOT_YET)):
        pass
    assert ask(hook, failure(NOT_YET, urn="urn:another"))
