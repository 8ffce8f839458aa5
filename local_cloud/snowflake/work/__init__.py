"""What runs by itself or for others: tasks, alerts, procedures, and the messages that they send."""

from local_cloud.snowflake import clock
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.work import (
    alerts,
    call,
    callback,
    failure_notices,
    history_functions,
    notifications,
    procedures,
    runs,
    scheduler,
    streams,
    task_parameters,
    tasks,
    usage_functions,
)

__all__ = [
    "alerts",
    "call",
    "callback",
    "failure_notices",
    "history_functions",
    "notifications",
    "procedures",
    "start",
    "stop",
    "streams",
    "task_parameters",
    "tasks",
    "usage_functions",
]


def start(account: Account) -> None:
    """Go on with the schedules of started tasks and alerts; runs that were due meanwhile are left out."""
    scheduler.wake(account)


def stop(account: Account) -> None:
    """End the schedules and wait for what runs."""
    scheduler.forget(account)
    callback.withdraw(account)
    runs.close(account)
    clock.forget(account)
