"""The roles that act for a session.

https://docs.snowflake.com/en/user-guide/security-access-control-overview#label-access-control-role-enforcement
"""

from __future__ import annotations

from local_cloud.snowflake.account import Account
from local_cloud.snowflake.objects import access
from local_cloud.snowflake.objects.access import ROLE, USER, Grantee
from local_cloud.snowflake.objects.securables import BY_NAME
from local_cloud.snowflake.session import SECONDARY_ROLES, Session

Holders = frozenset[Grantee]

_PUBLIC = Grantee(ROLE, "PUBLIC")

# What only account administrators may do and nobody can be granted.
ADMINISTER, MONITORS = "ADMINISTER ACCOUNT", "CREATE RESOURCE MONITOR"
# Privileges on the account that system roles have from the first day; each also has what the roles below it have.
# https://docs.snowflake.com/en/user-guide/security-access-control-overview#system-defined-roles
SYSTEM_PRIVILEGES: dict[str, frozenset[str]] = {
    "ACCOUNTADMIN": frozenset({*BY_NAME["ACCOUNT"].privileges, ADMINISTER, MONITORS}),
    "SECURITYADMIN": frozenset({"MANAGE GRANTS", "CREATE NETWORK POLICY"}),
    "USERADMIN": frozenset({"CREATE ROLE", "CREATE USER"}),
    "SYSADMIN": frozenset({"CREATE DATABASE", "CREATE WAREHOUSE"}),
}


def primary(session: Session) -> Holders:
    """The session's role with all that it inherits, and PUBLIC: the only ones that may create."""
    return holders_of(session.account, session.role or "PUBLIC")


def active(session: Session) -> Holders:
    """The primary role and the secondary ones, with all that they inherit."""
    chosen = str(session.parameters.get(SECONDARY_ROLES) or "NONE")
    found = primary(session)
    if chosen == "NONE":
        return found
    if chosen == "ALL":
        return found | _closure(session.account, Grantee(USER, session.user))
    for role in chosen.split(","):
        found |= holders_of(session.account, role)
    return found


def secondary(session: Session) -> dict[str, str]:
    """What CURRENT_SECONDARY_ROLES answers; https://docs.snowflake.com/en/sql-reference/functions/current_secondary_roles"""
    chosen = str(session.parameters.get(SECONDARY_ROLES) or "NONE")
    if chosen != "ALL":
        return {"roles": "" if chosen == "NONE" else chosen, "value": "" if chosen == "NONE" else chosen}
    granted = {link.role for link in access.role_grants(session.account) if link.holder == Grantee(USER, session.user)}
    return {"roles": ",".join(sorted(granted - {session.role})), "value": "ALL"}


def holders_of(account: Account, role: str) -> Holders:
    """An account role and PUBLIC with all that they inherit."""
    return _closure(account, Grantee(ROLE, role)) | _closure(account, _PUBLIC)


def _closure(account: Account, holder: Grantee) -> Holders:
    """Kept until a role is granted or revoked: reading 100 grants of roles takes 1 ms."""
    return account.catalog.derived(
        ("closure", holder), "role_grant", lambda: access.closure(access.role_grants(account), holder)
    )
