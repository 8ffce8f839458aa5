"""The rules as policies of Pulumi's CrossGuard.

https://www.pulumi.com/docs/insights/policy/policy-packs/authoring/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_policy import (
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from infra.rules.catalogue import RESOURCE_RULES, STACK_RULES, rules_of
from infra.rules.model import UNKNOWN, Resource, ResourceRule, StackRule


def policies() -> list[Policy]:
    """One policy for each rule."""
    return [*map(_of_resource, RESOURCE_RULES), *map(_of_stack, STACK_RULES)]


def _of_resource(rule: ResourceRule) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for sentence in rule.check(args.resource_type, _known(args.props)):
            report(sentence, None)

    return ResourceValidationPolicy(rule.name, rule.description, validate)


def _of_stack(rule: StackRule) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = [
            Resource(each.resource_type, each.name, _known(each.props), bool(each.opts.protect), each.urn)
            for each in args.resources
        ]
        # The pack does not know the stack's name until Pulumi asks; URNs carry it.
        stack = args.resources[0].urn.split(":")[2] if args.resources else ""
        if rule in rules_of(stack):
            for resource, sentence in rule.check(resources):
                report(sentence, resource.urn)

    return StackValidationPolicy(rule.name, rule.description, validate)


def _known(props: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs, with a marker where a preview does not know a value yet: reading it raises."""
    found: dict[str, Any] = {}
    for key in props:
        try:
            found[key] = props[key]
        except UnknownValueError:
            found[key] = UNKNOWN
    return found
