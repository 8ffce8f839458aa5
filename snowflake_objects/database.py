"""The database and its managed-access schemas."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.naming import SchemaName

SCHEMA_COMMENTS = {
    SchemaName.BRONZE: "Raw files as they arrived, append-only",
    SchemaName.SILVER: "Typed, deduplicated, checked",
    SchemaName.GOLD: "Facts, dimensions and marts that people query",
    SchemaName.ML: "Features, models and scores",
    SchemaName.OBSERVABILITY: "Runs, record counts and data quality",
    SchemaName.REPORTING: "Report jobs and their results",
    SchemaName.APP: "The Streamlit app and its files",
}


@dataclass(frozen=True)
class AnalyticsDatabaseArgs:
    """
    Attributes:
        name: the database's name.
        data_retention_days: Time Travel, in days.
        protect: refuse to drop the database.
    """

    name: str
    data_retention_days: int
    protect: bool


class AnalyticsDatabase(pulumi.ComponentResource):
    """The database without its PUBLIC schema, and one managed-access schema for each layer.

    In a managed-access schema only the schema's owner grants, so that an object's owner cannot widen access.

    Attributes:
        name: the database's name, available once it exists.
        fully_qualified_name: the same, quoted.
        schemas: the schema resources.
    """

    name: pulumi.Output[str]
    fully_qualified_name: pulumi.Output[str]
    schemas: dict[SchemaName, snowflake.Schema]

    def __init__(self, name: str, args: AnalyticsDatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:AnalyticsDatabase", name, None, opts)
        database = snowflake.Database(
            name,
            name=args.name,
            comment="Customer 360",
            data_retention_time_in_days=args.data_retention_days,
            drop_public_schema_on_creation=True,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.name = database.name
        self.fully_qualified_name = database.fully_qualified_name
        self.schemas = {
            schema: snowflake.Schema(
                f"{name}-{schema.lower()}",
                name=schema.value,
                database=database.name,
                with_managed_access="true",
                comment=SCHEMA_COMMENTS[schema],
                opts=pulumi.ResourceOptions(parent=self),
            )
            for schema in SchemaName
        }
        self.register_outputs(
            {"name": self.name, "schemaNames": {key.lower(): schema.name for key, schema in self.schemas.items()}}
        )

    def object_name(self, schema: SchemaName, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """`DATABASE.SCHEMA.NAME`, unquoted, available once database, schema and `name` are."""
        return pulumi.Output.concat(self.name, ".", self.schemas[schema].name, ".", name)
