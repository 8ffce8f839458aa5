"""Streamlit apps. https://docs.snowflake.com/en/sql-reference/sql/create-streamlit (with ROOT_LOCATION)"""

from __future__ import annotations

from typing import Any

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import COMMENT, Property, SqlObject
from local_cloud.engine.values import Properties

_PROPERTIES = (
    Property("mainFile", "MAIN_FILE"),
    Property("queryWarehouse", "QUERY_WAREHOUSE", sql.ident, "query_warehouse", lambda value: value or None),
    Property("externalAccessIntegrations", "EXTERNAL_ACCESS_INTEGRATIONS", sql.idents),
    Property("title", "TITLE", sql.text, "title", lambda value: value or None),
    COMMENT,
)


class Streamlit(SqlObject):
    type = "snowflake:index/streamlit:Streamlit"
    kind = "STREAMLIT"
    scope = ("database", "schema")
    properties = _PROPERTIES

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        warehouse = inputs.get("queryWarehouse")
        if isinstance(warehouse, str) and warehouse != warehouse.upper():
            raise EngineError(
                f"{self.type} {name}: the input queryWarehouse is {warehouse!r}; it must be in upper case"
            )
        return super().check(name, inputs, provider)

    def same(self, key: str, old: Any, new: Any) -> bool:
        return (key == "stage" and sql.parts(old) == sql.parts(new)) or super().same(key, old, new)

    def clauses(self, inputs: Properties) -> list[str]:
        return [_root(inputs), *super().clauses(inputs)]

    def alter_sql(self, old: Properties, new: Properties) -> list[str]:
        statements = super().alter_sql(old, new)
        if _root(old) != _root(new):
            statements.append(f"ALTER STREAMLIT {self.fully_qualified(new)} SET {_root(new)}")
        return statements


def _root(inputs: Properties) -> str:
    folder = f"/{inputs['directoryLocation']}" if inputs.get("directoryLocation") else ""
    return f"ROOT_LOCATION = {sql.text('@' + sql.requalified(inputs['stage']) + folder)}"


HANDLERS = [Streamlit()]
