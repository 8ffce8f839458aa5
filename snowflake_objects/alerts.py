"""Conditions that somebody must know of, with thresholds from the settings, and the mail that tells them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.database import AnalyticsDatabase
from snowflake_objects.naming import Names, SchemaName, Workload
from snowflake_objects.notifications import Email
from snowflake_objects.sections import AlertSettings, FeatureSettings
from snowflake_objects.tables import BRONZE_TABLES


class Severity(StrEnum):
    """How soon somebody must look."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True)
class Condition:
    """One alert.

    Attributes:
        name: of the alert.
        query: the condition: true when it returns a row. Gets the database's name, the warehouse's and the thresholds.
        sentence: what the mail says.
        evidence: where whoever reads the mail looks first.
    """

    name: str
    severity: Severity
    query: Callable[[str, str, AlertSettings], str]
    sentence: str
    evidence: str


def _since(settings: AlertSettings, severity: Severity) -> int:
    """Minutes that one look covers."""
    every = {Severity.CRITICAL: settings.critical_every_minutes, Severity.WARNING: settings.warning_every_minutes}
    return every.get(severity, 24 * 60)


def _failed_files(database: str, _warehouse: str, settings: AlertSettings) -> str:
    return " UNION ALL ".join(
        f"SELECT 1 FROM TABLE({database}.INFORMATION_SCHEMA.COPY_HISTORY("
        f"TABLE_NAME => '{database}.BRONZE.{table.name}', START_TIME => DATEADD(hour, -1, CURRENT_TIMESTAMP())"
        ")) HAVING COUNT_IF(STATUS IN ('Load failed', 'Partially loaded')) "
        f"> COUNT(*) * {settings.failed_files_percent} / 100"
        for table in BRONZE_TABLES
    )


def _failed_gold(database: str, _warehouse: str, settings: AlertSettings) -> str:
    minutes = _since(settings, Severity.CRITICAL)
    return (
        f"SELECT 1 FROM {database}.OBSERVABILITY.PIPELINE_RUN_METADATA WHERE MODELS_FAILED > 0 "
        f"AND FINISHED_AT > DATEADD(minute, -{minutes}, SYSDATE())"
    )


def _failed_scoring(database: str, _warehouse: str, settings: AlertSettings) -> str:
    minutes = _since(settings, Severity.CRITICAL)
    return (
        f"SELECT 1 FROM TABLE({database}.INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => 'REFRESH_CHURN_PREDICTIONS')) "
        f"WHERE STATE = 'FAILED' AND COMPLETED_TIME > DATEADD(minute, -{minutes}, CURRENT_TIMESTAMP())"
    )


def _duplicates(database: str, _warehouse: str, settings: AlertSettings) -> str:
    minutes = _since(settings, Severity.WARNING)
    return (
        f"SELECT 1 FROM {database}.OBSERVABILITY.DATA_QUALITY_METRICS "
        # The hourly check's name, and that of dbt's batches.
        "WHERE CHECK_TYPE IN ('duplicates', 'duplicate_transactions_in_batch') "
        f"AND FAILURE_RATE > {settings.duplicates_percent} / 100 "
        f"AND RUN_TIMESTAMP > DATEADD(minute, -{minutes}, SYSDATE())"
    )


def _slow_pipe(database: str, _warehouse: str, settings: AlertSettings) -> str:
    return (
        f"SELECT 1 FROM TABLE({database}.INFORMATION_SCHEMA.COPY_HISTORY("
        f"TABLE_NAME => '{database}.BRONZE.BRONZE_TRANSACTIONS', START_TIME => DATEADD(hour, -1, CURRENT_TIMESTAMP())"
        f")) WHERE DATEDIFF(minute, PIPE_RECEIVED_TIME, LAST_LOAD_TIME) > {settings.pipe_latency_minutes}"
    )


def _slow_queries(database: str, warehouse: str, settings: AlertSettings) -> str:
    return (
        f"SELECT 1 FROM TABLE({database}.INFORMATION_SCHEMA.QUERY_HISTORY_BY_WAREHOUSE("
        f"WAREHOUSE_NAME => '{warehouse}', END_TIME_RANGE_START => DATEADD(hour, -1, CURRENT_TIMESTAMP())"
        f")) WHERE TOTAL_ELAPSED_TIME > {settings.query_seconds} * 1000"
    )


def _failed_staging(database: str, _warehouse: str, settings: AlertSettings) -> str:
    minutes = _since(settings, Severity.INFORMATION)
    return (
        f"SELECT 1 FROM {database}.OBSERVABILITY.DATA_QUALITY_METRICS "
        "WHERE STARTSWITH(TABLE_NAME, 'stg_') AND RECORDS_FAILED > 0 "
        f"AND RUN_TIMESTAMP > DATEADD(minute, -{minutes}, SYSDATE())"
    )


def _moving_customers(database: str, _warehouse: str, settings: AlertSettings) -> str:
    minutes = _since(settings, Severity.INFORMATION)
    return (
        f"SELECT 1 FROM {database}.OBSERVABILITY.DATA_QUALITY_METRICS WHERE CHECK_TYPE = 'segment_changes_in_a_day' "
        f"AND FAILURE_RATE > {settings.segment_changes_percent} / 100 "
        f"AND RUN_TIMESTAMP > DATEADD(minute, -{minutes}, SYSDATE())"
    )


def _growing_storage(database: str, _warehouse: str, settings: AlertSettings) -> str:
    return (
        f"SELECT 1 FROM TABLE({database}.INFORMATION_SCHEMA.DATABASE_STORAGE_USAGE_HISTORY("
        f"DATEADD(day, -7, CURRENT_DATE()), CURRENT_DATE(), '{database}')) "
        "HAVING MAX_BY(AVERAGE_DATABASE_BYTES, USAGE_DATE) > MIN_BY(AVERAGE_DATABASE_BYTES, USAGE_DATE) "
        f"* (1 + {settings.storage_growth_percent} / 100)"
    )


def _costly_day(database: str, _warehouse: str, settings: AlertSettings) -> str:
    return (
        f"SELECT 1 FROM TABLE({database}.INFORMATION_SCHEMA.WAREHOUSE_METERING_HISTORY("
        # Both days are included: yesterday alone.
        "DATEADD(day, -1, CURRENT_DATE()), DATEADD(day, -1, CURRENT_DATE()))) "
        f"HAVING SUM(CREDITS_USED) * {settings.dollars_per_credit} > {settings.daily_dollars}"
    )


_COPIES = "INFORMATION_SCHEMA.COPY_HISTORY of the tables in BRONZE"
_CHECKS = "OBSERVABILITY.V_RECENT_DQ_FAILURES"
CONDITIONS = (
    Condition("FAILED_FILES", Severity.CRITICAL, _failed_files, "Files do not load into bronze", _COPIES),
    Condition(
        "FAILED_GOLD_RUN",
        Severity.CRITICAL,
        _failed_gold,
        "A run of the models failed",
        "OBSERVABILITY.V_LATEST_PIPELINE_RUNS",
    ),
    Condition(
        "FAILED_SCORING", Severity.CRITICAL, _failed_scoring, "Churn scoring failed", "INFORMATION_SCHEMA.TASK_HISTORY"
    ),
    Condition("DUPLICATES", Severity.WARNING, _duplicates, "Too many duplicates in a batch", _CHECKS),
    Condition("PIPE_LATENCY", Severity.WARNING, _slow_pipe, "The pipe is late", _COPIES),
    Condition(
        "SLOW_QUERIES",
        Severity.WARNING,
        _slow_queries,
        "Queries of the app are slow",
        "INFORMATION_SCHEMA.QUERY_HISTORY_BY_WAREHOUSE",
    ),
    Condition(
        "STORAGE_GROWTH",
        Severity.WARNING,
        _growing_storage,
        "Storage grows fast",
        "OBSERVABILITY.V_RECORD_COUNT_TRENDS",
    ),
    Condition(
        "DAILY_COST",
        Severity.INFORMATION,
        _costly_day,
        "The day cost more than planned",
        "INFORMATION_SCHEMA.WAREHOUSE_METERING_HISTORY",
    ),
    Condition(
        "SEGMENT_CHANGES",
        Severity.INFORMATION,
        _moving_customers,
        "Many customers changed segment",
        "SILVER.CUSTOMER_SEGMENT_HISTORY",
    ),
    Condition("FAILED_STAGING_TESTS", Severity.INFORMATION, _failed_staging, "Tests of staging fail", _CHECKS),
)


@dataclass(frozen=True)
class AlertsArgs:
    """
    Attributes:
        database: the database; alerts live in OBSERVABILITY.
        names: makes the names.
        settings: thresholds, and how often conditions are looked at.
        time_zone: of what is looked at by the clock.
        features: whether there are alerts, and whether they run.
        email: sends the mail.
        addresses: who gets it.
    """

    database: AnalyticsDatabase
    names: Names
    settings: AlertSettings
    time_zone: str
    features: FeatureSettings
    email: Email
    addresses: Sequence[str]


class Alerts(pulumi.ComponentResource):
    """One alert for each condition. Created suspended; `features.tasksStarted` resumes them."""

    def __init__(self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:Alerts", name, None, opts)
        if args.email.name is not None:
            for condition in CONDITIONS:
                _alert(condition, args, args.email.name, self)
        self.register_outputs({})


def _alert(
    condition: Condition, args: AlertsArgs, integration: pulumi.Output[str], parent: pulumi.Resource
) -> snowflake.Alert:
    warehouse = args.names.warehouse(Workload.ANALYTICS)
    return snowflake.Alert(
        f"{condition.name.lower().replace('_', '-')}-alert",
        name=condition.name,
        database=args.database.name,
        schema=args.database.schemas[SchemaName.OBSERVABILITY].name,
        warehouse=args.names.warehouse(Workload.TRANSFORM),
        alert_schedule=_schedule(condition.severity, args),
        condition=args.database.name.apply(lambda database: condition.query(database, warehouse, args.settings)),
        action=pulumi.Output.all(integration, args.database.name).apply(
            lambda known: mail(condition, integration=known[0], database=known[1], addresses=args.addresses)
        ),
        enabled=args.features.tasks_started,
        comment=f"{condition.severity}: {condition.sentence}",
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _schedule(severity: Severity, args: AlertsArgs) -> snowflake.AlertAlertScheduleArgs:
    if severity is Severity.INFORMATION:
        cron = snowflake.AlertAlertScheduleCronArgs(expression=args.settings.information_at, time_zone=args.time_zone)
        return snowflake.AlertAlertScheduleArgs(cron=cron)
    return snowflake.AlertAlertScheduleArgs(interval=_since(args.settings, severity))


def mail(condition: Condition, *, integration: str, database: str, addresses: Sequence[str]) -> str:
    """The statement that writes to everybody. https://docs.snowflake.com/en/sql-reference/stored-procedures/system_send_email"""
    subject = f"[{condition.severity}] {database}: {condition.sentence}"
    text = f"{condition.sentence}. Alert {condition.name} of {database}; look at {condition.evidence} there."
    return f"CALL SYSTEM$SEND_EMAIL('{integration}', '{', '.join(addresses)}', '{subject}', '{text}')"
