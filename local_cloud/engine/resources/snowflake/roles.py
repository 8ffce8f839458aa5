"""Roles, who has them, and who owns what.

https://docs.snowflake.com/en/sql-reference/sql/grant-role
https://docs.snowflake.com/en/sql-reference/sql/grant-database-role
https://docs.snowflake.com/en/sql-reference/sql/grant-ownership
"""

from __future__ import annotations

from typing import Any, ClassVar

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.base import Live
from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import SqlHandler, SqlObject
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection, is_gone
from local_cloud.engine.values import Properties


class AccountRole(SqlObject):
    type = "snowflake:index/accountRole:AccountRole"
    kind = "ROLE"


class DatabaseRole(SqlObject):
    type = "snowflake:index/databaseRole:DatabaseRole"
    kind = "DATABASE ROLE"
    scope = ("database",)

    def show_sql(self, inputs: Properties) -> str:
        """SHOW DATABASE ROLES has its own order of clauses and no pattern that every edition takes."""
        return f"SHOW DATABASE ROLES IN DATABASE {sql.requalified(inputs['database'])}"


class GrantHandler(SqlHandler):
    """Base of grants: any change is another grant.

    Attributes:
        names: inputs that are object names, quoted or not.
    """

    names: ClassVar[frozenset[str]] = frozenset()

    def grant(self, inputs: Properties) -> tuple[str, str]:
        """What is granted, and to whom: `ROLE "A"`, `ROLE "B"`."""
        raise NotImplementedError

    def id_of(self, inputs: Properties) -> str:
        return "|".join(self.grant(inputs))

    def same(self, key: str, old: Any, new: Any) -> bool:
        return key in self.names and sql.parts(old) == sql.parts(new)

    def create_sql(self, inputs: Properties) -> list[str]:
        what, grantee = self.grant(inputs)
        return [f"GRANT {what} TO {grantee}"]

    def drop_sql(self, inputs: Properties) -> list[str]:
        what, grantee = self.grant(inputs)
        return [f"REVOKE {what} FROM {grantee}"]

    def rows(self, connection: SnowflakeConnection, statement: str) -> list[dict[str, Any]]:
        """Rows of SHOW GRANTS; none when the object itself is gone."""
        try:
            return connection.execute(statement)
        except Exception as error:
            if is_gone(error):
                return []
            raise


def _one_of(type_: str, name: str, inputs: Properties, keys: tuple[str, ...]) -> None:
    given = [key for key in keys if key in inputs]
    if len(given) != 1:
        raise EngineError(f"{type_} {name}: exactly one of the inputs {', '.join(keys)} is needed, not {len(given)}")


class GrantAccountRole(GrantHandler):
    type = "snowflake:index/grantAccountRole:GrantAccountRole"
    replaces = frozenset({"roleName", "parentRoleName", "userName"})
    names = replaces

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        _one_of(self.type, name, inputs, ("parentRoleName", "userName"))
        return super().check(name, inputs, provider)

    def grant(self, inputs: Properties) -> tuple[str, str]:
        if "userName" in inputs:
            return f"ROLE {sql.ident(inputs['roleName'])}", f"USER {sql.ident(inputs['userName'])}"
        return f"ROLE {sql.ident(inputs['roleName'])}", f"ROLE {sql.ident(inputs['parentRoleName'])}"

    def read(self, connection: SnowflakeConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        kind, key = ("USER", "userName") if "userName" in inputs else ("ROLE", "parentRoleName")
        wanted = sql.parts(inputs[key])[-1]
        rows = self.rows(connection, f"SHOW GRANTS OF ROLE {sql.ident(inputs['roleName'])}")
        held = any(row["granted_to"] == kind and sql.parts(row["grantee_name"])[-1] == wanted for row in rows)
        return Live({}) if held else None


class GrantDatabaseRole(GrantHandler):
    type = "snowflake:index/grantDatabaseRole:GrantDatabaseRole"
    replaces = frozenset({"databaseRoleName", "parentRoleName", "parentDatabaseRoleName", "shareName"})
    names = replaces

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        _one_of(self.type, name, inputs, ("parentRoleName", "parentDatabaseRoleName", "shareName"))
        return super().check(name, inputs, provider)

    def grant(self, inputs: Properties) -> tuple[str, str]:
        what = f"DATABASE ROLE {sql.requalified(inputs['databaseRoleName'])}"
        if "parentRoleName" in inputs:
            return what, f"ROLE {sql.ident(inputs['parentRoleName'])}"
        if "shareName" in inputs:
            return what, f"SHARE {sql.ident(inputs['shareName'])}"
        return what, f"DATABASE ROLE {sql.requalified(inputs['parentDatabaseRoleName'])}"

    def read(self, connection: SnowflakeConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        key = next(key for key in ("parentRoleName", "parentDatabaseRoleName", "shareName") if key in inputs)
        wanted = sql.parts(inputs[key])[-1]
        rows = self.rows(connection, f"SHOW GRANTS OF DATABASE ROLE {sql.requalified(inputs['databaseRoleName'])}")
        kinds = {"parentRoleName": "ROLE", "parentDatabaseRoleName": "DATABASE ROLE", "shareName": "SHARE"}
        held = any(
            str(row["granted_to"]).replace("_", " ") == kinds[key] and sql.parts(row["grantee_name"])[-1] == wanted
            for row in rows
        )
        return Live({}) if held else None


class GrantOwnership(GrantHandler):
    type = "snowflake:index/grantOwnership:GrantOwnership"
    replaces = frozenset({"accountRoleName", "databaseRoleName", "on", "outboundPrivileges"})
    names = frozenset({"accountRoleName", "databaseRoleName"})
    allowed = {"outboundPrivileges": ("COPY", "REVOKE")}

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        _one_of(self.type, name, inputs, ("accountRoleName", "databaseRoleName"))
        return super().check(name, inputs, provider)

    def grant(self, inputs: Properties) -> tuple[str, str]:
        if "accountRoleName" in inputs:
            grantee = f"ROLE {sql.ident(inputs['accountRoleName'])}"
        else:
            grantee = f"DATABASE ROLE {sql.requalified(inputs['databaseRoleName'])}"
        return f"OWNERSHIP ON {owned(inputs['on'])}", grantee

    def create_sql(self, inputs: Properties) -> list[str]:
        outbound = f" {inputs['outboundPrivileges'].upper()} CURRENT GRANTS" if inputs.get("outboundPrivileges") else ""
        return [f"{super().create_sql(inputs)[0]}{outbound}"]

    def drop_sql(self, inputs: Properties) -> list[str]:
        """Ownership cannot be revoked: it goes back to whoever runs the statement."""
        if "future" in inputs["on"]:
            return super().drop_sql(inputs)
        return [f"GRANT OWNERSHIP ON {owned(inputs['on'])} TO ROLE IDENTIFIER(CURRENT_ROLE()) COPY CURRENT GRANTS"]

    def read(self, connection: SnowflakeConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        if "objectName" not in inputs["on"]:
            return Live({})
        on = inputs["on"]
        rows = self.rows(connection, f"SHOW GRANTS ON {on['objectType']} {sql.requalified(on['objectName'])}")
        wanted = sql.parts(inputs.get("accountRoleName") or inputs["databaseRoleName"])[-1]
        held = any(row["privilege"] == "OWNERSHIP" and sql.parts(row["grantee_name"])[-1] == wanted for row in rows)
        return Live({}) if held else None


def owned(on: Properties) -> str:
    """The object clause: `TABLE "DB"."S"."T"`, `ALL TABLES IN SCHEMA "DB"."S"`."""
    if "objectName" in on:
        return f"{on['objectType']} {sql.requalified(on['objectName'])}"
    return plural_objects(on)


def plural_objects(on: Properties) -> str:
    """`ALL TABLES IN SCHEMA "DB"."S"` from `{all | future | inherited: {objectTypePlural, inSchema | inDatabase}}`."""
    scope = next(key for key in ("all", "future", "inherited") if key in on)
    inner = on[scope]
    place = (
        f"SCHEMA {sql.requalified(inner['inSchema'])}"
        if "inSchema" in inner
        else f"DATABASE {sql.requalified(inner['inDatabase'])}"
    )
    return f"{scope.upper()} {inner['objectTypePlural']} IN {place}"


HANDLERS = [AccountRole(), DatabaseRole(), GrantAccountRole(), GrantDatabaseRole(), GrantOwnership()]
