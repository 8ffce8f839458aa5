"""What the engine says to its caller: events, steps, plans, outcomes and errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["create", "update", "replace", "delete", "same", "retry", "log"]


class EngineError(Exception):
    """One sentence that names the resource (type and name), what is wrong and what is allowed."""


@dataclass(frozen=True)
class Event:
    """Something that happened to a resource (or `log`: something that the program said).

    Attributes:
        detail: what changed, the error that is retried, or the program's message.
        seconds: how long the operation took; 0 for what takes no time.
    """

    kind: Kind
    urn: str
    type: str
    name: str
    detail: str = ""
    seconds: float = 0.0


OnEvent = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The default listener."""


@dataclass(frozen=True)
class PropertyDiff:
    """One input that changed. Secrets show as `[secret]`, values that only `up` can know as `<unknown>`.

    Attributes:
        path: e.g. `warehouseSize` or `directory.enable`.
        old, new: plain values; None when absent.
        replaces: the change makes a new resource.
    """

    path: str
    old: Any
    new: Any
    replaces: bool = False

    def __str__(self) -> str:
        mark = " (replaces)" if self.replaces else ""
        if self.old is None:
            return f"+ {self.path}: {self.new!r}{mark}"
        if self.new is None:
            return f"- {self.path}: {self.old!r}{mark}"
        return f"~ {self.path}: {self.old!r} => {self.new!r}{mark}"


@dataclass(frozen=True)
class Step:
    """What is done, or would be done, to one resource.

    Attributes:
        changes: property by property; for `create` every input.
        sql: statements for Snowflake, in order; a replaced resource's DROP is where it is sent.
        documents: IAM and resource policies of the step by property name, as JSON text.
        dependencies, replace_with: URNs that must be there before it, and those whose replacement replaces it.
        protect: it cannot be deleted.
    """

    kind: Kind
    urn: str
    type: str
    name: str
    changes: tuple[PropertyDiff, ...] = ()
    sql: tuple[str, ...] = ()
    documents: Mapping[str, str] = field(default_factory=dict)
    dependencies: tuple[str, ...] = ()
    replace_with: tuple[str, ...] = ()
    protect: bool = False

    @property
    def diff(self) -> list[str]:
        """The changes as lines to show."""
        return [str(change) for change in self.changes]


@dataclass(frozen=True)
class _Result:
    """Steps in the order in which they were (or would be) taken, how many of each kind, and the stack's outputs."""

    steps: tuple[Step, ...]
    counts: dict[str, int]
    outputs: dict[str, Any]


@dataclass(frozen=True)
class Outcome(_Result):
    """What `up` or `destroy` did."""


@dataclass(frozen=True)
class Plan(_Result):
    """What `up` would do. Outputs that only `up` can know are the text `<unknown>`."""

    @property
    def sql(self) -> list[str]:
        """All statements that Snowflake would be sent, in order."""
        return [statement for step in self.steps for statement in step.sql]

    @property
    def documents(self) -> dict[str, Mapping[str, str]]:
        """Policies of the steps that carry any: URN -> property -> JSON text."""
        return {step.urn: step.documents for step in self.steps if step.documents}


def count(steps: list[Step]) -> dict[str, int]:
    """How many steps of each kind."""
    return dict(Counter(step.kind for step in steps))
