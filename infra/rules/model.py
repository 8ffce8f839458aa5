"""What a rule sees and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Inputs = Mapping[str, Any]


class _Unknown:
    """Stands for an input that only the deployment itself will know; no rule judges it."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


@dataclass(frozen=True)
class Resource:
    """One registered resource; `type` is Pulumi's token, inputs have camelCase keys."""

    type: str
    name: str
    inputs: Inputs
    protect: bool = False
    urn: str = ""


@dataclass(frozen=True)
class ResourceRule:
    """A rule about each resource by itself: `check(type, inputs)` yields what is wrong with it."""

    name: str
    description: str
    check: Callable[[str, Inputs], Iterator[str]]


@dataclass(frozen=True)
class StackRule:
    """A rule about how resources belong together: `check(resources)` yields the resource and what is wrong."""

    name: str
    description: str
    check: Callable[[Sequence[Resource]], Iterator[tuple[Resource, str]]]


@dataclass(frozen=True)
class Breach:
    """One resource that breaks one rule."""

    rule: str
    resource: Resource
    sentence: str

    def __str__(self) -> str:
        return f"{self.resource.type} {self.resource.name}: {self.sentence} [{self.rule}]"


def breaches(rules: Sequence[ResourceRule | StackRule], resources: Sequence[Resource]) -> list[Breach]:
    """Apply rules to the resources of one stack."""
    found = []
    for rule in rules:
        if isinstance(rule, ResourceRule):
            for each in resources:
                found += [Breach(rule.name, each, sentence) for sentence in rule.check(each.type, each.inputs)]
        else:
            found += [Breach(rule.name, each, sentence) for each, sentence in rule.check(resources)]
    return found
