"""Resource names: `urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>`.

https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

STACK_TYPE = "pulumi:pulumi:Stack"


def make(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The URN of a resource; the stack itself does not appear among the parent types."""
    chain = parent.split("::")[2] if parent else ""
    qualified = f"{chain}${type_}" if chain and chain != STACK_TYPE else type_
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def name_of(urn: str) -> str:
    return urn.split("::", 3)[3]


def describe(urn: str) -> str:
    """Type and name, for messages."""
    parts = urn.split("::", 3)
    return f"{parts[2].split('$')[-1]} {parts[3]}"


def aliases(request: Any, stack: str, project: str, parent_aliases: Iterable[str]) -> list[str]:
    """Every URN that the resource may have had: its own aliases, and its name under its parent's aliases.

    Args:
        request: the SDK's RegisterResourceRequest.
        parent_aliases: former URNs of its parent.
    """
    found = list(request.aliasURNs)
    for alias in request.aliases:
        if alias.WhichOneof("alias") == "urn":
            found.append(alias.urn)
            continue
        spec = alias.spec
        parent = "" if spec.noParent else spec.parentUrn or request.parent
        parents = [parent] if spec.WhichOneof("parent") else [parent, *parent_aliases]
        found += [
            make(
                spec.stack or stack, spec.project or project, each, spec.type or request.type, spec.name or request.name
            )
            for each in parents
        ]
    found += [make(stack, project, parent, request.type, request.name) for parent in parent_aliases]
    return found
