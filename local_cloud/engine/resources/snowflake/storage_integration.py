"""Storage integrations with S3.

https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration
"""

from __future__ import annotations

from typing import Any

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.base import Live
from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import COMMENT, Property, SqlObject, boolean
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection
from local_cloud.engine.values import UNKNOWN, Properties

# Output of the provider -> property of DESCRIBE STORAGE INTEGRATION.
_DESCRIBED = {
    "provider": "STORAGE_PROVIDER",
    "iamUserArn": "STORAGE_AWS_IAM_USER_ARN",
    "roleArn": "STORAGE_AWS_ROLE_ARN",
    "externalId": "STORAGE_AWS_EXTERNAL_ID",
    "comment": "COMMENT",
}


def _locations(value: Any) -> list[str]:
    return [each for each in str(value or "").split(",") if each]


class StorageIntegrationAws(SqlObject):
    type = "snowflake:index/storageIntegrationAws:StorageIntegrationAws"
    kind = "STORAGE INTEGRATION"
    renames = False
    replaces = frozenset({"storageProvider"})
    properties = (
        Property("storageAwsRoleArn", "STORAGE_AWS_ROLE_ARN"),
        Property("storageAwsExternalId", "STORAGE_AWS_EXTERNAL_ID"),
        Property("storageAwsObjectAcl", "STORAGE_AWS_OBJECT_ACL"),
        Property("usePrivatelinkEndpoint", "USE_PRIVATELINK_ENDPOINT", sql.flag),
        Property("enabled", "ENABLED", sql.flag),
        Property("storageAllowedLocations", "STORAGE_ALLOWED_LOCATIONS", sql.texts),
        Property("storageBlockedLocations", "STORAGE_BLOCKED_LOCATIONS", sql.texts),
        COMMENT,
    )
    allowed = {"storageProvider": ("S3", "S3GOV", "S3CHINA")}
    tristate = frozenset({"usePrivatelinkEndpoint"})

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        for key in ("storageAllowedLocations", "storageBlockedLocations"):
            given = inputs.get(key)
            for each in given if isinstance(given, list) else []:
                if isinstance(each, str) and each != "*" and not each.startswith(("s3://", "s3gov://", "s3china://")):
                    raise EngineError(f"{self.type} {name}: the input {key} holds {each!r}; allowed is a URL s3://...")
        return super().check(name, inputs, provider)

    def same(self, key: str, old: Any, new: Any) -> bool:
        """Locations are a set."""
        return key in ("storageAllowedLocations", "storageBlockedLocations") and sorted(old) == sorted(new)

    def recomputed(self, changed: set[str]) -> set[str]:
        """The provider marks the description as unknown whenever something changes that it shows."""
        return super().recomputed(changed) | ({"describeOutputs"} if changed else set())

    def clauses(self, inputs: Properties) -> list[str]:
        provider = inputs.get("storageProvider", UNKNOWN)
        return ["TYPE = EXTERNAL_STAGE", f"STORAGE_PROVIDER = {sql.text(provider)}", *super().clauses(inputs)]

    def computed(self, connection: SnowflakeConnection, inputs: Properties) -> Properties:
        return self.predicted(inputs) | _outputs(self.described(connection, inputs))

    def read(self, connection: SnowflakeConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        if self.shown(connection, inputs) is None:
            return None
        described = self.described(connection, inputs)
        live: Properties = {
            "enabled": boolean(described["ENABLED"]),
            "storageAwsRoleArn": described["STORAGE_AWS_ROLE_ARN"],
            "storageAwsExternalId": described["STORAGE_AWS_EXTERNAL_ID"],
            "storageAllowedLocations": _locations(described["STORAGE_ALLOWED_LOCATIONS"]),
            "storageBlockedLocations": _locations(described.get("STORAGE_BLOCKED_LOCATIONS")) or None,
            "comment": described.get("COMMENT") or None,
        }
        known = {key: value for key, value in live.items() if key in inputs}
        return Live(known, self.predicted(inputs) | _outputs(described))


def _outputs(described: dict[str, Any]) -> Properties:
    found = {key: described[name] for key, name in _DESCRIBED.items() if described.get(name) is not None}
    enabled = {"enabled": boolean(described.get("ENABLED"))}
    allowed = {"allowedLocations": _locations(described.get("STORAGE_ALLOWED_LOCATIONS"))}
    blocked = {"blockedLocations": _locations(described.get("STORAGE_BLOCKED_LOCATIONS"))}
    return {"describeOutputs": [found | enabled | allowed | blocked]}


HANDLERS = [StorageIntegrationAws()]
