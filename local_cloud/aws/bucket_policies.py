"""Bucket policies that demand TLS: moto applies a statement without looking at its conditions.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html#transit
This endpoint listens on the loopback interface alone and speaks plain HTTP; its requests count as secure, as they would
be on AWS. So the usual "deny unless aws:SecureTransport" denies nothing here, instead of everything.
"""

from __future__ import annotations

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket


def requests_count_as_secure() -> None:
    """Leave out statements that apply to insecure requests only; safe to call again."""
    FakeBucket.get_permission = _permission  # type: ignore[method-assign]  # moto offers no other way


def _permission(self: FakeBucket, action: str, resource: str) -> Any:
    document = json.loads(self.policy) if self.policy else {"Statement": []}
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    applicable = [one for one in statements if not _insecure_only(one)]
    if not applicable:
        return PermissionResult.NEUTRAL
    return IAMPolicy(json.dumps(document | {"Statement": applicable})).is_action_permitted(action, resource)


def _insecure_only(statement: dict[str, Any]) -> bool:
    wanted = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    return str(wanted).lower() == "false"
