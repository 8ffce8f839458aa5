"""Any statement with its own inverse, and a query whose rows become an output.

https://www.pulumi.com/registry/packages/snowflake/api-docs/execute/
"""

from __future__ import annotations

import uuid
from typing import Any

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.base import Live
from local_cloud.engine.resources.snowflake.base import SqlHandler
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection
from local_cloud.engine.values import Properties

_FORBIDDEN = ("USE ROLE", "USE WAREHOUSE", "USE SECONDARY")


class Execute(SqlHandler):
    type = "snowflake:index/execute:Execute"
    replaces = frozenset({"execute"})

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        for key in ("execute", "revert", "query"):
            value = inputs.get(key)
            if isinstance(value, str) and " ".join(value.upper().split()).startswith(_FORBIDDEN):
                raise EngineError(
                    f"{self.type} {name}: the input {key} may not switch role or warehouse; use another provider"
                )
        return super().check(name, inputs, provider)

    def id_of(self, inputs: Properties) -> str:
        return str(uuid.uuid4())

    def renamed_id(self, id_: str, inputs: Properties) -> str:
        return id_

    def identity(self, inputs: Properties) -> object:
        """Always the same: the old statement is reverted before the new one runs."""
        return "execute"

    def recomputed(self, changed: set[str]) -> set[str]:
        return {"queryResults"}

    def create_sql(self, inputs: Properties) -> list[str]:
        return [inputs["execute"]]

    def drop_sql(self, inputs: Properties) -> list[str]:
        return [inputs["revert"]]

    def computed(self, connection: SnowflakeConnection, inputs: Properties) -> Properties:
        """Rows as texts by column. A query that fails gives no rows, as with the provider."""
        if not inputs.get("query"):
            return {"queryResults": None}
        try:
            rows = connection.query(inputs["query"])
        except Exception as error:
            if type(error).__name__ != "ProgrammingError":
                raise
            return {"queryResults": []}
        return {"queryResults": [{key: _text(value) for key, value in row.items()} for row in rows]}

    def adopt(self, connection: SnowflakeConnection, inputs: Properties) -> tuple[str, Properties] | None:
        """Whether the statement ran is unknown; like the provider, run it again."""
        return None

    def read(self, connection: SnowflakeConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        return Live({}, self.computed(connection, inputs))


def _text(value: Any) -> str:
    return "" if value is None else str(value)


HANDLERS = [Execute()]
