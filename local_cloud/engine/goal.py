"""What the program asks for in one registration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2  # type: ignore[import-untyped]  # ships no types

from local_cloud.engine import urns
from local_cloud.engine.state import ResourceState
from local_cloud.engine.values import Properties, from_struct


@dataclass(frozen=True)
class Goal:
    """A registered resource with its options.

    Attributes:
        provider: URN of its provider resource, or empty for the default one.
        delete_before_replace: None when the program does not say.
        hooks: names of its error hooks.
        aliases: URNs that it may have had.
        request: the SDK's message.
    """

    urn: str
    type: str
    name: str
    custom: bool
    inputs: Properties
    parent: str
    provider: str
    delete_before_replace: bool | None
    replacement_trigger: Any
    hooks: tuple[str, ...]
    aliases: tuple[str, ...]
    request: Any

    @property
    def is_provider(self) -> bool:
        return self.type.startswith("pulumi:providers:")

    @property
    def package(self) -> str:
        """`aws` for `aws:s3/bucket:Bucket` and for `pulumi:providers:aws`."""
        return self.type.split(":")[2] if self.is_provider else self.type.split(":")[0]

    @property
    def dependencies(self) -> tuple[str, ...]:
        """URNs that must be there before it, whether the program says so or an input comes from them."""
        found = {*self.request.dependencies}
        found.update(urn for each in self.request.propertyDependencies.values() for urn in each.urns)
        return tuple(sorted(found))

    def state(self, id_: str, inputs: Properties, outputs: Properties) -> ResourceState:
        """The resource's state once it is as asked for."""
        request = self.request
        return ResourceState(
            urn=self.urn,
            type=self.type,
            name=self.name,
            custom=self.custom,
            id=id_,
            inputs=inputs,
            outputs=outputs,
            parent=self.parent,
            provider=self.provider,
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies={
                key: tuple(sorted(found.urns))
                for key, found in sorted(request.propertyDependencies.items())
                if found.urns
            },
            replace_with=tuple(request.replace_with),
            deleted_with=request.deletedWith,
            replacement_trigger=self.replacement_trigger,
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
        )


def goal_of(request: Any, stack: str, project: str, parent_aliases: tuple[str, ...]) -> Goal:
    """Read a RegisterResourceRequest."""
    trigger = (
        from_struct(_struct("trigger", request.replacement_trigger)) if request.HasField("replacement_trigger") else {}
    )
    # A reference to a provider is its URN and id; in a preview the id may be unknown, so the URN alone counts.
    provider = request.provider.rsplit("::", 1)[0] if request.provider else ""
    return Goal(
        urn=urns.make(stack, project, request.parent, request.type, request.name),
        type=request.type,
        name=request.name,
        custom=request.custom,
        inputs=from_struct(request.object),
        parent=request.parent,
        provider=provider,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        replacement_trigger=trigger.get("trigger"),
        hooks=tuple(request.hooks.on_error) if request.HasField("hooks") else (),
        aliases=tuple(dict.fromkeys(urns.aliases(request, stack, project, parent_aliases))),
        request=request,
    )


def _struct(key: str, value: Any) -> Any:
    return struct_pb2.Struct(fields={key: value})
