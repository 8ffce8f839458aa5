"""Warehouses and resource monitors.

https://docs.snowflake.com/en/sql-reference/sql/create-warehouse
https://docs.snowflake.com/en/sql-reference/sql/create-resource-monitor
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import (
    COMMENT,
    Property,
    SqlObject,
    boolean_text,
    number,
)  # fmt: skip
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection
from local_cloud.engine.values import UNKNOWN, Properties

SIZES = {
    "XSMALL": "XSMALL", "X-SMALL": "XSMALL", "SMALL": "SMALL", "MEDIUM": "MEDIUM", "LARGE": "LARGE", "XLARGE": "XLARGE",
    "X-LARGE": "XLARGE", "XXLARGE": "XXLARGE", "X2LARGE": "XXLARGE", "2X-LARGE": "XXLARGE", "XXXLARGE": "XXXLARGE",
    "X3LARGE": "XXXLARGE", "3X-LARGE": "XXXLARGE", "X4LARGE": "X4LARGE", "4X-LARGE": "X4LARGE", "X5LARGE": "X5LARGE",
    "5X-LARGE": "X5LARGE", "X6LARGE": "X6LARGE", "6X-LARGE": "X6LARGE",
}  # fmt: skip
"""Every spelling of a size, and the one that the provider sends."""


def _size(value: Any) -> str:
    return SIZES.get(str(value).upper(), str(value))


def _monitor(value: Any) -> str | None:
    return None if value in (None, "", "null") else str(value)


class Warehouse(SqlObject):
    type = "snowflake:index/warehouse:Warehouse"
    kind = "WAREHOUSE"
    properties = (
        Property("warehouseType", "WAREHOUSE_TYPE", sql.quoted_word, "type", lambda value: str(value).upper()),
        Property("warehouseSize", "WAREHOUSE_SIZE", lambda value: sql.text(_size(value)), "size", _size),
        Property("resourceConstraint", "RESOURCE_CONSTRAINT", sql.word),
        Property("generation", "GENERATION", sql.text),
        Property("maxClusterCount", "MAX_CLUSTER_COUNT", sql.word, "max_cluster_count", number),
        Property("minClusterCount", "MIN_CLUSTER_COUNT", sql.word, "min_cluster_count", number),
        Property("scalingPolicy", "SCALING_POLICY", sql.quoted_word, "scaling_policy"),
        Property("autoSuspend", "AUTO_SUSPEND", sql.word, "auto_suspend", number),
        Property("autoResume", "AUTO_RESUME", sql.flag, "auto_resume", boolean_text),
        Property("initiallySuspended", "INITIALLY_SUSPENDED", sql.flag, on_alter=False),
        Property("resourceMonitor", "RESOURCE_MONITOR", sql.ident, "resource_monitor", _monitor),
        COMMENT,
        Property(
            "enableQueryAcceleration", "ENABLE_QUERY_ACCELERATION", sql.flag, "enable_query_acceleration", boolean_text
        ),
        Property("queryAccelerationMaxScaleFactor", "QUERY_ACCELERATION_MAX_SCALE_FACTOR", sql.word, "query_acceleration_max_scale_factor", number),  # noqa: E501
        Property("maxConcurrencyLevel", "MAX_CONCURRENCY_LEVEL", sql.word),
        Property("statementQueuedTimeoutInSeconds", "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", sql.word),
        Property("statementTimeoutInSeconds", "STATEMENT_TIMEOUT_IN_SECONDS", sql.word),
    )  # fmt: skip
    tristate = frozenset({"autoResume", "enableQueryAcceleration"})
    allowed = {
        "warehouseSize": tuple(SIZES),
        "warehouseType": ("STANDARD", "SNOWPARK-OPTIMIZED"),
        "scalingPolicy": ("STANDARD", "ECONOMY"),
    }

    def same(self, key: str, old: Any, new: Any) -> bool:
        """A size has several spellings."""
        return key == "warehouseSize" and _size(old) == _size(new)

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        suspend = inputs.get("autoSuspend", 0)
        if isinstance(suspend, int) and suspend < 0:
            raise EngineError(f"{self.type} {name}: the input autoSuspend is {suspend}; allowed is 0 or more seconds")
        return super().check(name, inputs, provider)


class ResourceMonitor(SqlObject):
    type = "snowflake:index/resourceMonitor:ResourceMonitor"
    kind = "RESOURCE MONITOR"
    renames = False
    properties = ()
    allowed = {"frequency": ("MONTHLY", "DAILY", "WEEKLY", "YEARLY", "NEVER")}

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        if ("frequency" in inputs) != ("startTimestamp" in inputs):
            raise EngineError(f"{self.type} {name}: the inputs frequency and startTimestamp go together")
        if _triggers(inputs) and not any(
            key in inputs for key in ("creditQuota", "frequency", "endTimestamp", "notifyUsers")
        ):
            raise EngineError(f"{self.type} {name}: triggers alone are not enough; give it a creditQuota")
        return super().check(name, inputs, provider)

    def replaced_by(self, old: Properties, new: Properties, changed: set[str]) -> set[str]:
        """Triggers cannot all be taken away from a monitor."""
        lost = _triggers(old) and not _triggers(new)
        triggers = changed & {"notifyTriggers", "suspendTrigger", "suspendImmediateTrigger"}
        return super().replaced_by(old, new, changed) | (triggers if lost else set())

    def create_sql(self, inputs: Properties) -> list[str]:
        return [" ".join([f"CREATE RESOURCE MONITOR {self.fully_qualified(inputs)}", *_options(inputs, "WITH")])]

    def alter_sql(self, old: Properties, new: Properties) -> list[str]:
        changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)} - {"name"}
        if not changed:
            return []
        return [" ".join([f"ALTER RESOURCE MONITOR {self.fully_qualified(new)}", *_options(new, "SET", old)])]

    def read_more(self, connection: SnowflakeConnection, inputs: Properties, row: Mapping[str, Any]) -> Properties:
        live: Properties = {"creditQuota": number(row.get("credit_quota"))} if "credit_quota" in row else {}
        for key, column in (("suspendTrigger", "suspend_at"), ("suspendImmediateTrigger", "suspend_immediately_at")):
            if key in inputs and column in row:
                live[key] = number(str(row[column] or "").rstrip("%"))
        if "notifyTriggers" in inputs and "notify_at" in row:
            found = [int(each.strip().rstrip("%")) for each in str(row["notify_at"] or "").split(",") if each.strip()]
            live["notifyTriggers"] = found
        return live


def _options(inputs: Properties, verb: str, old: Properties | None = None) -> list[str]:
    """Properties and triggers; on ALTER only properties that changed, but all triggers, which replace each other."""
    named = (
        ("creditQuota", "CREDIT_QUOTA", sql.word), ("frequency", "FREQUENCY", sql.word),
        ("startTimestamp", "START_TIMESTAMP", _timestamp), ("endTimestamp", "END_TIMESTAMP", sql.text),
        ("notifyUsers", "NOTIFY_USERS", sql.idents),
    )  # fmt: skip
    properties = [
        f"{keyword} = {render(inputs[key])}"
        for key, keyword, render in named
        if inputs.get(key) is not None and (old is None or old.get(key) != inputs[key])
    ]
    triggers = _triggers(inputs)
    return [
        *([verb, *properties] if properties else []),
        *(["TRIGGERS", *triggers] if triggers and (old is None or _triggers(old) != triggers) else []),
    ]


def _timestamp(value: Any) -> str:
    return "IMMEDIATELY" if str(value).upper() == "IMMEDIATELY" else sql.text(value)


def _triggers(inputs: Properties) -> list[str]:
    notify = inputs.get("notifyTriggers") or []
    found = [f"ON {each} PERCENT DO NOTIFY" for each in ([] if notify is UNKNOWN else sorted(notify))]
    for key, action in (("suspendTrigger", "SUSPEND"), ("suspendImmediateTrigger", "SUSPEND_IMMEDIATE")):
        if inputs.get(key) is not None:
            found.append(f"ON {inputs[key]} PERCENT DO {action}")
    return found


HANDLERS = [Warehouse(), ResourceMonitor()]
