"""External stages: the lake's prefixes, seen from Snowflake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.access import ObjectKind
from snowflake_objects.database import AnalyticsDatabase
from snowflake_objects.naming import PREFIXES, STAGES, Role, SchemaName
from snowflake_objects.roles import grant_on_object
from snowflake_objects.storage_integration import LakeIntegration


@dataclass(frozen=True)
class LakeStagesArgs:
    """
    Attributes:
        database: where the stages live (in BRONZE).
        integration: what they read through.
        bucket: the lake's bucket.
        access: the role's policy in AWS, without which reading fails.
        roles: names of the account roles.
        retry: hook for the time in which AWS spreads the role.
    """

    database: AnalyticsDatabase
    integration: LakeIntegration
    bucket: pulumi.Input[str]
    access: pulumi.Resource
    roles: Mapping[Role, pulumi.Input[str]]
    retry: pulumi.ResourceHookBinding


class LakeStages(pulumi.ComponentResource):
    """One stage for each prefix that is loaded.

    Attributes:
        stages: the stage resources, by the keys of `naming.STAGES`.
    """

    stages: dict[str, snowflake.StageExternalS3]

    def __init__(self, name: str, args: LakeStagesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:LakeStages", name, None, opts)
        self.stages = {key: self._stage(key, args) for key in STAGES}
        for key, stage in self.stages.items():
            grant_on_object(
                f"{_dashed(key)}-stage",
                ObjectKind.LAKE_STAGE,
                stage.fully_qualified_name,
                args.roles,
                # A stage made again has lost its grants.
                pulumi.ResourceOptions(parent=self, replace_with=[stage]),
            )
        self.register_outputs({"stageNames": {key: stage.name for key, stage in self.stages.items()}})

    def _stage(self, key: str, args: LakeStagesArgs) -> snowflake.StageExternalS3:
        return snowflake.StageExternalS3(
            f"{_dashed(key)}-stage",
            name=STAGES[key],
            database=args.database.name,
            schema=args.database.schemas[SchemaName.BRONZE].name,
            url=pulumi.Output.concat("s3://", args.bucket, "/", PREFIXES[key]),
            storage_integration=args.integration.name,
            comment=f"The lake's {PREFIXES[key]}",
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.access],
                # A stage keeps pointing at the integration that it was made with, even after that one is gone.
                replace_with=[args.integration.integration],
                delete_before_replace=True,
                hooks=args.retry,
            ),
        )


def _dashed(key: str) -> str:
    return key.replace("_", "-")
