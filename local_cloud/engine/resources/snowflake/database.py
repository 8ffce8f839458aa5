"""Databases and schemas.

https://docs.snowflake.com/en/sql-reference/sql/create-database
https://docs.snowflake.com/en/sql-reference/sql/create-schema
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import COMMENT, Property, SqlObject, boolean_text, number
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection
from local_cloud.engine.values import Properties

_PARAMETERS = (
    Property("dataRetentionTimeInDays", "DATA_RETENTION_TIME_IN_DAYS", sql.word, "retention_time", number),
    Property("maxDataExtensionTimeInDays", "MAX_DATA_EXTENSION_TIME_IN_DAYS", sql.word),
    Property("externalVolume", "EXTERNAL_VOLUME", sql.ident),
    Property("catalog", "CATALOG", sql.ident),
    Property("replaceInvalidCharacters", "REPLACE_INVALID_CHARACTERS", sql.flag),
    Property("defaultDdlCollation", "DEFAULT_DDL_COLLATION"),
    Property("storageSerializationPolicy", "STORAGE_SERIALIZATION_POLICY", sql.word),
    Property("logLevel", "LOG_LEVEL", sql.quoted_word),
    Property("traceLevel", "TRACE_LEVEL", sql.quoted_word),
    Property("suspendTaskAfterNumFailures", "SUSPEND_TASK_AFTER_NUM_FAILURES", sql.word),
    Property("taskAutoRetryAttempts", "TASK_AUTO_RETRY_ATTEMPTS", sql.word),
    Property("userTaskTimeoutMs", "USER_TASK_TIMEOUT_MS", sql.word),
    Property("quotedIdentifiersIgnoreCase", "QUOTED_IDENTIFIERS_IGNORE_CASE", sql.flag),
    Property("enableConsoleOutput", "ENABLE_CONSOLE_OUTPUT", sql.flag),
)
_LOG_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF")


class Database(SqlObject):
    type = "snowflake:index/database:Database"
    kind = "DATABASE"
    replaces = frozenset({"isTransient"})
    properties = (*_PARAMETERS, COMMENT)
    allowed = {"logLevel": _LOG_LEVELS}

    def created_kind(self, inputs: Properties) -> str:
        return "TRANSIENT DATABASE" if inputs.get("isTransient") else "DATABASE"

    def create_sql(self, inputs: Properties) -> list[str]:
        statements = super().create_sql(inputs)
        if inputs.get("dropPublicSchemaOnCreation"):
            statements.append(f'DROP SCHEMA IF EXISTS {sql.ident(inputs["name"])}."PUBLIC"')
        return statements


class Schema(SqlObject):
    type = "snowflake:index/schema:Schema"
    kind = "SCHEMA"
    scope = ("database",)
    replaces = frozenset({"isTransient"})
    properties = (*_PARAMETERS, Property("pipeExecutionPaused", "PIPE_EXECUTION_PAUSED", sql.flag), COMMENT)
    tristate = frozenset({"withManagedAccess", "isTransient"})
    allowed = {"logLevel": _LOG_LEVELS}

    def created_kind(self, inputs: Properties) -> str:
        return "TRANSIENT SCHEMA" if inputs.get("isTransient") == "true" else "SCHEMA"

    def clauses(self, inputs: Properties) -> list[str]:
        managed = ["WITH MANAGED ACCESS"] if inputs.get("withManagedAccess") == "true" else []
        return managed + super().clauses(inputs)

    def alter_sql(self, old: Properties, new: Properties) -> list[str]:
        statements = super().alter_sql(old, new)
        before, after = (each.get("withManagedAccess") == "true" for each in (old, new))
        if before != after:
            change = "ENABLE" if after else "DISABLE"
            statements.append(f"ALTER SCHEMA {self.fully_qualified(new)} {change} MANAGED ACCESS")
        return statements

    def read_more(self, connection: SnowflakeConnection, inputs: Properties, row: Mapping[str, Any]) -> Properties:
        if "withManagedAccess" not in inputs or "options" not in row:
            return {}
        return {"withManagedAccess": boolean_text("MANAGED ACCESS" in str(row["options"]).upper())}


HANDLERS = [Database(), Schema()]
