"""What the stack tells everybody else: the names and addresses in `docs/contracts.md`."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.aws_account import AwsAccount
from infra.data_lake import DataLake
from infra.landing_events import LandingEvents
from infra.snowflake_access import SnowflakeAccess
from snowflake_objects.app import App
from snowflake_objects.database import AnalyticsDatabase
from snowflake_objects.file_formats import FileFormats
from snowflake_objects.naming import PREFIXES, SchemaName
from snowflake_objects.pipes import LakePipes
from snowflake_objects.roles import Roles
from snowflake_objects.settings import Settings
from snowflake_objects.stages import LakeStages
from snowflake_objects.storage_integration import LakeIntegration, TrustProof
from snowflake_objects.tables import Tables
from snowflake_objects.warehouses import Warehouses

Exports = dict[str, pulumi.Input[object]]


@dataclass(frozen=True)
class Platform:
    """The parts of the platform, as the program made them."""

    settings: Settings
    account: AwsAccount
    lake: DataLake
    access: SnowflakeAccess
    events: LandingEvents
    database: AnalyticsDatabase
    warehouses: Warehouses
    roles: Roles
    integration: LakeIntegration
    formats: FileFormats
    stages: LakeStages
    tables: Tables
    pipes: LakePipes
    app: App
    proof: TrustProof


def export(platform: Platform) -> None:
    """Export the platform's outputs, flat."""
    for name, value in (_aws(platform) | _snowflake(platform) | _objects(platform)).items():
        pulumi.export(name, value)


def _aws(platform: Platform) -> Exports:
    return {
        "environment": platform.settings.environment,
        "region": platform.settings.region,
        "aws_account_id": platform.account.id,
        "aws_endpoint": platform.settings.aws.endpoint,
        "bucket": platform.lake.bucket,
        "prefixes": dict(PREFIXES),
        "role_arn": platform.access.role_arn,
        "topic_arn": platform.events.topic_arn,
        "audit_queue_url": platform.events.audit_queue_url,
        "audit_dead_letter_queue_url": platform.events.audit_dead_letter_queue_url,
    }


def _snowflake(platform: Platform) -> Exports:
    connection = platform.settings.snowflake
    return {
        "snowflake": {
            "account": connection.account_identifier,
            "user": connection.user,
            "host": connection.host,
            "port": connection.port,
            "protocol": connection.protocol,
        },
        "database": platform.database.name,
        "schemas": {key.lower(): schema.name for key, schema in platform.database.schemas.items()},
        "warehouses": {workload.value: name for workload, name in platform.warehouses.names.items()},
        "roles": {role.value: name for role, name in platform.roles.names.items()},
        "storage_integration": platform.integration.name,
        "trust": platform.proof.trust,
    }


def _objects(platform: Platform) -> Exports:
    def bronze(name: pulumi.Input[str]) -> pulumi.Output[str]:
        return platform.database.object_name(SchemaName.BRONZE, name)

    app_stage = platform.database.object_name(SchemaName.APP, platform.app.stage)
    return {
        "stages": {key: bronze(stage.name) for key, stage in platform.stages.stages.items()} | {"app": app_stage},
        "file_formats": {"csv": bronze(platform.formats.csv), "parquet": bronze(platform.formats.parquet)},
        "tables": {key.lower(): bronze(table.name) for key, table in platform.tables.bronze.items()},
        "pipes": {key: bronze(name) for key, name in platform.pipes.names.items()},
        "notification_channel": platform.pipes.notification_channel,
        "app": {"name": platform.database.object_name(SchemaName.APP, platform.app.name), "stage": app_stage},
    }
