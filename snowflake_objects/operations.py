"""What runs by itself: procedures, whose code is in `procedures/`, and the tasks that call them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.database import AnalyticsDatabase
from snowflake_objects.naming import Names, SchemaName, Workload
from snowflake_objects.sections import FeatureSettings, ScheduleSettings

_CODE = Path(__file__).resolve().parent / "procedures"
_SNOWPARK = "1.20.0"
_FAILURES = 3


@dataclass(frozen=True)
class Work:
    """One procedure and the task that calls it.

    Attributes:
        procedure: its name; the file is named alike, in lower case.
        schema: where both live.
        workload: whose warehouse the task uses.
        schedule: picks the task's cron.
        argument: name of the one number that it takes, and what the task gives; None if it takes nothing.
        timeout_minutes: the task is cancelled after.
        comment: what it does.
    """

    procedure: str
    schema: SchemaName
    workload: Workload
    schedule: Callable[[ScheduleSettings], str]
    argument: tuple[str, int] | None
    timeout_minutes: int
    comment: str

    @property
    def call(self) -> str:
        return f"CALL {self.schema}.{self.procedure}({self.argument[1] if self.argument else ''})"


WORK = (
    Work(
        "REFRESH_CHURN_PREDICTIONS", SchemaName.ML, Workload.ML, lambda each: each.churn_refresh, None, 60,
        "Scores every customer",
    ),
    Work(
        "RETRAIN_CHURN_MODEL", SchemaName.ML, Workload.ML, lambda each: each.churn_retrain, None, 120,
        "Trains a challenger of the churn model",
    ),
    Work(
        "CHECK_DATA_QUALITY", SchemaName.OBSERVABILITY, Workload.TRANSFORM, lambda each: each.quality_checks,
        ("HOURS", 1), 15, "Checks what bronze received",
    ),
    Work(
        "CLEAN_UP", SchemaName.OBSERVABILITY, Workload.TRANSFORM, lambda each: each.clean_up, ("DAYS", 400), 30,
        "Removes what is past its retention",
    ),
    Work(
        "DISPATCH_REPORT_JOBS", SchemaName.REPORTING, Workload.TRANSFORM, lambda each: each.report_dispatch,
        ("MOST", 20), 5, "Queues new report jobs",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class OperationsArgs:
    """
    Attributes:
        database: the database and its schemas.
        names: makes the names.
        schedules: when tasks run.
        features: whether they do.
    """

    database: AnalyticsDatabase
    names: Names
    schedules: ScheduleSettings
    features: FeatureSettings


class Operations(pulumi.ComponentResource):
    """Procedures and tasks. Tasks are created suspended; `features.tasksStarted` resumes them."""

    def __init__(self, name: str, args: OperationsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:Operations", name, None, opts)
        for work in WORK:
            _task(work, args, _procedure(work, args, self), self)
        self.register_outputs({})


def _key(work: Work) -> str:
    return work.procedure.lower().replace("_", "-")


def _procedure(work: Work, args: OperationsArgs, parent: pulumi.Resource) -> snowflake.ProcedurePython:
    arguments = (
        [snowflake.ProcedurePythonArgumentArgs(arg_name=work.argument[0], arg_data_type="NUMBER")]
        if work.argument
        else None
    )
    return snowflake.ProcedurePython(
        f"{_key(work)}-procedure",
        name=work.procedure,
        database=args.database.name,
        schema=args.database.schemas[work.schema].name,
        arguments=arguments,
        return_type="VARCHAR",
        runtime_version="3.11",
        snowpark_package=_SNOWPARK,
        handler="main",
        procedure_definition=source(work),
        execute_as="OWNER",
        comment=work.comment,
        # Almost any change makes a new procedure, and two of one signature cannot be.
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )


def source(work: Work) -> str:
    """The procedure's code, as its file has it."""
    return (_CODE / f"{work.procedure.lower()}.py").read_text(encoding="utf-8").rstrip("\n")


def _task(
    work: Work, args: OperationsArgs, procedure: snowflake.ProcedurePython, parent: pulumi.Resource
) -> snowflake.Task:
    return snowflake.Task(
        f"{_key(work)}-task",
        name=work.procedure,
        database=args.database.name,
        schema=args.database.schemas[work.schema].name,
        warehouse=args.names.warehouse(work.workload),
        schedule=snowflake.TaskScheduleArgs(using_cron=f"{work.schedule(args.schedules)} {args.schedules.time_zone}"),
        sql_statement=args.database.name.apply(lambda database: work.call.replace("CALL ", f"CALL {database}.")),
        allow_overlapping_execution="false",
        suspend_task_after_num_failures=_FAILURES,
        user_task_timeout_ms=work.timeout_minutes * 60_000,
        started=args.features.tasks_started,
        comment=work.comment,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[procedure]),
    )
