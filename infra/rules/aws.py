"""Rules about AWS resources other than their IAM documents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from infra.rules.iam import statements
from infra.rules.model import UNKNOWN, Inputs, Resource

REQUIRED_TAGS = frozenset({"project", "environment", "owner", "cost-center"})
_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_COMPANIONS = {
    "BucketPublicAccessBlock": "has no public access block",
    "BucketOwnershipControls": "has no ownership controls, so that access lists may still count",
    "BucketServerSideEncryptionConfiguration": "has no default encryption",
    "BucketVersioning": "has no versioning",
    "BucketPolicy": "has no policy that refuses requests without TLS",
}


def buckets_are_private_and_encrypted(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Every bucket has all five companions, and each of them says what it should."""
    for bucket in (each for each in resources if each.type == "aws:s3/bucket:Bucket"):
        companions = {
            _kind(each): each for each in resources if each is not bucket and _is_of(each, bucket.inputs.get("bucket"))
        }
        for kind, sentence in _COMPANIONS.items():
            if kind not in companions:
                yield bucket, sentence
    for each in resources:
        for sentence in _wrong_settings(each):
            yield each, sentence


def _kind(resource: Resource) -> str:
    return resource.type.rsplit(":", 1)[-1].removesuffix("V2")


def _is_of(resource: Resource, bucket: Any) -> bool:
    return resource.type.startswith("aws:s3/") and resource.inputs.get("bucket") in (bucket, UNKNOWN)


def _wrong_settings(resource: Resource) -> Iterator[str]:
    kind, inputs = _kind(resource), resource.inputs
    if resource.type.startswith("aws:s3/") and kind == "BucketPublicAccessBlock":
        for key in _BLOCKS:
            if inputs.get(key) is not True:
                yield f"{key} is not true"
    if kind == "BucketOwnershipControls" and inputs["rule"]["objectOwnership"] != "BucketOwnerEnforced":
        yield "objectOwnership is not BucketOwnerEnforced"
    if kind == "BucketVersioning" and inputs["versioningConfiguration"]["status"] != "Enabled":
        yield "versioning is not enabled"
    if kind == "BucketPolicy" and inputs["policy"] is not UNKNOWN and not _refuses_without_tls(resource):
        yield "no statement denies everything where aws:SecureTransport is false"
    if resource.type.startswith("aws:s3/") and "acl" in inputs:
        yield "an access list is set; use policies"


def _refuses_without_tls(policy: Resource) -> bool:
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    return any(
        (each["Effect"], each.get("Principal"), each.get("Action"), each.get("Condition"))
        == ("Deny", "*", "s3:*", insecure)
        for each in statements(policy.type, policy.inputs)
    )


def queues_are_encrypted(type_: str, inputs: Inputs) -> Iterator[str]:
    """Messages name customers' files: encrypted at rest."""
    if type_ == "aws:sqs/queue:Queue" and not (inputs.get("sqsManagedSseEnabled") or inputs.get("kmsMasterKeyId")):
        yield "is not encrypted; set sqsManagedSseEnabled or kmsMasterKeyId"


def tags_are_present(type_: str, inputs: Inputs) -> Iterator[str]:
    """The provider tags whatever it makes, so it must know the tags."""
    if type_ != "pulumi:providers:aws":
        return
    given = inputs.get("defaultTags") or {}
    tags = (json.loads(given) if isinstance(given, str) else given).get("tags") or {}
    missing = sorted(key for key in REQUIRED_TAGS if not tags.get(key))
    if missing:
        yield f"default tags lack {', '.join(missing)}"
