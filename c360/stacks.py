"""Create, change, show and destroy a stack: by the local engine on `local`, by the Pulumi CLI elsewhere."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import yaml

from c360 import local
from c360.endpoints import LOCAL_CREDENTIALS
from c360.errors import C360Error
from c360.outputs import StackOutputs
from c360.workspace import LOCAL_STACK, Workspace
from local_cloud.engine import Engine, EngineError, Event, Outcome, Plan

OnEvent = Callable[[Event], None]


def up(workspace: Workspace, stack: str, on_event: OnEvent, *, refresh: bool = False) -> Outcome | None:
    """Bring a stack to what the program says. None for a cloud stack: the Pulumi CLI has shown its own summary."""
    if stack != LOCAL_STACK:
        _pulumi(workspace, stack, "up", *(["--refresh"] if refresh else []))
        return None
    local.require(workspace)
    with _sentences():
        return _engine(workspace).up(refresh=refresh, on_event=on_event)


def preview(workspace: Workspace, stack: str, on_event: OnEvent) -> Plan | None:
    """What `up` would do, without doing it."""
    if stack != LOCAL_STACK:
        _pulumi(workspace, stack, "preview", "--diff")
        return None
    local.require(workspace)
    with _sentences():
        return _engine(workspace).preview(on_event=on_event)


def blueprint(workspace: Workspace, stack: str) -> Plan:
    """What a first `up` of any stack would create: no account, no CLI, no credentials, and nothing kept.

    Names that only the deployer knows may still be missing from the stack's file: the plan shows `EXAMPLE`.
    """
    from infra.offline import stack_config

    with _sentences():
        config = {
            key: value if isinstance(value, str) else json.dumps(value) for key, value in stack_config(stack).items()
        }
        return Engine(workspace.root, stack, workspace.stack_state(stack), config=config).blueprint()


def destroy(workspace: Workspace, stack: str, on_event: OnEvent, *, unprotect: bool = False) -> Outcome | None:
    """Delete everything that the stack created; protected resources only with `unprotect`."""
    if stack != LOCAL_STACK:
        if unprotect:
            _pulumi(workspace, stack, "state", "unprotect", "--all", "--yes")
        _pulumi(workspace, stack, "destroy")
        return None
    local.require(workspace)
    with _sentences():
        return _engine(workspace).destroy(unprotect=unprotect, on_event=on_event)


def exports(workspace: Workspace, stack: str) -> dict[str, Any]:
    """A stack's outputs as they were exported."""
    if stack != LOCAL_STACK:
        text = _pulumi(workspace, stack, "stack", "output", "--json", capture=True)
        found: dict[str, Any] = json.loads(text)
        return found
    with _sentences():
        return _engine(workspace).outputs()


def outputs(workspace: Workspace, stack: str) -> StackOutputs:
    """A stack's outputs, checked."""
    return StackOutputs.parse(stack, exports(workspace, stack))


def _engine(workspace: Workspace) -> Engine:
    return Engine(
        workspace.root,
        LOCAL_STACK,
        workspace.stack_state(LOCAL_STACK),
        config=_endpoints_config(workspace),
        environment=LOCAL_CREDENTIALS,
    )


def _endpoints_config(workspace: Workspace) -> dict[str, str]:
    """The stack's file names the usual ports; a local cloud on other ports overrides just these."""
    running = local.status(workspace)
    if running is None:
        return {}
    written = yaml.safe_load((workspace.root / f"Pulumi.{LOCAL_STACK}.yaml").read_text())["config"]
    aws = written["customer360:aws"] | {"endpoint": running.aws}
    snowflake = written["customer360:snowflake"] | {"host": running.host, "port": running.port}
    return {"customer360:aws": json.dumps(aws), "customer360:snowflake": json.dumps(snowflake)}


class _sentences:  # noqa: N801  # reads as a context: `with _sentences():`
    """Turns the engine's errors into the command line's."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, EngineError):
            raise C360Error(str(error)) from error


def _pulumi(workspace: Workspace, stack: str, *arguments: str, capture: bool = False) -> str:
    if shutil.which("pulumi") is None:
        raise C360Error(
            f"Stack {stack} needs the Pulumi CLI, which is not on PATH; "
            "https://www.pulumi.com/docs/install/ says how to get it (`--stack local` needs none)."
        )
    command = ["pulumi", *arguments, "--stack", stack]
    done = subprocess.run(command, cwd=workspace.root, stdout=subprocess.PIPE if capture else None, check=False)
    if done.returncode != 0:
        raise C360Error(f"`{' '.join(command)}` failed with exit code {done.returncode}; its messages are above.")
    return done.stdout.decode() if capture else ""
