"""Failures, retries, interruptions: the state stays true and the next `up` carries on."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from textwrap import dedent

import pytest

from local_cloud.engine import EngineError
from local_cloud.engine.state import locked
from tests.unit.local_cloud.engine.conftest import Toy

RETRYING = """
    calls = []
    def retry(args):
        calls.append(args)
        return "not ready" in args.errors[0] and len(args.errors) < {attempts}
    hook = pulumi.ErrorHook("patience", retry)
    Thing("a", opts=Opts(hooks=pulumi.ResourceHookBinding(on_error=[hook])))
    Thing("b")
"""


def test_what_succeeded_is_kept_and_the_next_up_carries_on(toy: Toy) -> None:
    toy.fail("b", 1)
    source = """
        a = Thing("a")
        b = Thing("b", color=a.address)
        Thing("c", color=b.address)
    """
    with pytest.raises(EngineError) as failure:
        toy.up(source)
    assert str(failure.value) == ("pulumi-python:dynamic/toy:Thing b: create failed: the toy cloud is not ready for b")
    assert [each["name"] for each in toy.stored()["resources"]] == ["a"]
    assert toy.up() == {"same": 1, "create": 2}
    assert toy.log == ["create b", "create c"]


def test_nothing_is_deleted_after_a_failure(toy: Toy) -> None:
    toy.up('Thing("a")')
    toy.fail("b", 1)
    with pytest.raises(EngineError):
        toy.up('Thing("b")')
    assert toy.objects == {"a"}
    assert toy.up() == {"create": 1, "delete": 1}
    assert toy.objects == {"b"}


def test_a_failed_update_is_repeated(toy: Toy) -> None:
    toy.up('Thing("a", color="red")')
    toy.fail("a", 1, "update")
    with pytest.raises(EngineError, match="Thing a: update failed: the toy cloud is not ready"):
        toy.up('Thing("a", color="blue")')
    assert toy.up() == {"update": 1}


def test_an_interrupted_replacement_is_finished(toy: Toy) -> None:
    toy.up('Thing("a", label="one")')
    toy.fail("one", 1, "delete")
    with pytest.raises(EngineError, match="Thing a: delete failed"):
        toy.up('Thing("a", label="two")')
    assert toy.objects == {"one", "two"}
    assert toy.up() == {"same": 1}
    assert toy.objects == {"two"}


def test_an_error_hook_retries_until_it_succeeds(toy: Toy) -> None:
    toy.fail("a", 3)
    assert toy.up(RETRYING.format(attempts=10)) == {"create": 2}
    assert toy.log.count("create a") == 4
    retries = [event for event in toy.events if event.kind == "retry"]
    assert [(event.name, event.detail) for event in retries] == [("a", "the toy cloud is not ready for a")] * 3


def test_an_error_hook_may_give_up(toy: Toy) -> None:
    toy.fail("a", 5)
    with pytest.raises(EngineError, match="Thing a: create failed: the toy cloud is not ready for a"):
        toy.up(RETRYING.format(attempts=3))
    assert toy.log.count("create a") == 3


def test_no_hook_retries_more_than_a_hundred_times(toy: Toy) -> None:
    toy.fail("a", 500)
    with pytest.raises(EngineError, match="create failed"):
        toy.up(RETRYING.format(attempts=1000))
    assert toy.log.count("create a") == 101


def test_a_hook_that_waits_does_not_hold_up_others(toy: Toy) -> None:
    toy.fail("a", 1)
    toy.up("""
        import asyncio
        async def retry(args):
            await asyncio.sleep(0.3)
            return True
        hook = pulumi.ErrorHook("patience", retry)
        Thing("a", opts=Opts(hooks=pulumi.ResourceHookBinding(on_error=[hook])))
        Thing("b")
    """)
    assert toy.log == ["create a", "create b", "create a"] or toy.log == ["create b", "create a", "create a"]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("1 / 0", r"the program failed in infra/__main__.py, line 4: ZeroDivisionError: division by zero"),
        (
            'raise pulumi.RunError("the setting color must be red")',
            r"the program failed: the setting color must be red",
        ),
        ('pulumi.StackReference("other")', r"local engine does not support a StackReference"),
        (
            'pulumi.CustomResource("gcp:storage:Bucket", "a", {})',
            r"gcp:storage:Bucket a: the local engine does not know",
        ),
        ('Thing("a", opts=Opts(import_="x"))', r"import is not supported locally"),
        ('Thing("a").address.apply(lambda _: 1 / 0)', r"ZeroDivisionError: division by zero"),
    ],
)
def test_errors_are_one_sentence(toy: Toy, source: str, sentence: str) -> None:
    with pytest.raises(EngineError, match=sentence) as failure:
        toy.up(source)
    assert "\n" not in str(failure.value)


def test_a_second_up_at_the_same_time_is_refused(toy: Toy) -> None:
    toy.program('Thing("a")')
    with locked(toy.state, "test"), pytest.raises(EngineError, match=f"being changed by process {os.getpid()}"):
        toy.up()
    assert toy.up() == {"create": 1}


def _run_apart(toy: Toy, **environment: str) -> subprocess.Popen[str]:
    """An `up` in a process of its own."""
    script = dedent(f"""
        from pathlib import Path
        from local_cloud.engine import Engine, EngineError
        engine = Engine(
            Path({str(toy.folder)!r}), "test", Path({str(toy.state)!r}),
            environment={ {"TOY_CLOUD": str(toy.cloud), **environment}!r},
        )
        try:
            engine.up()
        except EngineError as error:
            print(error)
    """)
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)


def test_ctrl_c_finishes_what_has_begun(toy: Toy) -> None:
    toy.program("""
        import time, toy
        toy._maybe_fail = lambda *_: time.sleep(0.5)
        a = Thing("a")
        Thing("b", color=a.address)
    """)
    process = _run_apart(toy)
    while not toy.log:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=20)
    assert said == "interrupted; what was done until then is recorded, and the next `up` carries on\n"
    assert [each["name"] for each in toy.stored()["resources"]] == ["a"]
    assert toy.stored()["pending"] == {}


def test_a_full_disk_is_one_sentence(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.up('Thing("a")')

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EngineError, match=r"test.json cannot be written: No space left on device; the one before it"):
        toy.up('Thing("a")\nThing("b")')
    monkeypatch.undo()
    assert toy.log == []
    assert toy.up() == {"same": 1, "create": 1}


def test_a_killed_up_leaves_an_intention_that_the_next_one_settles(toy: Toy) -> None:
    toy.program("""
        import os, signal, toy
        if os.environ.get("DIE"):
            toy._maybe_fail = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        Thing("a")
    """)
    process = _run_apart(toy, DIE="1")
    process.communicate(timeout=20)
    assert process.returncode == -signal.SIGKILL
    assert [intended["name"] for intended in toy.stored()["pending"].values()] == ["a"]
    assert toy.up() == {"create": 1}
    assert toy.stored()["pending"] == {}
    assert toy.objects == {"a"}
