"""Tasks and alerts.

https://docs.snowflake.com/en/sql-reference/sql/create-task
https://docs.snowflake.com/en/sql-reference/sql/create-alert
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import COMMENT, Property, SqlObject
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection
from local_cloud.engine.values import Properties


def _task_schedule(schedule: Any) -> str:
    if "usingCron" in schedule:
        return sql.text(f"USING CRON {schedule['usingCron']}")
    unit = next(iter(schedule))
    return sql.text(f"{schedule[unit]} {unit.upper()}")


def _alert_schedule(schedule: Any) -> str:
    if "cron" in schedule:
        return sql.text(f"USING CRON {schedule['cron']['expression']} {schedule['cron']['timeZone']}")
    return sql.text(f"{schedule['interval']} MINUTE")


class _Scheduled(SqlObject):
    """Created suspended; `runs` names the input that says whether it is resumed."""

    scope = ("database", "schema")
    renames = False
    runs: str

    def create_sql(self, inputs: Properties) -> list[str]:
        return super().create_sql(inputs) + ([self._turned(inputs, "RESUME")] if inputs.get(self.runs) else [])

    def alter_sql(self, old: Properties, new: Properties) -> list[str]:
        """What runs is suspended, changed and resumed; what does not run is changed alone."""
        changes = [*super().alter_sql(old, new), *self.altered_body(old, new)]
        before = [self._turned(old, "SUSPEND")] if old.get(self.runs) and (changes or not new.get(self.runs)) else []
        after = [self._turned(new, "RESUME")] if new.get(self.runs) and (changes or not old.get(self.runs)) else []
        return [*before, *changes, *after]

    def altered_body(self, old: Properties, new: Properties) -> list[str]:
        raise NotImplementedError

    def _turned(self, inputs: Properties, verb: str) -> str:
        return f"ALTER {self.kind} {self.fully_qualified(inputs)} {verb}"

    def read_more(self, connection: SnowflakeConnection, inputs: Properties, row: Mapping[str, Any]) -> Properties:
        return {self.runs: row["state"] == "started"} | self.read_body(inputs, row)

    def read_body(self, inputs: Properties, row: Mapping[str, Any]) -> Properties:
        raise NotImplementedError


class Task(_Scheduled):
    type = "snowflake:index/task:Task"
    kind = "TASK"
    runs = "started"
    properties = (
        Property("warehouse", "WAREHOUSE", sql.ident, "warehouse"),
        Property("schedule", "SCHEDULE", _task_schedule),
        Property("config", "CONFIG"),
        Property("allowOverlappingExecution", "ALLOW_OVERLAPPING_EXECUTION", sql.flag),
        Property("userTaskTimeoutMs", "USER_TASK_TIMEOUT_MS", sql.word),
        Property("suspendTaskAfterNumFailures", "SUSPEND_TASK_AFTER_NUM_FAILURES", sql.word),
        Property("errorIntegration", "ERROR_INTEGRATION", sql.ident),
        Property("taskAutoRetryAttempts", "TASK_AUTO_RETRY_ATTEMPTS", sql.word),
        COMMENT,
    )
    tristate = frozenset({"allowOverlappingExecution"})

    def clauses(self, inputs: Properties) -> list[str]:
        afters = [f"AFTER {', '.join(map(sql.requalified, inputs['afters']))}"] if inputs.get("afters") else []
        when = [f"WHEN {inputs['when']}"] if inputs.get("when") else []
        return [*super().clauses(inputs), *afters, *when, f"AS {inputs['sqlStatement']}"]

    def altered_body(self, old: Properties, new: Properties) -> list[str]:
        name, statements = self.fully_qualified(new), []
        before, now = (set(map(sql.requalified, each.get("afters") or [])) for each in (old, new))
        if before - now:
            statements.append(f"ALTER TASK {name} REMOVE AFTER {', '.join(sorted(before - now))}")
        if now - before:
            statements.append(f"ALTER TASK {name} ADD AFTER {', '.join(sorted(now - before))}")
        if old.get("when") != new.get("when"):
            change = f"MODIFY WHEN {new['when']}" if new.get("when") else "REMOVE WHEN"
            statements.append(f"ALTER TASK {name} {change}")
        if old["sqlStatement"] != new["sqlStatement"]:
            statements.append(f"ALTER TASK {name} MODIFY AS {new['sqlStatement']}")
        return statements

    def read_body(self, inputs: Properties, row: Mapping[str, Any]) -> Properties:
        return {"sqlStatement": row["definition"]}


class Alert(_Scheduled):
    type = "snowflake:index/alert:Alert"
    gate = "snowflake_alert_resource"
    kind = "ALERT"
    runs = "enabled"
    replaces = frozenset({"warehouse"})
    properties = (
        Property("warehouse", "WAREHOUSE", sql.ident, "warehouse", on_alter=False),
        Property("alertSchedule", "SCHEDULE", _alert_schedule),
        COMMENT,
    )

    def clauses(self, inputs: Properties) -> list[str]:
        return [*super().clauses(inputs), f"IF (EXISTS ({inputs['condition']})) THEN {inputs['action']}"]

    def altered_body(self, old: Properties, new: Properties) -> list[str]:
        name, statements = self.fully_qualified(new), []
        if old["condition"] != new["condition"]:
            statements.append(f"ALTER ALERT {name} MODIFY CONDITION EXISTS ({new['condition']})")
        if old["action"] != new["action"]:
            statements.append(f"ALTER ALERT {name} MODIFY ACTION {new['action']}")
        return statements

    def read_body(self, inputs: Properties, row: Mapping[str, Any]) -> Properties:
        return {"condition": row["condition"], "action": row["action"]}


HANDLERS = [Task(), Alert()]
