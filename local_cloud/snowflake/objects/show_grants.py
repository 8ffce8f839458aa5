"""SHOW GRANTS and SHOW FUTURE GRANTS.

https://docs.snowflake.com/en/sql-reference/sql/show-grants
"""

from __future__ import annotations

from typing import Any

from local_cloud.snowflake import registry
from local_cloud.snowflake.enforcement import privileges
from local_cloud.snowflake.objects import access, show
from local_cloud.snowflake.objects.access import DATABASE_ROLE, ROLE, USER, Grant, Grantee, RoleGrant
from local_cloud.snowflake.objects.ddl import Reader
from local_cloud.snowflake.objects.grants import read_holder
from local_cloud.snowflake.objects.securables import BY_NAME, full_name, read_type, require
from local_cloud.snowflake.results import Result
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

_COLUMNS = "created_on privilege granted_on name granted_to grantee_name grant_option granted_by granted_by_role_type"
_OF_COLUMNS = "created_on role granted_to grantee_name granted_by"


@registry.statement("SHOW GRANTS")
def show_grants(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    reader.expect("SHOW", "GRANTS")
    if reader.at_end:
        return _to_user(session, session.user)
    if reader.accept("ON"):
        return _on(session, reader)
    if reader.accept("OF"):
        return _of(session, reader)
    reader.expect("TO")
    holder = read_holder(session, reader)
    reader.end()
    return _to_user(session, holder.name) if holder.kind == USER else _to_role(session, holder)


def _on(session: Session, reader: Reader) -> Result:
    if reader.accept("ACCOUNT"):
        reader.end()
        kind, name = "ACCOUNT", session.account.name
    else:
        securable = read_type(reader, BY_NAME)
        kind, name = securable.name, full_name(session, securable, reader.name(securable.parts))
        reader.end()
        require(session, securable, name)
        if kind not in {"ROLE", "DATABASE ROLE", "USER"}:
            privileges.require(session, kind, name)
    found = [_row(grant) for grant in access.grants_on(session.account, kind, name)]
    return show.table(_COLUMNS, [*_ownership(session, kind, name), *found])


def _ownership(session: Session, kind: str, name: str) -> list[list[Any]]:
    entry = session.account.catalog.get(access.catalog_kind(kind), name)
    if entry is None or not entry.owner:
        return []
    return [_row(Grant("OWNERSHIP", kind, name, ROLE, entry.owner, True, entry.owner, entry.created_on))]


def _of(session: Session, reader: Reader) -> Result:
    role = read_holder(session, reader)
    reader.end()
    links = [link for link in access.role_grants(session.account) if link.given == role]
    return show.table(_OF_COLUMNS, [_link_row(link) for link in links])


def _link_row(link: RoleGrant) -> list[Any]:
    return [link.created_on, link.role.split(".")[-1], link.granted_to, link.grantee, link.granted_by]


def _to_user(session: Session, user: str) -> Result:
    """The roles of a user, PUBLIC aside, which everybody has."""
    links = [link for link in access.role_grants(session.account) if link.holder == Grantee(USER, user)]
    return show.table(_OF_COLUMNS, [_link_row(link) for link in links])


def _to_role(session: Session, role: Grantee) -> Result:
    """What was granted to the role itself: privileges, roles (as USAGE on them) and what it owns."""
    account = session.account
    given = [grant for grant in access.grants(account) if grant.holder == role]
    roles = [
        Grant("USAGE", link.role_kind, link.role, *role, False, link.granted_by, link.created_on)
        for link in access.role_grants(account)
        if link.holder == role
    ]
    owned = [
        Grant("OWNERSHIP", kind, entry.name, *role, True, role.name, entry.created_on)
        for kind in BY_NAME
        for entry in account.catalog.list(access.catalog_kind(kind))
        if entry.owner == role.name and role.kind == ROLE
    ]
    return show.table(_COLUMNS, [_row(grant) for grant in [*given, *roles, *owned]])


def _row(grant: Grant) -> list[Any]:
    by_type = "ROLE" if grant.granted_by else ""
    grantee = grant.grantee.split(".")[-1] if grant.granted_to == DATABASE_ROLE else grant.grantee
    return [
        grant.created_on,
        grant.privilege,
        grant.granted_on.replace(" ", "_"),
        grant.name,
        grant.granted_to,
        grantee,
        grant.grant_option,
        grant.granted_by,
        by_type,
    ]


@registry.statement("SHOW FUTURE GRANTS")
def show_future_grants(session: Session, statement: Statement) -> Result:
    """IN SCHEMA | DATABASE x, or TO ROLE | DATABASE ROLE x."""
    reader = Reader(statement)
    reader.expect("SHOW", "FUTURE", "GRANTS")
    found = access.future_grants(session.account)
    if reader.accept("IN"):
        scope = read_type(reader, {name: BY_NAME[name] for name in ("SCHEMA", "DATABASE")})
        name = full_name(session, scope, reader.name(scope.parts))
        require(session, scope, name)
        found = [grant for grant in found if (grant.scope, grant.name) == (scope.name, name)]
    else:
        reader.expect("TO")
        holder = read_holder(session, reader)
        found = [grant for grant in found if Grantee(grant.granted_to, grant.grantee) == holder]
    reader.end()
    values = [
        [
            grant.created_on,
            grant.privilege,
            grant.grant_on.replace(" ", "_"),
            f"{grant.name}.<{grant.grant_on.replace(' ', '_')}>",
            grant.granted_to,
            grant.grantee.split(".")[-1] if grant.granted_to == DATABASE_ROLE else grant.grantee,
            grant.grant_option,
        ]
        for grant in found
    ]
    return show.table("created_on privilege grant_on name grant_to grantee_name grant_option", values)
