"""Python procedures. https://docs.snowflake.com/en/sql-reference/sql/create-procedure"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import SqlObject
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection
from local_cloud.engine.values import UNKNOWN, Properties


class ProcedurePython(SqlObject):
    """Everything but the comment makes a new procedure, whose grants are lost with the old one."""

    type = "snowflake:index/procedurePython:ProcedurePython"
    gate = "snowflake_procedure_python_resource"
    kind = "PROCEDURE"
    scope = ("database", "schema")
    renames = False
    replaces = frozenset({
        "arguments", "handler", "packages", "procedureDefinition", "returnType", "runtimeVersion", "snowparkPackage",
        "executeAs",
    })  # fmt: skip
    allowed = {"executeAs": ("OWNER", "CALLER"), "runtimeVersion": ("3.9", "3.10", "3.11", "3.12")}
    _supported = replaces | {"name", "database", "schema", "comment"}

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        unsupported = set(inputs) - self._supported
        if unsupported:
            raise EngineError(
                f"{self.type} {name}: the local engine does not support {', '.join(sorted(unsupported))}; leave it out"
            )
        if "$$" in str(inputs.get("procedureDefinition", "")):
            raise EngineError(f"{self.type} {name}: procedureDefinition holds $$, which ends a definition")
        return super().check(name, inputs, provider)

    def _signature(self, inputs: Properties) -> str:
        types = ", ".join(each["argDataType"] for each in inputs.get("arguments") or [])
        return f"{self.fully_qualified(inputs)}({types})"

    def id_of(self, inputs: Properties) -> str:
        return self._signature(inputs)

    def predicted(self, inputs: Properties) -> Properties:
        known = all(isinstance(inputs.get(key), str) for key in (*self.scope, "name"))
        return (
            {"fullyQualifiedName": self._signature(inputs)} if known and inputs.get("arguments") is not UNKNOWN else {}
        )

    def create_sql(self, inputs: Properties) -> list[str]:
        arguments = ", ".join(
            " ".join([
                sql.ident(each["argName"]),
                each["argDataType"],
                *([f"DEFAULT {each['argDefaultValue']}"] if each.get("argDefaultValue") else []),
            ])
            for each in inputs.get("arguments") or []
        )  # fmt: skip
        packages = [f"snowflake-snowpark-python=={inputs['snowparkPackage']}", *(inputs.get("packages") or [])]
        parts = [
            f"CREATE PROCEDURE {self.fully_qualified(inputs)} ({arguments})",
            f"RETURNS {inputs['returnType']}",
            "LANGUAGE PYTHON",
            f"RUNTIME_VERSION = {sql.text(inputs['runtimeVersion'])}",
            f"PACKAGES = {sql.texts(packages)}",
            f"HANDLER = {sql.text(inputs['handler'])}",
            *([f"COMMENT = {sql.text(inputs['comment'])}"] if inputs.get("comment") else []),
            *([f"EXECUTE AS {inputs['executeAs']}"] if inputs.get("executeAs") else []),
        ]
        return [f"{' '.join(parts)} AS $$\n{inputs['procedureDefinition']}\n$$"]

    def alter_sql(self, old: Properties, new: Properties) -> list[str]:
        if old.get("comment") == new.get("comment"):
            return []
        change = f"SET COMMENT = {sql.text(new['comment'])}" if new.get("comment") else "UNSET COMMENT"
        return [f"ALTER PROCEDURE {self._signature(new)} {change}"]

    def drop_sql(self, inputs: Properties) -> list[str]:
        return [f"DROP PROCEDURE IF EXISTS {self._signature(inputs)}"]

    def read_more(self, connection: SnowflakeConnection, inputs: Properties, row: Mapping[str, Any]) -> Properties:
        rows = connection.execute(f"DESCRIBE PROCEDURE {self._signature(inputs)}")
        described = {str(each["property"]): each["value"] for each in rows}
        return {"procedureDefinition": str(described["body"]).strip("\n"), "handler": described["handler"]}


HANDLERS = [ProcedurePython()]
