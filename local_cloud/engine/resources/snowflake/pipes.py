"""Pipes. https://docs.snowflake.com/en/sql-reference/sql/create-pipe"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import COMMENT, Property, SqlObject
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection
from local_cloud.engine.values import Properties


class Pipe(SqlObject):
    type = "snowflake:index/pipe:Pipe"
    gate = "snowflake_pipe_resource"
    kind = "PIPE"
    scope = ("database", "schema")
    renames = False
    replaces = frozenset({"copyStatement", "autoIngest", "awsSnsTopicArn"})
    properties = (
        Property("autoIngest", "AUTO_INGEST", sql.flag, on_alter=False),
        Property("errorIntegration", "ERROR_INTEGRATION", sql.ident, "error_integration"),
        Property("awsSnsTopicArn", "AWS_SNS_TOPIC", sql.text, on_alter=False),
        Property("integration", "INTEGRATION", sql.text, on_alter=False),
        COMMENT,
    )

    def same(self, key: str, old: Any, new: Any) -> bool:
        """Blanks and a semicolon around the statement do not matter; a changed integration is not noticed."""
        if key == "copyStatement":
            return bool(old.strip(" \n\t;") == new.strip(" \n\t;"))
        return key == "integration" or super().same(key, old, new)

    def clauses(self, inputs: Properties) -> list[str]:
        return [*super().clauses(inputs), f"AS {inputs['copyStatement']}"]

    def computed(self, connection: SnowflakeConnection, inputs: Properties) -> Properties:
        row = self.shown(connection, inputs) or {}
        channel, owner = row.get("notification_channel"), row.get("owner")
        return self.predicted(inputs) | {"notificationChannel": channel or "", "owner": owner or ""}

    def read_more(self, connection: SnowflakeConnection, inputs: Properties, row: Mapping[str, Any]) -> Properties:
        live: Properties = {"copyStatement": row["definition"]} if row.get("definition") else {}
        channel = str(row.get("notification_channel") or "")
        if "autoIngest" in inputs:
            live["autoIngest"] = bool(channel)
        if "awsSnsTopicArn" in inputs and ":sns:" in channel:
            live["awsSnsTopicArn"] = channel
        return live


HANDLERS = [Pipe()]
