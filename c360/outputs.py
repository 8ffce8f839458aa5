"""What a stack exports: the wiring of everything that runs after `up`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from c360.errors import C360Error


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Prefixes(_Model):
    """Folders of the lake, each ending in `/`."""

    customers: str
    customer_changes: str
    transactions_historical: str
    transactions_streaming: str
    campaigns: str
    reports: str


class SnowflakeEndpoint(_Model):
    """Where and as whom to log in; host, port and protocol only when they are not Snowflake's own."""

    account: str
    user: str
    host: str | None = None
    port: int | None = None
    protocol: str | None = None

    @property
    def url(self) -> str | None:
        """Where an endpoint of its own answers; None for Snowflake's."""
        return None if self.host is None else f"{self.protocol}://{self.host}:{self.port}"


class Warehouses(_Model):
    load: str
    transform: str
    analytics: str
    ml: str


class Roles(_Model):
    data_engineer: str
    data_analyst: str
    marketing_manager: str
    data_scientist: str
    loader: str
    transformer: str
    app_owner: str
    reporter: str


class Stages(_Model):
    customers: str
    transactions_historical: str
    transactions_streaming: str
    campaigns: str
    app: str


class FileFormats(_Model):
    csv: str
    parquet: str


class Tables(_Model):
    bronze_customers: str
    bronze_transactions: str
    bronze_campaign_assignments: str


class Pipes(_Model):
    transactions: str
    customers: str


class App(_Model):
    name: str
    stage: str


class Trust(_Model):
    status: str
    message: str = ""


class StackOutputs(_Model):
    """All exports of `infra/__main__.py`; docs/contracts.md shows an example."""

    environment: str
    region: str
    aws_account_id: str
    aws_endpoint: str | None = None
    bucket: str
    prefixes: Prefixes
    role_arn: str
    topic_arn: str
    audit_queue_url: str
    audit_dead_letter_queue_url: str
    snowflake: SnowflakeEndpoint
    database: str
    schemas: dict[str, str]
    warehouses: Warehouses
    roles: Roles
    storage_integration: str
    stages: Stages
    file_formats: FileFormats
    tables: Tables
    pipes: Pipes
    notification_channel: str
    app: App
    trust: Trust

    @classmethod
    def parse(cls, stack: str, exports: dict[str, Any]) -> StackOutputs:
        """Check a stack's exports.

        Raises:
            C360Error: an export is missing or has another shape, as after an interrupted first `up`.
        """
        try:
            return cls.model_validate(exports)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise C360Error(
                f"Stack {stack} has no usable output '{where}' ({first['msg'].lower()}); "
                f"run `c360 up --stack {stack}` to the end."
            ) from error
