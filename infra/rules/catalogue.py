"""All rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from infra.rules import aws, iam, snowflake
from infra.rules.model import Resource, ResourceRule, StackRule

STATEFUL = {
    "aws:s3/bucket:Bucket",
    "snowflake:index/database:Database",
    "snowflake:index/table:Table",
    "snowflake:index/storageIntegrationAws:StorageIntegrationAws",
}
"""What cannot be made again as it was: data, and the trust that all stages hang on."""

DISPOSABLE_ENVIRONMENTS = {"local"}
"""Where data may go with the stack. The storage integration is protected there too."""


def stateful_is_protected(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """What holds data cannot be deleted by a mistake in the program."""
    for each in resources:
        if each.type in STATEFUL and not each.protect:
            yield each, "is not protected; set protect"


RESOURCE_RULES = (
    ResourceRule("no-wildcard-principals", "Policies name whom they allow", iam.no_wildcard_principals),
    ResourceRule("no-wildcard-actions", "Policies name what they allow", iam.no_wildcard_actions),
    ResourceRule("trust-needs-external-id", "Foreign principals present an external ID", iam.trust_needs_external_id),
    ResourceRule("services-act-for-us", "Services act for resources of our account alone", iam.services_act_for_us),
    ResourceRule("queues-encrypted", "Queues are encrypted at rest", aws.queues_are_encrypted),
    ResourceRule("tags-present", "Everything carries project, environment, owner, cost-center", aws.tags_are_present),
    ResourceRule(
        "warehouses-bounded",
        "Warehouses have auto-suspend, statement timeouts and a resource monitor",
        snowflake.warehouses_are_bounded,
    ),
    ResourceRule("nothing-for-public", "Nothing is granted to PUBLIC", snowflake.nothing_for_public),
    ResourceRule("grants-narrow", "Grants name privileges and cannot be passed on", snowflake.grants_are_narrow),
    ResourceRule("managed-access", "Schemas have managed access", snowflake.schemas_manage_access),
    ResourceRule("no-passwords", "No passwords and no credentials in the program", snowflake.no_passwords),
)
STACK_RULES = (
    StackRule(
        "buckets-private-encrypted",
        "Buckets are private, encrypted, versioned, owner-enforced and refuse requests without TLS",
        aws.buckets_are_private_and_encrypted,
    ),
    StackRule("stateful-protected", "What holds data is protected", stateful_is_protected),
)


def rules_of(environment: str) -> list[ResourceRule | StackRule]:
    """The rules that a stack must keep."""
    protected = environment not in DISPOSABLE_ENVIRONMENTS
    return [*RESOURCE_RULES, *(rule for rule in STACK_RULES if protected or rule.name != "stateful-protected")]
