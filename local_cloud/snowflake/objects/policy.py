"""Does a JSON policy of AWS allow a request? Principals, actions, resources and conditions, deny before allow.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

moto stores policies and checks none of them; Snowflake's side of the local cloud has to. Only the parts of the
language that IAM roles, SNS topics and S3 buckets use are evaluated. An operator that is not known is an error: to
skip it would be to grant what its author meant to restrict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

# Values of a request, such as `s3:prefix`; several values only for keys that AWS defines as lists.
Context = Mapping[str, "str | bool | Sequence[str]"]
Document = Mapping[str, Any]


class UnsupportedPolicyError(ValueError):
    """A policy uses a part of the language that is not evaluated here."""


def allows(
    documents: Document | Iterable[Document],
    principal: str | None,
    action: str,
    resource: str,
    context: Context | None = None,
) -> bool:
    """True when some statement allows the request and none denies it.

    Args:
        documents: one policy, or all that apply to the request together.
        principal: ARN of the caller or name of an AWS service; None for a role's own policies, which name no principal.
        action: for example `s3:GetObject`; the case of letters does not matter.
        resource: ARN of what is acted on.
        context: condition keys of the request; a boolean is compared as `true` or `false`.

    Raises:
        UnsupportedPolicyError: a statement that matches otherwise has a condition operator that is not known.
    """
    effects = effects_of(documents, principal, action, resource, context)
    return "Allow" in effects and "Deny" not in effects


def effects_of(
    documents: Document | Iterable[Document],
    principal: str | None,
    action: str,
    resource: str,
    context: Context | None = None,
) -> set[str]:
    """The effects (`Allow`, `Deny`) of all statements that match the request; arguments as for `allows`."""
    values = {key.lower(): _texts(value) for key, value in (context or {}).items()}
    return {
        str(statement["Effect"])
        for document in ([documents] if isinstance(documents, Mapping) else documents)
        for statement in _list(document.get("Statement", []))
        if _matches(statement, principal, action, resource, values)
    }


def _matches(
    statement: Mapping[str, Any], principal: str | None, action: str, resource: str, values: dict[str, list[str]]
) -> bool:
    return (
        _principal_matches(statement, principal)
        and _element_matches(statement, "Action", lambda pattern: like(pattern.lower(), action.lower()))
        and _element_matches(statement, "Resource", lambda pattern: like(_filled(pattern, values), resource))
        and all(
            _condition_holds(operator, key, _texts(wanted), values)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _element_matches(statement: Mapping[str, Any], element: str, matches: Callable[[str], bool]) -> bool:
    """Action or NotAction, Resource or NotResource; trust policies have no resource, which matches all."""
    if f"Not{element}" in statement:
        return not any(matches(pattern) for pattern in _list(statement[f"Not{element}"]))
    return element not in statement or any(matches(pattern) for pattern in _list(statement[element]))


def _principal_matches(statement: Mapping[str, Any], principal: str | None) -> bool:
    if principal is None:
        return "Principal" not in statement and "NotPrincipal" not in statement
    if "NotPrincipal" in statement:
        return not _names(statement["NotPrincipal"], principal)
    return "Principal" in statement and _names(statement["Principal"], principal)


def _names(element: str | Mapping[str, Any], principal: str) -> bool:
    """An account's number or root stands for everybody in that account; ARNs of users and roles know no wildcards."""
    if element == "*":
        return True
    if isinstance(element, str):
        return False
    account = principal.split(":")[4] if principal.startswith("arn:") else None
    accepted = {"*", principal} | ({account, _root(principal, account)} if account else set())
    kinds = ("AWS",) if account else ("Service",)
    return any(str(name) in accepted for kind in kinds for name in _list(element.get(kind, [])))


def _root(principal: str, account: str) -> str:
    return f"arn:{principal.split(':')[1]}:iam::{account}:root"


@lru_cache(maxsize=1024)
def _wildcards(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(char) or re.escape(char) for char in pattern), re.DOTALL)


def like(pattern: str, value: str) -> bool:
    """`*` is any text (slashes and colons too), `?` any one character."""
    return _wildcards(pattern).fullmatch(value) is not None


def arn_like(pattern: str, value: str) -> bool:
    """As `like`, within each of an ARN's six parts: `arn:aws:s3:*:*:x` needs six parts on both sides."""
    patterns, values = pattern.split(":", 5), value.split(":", 5)
    return len(patterns) == len(values) == 6 and all(map(like, patterns, values))


# A positive operator holds if one of the policy's values matches; its negation if none does.
_POSITIVE: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": like,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    "NumericEquals": lambda wanted, value: float(wanted) == float(value),
    "NumericLessThan": lambda wanted, value: float(value) < float(wanted),
    "NumericLessThanEquals": lambda wanted, value: float(value) <= float(wanted),
    "NumericGreaterThan": lambda wanted, value: float(value) > float(wanted),
    "NumericGreaterThanEquals": lambda wanted, value: float(value) >= float(wanted),
}
_NEGATIVE = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
}


def _condition_holds(operator: str, key: str, wanted: list[str], values: dict[str, list[str]]) -> bool:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""
    found = values.get(key.lower())
    if operator == "Null":
        return (wanted[0].lower() == "true") == (found is None)
    quantifier, _, name = operator.rpartition(":")
    optional, name = name.endswith("IfExists"), name.removesuffix("IfExists")
    negative, test = name in _NEGATIVE, _POSITIVE.get(_NEGATIVE.get(name, name))
    if test is None or quantifier not in {"", "ForAnyValue", "ForAllValues"}:
        raise UnsupportedPolicyError(f"condition operator {operator} on {key} is not evaluated by the local cloud")
    if found is None:
        return optional or negative or quantifier == "ForAllValues"
    filled = [_filled(text, values) for text in wanted]
    held = [any(test(text, value) for text in filled) != negative for value in found]
    return any(held) if quantifier == "ForAnyValue" else all(held)


def _filled(text: str, values: dict[str, list[str]]) -> str:
    """Policy variables such as `${aws:PrincipalAccount}`; one that the request lacks matches nothing."""
    return re.sub(r"\$\{([^}]+)\}", lambda found: values.get(found[1].lower(), ["\0"])[0], text)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _texts(value: Any) -> list[str]:
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in _list(value)]
