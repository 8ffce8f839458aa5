"""How the lake's files are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.access import ObjectKind
from snowflake_objects.database import AnalyticsDatabase
from snowflake_objects.naming import CSV_FORMAT, PARQUET_FORMAT, Role, SchemaName
from snowflake_objects.roles import grant_on_object


@dataclass(frozen=True)
class FileFormatsArgs:
    """
    Attributes:
        database: where the formats live (in BRONZE).
        roles: names of the account roles.
    """

    database: AnalyticsDatabase
    roles: Mapping[Role, pulumi.Input[str]]


class FileFormats(pulumi.ComponentResource):
    """CSV with a header row, and Parquet.

    Attributes:
        csv, parquet: the formats' bare names, available once they exist.
    """

    csv: pulumi.Output[str]
    parquet: pulumi.Output[str]

    def __init__(self, name: str, args: FileFormatsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:FileFormats", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        bronze = args.database.schemas[SchemaName.BRONZE].name
        csv = snowflake.FileFormatCsv(
            "csv-format",
            name=CSV_FORMAT,
            database=args.database.name,
            schema=bronze,
            compression="AUTO",  # gzip where the file is, plain where it is not
            skip_header=1,
            field_optionally_enclosed_by='"',
            # The default, a backslash, would eat backslashes of the data.
            escape_unenclosed_field="NONE",
            empty_field_as_null="true",
            comment="CSV with a header row",
            opts=child,
        )
        parquet = snowflake.FileFormatParquet(
            "parquet-format",
            name=PARQUET_FORMAT,
            database=args.database.name,
            schema=bronze,
            compression="AUTO",
            comment="Parquet",
            opts=child,
        )
        for key, qualified in (
            ("csv-format", csv.fully_qualified_name),
            ("parquet-format", parquet.fully_qualified_name),
        ):
            grant_on_object(key, ObjectKind.FILE_FORMAT, qualified, args.roles, child)
        self.csv, self.parquet = csv.name, parquet.name
        self.register_outputs({"csv": self.csv, "parquet": self.parquet})
