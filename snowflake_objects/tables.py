"""Bronze and observability tables; docs/contracts.md says who fills and reads them."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.database import AnalyticsDatabase
from snowflake_objects.naming import SchemaName

# Types in the form in which Snowflake reports them: any other form would show as a change on every preview.
TEXT = "VARCHAR(16777216)"
NUMBER = "NUMBER(38,0)"
FLOAT = "FLOAT"
MOMENT = "TIMESTAMP_NTZ(9)"
MOMENT_WITH_ZONE = "TIMESTAMP_LTZ(9)"

Columns = tuple[tuple[str, str], ...]

PROVENANCE: Columns = (
    ("INGESTION_TIMESTAMP", MOMENT_WITH_ZONE),
    ("SOURCE_FILE", TEXT),
    ("SOURCE_ROW_NUMBER", NUMBER),
)
"""Where a bronze row came from and when; the last columns of every bronze table."""


@dataclass(frozen=True)
class TableSpec:
    """One table: name, what it holds, columns in order."""

    name: str
    comment: str
    columns: Columns


def _bronze(name: str, comment: str, *file_columns: str) -> TableSpec:
    """A table of text as it stood in the file (a bad value never costs a row), then its provenance."""
    return TableSpec(name, comment, tuple((column, TEXT) for column in file_columns) + PROVENANCE)


BRONZE_TRANSACTIONS = _bronze(
    "BRONZE_TRANSACTIONS",
    "Card transactions, historical and streamed",
    "TRANSACTION_ID", "CUSTOMER_ID", "TRANSACTION_DATE", "TRANSACTION_AMOUNT", "MERCHANT_NAME", "MERCHANT_CATEGORY",
    "CHANNEL", "STATUS",
)  # fmt: skip
BRONZE_CUSTOMERS = _bronze(
    "BRONZE_CUSTOMERS",
    "Cardholders at the start of the history, and their changes",
    "CUSTOMER_ID", "FIRST_NAME", "LAST_NAME", "EMAIL", "AGE", "STATE", "CITY", "EMPLOYMENT_STATUS", "CARD_TYPE",
    "CREDIT_LIMIT", "ACCOUNT_OPEN_DATE", "CUSTOMER_SEGMENT", "DECLINE_TYPE", "EFFECTIVE_DATE",
)  # fmt: skip
BRONZE_CAMPAIGN_ASSIGNMENTS = _bronze(
    "BRONZE_CAMPAIGN_ASSIGNMENTS",
    "Who was in which campaign, treated or held out",
    "CAMPAIGN_ID", "CUSTOMER_ID", "TREATMENT_GROUP", "OFFER", "OFFER_COST", "START_DATE", "END_DATE",
)  # fmt: skip

BRONZE_TABLES = (BRONZE_CUSTOMERS, BRONZE_TRANSACTIONS, BRONZE_CAMPAIGN_ASSIGNMENTS)

OBSERVABILITY_TABLES = (
    TableSpec(
        "PIPELINE_RUN_METADATA",
        "One row for each run of a pipeline",
        (
            ("RUN_ID", TEXT),
            ("PIPELINE_NAME", TEXT),
            ("STATUS", TEXT),
            ("STARTED_AT", MOMENT),
            ("FINISHED_AT", MOMENT),
            ("MODELS_RUN", NUMBER),
            ("MODELS_FAILED", NUMBER),
            ("ERROR_MESSAGE", TEXT),
        ),
    ),
    TableSpec(
        "MODEL_EXECUTION_LOG",
        "One row for each model or test of a run",
        (
            ("RUN_ID", TEXT),
            ("MODEL_NAME", TEXT),
            ("STATUS", TEXT),
            ("STARTED_AT", MOMENT),
            ("EXECUTION_SECONDS", FLOAT),
            ("ROWS_AFFECTED", NUMBER),
            ("MESSAGE", TEXT),
        ),
    ),
    TableSpec(
        "LAYER_RECORD_COUNTS",
        "How many records each model held after a run",
        (
            ("RUN_ID", TEXT),
            ("LAYER", TEXT),
            ("MODEL_NAME", TEXT),
            ("RECORD_COUNT", NUMBER),
            ("RUN_TIMESTAMP", MOMENT),
        ),
    ),
    TableSpec(
        "DATA_QUALITY_METRICS",
        "What each check of a run found",
        (
            ("RUN_ID", TEXT),
            ("RUN_TIMESTAMP", MOMENT),
            ("LAYER", TEXT),
            ("TABLE_NAME", TEXT),
            ("CHECK_TYPE", TEXT),
            ("RECORDS_CHECKED", NUMBER),
            ("RECORDS_FAILED", NUMBER),
            ("FAILURE_RATE", FLOAT),
            ("FAILURE_DETAILS", TEXT),
        ),
    ),
)


REPORTING_TABLES = (
    TableSpec(
        "JOBS",
        "Report jobs, from request to result",
        (
            ("JOB_ID", TEXT),
            ("NAME", TEXT),
            ("TYPE", TEXT),
            ("REQUESTED_BY", TEXT),
            ("PARAMETERS", TEXT),
            ("PRIORITY", NUMBER),
            ("STATUS", TEXT),
            ("CREATED_AT", MOMENT),
            ("QUEUED_AT", MOMENT),
            ("FINISHED_AT", MOMENT),
            ("RESULT_FILE", TEXT),
            ("ERROR_MESSAGE", TEXT),
        ),
    ),
)


class Tables(pulumi.ComponentResource):
    """The tables that exist before any pipeline runs; dbt makes all others.

    Attributes:
        bronze, observability, reporting: the table resources by name.
    """

    bronze: dict[str, snowflake.Table]
    observability: dict[str, snowflake.Table]
    reporting: dict[str, snowflake.Table]

    def __init__(
        self, name: str, database: AnalyticsDatabase, protect: bool, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("customer360:snowflake:Tables", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, protect=protect)
        self.bronze = {spec.name: _table(spec, SchemaName.BRONZE, database, child) for spec in BRONZE_TABLES}
        self.observability = {
            spec.name: _table(spec, SchemaName.OBSERVABILITY, database, child) for spec in OBSERVABILITY_TABLES
        }
        self.reporting = {spec.name: _table(spec, SchemaName.REPORTING, database, child) for spec in REPORTING_TABLES}
        self.register_outputs({"bronzeTables": [table.name for table in self.bronze.values()]})


def _table(
    spec: TableSpec, schema: SchemaName, database: AnalyticsDatabase, opts: pulumi.ResourceOptions
) -> snowflake.Table:
    return snowflake.Table(
        spec.name.lower().replace("_", "-"),
        name=spec.name,
        database=database.name,
        schema=database.schemas[schema].name,
        comment=spec.comment,
        columns=[snowflake.TableColumnArgs(name=column, type=kind) for column, kind in spec.columns],
        opts=opts,
    )
