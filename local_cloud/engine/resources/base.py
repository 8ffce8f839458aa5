"""What a resource type has to say of itself. Handlers hold no state: one object serves all resources of its type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from local_cloud.engine import schema
from local_cloud.engine.diff import changed_keys
from local_cloud.engine.values import Properties


class NotCreatedError(Exception):
    """The create was refused before it made anything; the cause is the service's error."""


class Connection(Protocol):
    """How a provider resource reaches its service; opened when it is first used."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class Live:
    """A resource as it is.

    Attributes:
        inputs: the inputs that its real properties amount to; what cannot be read keeps its recorded value.
        outputs: what it computes, inputs left out.
    """

    inputs: Properties
    outputs: Properties = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """How new inputs differ from a resource's.

    Attributes:
        changed, replacing: inputs that differ, and those of them that make a new resource.
        has_changes: an update is due; may be true without a single changed input.
        delete_first: what the provider says about the order of a replacement, None if it leaves that open.
    """

    changed: set[str]
    replacing: set[str]
    has_changes: bool
    delete_first: bool | None = None


class Handler:
    """One resource type. Outside `check` and `compare` inputs are plain values, secrets revealed.

    Unknown values occur in `check`, `compare`, `predicted` and `statements` alone.
    """

    type: ClassVar[str]
    replaces: ClassVar[frozenset[str]] = frozenset()
    """Inputs whose change makes a new resource."""
    auto_named: ClassVar[str | None] = None
    """The input that gets a name with a random suffix when the program gives none."""
    is_checked: ClassVar[bool] = True
    """Whether the SDK describes the inputs."""

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        """The inputs with defaults.

        Args:
            name: of the resource in the program, for messages.
            provider: inputs of its provider.

        Raises:
            EngineError: an input that the provider would refuse.
        """
        if self.is_checked:
            schema.check(self.type, name, inputs)
        return inputs

    def same(self, key: str, old: Any, new: Any) -> bool:
        """Whether two values of an input mean the same although they differ."""
        return False

    def compare(self, id_: str, old: Properties, outputs: Properties, new: Properties) -> Comparison:
        """What an update of the resource would have to do; inputs with their secrets."""
        changed = changed_keys(old, new, self.same)
        return Comparison(changed, self.replaced_by(old, new, changed), bool(changed))

    def replaced_by(self, old: Properties, new: Properties, changed: set[str]) -> set[str]:
        """Which of the changed inputs make a new resource."""
        return changed & self.replaces

    def identity(self, inputs: Properties) -> object:
        """What two resources cannot share; a successor with the same is made after its predecessor is gone."""
        raise NotImplementedError

    def predicted(self, inputs: Properties) -> Properties:
        """Outputs that follow from the inputs alone, for previews."""
        return {}

    def recomputed(self, changed: set[str]) -> set[str]:
        """Outputs that an update of these inputs may change."""
        return set()

    def create(self, connection: Any, inputs: Properties) -> tuple[str, Properties]:
        """Make it; returns its id and what it computes.

        Raises:
            NotCreatedError: when it is certain that nothing was made.
        """
        raise NotImplementedError

    def adopt(self, connection: Any, inputs: Properties) -> tuple[str, Properties] | None:
        """Take over what a create that was cut off left behind and bring it to the inputs; None if there is nothing."""
        raise NotImplementedError

    def read(self, connection: Any, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        """The resource as it is, or None if it is gone."""
        raise NotImplementedError

    def update(self, connection: Any, id_: str, old: Properties, new: Properties, outputs: Properties) -> Properties:
        """Change it in place; returns what it computes."""
        raise NotImplementedError

    def renamed_id(self, id_: str, inputs: Properties) -> str:
        """The id after an update."""
        return id_

    def delete(self, connection: Any, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Delete it; that it is gone already is fine."""
        raise NotImplementedError

    def statements(self, kind: str, old: Properties | None, new: Properties | None) -> list[str]:
        """SQL that `create`, `update` or `delete` sends."""
        return []

    def documents(self, inputs: Properties) -> Mapping[str, str]:
        """Policy documents among the inputs."""
        return {}
