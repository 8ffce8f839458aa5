"""Rules about IAM documents: of roles, buckets, topics and queues."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from infra.rules.model import Inputs

_DOCUMENTS = ("policy", "assumeRolePolicy")


def no_wildcard_principals(type_: str, inputs: Inputs) -> Iterator[str]:
    """Whoever is allowed something is named. A denial may concern everybody."""
    for statement in _allowing(type_, inputs):
        if "NotPrincipal" in statement:
            yield f"{_label(statement)} allows everybody but somebody; name the principals that are allowed"
        if "*" in _principals(statement):
            yield f"{_label(statement)} allows everybody; name the principals that are allowed"


def no_wildcard_actions(type_: str, inputs: Inputs) -> Iterator[str]:
    """What is allowed is named, action by action, and not on everything there is."""
    for statement in _allowing(type_, inputs):
        if "NotAction" in statement or "NotResource" in statement:
            yield f"{_label(statement)} allows everything but something; name what is allowed"
        for action in _list(statement.get("Action")):
            if "*" in action:
                yield f"{_label(statement)} allows {action}; name each action that is needed"
        if "*" in _list(statement.get("Resource")):
            yield f"{_label(statement)} allows it on every resource; name the resources"


def trust_needs_external_id(type_: str, inputs: Inputs) -> Iterator[str]:
    """Somebody else's AWS principal assumes a role only with an external ID: no confused deputy."""
    if not type_.endswith(":Role"):
        return
    for statement in _allowing(type_, inputs):
        foreign = isinstance(statement.get("Principal"), dict) and statement["Principal"].get("AWS")
        given = statement.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId")
        if foreign and not given:
            yield f"{_label(statement)} trusts {foreign} without an external ID; add StringEquals sts:ExternalId"


def services_act_for_us(type_: str, inputs: Inputs) -> Iterator[str]:
    """An AWS service that writes to a topic or queue does so for a resource of our account."""
    if type_.endswith(":Role"):
        return
    for statement in _allowing(type_, inputs):
        service = isinstance(statement.get("Principal"), dict) and statement["Principal"].get("Service")
        keys = {key for condition in statement.get("Condition", {}).values() for key in condition}
        if service and not {"aws:SourceArn", "aws:SourceAccount"} <= keys:
            yield f"{_label(statement)} lets {service} act for anybody; add aws:SourceArn and aws:SourceAccount"


def statements(type_: str, inputs: Inputs) -> Iterator[dict[str, Any]]:
    """Every statement of the IAM documents among a resource's inputs; unknown documents have none."""
    if not type_.startswith("aws:"):
        return
    for key in _DOCUMENTS:
        if isinstance(inputs.get(key), str):
            yield from _list(json.loads(inputs[key])["Statement"])


def _allowing(type_: str, inputs: Inputs) -> Iterator[dict[str, Any]]:
    return (each for each in statements(type_, inputs) if each["Effect"] == "Allow")


def _principals(statement: dict[str, Any]) -> set[str]:
    principal = statement.get("Principal", [])
    return (
        {each for value in principal.values() for each in _list(value)}
        if isinstance(principal, dict)
        else {*_list(principal)}
    )


def _label(statement: dict[str, Any]) -> str:
    return f"statement {statement.get('Sid', 'without Sid')}"


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
