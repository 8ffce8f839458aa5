"""GRANT and REVOKE: of privileges, of roles, of ownership, and for objects to come.

https://docs.snowflake.com/en/sql-reference/sql/grant-privilege, .../grant-role, .../grant-ownership
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.enforcement import grants as rules
from local_cloud.snowflake.enforcement import privileges as rights
from local_cloud.snowflake.objects import access
from local_cloud.snowflake.objects.access import DATABASE_ROLE, ROLE, USER, FutureGrant, Grant, Grantee, RoleGrant
from local_cloud.snowflake.objects.ddl import Reader
from local_cloud.snowflake.objects.roles import ACCOUNT_ROLE_KIND, DATABASE_ROLE_KIND
from local_cloud.snowflake.objects.securables import (
    BY_NAME,
    BY_PLURAL,
    Securable,
    check_privileges,
    full_name,
    read_type,
    require,
    within,
)
from local_cloud.snowflake.objects.store import EXECUTED, Kind, get
from local_cloud.snowflake.objects.users import USER as USER_KIND
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

_HOLDERS: dict[str, Kind] = {ROLE: ACCOUNT_ROLE_KIND, DATABASE_ROLE: DATABASE_ROLE_KIND, USER: USER_KIND}


@dataclass(frozen=True)
class Target:
    """What stands after ON: objects by name, all of a type in a container, or those to come (`future`)."""

    securable: Securable
    names: tuple[str, ...] = ()
    future: bool = False
    scope: str = ""
    container: str = ""


@registry.statement("GRANT")
def grant(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    reader.expect("GRANT")
    if role := _read_role(session, reader):
        reader.expect("TO")
        rules.require_on_role(session, role)
        return _grant_role(session, role, _read_to_the_end(session, reader))
    if reader.accept("OWNERSHIP", "ON"):
        return _grant_ownership(session, reader)
    privileges, target = _read_privileges(reader), read_target(session, reader)
    reader.expect("TO")
    holder = read_holder(session, reader)
    option = reader.accept("WITH", "GRANT", "OPTION")
    reader.end()
    _require_right(session, privileges, target)
    with session.account.catalog.transaction():
        for record in _records(session, privileges, target, holder, option):
            access.record(session.account, record)
    return status(EXECUTED)


@registry.statement("REVOKE")
def revoke(session: Session, statement: Statement) -> Result:
    """Revoking what was not granted succeeds and does nothing, as in Snowflake."""
    reader = Reader(statement)
    reader.expect("REVOKE")
    only_option = reader.accept("GRANT", "OPTION", "FOR")
    if role := _read_role(session, reader):
        reader.expect("FROM")
        holder = _read_to_the_end(session, reader)
        rules.require_on_role(session, role)
        access.withdraw(session.account, RoleGrant(*role, *holder))
        return status(EXECUTED)
    privileges, target = _read_privileges(reader), read_target(session, reader)
    if "OWNERSHIP" in privileges and not target.future:
        raise errors.compilation_error(3059, "42601", "Ownership cannot be revoked, only granted to another role.")
    reader.expect("FROM")
    holder = read_holder(session, reader)
    reader.accept_one("CASCADE", "RESTRICT")
    reader.end()
    _require_right(session, privileges, target)
    with session.account.catalog.transaction():
        for record in _records(session, privileges, target, holder, False):
            found = access.withdraw(session.account, record)
            if found and only_option:
                access.record(session.account, record)
    return status(EXECUTED)


def _require_right(session: Session, privileges: list[str], target: Target) -> None:
    if target.future:
        rules.require_on_future(session, target.scope, target.container)
    else:
        rules.require_on_objects(session, target.securable.name, target.names, privileges)


def _read_role(session: Session, reader: Reader) -> Grantee | None:
    """`ROLE r` or `DATABASE ROLE d.r` straight after GRANT or REVOKE."""
    if reader.accept("ROLE"):
        return _holder(session, ROLE, reader)
    if reader.accept("DATABASE", "ROLE"):
        return _holder(session, DATABASE_ROLE, reader)
    return None


def _read_to_the_end(session: Session, reader: Reader) -> Grantee:
    holder = read_holder(session, reader)
    reader.end()
    return holder


def read_holder(session: Session, reader: Reader) -> Grantee:
    """`[ROLE] r`, `DATABASE ROLE d.r` or `USER u`, which must exist."""
    if reader.accept("DATABASE", "ROLE"):
        return _holder(session, DATABASE_ROLE, reader)
    if reader.accept("USER"):
        return _holder(session, USER, reader)
    reader.accept("ROLE")
    return _holder(session, ROLE, reader)


def _holder(session: Session, kind: str, reader: Reader) -> Grantee:
    return Grantee(kind, get(session, _HOLDERS[kind], reader.name(_HOLDERS[kind].parts)).name)


def _grant_role(session: Session, role: Grantee, holder: Grantee) -> Result:
    """Roles form no circle, and a database role stays in its database."""
    links = access.role_grants(session.account)
    if holder in access.closure(links, role):
        raise errors.SnowflakeError(
            3034,
            "42501",
            f"SQL compilation error:\nRole '{holder.name}' is granted to '{role.name}' already: no circles.",
        )
    if holder.kind == USER and role.kind == DATABASE_ROLE:
        raise errors.compilation_error(3008, "42601", "A database role cannot be granted to a user.")
    if holder.kind == DATABASE_ROLE and (role.kind == ROLE or role.name.split(".")[0] != holder.name.split(".")[0]):
        raise errors.compilation_error(
            3008, "42601", f"Only roles of its own database can be granted to {holder.name}."
        )
    access.record(session.account, RoleGrant(*role, *holder, granted_by=session.role or ""))
    return status(EXECUTED)


def _read_privileges(reader: Reader) -> list[str]:
    """`SELECT, CREATE FILE FORMAT, CREATE SNOWFLAKE.ML.CLASSIFICATION` up to ON."""
    found: list[str] = []
    while True:
        words = [reader.any_word()]
        while reader.word() not in {",", "ON"}:
            if reader.accept("."):
                words[-1] += f".{reader.any_word()}"
            else:
                words.append(reader.any_word())
        found.append(" ".join(words))
        if reader.accept("ON"):
            return found
        reader.expect(",")


def read_target(session: Session, reader: Reader) -> Target:
    """What follows ON."""
    if reader.accept("ACCOUNT"):
        return Target(BY_NAME["ACCOUNT"], (session.account.name,))
    many = reader.accept_one("ALL", "FUTURE")
    if many is None:
        securable = read_type(reader, BY_NAME)
        full = full_name(session, securable, reader.name(max(securable.parts, 1)))
        if securable.name in {"FUNCTION", "PROCEDURE"} and reader.word() == "(":
            full += "(" + ", ".join(reader.many(reader.any_word)) + ")"
        require(session, securable, full)
        if securable.name not in {"ROLE", "DATABASE ROLE", "USER"}:
            rights.require(session, securable.name, full)
        return Target(securable, (full,))
    securable = read_type(reader, BY_PLURAL)
    reader.expect("IN")
    scope = BY_NAME["SCHEMA" if reader.accept("SCHEMA") else "DATABASE"]
    if scope.name == "DATABASE":
        reader.expect("DATABASE")
    container = full_name(session, scope, reader.name(scope.parts))
    require(session, scope, container)
    rights.require(session, scope.name, container)
    if many == "FUTURE":
        return Target(securable, (), True, scope.name, container)
    return Target(securable, tuple(within(session, securable, container)))


def _records(
    session: Session, privileges: list[str], target: Target, holder: Grantee, option: bool
) -> Iterator[Grant | FutureGrant]:
    by = session.role or ""
    for privilege in check_privileges(target.securable, privileges):
        if target.future:
            kind = target.securable.name
            yield FutureGrant(privilege, kind, target.scope, target.container, *holder, option, by)
        for name in target.names:
            yield Grant(privilege, target.securable.name, name, *holder, option, by)


def _grant_ownership(session: Session, reader: Reader) -> Result:
    """Grants that exist block the transfer unless the statement says whether to copy or revoke them."""
    target = read_target(session, reader)
    reader.expect("TO")
    holder = read_holder(session, reader)
    current = reader.accept_one("COPY", "REVOKE")
    if current:
        reader.expect("CURRENT", "GRANTS")
    reader.end()
    _require_right(session, ["OWNERSHIP"], target)
    account = session.account
    with account.catalog.transaction():
        if target.future:
            for record in _records(session, ["OWNERSHIP"], target, holder, False):
                access.record(account, record)
        for name in target.names:
            outbound = access.grants_on(account, target.securable.name, name)
            if outbound and current is None:
                raise _dependent(outbound[0])
            for given in outbound:
                access.withdraw(account, given)
                if current == "COPY":
                    access.record(account, given)
            access.set_owner(account, target.securable.name, name, holder.name)
    return status(EXECUTED)


def _dependent(given: Grant) -> errors.SnowflakeError:
    return errors.SnowflakeError(
        3036,
        "42501",
        f"SQL execution error:\nDependent grant of privilege '{given.privilege}' on securable '{given.name}' to role "
        f"'{given.grantee}' exists. It must be revoked first. More than one dependent grant may exist: use "
        "'SHOW GRANTS' command to view them. To revoke all dependent grants while transferring object ownership, use "
        "convenience command 'GRANT OWNERSHIP ON <target_objects> TO <target_role> REVOKE CURRENT GRANTS'.",
    )
