"""Settings to start from in tests."""

from __future__ import annotations

import copy
from typing import Any

_VALID: dict[str, Any] = {
    "environment": "dev",
    "region": "us-east-1",
    "owner": "team@example.com",
    "costCenter": "analytics",
    "dataRetentionDays": 1,
    "alertAddresses": ["team@example.com"],
    "snowflake": {"organization": "ORG", "account": "ACCOUNT", "user": "DEPLOYER"},
    "aws": {},
    "lake": {},
    "landing": {},
    "warehouses": {},
    "schedules": {},
    "features": {},
    "alerts": {},
    "serviceUsers": {},
    "network": {},
}


def values(path: str = "", value: Any = None) -> dict[str, Any]:
    """Valid settings of stack dev, with `value` put at the dotted `path`."""
    changed = copy.deepcopy(_VALID)
    if path:
        *groups, key = path.split(".")
        target = changed
        for group in groups:
            target = target.setdefault(group, {})
        target[key] = value
    return changed
