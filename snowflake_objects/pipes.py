"""Continuous loading: the pipe that loads each streamed file once, seconds after it lands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.access import ObjectKind
from snowflake_objects.database import AnalyticsDatabase
from snowflake_objects.naming import TRANSACTIONS_PIPE, Role, SchemaName
from snowflake_objects.roles import grant_on_object
from snowflake_objects.tables import BRONZE_TRANSACTIONS, PROVENANCE, TableSpec

# One for each provenance column, in order. Not CURRENT_TIMESTAMP, which a pipe evaluates when it compiles the COPY.
_PROVENANCE_SOURCES = ("METADATA$START_SCAN_TIME", "METADATA$FILENAME", "METADATA$FILE_ROW_NUMBER")


@dataclass(frozen=True)
class TransactionsPipeArgs:
    """
    Attributes:
        database: where the pipe lives (in BRONZE).
        table: the table that it loads.
        stage: the stage that it loads from; the pipe is replaced with it.
        csv_format: bare name of the file format.
        topic_arn: the topic that announces files, its policy in place.
        access: the role's policy in AWS.
        error_integration: where failed loads are announced.
        error_access: the policy in AWS that lets them be.
        roles: names of the account roles.
        retry: hook for the time in which AWS spreads the role.
    """

    database: AnalyticsDatabase
    table: snowflake.Table
    stage: snowflake.StageExternalS3
    csv_format: pulumi.Input[str]
    topic_arn: pulumi.Input[str]
    access: pulumi.Resource
    error_integration: pulumi.Input[str]
    error_access: pulumi.Resource
    roles: Mapping[Role, pulumi.Input[str]]
    retry: pulumi.ResourceHookBinding


class TransactionsPipe(pulumi.ComponentResource):
    """The pipe from the streaming prefix into BRONZE_TRANSACTIONS.

    Attributes:
        pipe: the resource.
        name: its bare name.
        notification_channel: ARN of what tells Snowflake of new files.
    """

    pipe: snowflake.Pipe
    name: pulumi.Output[str]
    notification_channel: pulumi.Output[str]

    def __init__(self, name: str, args: TransactionsPipeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:TransactionsPipe", name, None, opts)
        inside = [
            args.database.object_name(SchemaName.BRONZE, part)
            for part in (args.table.name, args.stage.name, args.csv_format)
        ]
        self.pipe = snowflake.Pipe(
            name,
            name=TRANSACTIONS_PIPE,
            database=args.database.name,
            schema=args.database.schemas[SchemaName.BRONZE].name,
            auto_ingest=True,
            aws_sns_topic_arn=args.topic_arn,
            copy_statement=pulumi.Output.all(*inside).apply(
                lambda known: copy_csv(BRONZE_TRANSACTIONS, table=known[0], stage=known[1], file_format=known[2])
            ),
            error_integration=args.error_integration,
            comment="Streamed transactions",
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.access, args.error_access],
                # The provider does not notice that the stage under a pipe is another one.
                replace_with=[args.stage],
                # Two pipes of one name cannot be, and two subscriptions would load every file twice.
                delete_before_replace=True,
                hooks=args.retry,
            ),
        )
        grant_on_object(
            name,
            ObjectKind.PIPE,
            self.pipe.fully_qualified_name,
            args.roles,
            pulumi.ResourceOptions(parent=self, replace_with=[self.pipe]),
        )
        self.name = self.pipe.name
        self.notification_channel = self.pipe.notification_channel
        self.register_outputs({"name": self.name, "notificationChannel": self.notification_channel})


def copy_csv(spec: TableSpec, *, table: str, stage: str, file_format: str) -> str:
    """The COPY that loads CSV files into a bronze table, with each row's provenance; all names fully qualified."""
    columns = ", ".join(column for column, _ in spec.columns)
    positions = [f"${number}" for number in range(1, len(spec.columns) - len(PROVENANCE) + 1)]
    values = ", ".join([*positions, *_PROVENANCE_SOURCES])
    return (
        f"COPY INTO {table} ({columns}) FROM (SELECT {values} FROM @{stage}) "
        f"FILE_FORMAT = (FORMAT_NAME = '{file_format}') ON_ERROR = CONTINUE"
    )
