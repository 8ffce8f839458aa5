"""What happens to one resource: nothing, create, update, replace."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from local_cloud.engine import urns
from local_cloud.engine.diff import describe, touches
from local_cloud.engine.goal import Goal
from local_cloud.engine.model import Kind, PropertyDiff
from local_cloud.engine.resources.base import Handler
from local_cloud.engine.state import ResourceState
from local_cloud.engine.values import Properties, has_unknown, reveal


@dataclass(frozen=True)
class Decision:
    """What happens to a resource, and why.

    Attributes:
        changed: inputs that differ.
        changes: the same for people, with reasons that are no inputs.
        delete_first: a replaced resource goes before its successor comes.
    """

    kind: Kind
    changed: frozenset[str] = frozenset()
    changes: tuple[PropertyDiff, ...] = ()
    delete_first: bool = False


def decide(
    goal: Goal, handler: Handler, old: ResourceState | None, inputs: Properties, replaced: Container[str]
) -> Decision:
    """Compare a resource with what is asked for.

    Args:
        inputs: checked.
        replaced: URNs of resources that were, or are to be, replaced in this run.
    """
    if old is None or not old.custom:
        kind: Kind = "replace" if goal.urn in replaced else "create"
        return Decision(kind, changes=tuple(describe({}, inputs, inputs)))
    found = handler.compare(old.id, old.inputs, old.outputs, inputs)
    replacing = set(found.replacing)
    for path in goal.request.replaceOnChanges:
        if touches(path, old.inputs, inputs, found.changed):
            replacing |= {path.split(".")[0].split("[")[0]} & found.changed or found.changed
    reasons = _other_reasons(goal, old, replaced)
    changes = (*describe(old.inputs, inputs, found.changed, replacing), *reasons)
    if replacing or reasons:
        first = _goes_first(goal, handler, old, inputs, found.delete_first)
        return Decision("replace", frozenset(found.changed), changes, first)
    return Decision("update", frozenset(found.changed), changes) if found.has_changes else Decision("same")


def _other_reasons(goal: Goal, old: ResourceState, replaced: Container[str]) -> list[PropertyDiff]:
    """Why a resource is replaced although its inputs allow otherwise."""
    reasons = []
    if goal.urn in replaced:
        reasons.append(PropertyDiff("depends_on", None, "what is replaced before it", replaces=True))
    # A trigger that is new has nothing to differ from.
    if old.replacement_trigger is not None and reveal(goal.replacement_trigger) != reveal(old.replacement_trigger):
        reasons.append(PropertyDiff("replacement_trigger", "former", "changed", replaces=True))
    return reasons + [
        PropertyDiff("replace_with", None, urns.describe(urn), replaces=True)
        for urn in goal.request.replace_with
        if urn in replaced
    ]


def _goes_first(goal: Goal, handler: Handler, old: ResourceState, inputs: Properties, said: bool | None) -> bool:
    """Whether the old one is deleted first: as the program or the provider says, or because both cannot coexist.

    Pulumi's bridge of Terraform providers decides the last by names: a name that was given and did not change.
    """
    if goal.delete_before_replace or said is not None:
        return bool(goal.delete_before_replace or said)
    return not has_unknown(inputs) and handler.identity(reveal(old.inputs)) == handler.identity(reveal(inputs))
