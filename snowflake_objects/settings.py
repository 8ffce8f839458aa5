"""The settings of one stack: typed, validated, and read before any resource is registered.

`Pulumi.<stack>.yaml` holds them under the project's namespace; `read_settings` turns them into a `Settings` or fails
with one sentence for each problem, naming the key, its value and what is allowed.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import pulumi
from pydantic import Field, StringConstraints, ValidationError, field_validator

from snowflake_objects.problems import problem
from snowflake_objects.sections import (
    PLACEHOLDER,
    REGIONS,
    AlertSettings,
    AwsSettings,
    Email,
    FeatureSettings,
    LakeSettings,
    LandingSettings,
    NetworkSettings,
    Region,
    ScheduleSettings,
    Section,
    ServiceUsersSettings,
    SnowflakeSettings,
    WarehouseSettings,
    WarehousesSettings,
)

__all__ = [
    "PLACEHOLDER",
    "REGIONS",
    "LakeSettings",
    "LandingSettings",
    "Settings",
    "SnowflakeSettings",
    "WarehouseSettings",
    "WarehousesSettings",
    "parse_settings",
    "read_settings",
]


class Settings(Section):
    """One stack. The first group has no defaults, so that a misspelt key always shows as a missing one."""

    environment: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{1,11}$")]
    """Equal to the stack's name; the names of all resources carry it."""
    region: Region
    """AWS region of the lake: one where Snowflake runs, so that loading crosses no region."""
    owner: Email
    """Who answers for the stack; a tag of every resource."""
    cost_center: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/=+@ -]{1,64}$")]
    """Who pays for the stack; a tag of every resource."""
    snowflake: SnowflakeSettings
    aws: AwsSettings
    lake: LakeSettings
    landing: LandingSettings
    warehouses: WarehousesSettings
    features: FeatureSettings
    alerts: AlertSettings
    service_users: ServiceUsersSettings
    network: NetworkSettings
    alert_addresses: Annotated[tuple[Email, ...], Field(min_length=1, max_length=50)]
    """Who gets alerts: addresses that users of the Snowflake account have verified."""
    schedules: ScheduleSettings
    data_retention_days: Annotated[int, Field(ge=0, le=90)]
    """Time Travel. Standard edition keeps one day; Enterprise up to 90."""
    tags: dict[str, str] = {}
    """Further tags of every AWS resource."""
    external_id: Annotated[str, StringConstraints(pattern=r"^[\w+=,.@:/-]{8,64}$")] | None = None
    """What Snowflake presents to AWS, when another one was agreed than the one that follows from the stack."""

    @field_validator("alert_addresses")
    @classmethod
    def _addresses_are_distinct(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError("each address once")
        return value

    @field_validator("tags")
    @classmethod
    def _tags_fit_aws(cls, value: dict[str, str]) -> dict[str, str]:
        # https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
        if len(value) > 40 or any(
            not key or len(key) > 128 or len(text) > 256 or key.lower().startswith("aws:")
            for key, text in value.items()
        ):
            raise ValueError("at most 40 tags, keys of 1 to 128 characters not starting with aws:, values up to 256")
        return value

    @property
    def pinned_external_id(self) -> str:
        """What Snowflake must present when it assumes our role.

        It names this relationship and keeps a confused deputy out; it is not a secret
        (https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html). Derived from what identifies the stack,
        so that a replaced integration keeps its trust; `externalId` overrides it.
        """
        if self.external_id:
            return self.external_id
        identity = f"customer360/{self.environment}/{self.snowflake.account_identifier}".lower()
        return f"c360-{self.environment}-{hashlib.sha256(identity.encode()).hexdigest()[:24]}"

    @property
    def all_tags(self) -> dict[str, str]:
        """The stack's tags and the four that every resource carries."""
        return self.tags | {
            "project": "customer360",
            "environment": self.environment,
            "owner": self.owner,
            "cost-center": self.cost_center,
        }


_PLAIN_KEYS = ("environment", "region", "owner", "costCenter", "dataRetentionDays", "externalId")
_STRUCTURED_KEYS = (
    "snowflake", "aws", "lake", "landing", "warehouses", "features", "alerts", "serviceUsers", "network",
    "alertAddresses", "schedules", "tags",
)  # fmt: skip


def read_settings(config: pulumi.Config, stack: str) -> Settings:
    """Read and check the configuration of `stack`.

    Raises:
        pulumi.RunError: one line for each problem.
    """
    values: dict[str, Any] = {key: config.get(key) for key in _PLAIN_KEYS}
    values |= {key: config.get_object(key) for key in _STRUCTURED_KEYS}
    return parse_settings({key: value for key, value in values.items() if value is not None}, stack)


def parse_settings(values: dict[str, Any], stack: str) -> Settings:
    """As `read_settings`, from plain values (camelCase keys)."""
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        lines = [problem(one) for one in error.errors(include_url=False)]
        raise pulumi.RunError(f"Pulumi.{stack}.yaml: " + "\n".join(lines)) from None
    if settings.environment != stack.rsplit("/", 1)[-1]:
        raise pulumi.RunError(
            f"Pulumi.{stack}.yaml: customer360:environment is '{settings.environment}'; allowed: '{stack}', the name "
            "of the stack, because the names of all resources carry it."
        )
    return settings
