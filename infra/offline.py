"""Runs the program in process, without CLI, providers or accounts, and records what it registers.

The answers of the clouds are made up as far as the program looks at them; nothing is compared or kept. Rules
(`infra/rules`) and tests read the raw registrations: inputs, dependencies and options as the Pulumi engine gets them.
"""

from __future__ import annotations

import asyncio
import json
import runpy
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import yaml
from pulumi.runtime import mocks, rpc, set_all_config
from pulumi.runtime.settings import get_root_resource
from pulumi.runtime.stack import Stack, run_pulumi_func

from snowflake_objects.settings import PLACEHOLDER

REPOSITORY = Path(__file__).resolve().parents[1]
IAM_USER = "arn:aws:iam::210987654321:user/snowflake"
ACCOUNT_ID = "123456789012"
_COMPUTED: dict[str, dict[str, Any]] = {
    "StorageIntegrationAws": {"describeOutputs": [{"iamUserArn": IAM_USER}]},
    "Pipe": {"notificationChannel": "arn:aws:sqs:us-east-1:210987654321:channel"},
    "NotificationIntegration": {"awsSnsIamUserArn": IAM_USER, "awsSnsExternalId": "made-by-snowflake"},
    "Execute": {"queryResults": [{action: json.dumps({"status": "success"}) for action in ("read", "list")}]},
}
"""What only the provider knows, by the last part of the resource's type."""


@dataclass(frozen=True)
class Registration:
    """One resource as the program registered it; dependencies are URNs."""

    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    custom: bool
    provider: str
    protect: bool
    delete_before_replace: bool
    dependencies: frozenset[str]
    replace_with: frozenset[str]
    error_hooks: tuple[str, ...]


@dataclass
class Program:
    """What one run registered (by URN) and exported."""

    resources: dict[str, Registration] = field(default_factory=dict)
    exports: dict[str, Any] = field(default_factory=dict)


class _Cloud(mocks.Mocks):
    """Answers as the providers would, as far as the program looks."""

    def __init__(self, preview: bool) -> None:
        self._preview = preview

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        outputs = dict(args.inputs)
        name = outputs.get("name") or outputs.get("bucket") or args.name
        if args.typ.startswith("aws:"):
            outputs["arn"] = outputs.get("arn") or f"arn:aws:test:us-east-1:{ACCOUNT_ID}:{name}"
            outputs["url"] = f"https://sqs.test/{name}"
        if args.typ.startswith("snowflake:"):
            parts = [str(outputs[key]) for key in ("database", "schema", "name") if key in outputs]
            outputs["fullyQualifiedName"] = ".".join(f'"{part}"' for part in parts)
            known = _COMPUTED.get(args.typ.rsplit(":", 1)[-1], {})
            outputs |= dict.fromkeys(known, rpc.UNKNOWN) if self._preview else known
        return f"{args.name}-id", outputs

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        if not args.provider:
            raise ValueError(f"{args.token} is asked without an explicit provider")
        answers: dict[str, dict[str, Any]] = {
            "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT_ID},
            "aws:index/getPartition:getPartition": {"partition": "aws"},
        }
        return answers[args.token], []


class _Recorder(mocks.MockMonitor):
    """A monitor that keeps the raw registrations, options included."""

    def __init__(self, cloud: mocks.Mocks, program: Program) -> None:
        super().__init__(cloud)
        self._program = program

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  # the protocol's name
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]  # the SDK's
        if request.type != "pulumi:pulumi:Stack":
            if answer.urn in self._program.resources:
                raise ValueError(f"{answer.urn} is registered twice")
            self._program.resources[answer.urn] = _registration(answer.urn, request)
        return answer


def _registration(urn: str, request: Any) -> Registration:
    return Registration(
        urn=urn,
        type=request.type,
        name=request.name,
        inputs=rpc.deserialize_properties(request.object),
        parent=request.parent,
        custom=request.custom,
        provider=request.provider,
        protect=request.protect,
        delete_before_replace=request.deleteBeforeReplace,
        dependencies=frozenset(_dependencies(request)),
        replace_with=frozenset(request.replace_with),
        error_hooks=tuple(request.hooks.on_error),
    )


def _dependencies(request: Any) -> Iterator[str]:
    yield from request.dependencies
    for properties in request.propertyDependencies.values():
        yield from properties.urns


def stacks() -> list[str]:
    """The stacks that have a file in the repository."""
    return sorted(path.name.split(".")[1] for path in REPOSITORY.glob("Pulumi.*.yaml"))


def stack_config(stack: str) -> dict[str, Any]:
    """The stack's file, with its placeholders filled in as a deployer would."""
    text = (REPOSITORY / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8").replace(PLACEHOLDER, "EXAMPLE")
    config: dict[str, Any] = yaml.safe_load(text)["config"]
    return config


def run_offline(stack: str, *, preview: bool = False, config: dict[str, Any] | None = None) -> Program:
    """Run the program once for a stack.

    Args:
        preview: leave unknown what only a provider knows, as a first preview does.
        config: instead of the stack's file, by full key (`customer360:region`).
    """
    program = Program()
    cloud = _Cloud(preview)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    recorder = _Recorder(cloud, program)
    pulumi.runtime.set_mocks(cloud, project="customer360", stack=stack, preview=preview, monitor=recorder)
    given = config or stack_config(stack)
    set_all_config({key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()})
    try:
        loop.run_until_complete(run_pulumi_func(_main))
        root = get_root_resource()
        assert isinstance(root, Stack)
        for name, value in root.outputs.items():
            program.exports[name] = loop.run_until_complete(pulumi.Output.from_input(value).future())
    finally:
        loop.close()
        asyncio.set_event_loop(None)
    return program


def _main() -> None:
    runpy.run_path(str(REPOSITORY / "infra" / "__main__.py"), run_name="__main__")
