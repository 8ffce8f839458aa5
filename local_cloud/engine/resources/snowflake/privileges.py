"""Privileges granted to account roles and database roles.

https://docs.snowflake.com/en/sql-reference/sql/grant-privilege
"""

from __future__ import annotations

from typing import Any, ClassVar

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.base import Live
from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection
from local_cloud.engine.resources.snowflake.roles import GrantHandler, plural_objects
from local_cloud.engine.values import UNKNOWN, Properties

_PLACES = ("onAccount", "onAccountObject", "onDatabase", "onSchema", "onSchemaObject")
_UNSUPPORTED = ("alwaysApply", "alwaysApplyTrigger")
_STRICT = "strictPrivilegeManagement"
_STRICT_EXPERIMENT = "GRANTS_STRICT_PRIVILEGE_MANAGEMENT"
_SEVERAL = ("all", "allSchemasInDatabase", "inherited")
_ACCOUNT_OBJECTS = (
    "USER", "RESOURCE MONITOR", "WAREHOUSE", "COMPUTE POOL", "DATABASE", "INTEGRATION", "CONNECTION", "FAILOVER GROUP",
    "REPLICATION GROUP", "EXTERNAL VOLUME",
)  # fmt: skip


class PrivilegesHandler(GrantHandler):
    """Base: the privileges can change in place, all else is another grant."""

    grantee_input: ClassVar[str]
    grantee_kind: ClassVar[str]

    def grantee(self, inputs: Properties) -> str:
        return f"{self.grantee_kind} {sql.requalified(inputs[self.grantee_input])}"

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        super().check(name, inputs, provider)
        label = f"{self.type} {name}"
        places = [key for key in _PLACES if inputs.get(key)]
        if len(places) != 1:
            raise EngineError(f"{label}: exactly one of the inputs {', '.join(_PLACES)} is needed, not {len(places)}")
        for key in _UNSUPPORTED:
            if inputs.get(key):
                raise EngineError(f"{label}: the local engine does not support the input {key}; leave it out")
        if ("privileges" in inputs) == bool(inputs.get("allPrivileges")):
            raise EngineError(f"{label}: either the input privileges or allPrivileges is needed")
        if inputs.get(_STRICT):
            _check_strict(label, inputs, provider)
        for each in inputs.get("privileges") or []:
            if isinstance(each, str) and each != each.upper():
                raise EngineError(f"{label}: the privilege {each!r} must be in upper case: {each.upper()}")
        kind = (inputs.get("onAccountObject") or {}).get("objectType")
        if isinstance(kind, str) and kind.upper() not in _ACCOUNT_OBJECTS:
            raise EngineError(
                f"{label}: onAccountObject.objectType is {kind!r}; allowed is {', '.join(_ACCOUNT_OBJECTS)}"
            )
        return inputs

    def same(self, key: str, old: Any, new: Any) -> bool:
        if key == "privileges":
            return sorted(old) == sorted(new)
        return super().same(key, old, new) or (key in _PLACES and not isinstance(old, bool) and _same_place(old, new))

    def replaced_by(self, old: Properties, new: Properties, changed: set[str]) -> set[str]:
        return changed - {"privileges", "allPrivileges", _STRICT}

    def grant(self, inputs: Properties) -> tuple[str, str]:
        return f"{_privileges(inputs)} ON {place(inputs)}", self.grantee(inputs)

    def id_of(self, inputs: Properties) -> str:
        option = str(bool(inputs.get("withGrantOption"))).lower()
        return f"{sql.requalified(inputs[self.grantee_input])}|{option}|{_privileges(inputs)}|{place(inputs)}"

    def identity(self, inputs: Properties) -> object:
        """Two grants that overlap: revoking one would take from the other."""
        return self.grantee(inputs), place(inputs)

    def create_sql(self, inputs: Properties) -> list[str]:
        option = " WITH GRANT OPTION" if inputs.get("withGrantOption") else ""
        return [super().create_sql(inputs)[0] + option]

    def alter_sql(self, old: Properties, new: Properties) -> list[str]:
        before, after = (set() if each.get("allPrivileges") else set(each["privileges"]) for each in (old, new))
        statements = []
        if old.get("allPrivileges") or before - after:
            gone = (
                old
                if old.get("allPrivileges")
                else new | {"privileges": sorted(before - after), "allPrivileges": False}
            )
            statements += self.drop_sql(gone)
        if new.get("allPrivileges") or after - before:
            come = new if new.get("allPrivileges") else new | {"privileges": sorted(after - before)}
            statements += self.create_sql(come)
        return statements

    def read(self, connection: SnowflakeConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        """What `ALL <objects>` and ALL PRIVILEGES gave cannot be told from other grants: taken as there.

        A strict grant claims whatever the role holds on the object, so that the next update revokes what it does not
        name: https://registry.terraform.io/providers/snowflakedb/snowflake/latest/docs/guides/strict_privilege_management
        """
        if inputs.get("allPrivileges") or any(scope in _inner(inputs) for scope in _SEVERAL):
            return Live({})
        is_future = any(scope in _inner(inputs) for scope in ("future", "futureSchemasInDatabase"))
        rows = self.rows(connection, f"SHOW {'FUTURE ' if is_future else ''}GRANTS TO {self.grantee(inputs)}")
        held = {str(row["privilege"]) for row in rows if _is_on(row, inputs, is_future)}
        kept = [each for each in inputs["privileges"] if each in held]
        if inputs.get(_STRICT):
            kept += sorted(held - {*kept})
        return Live({"privileges": kept}) if kept else None


def _check_strict(label: str, inputs: Properties, provider: Properties) -> None:
    if _STRICT_EXPERIMENT in (provider.get("experimentalFeaturesDisableds") or []):
        raise EngineError(f"{label}: the input {_STRICT} needs the experiment {_STRICT_EXPERIMENT}; do not disable it")
    conflicts = [key for key in ("allPrivileges", *_SEVERAL[:2]) if inputs.get(key) or key in _inner(inputs)]
    if conflicts:
        raise EngineError(f"{label}: the input {_STRICT} conflicts with {conflicts[0]}")


def _privileges(inputs: Properties) -> str:
    if inputs.get("allPrivileges"):
        return "ALL PRIVILEGES"
    given = inputs["privileges"]
    return str(given) if given is UNKNOWN else ", ".join(str(each) for each in given)


def place(inputs: Properties) -> str:
    """What follows ON."""
    if inputs.get("onAccount"):
        return "ACCOUNT"
    if inputs.get("onDatabase"):
        return f"DATABASE {sql.requalified(inputs['onDatabase'])}"
    on = _inner(inputs)
    if "schemaName" in on:
        return f"SCHEMA {sql.requalified(on['schemaName'])}"
    for key, words in (("allSchemasInDatabase", "ALL"), ("futureSchemasInDatabase", "FUTURE")):
        if key in on:
            return f"{words} SCHEMAS IN DATABASE {sql.requalified(on[key])}"
    if "objectName" in on:
        return f"{on['objectType'].upper()} {sql.requalified(on['objectName'])}"
    return plural_objects(on)


def _inner(inputs: Properties) -> Properties:
    found: Properties = next(
        (inputs[key] for key in ("onAccountObject", "onSchema", "onSchemaObject") if inputs.get(key)), {}
    )
    return dict(found)


def _same_place(old: Any, new: Any) -> bool:
    """Names that differ in their quotes alone are the same."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_same_place(old[key], new[key]) for key in old)
    return old == new or (isinstance(old, str) and isinstance(new, str) and sql.parts(old) == sql.parts(new))


def _is_on(row: dict[str, Any], inputs: Properties, is_future: bool) -> bool:
    """Whether a row of SHOW GRANTS is about the grant's object."""
    kind = str(row["grant_on" if is_future and "grant_on" in row else "granted_on"]).replace("_", " ").upper()
    name = sql.parts(row["name"])
    if is_future:
        on = _inner(inputs)
        inner = on.get("future") or {"objectTypePlural": "SCHEMAS", "inDatabase": on.get("futureSchemasInDatabase")}
        container = sql.parts(inner.get("inSchema") or inner["inDatabase"])
        # The last part of the name is the kind in angle brackets: DB.SCHEMA.<TABLE>
        return name[: len(container)] == container and inner["objectTypePlural"].upper() in (
            f"{kind}S",
            f"{kind[:-1]}IES",
        )
    wanted = place(inputs)
    if wanted == "ACCOUNT":
        return kind == "ACCOUNT"
    wanted_kind, wanted_name = wanted.split(' "', 1)
    return kind == wanted_kind and name == sql.parts('"' + wanted_name)


class GrantPrivilegesToAccountRole(PrivilegesHandler):
    type = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole"
    grantee_input, grantee_kind = "accountRoleName", "ROLE"
    names = frozenset({"accountRoleName"})


class GrantPrivilegesToDatabaseRole(PrivilegesHandler):
    type = "snowflake:index/grantPrivilegesToDatabaseRole:GrantPrivilegesToDatabaseRole"
    grantee_input, grantee_kind = "databaseRoleName", "DATABASE ROLE"
    names = frozenset({"databaseRoleName"})


HANDLERS = [GrantPrivilegesToAccountRole(), GrantPrivilegesToDatabaseRole()]
