"""Continuous loading: pipes that load each file once, seconds after it lands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.access import ObjectKind
from snowflake_objects.database import AnalyticsDatabase
from snowflake_objects.naming import PIPES, Role, SchemaName
from snowflake_objects.roles import grant_on_object
from snowflake_objects.tables import BRONZE_CUSTOMERS, BRONZE_TRANSACTIONS, PROVENANCE, TableSpec

# One for each provenance column, in order. Not CURRENT_TIMESTAMP, which a pipe evaluates when it compiles the COPY.
_PROVENANCE_SOURCES = ("METADATA$START_SCAN_TIME", "METADATA$FILENAME", "METADATA$FILE_ROW_NUMBER")


@dataclass(frozen=True)
class PipeSpec:
    """What one pipe loads.

    Attributes:
        table: the bronze table.
        stage: key of the stage.
        path: folder within the stage; empty for all of it.
        comment: in a few words.
    """

    table: TableSpec
    stage: str
    path: str
    comment: str


PIPE_SPECS = {
    "transactions": PipeSpec(BRONZE_TRANSACTIONS, "transactions_streaming", "", "Streamed transactions"),
    # The first state of all customers lies beside and is loaded in bulk.
    "customers": PipeSpec(BRONZE_CUSTOMERS, "customers", "changes/", "Changes of cards and limits"),
}


@dataclass(frozen=True)
class LakePipesArgs:
    """
    Attributes:
        database: where the pipes live (in BRONZE).
        tables: the bronze tables, by name.
        stages: the lake's stages, by key; a pipe is replaced with its stage.
        csv_format: bare name of the file format.
        topic_arn: the topic that announces files, its policy in place.
        access: the role's policy in AWS.
        error_integration: where failed loads are announced.
        error_access: the policy in AWS that lets them be.
        roles: names of the account roles.
        retry: hook for the time in which AWS spreads the role.
    """

    database: AnalyticsDatabase
    tables: Mapping[str, snowflake.Table]
    stages: Mapping[str, snowflake.StageExternalS3]
    csv_format: pulumi.Input[str]
    topic_arn: pulumi.Input[str]
    access: pulumi.Resource
    error_integration: pulumi.Input[str]
    error_access: pulumi.Resource
    roles: Mapping[Role, pulumi.Input[str]]
    retry: pulumi.ResourceHookBinding


class LakePipes(pulumi.ComponentResource):
    """The pipes from the lake into bronze. All hear the same topic and take what lies under their own path.

    Attributes:
        names: bare name of each pipe, by the keys of `PIPE_SPECS`.
        notification_channel: ARN of what tells Snowflake of new files.
    """

    names: dict[str, pulumi.Output[str]]
    notification_channel: pulumi.Output[str]

    def __init__(self, name: str, args: LakePipesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:LakePipes", name, None, opts)
        pipes = {key: self._pipe(key, spec, args) for key, spec in PIPE_SPECS.items()}
        self.names = {key: pipe.name for key, pipe in pipes.items()}
        self.notification_channel = pipes["transactions"].notification_channel
        self.register_outputs({"names": self.names, "notificationChannel": self.notification_channel})

    def _pipe(self, key: str, spec: PipeSpec, args: LakePipesArgs) -> snowflake.Pipe:
        stage = args.stages[spec.stage]
        inside = [
            args.database.object_name(SchemaName.BRONZE, part)
            for part in (args.tables[spec.table.name].name, stage.name, args.csv_format)
        ]
        pipe = snowflake.Pipe(
            f"{key}-pipe",
            name=PIPES[key],
            database=args.database.name,
            schema=args.database.schemas[SchemaName.BRONZE].name,
            auto_ingest=True,
            aws_sns_topic_arn=args.topic_arn,
            copy_statement=pulumi.Output.all(*inside).apply(
                lambda known: copy_csv(
                    spec.table,
                    table=known[0],
                    location=f"{known[1]}/{spec.path}" if spec.path else known[1],
                    file_format=known[2],
                )
            ),
            error_integration=args.error_integration,
            comment=spec.comment,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.access, args.error_access],
                # The provider does not notice that the stage under a pipe is another one.
                replace_with=[stage],
                # Two pipes of one name cannot be, and two subscriptions would load every file twice.
                delete_before_replace=True,
                hooks=args.retry,
            ),
        )
        grant_on_object(
            f"{key}-pipe",
            ObjectKind.PIPE,
            pipe.fully_qualified_name,
            args.roles,
            pulumi.ResourceOptions(parent=self, replace_with=[pipe]),
        )
        return pipe


def copy_csv(spec: TableSpec, *, table: str, location: str, file_format: str) -> str:
    """The COPY that loads CSV files into a bronze table, with each row's provenance.

    Args:
        location: stage and path; all names are fully qualified.
    """
    columns = ", ".join(column for column, _ in spec.columns)
    positions = [f"${number}" for number in range(1, len(spec.columns) - len(PROVENANCE) + 1)]
    values = ", ".join([*positions, *_PROVENANCE_SOURCES])
    return (
        f"COPY INTO {table} ({columns}) FROM (SELECT {values} FROM @{location}) "
        f"FILE_FORMAT = (FORMAT_NAME = '{file_format}') ON_ERROR = CONTINUE"
    )
