"""Tables. https://docs.snowflake.com/en/sql-reference/sql/create-table"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import COMMENT, Property, SqlObject, boolean, number
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection
from local_cloud.engine.values import UNKNOWN, Properties

_UNSUPPORTED = ("tags",)
_UNSUPPORTED_IN_COLUMN = ("maskingPolicy", "schemaEvolutionRecord", "identity")


class Table(SqlObject):
    type = "snowflake:index/table:Table"
    gate = "snowflake_table_resource"
    kind = "TABLE"
    scope = ("database", "schema")
    properties = (
        Property("dataRetentionTimeInDays", "DATA_RETENTION_TIME_IN_DAYS", sql.word, "retention_time", number),
        Property("changeTracking", "CHANGE_TRACKING", sql.flag, "change_tracking", boolean),
        COMMENT,
    )

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        checked = super().check(name, inputs, provider)
        columns = inputs.get("columns")
        for column in columns if isinstance(columns, list) else []:
            for key in _UNSUPPORTED_IN_COLUMN:
                if isinstance(column, dict) and column.get(key):
                    raise EngineError(
                        f"{self.type} {name}: the local engine does not support columns.{key}; leave it out"
                    )
        for key in _UNSUPPORTED:
            if key in inputs:
                raise EngineError(
                    f"{self.type} {name}: the local engine does not support the input {key}; leave it out"
                )
        return checked

    def clauses(self, inputs: Properties) -> list[str]:
        columns = inputs["columns"]
        inner = [str(columns)] if columns is UNKNOWN else [column_sql(column) for column in columns]
        key = inputs.get("primaryKey")
        if key:
            named = f"CONSTRAINT {sql.ident(key['name'])} " if key.get("name") else ""
            inner.append(f"{named}PRIMARY KEY {sql.idents(key['keys'])}")
        clustered = inputs.get("clusterBies") or []
        cluster = [f"CLUSTER BY ({', '.join(map(str, clustered))})"] if clustered else []
        return [f"({', '.join(inner)})", *cluster, *super().clauses(inputs)]

    def alter_sql(self, old: Properties, new: Properties) -> list[str]:
        target = f"ALTER TABLE {self.fully_qualified(new)}"
        before, after = ({column["name"]: column for column in each["columns"]} for each in (old, new))
        statements = [f"{target} DROP COLUMN {sql.ident(name)}" for name in before if name not in after]
        statements += [
            f"{target} ADD COLUMN {column_sql(column)}" for name, column in after.items() if name not in before
        ]
        for name, column in after.items():
            if name in before and before[name] != column:
                statements += [f"{target} {change}" for change in _column_changes(before[name], column)]
        if old.get("clusterBies") != new.get("clusterBies"):
            clustered = new.get("clusterBies") or []
            how = f"CLUSTER BY ({', '.join(map(str, clustered))})" if clustered else "DROP CLUSTERING KEY"
            statements.append(f"{target} {how}")
        if old.get("primaryKey") != new.get("primaryKey"):
            statements += [f"{target} DROP PRIMARY KEY"] if old.get("primaryKey") else []
            if new.get("primaryKey"):
                statements.append(f"{target} ADD PRIMARY KEY {sql.idents(new['primaryKey']['keys'])}")
        renaming_first = super().alter_sql(old, new)
        return renaming_first + statements

    def read_more(self, connection: SnowflakeConnection, inputs: Properties, row: Mapping[str, Any]) -> Properties:
        """Columns by name, type and nullability; what else was asked for of a column is taken as it was recorded."""
        recorded = {column["name"]: column for column in inputs["columns"]}
        rows = connection.execute(f"DESCRIBE TABLE {self.fully_qualified(inputs)}")
        columns = []
        for each in rows:
            live = {"name": each["name"], "type": each["type"]}
            if str(each["null?"]).upper() == "N":
                live["nullable"] = False
            before = recorded.get(each["name"], {})
            kept = {key: value for key, value in before.items() if key not in live and key != "nullable"}
            if _same_type(before.get("type", ""), live["type"]):
                live["type"] = before["type"]
            if "nullable" in before and "nullable" not in live:
                live["nullable"] = True
            columns.append(kept | live)
        return {"columns": columns}


_SYNONYMS = {
    "STRING": "VARCHAR(16777216)", "TEXT": "VARCHAR(16777216)", "VARCHAR": "VARCHAR(16777216)",
    "NUMBER": "NUMBER(38,0)", "INT": "NUMBER(38,0)", "INTEGER": "NUMBER(38,0)", "BIGINT": "NUMBER(38,0)",
    "DOUBLE": "FLOAT", "REAL": "FLOAT",
    "TIMESTAMP_NTZ": "TIMESTAMP_NTZ(9)", "TIMESTAMP_LTZ": "TIMESTAMP_LTZ(9)", "TIMESTAMP_TZ": "TIMESTAMP_TZ(9)",
}  # fmt: skip


def _same_type(one: str, other: str) -> bool:
    plain = [each.upper().replace(" ", "") for each in (one, other)]
    return _SYNONYMS.get(plain[0], plain[0]) == _SYNONYMS.get(plain[1], plain[1])


def column_sql(column: Properties) -> str:
    """`"NAME" TYPE [COLLATE ''] [DEFAULT ...] [NOT NULL] [COMMENT '']`"""
    found = [sql.ident(column["name"]), str(column["type"])]
    if column.get("collate"):
        found.append(f"COLLATE {sql.text(column['collate'])}")
    default = column.get("default") or {}
    if "constant" in default:
        found.append(f"DEFAULT {sql.text(default['constant'])}")
    elif "expression" in default:
        found.append(f"DEFAULT {default['expression']}")
    elif "sequence" in default:
        found.append(f"DEFAULT {sql.requalified(default['sequence'])}.NEXTVAL")
    if column.get("nullable") is False:
        found.append("NOT NULL")
    return " ".join(found + ([f"COMMENT {sql.text(column['comment'])}"] if column.get("comment") else []))


def _column_changes(old: Properties, new: Properties) -> list[str]:
    name, changes = sql.ident(new["name"]), []
    if old["type"] != new["type"]:
        changes.append(f"ALTER COLUMN {name} SET DATA TYPE {new['type']}")
    if old.get("nullable", True) != new.get("nullable", True):
        changes.append(f"ALTER COLUMN {name} {'DROP' if new.get('nullable', True) else 'SET'} NOT NULL")
    if old.get("comment") != new.get("comment"):
        changes.append(f"ALTER COLUMN {name} COMMENT {sql.text(new.get('comment') or '')}")
    return changes


HANDLERS = [Table()]
