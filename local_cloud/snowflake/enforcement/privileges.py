"""What roles hold on an object, and how Snowflake says that it is not enough.

Who has no privilege on an object does not see it: `002003 ... does not exist or not authorized`. Who sees it but may
not do this: `003001 Insufficient privileges to operate on ...`. Operating on what is in a schema also needs USAGE on
the schema and its database. https://docs.snowflake.com/en/user-guide/security-access-control-privileges

Of what does not exist nothing is said here: whoever runs the statement finds that out and answers the same.
"""

from __future__ import annotations

from local_cloud.snowflake import errors
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.enforcement import roles
from local_cloud.snowflake.objects.access import DATABASE_ROLE, OWNERSHIP, ROLE, Grantee, catalog_kind
from local_cloud.snowflake.objects.securables import BY_NAME
from local_cloud.snowflake.session import Session

# MANAGE WAREHOUSES on the account stands for these on each warehouse.
_MANAGED = frozenset({"MODIFY", "MONITOR", "OPERATE"})


def is_free(session: Session) -> bool:
    """Whether nothing is refused: the endpoint's own sessions have no role."""
    return session.role is None


def held(account: Account, holders: roles.Holders, kind: str, name: str) -> frozenset[str]:
    """The privileges of some roles together on one object, such as (`TABLE`, `DB.S.T`); OWNERSHIP is one of them."""
    prefix = f"{kind}|{name}|"
    found: set[str] = set()
    for key in account.catalog.names("grant", prefix):
        privilege, granted_to, grantee = key[len(prefix) :].split("|", 2)
        if Grantee(granted_to, grantee) in holders:
            found.add(privilege)
    owner = account.catalog.owners(name, catalog_kind(kind)).get(catalog_kind(kind))
    if owner and (Grantee(ROLE, owner) in holders or Grantee(DATABASE_ROLE, owner) in holders):
        found.add(OWNERSHIP)
    return frozenset(found | _implied(account, holders, kind, name))


def _implied(account: Account, holders: roles.Holders, kind: str, name: str) -> frozenset[str]:
    if kind == "DATABASE":
        # https://docs.snowflake.com/en/sql-reference/sql/grant-database-role: whoever has a role of it may use it.
        inside = any(holder.kind == DATABASE_ROLE and holder.name.startswith(f"{name}.") for holder in holders)
        return frozenset({"USAGE"}) if inside else frozenset()
    if kind == "WAREHOUSE" and "MANAGE WAREHOUSES" in on_account(account, holders):
        return _MANAGED
    return frozenset()


def on_account(account: Account, holders: roles.Holders) -> frozenset[str]:
    """The global privileges of some roles together."""
    prefix = f"ACCOUNT|{account.name}|"
    found: set[str] = set()
    for key in account.catalog.names("grant", prefix):
        privilege, granted_to, grantee = key[len(prefix) :].split("|", 2)
        if Grantee(granted_to, grantee) in holders:
            found.add(privilege)
    for role, privileges in roles.SYSTEM_PRIVILEGES.items():
        if Grantee(ROLE, role) in holders:
            found |= privileges
    return frozenset(found)


def sees_all(session: Session) -> bool:
    """MANAGE GRANTS lets its holder see every object; https://docs.snowflake.com/en/sql-reference/sql/show-tables"""
    return is_free(session) or "MANAGE GRANTS" in on_account(session.account, roles.active(session))


def is_visible(session: Session, kind: str, name: str) -> bool:
    """Whether any privilege is held on an object, and on the database and schema that it is in."""
    if sees_all(session):
        return True
    holders = roles.active(session)
    above = [(above_kind, above_name) for above_kind, above_name in containers(kind, name)]
    return all(held(session.account, holders, *target) for target in [*above, (kind, name)])


def containers(kind: str, name: str) -> list[tuple[str, str]]:
    """The database and schema that an object is in, outermost first."""
    parts, database = name.split("."), name.split(".")[0]
    inside = BY_NAME[kind].parts if kind in BY_NAME else len(parts)
    if inside <= 1:
        return []
    found = [("DATABASE", database)]
    return found if inside == 2 else [*found, ("SCHEMA", ".".join(parts[:2]))]


def require(
    session: Session,
    kind: str,
    name: str,
    *any_of: str,
    label: str | None = None,
    holders: roles.Holders | None = None,
) -> None:
    """Raise unless the session holds one of the privileges, or OWNERSHIP, and may use what the object is in.

    Args:
        kind: as GRANT names it, e.g. `FILE FORMAT`.
        name: full name as stored.
        any_of: privileges of which one is enough; none given: any privilege at all is.
        label: the object as `002003` names it, where that is not the kind's own word.
        holders: which roles count, where that is not all active ones.

    Raises:
        SnowflakeError: 002003 the role does not see the object or what it is in; 003001 it sees it, but no more.
    """
    if is_free(session):
        return
    who = holders if holders is not None else roles.active(session)
    require_containers(session, kind, name, who)
    account = session.account
    if not account.catalog.owners(name, catalog_kind(kind)):
        return
    has = held(account, who, kind, name)
    if OWNERSHIP in has or (has and not any_of) or has & set(any_of):
        return
    if has or (sees_all(session) and any_of):
        raise errors.insufficient_privileges(kind, name.rpartition(".")[2])
    if not sees_all(session):
        raise errors.does_not_exist(label or BY_NAME[kind].shown, name)


def may(session: Session, kind: str, name: str, *any_of: str) -> bool:
    """Whether `require` would let the session do it."""
    try:
        require(session, kind, name, *any_of)
    except errors.SnowflakeError:
        return False
    return True


def require_containers(session: Session, kind: str, name: str, holders: roles.Holders) -> None:
    """002003 unless the database and schema that an object is in may be used; who sees all may look into them."""
    for container, container_name in containers(kind, name):
        if not session.account.catalog.owners(container_name, catalog_kind(container)):
            return
        has = held(session.account, holders, container, container_name)
        if not has & {"USAGE", OWNERSHIP} and not sees_all(session):
            raise errors.does_not_exist(BY_NAME[container].shown, container_name)


def require_on_account(session: Session, *any_of: str, holders: roles.Holders | None = None) -> None:
    """003001 unless one of the global privileges is held."""
    if is_free(session):
        return
    who = holders if holders is not None else roles.active(session)
    if not on_account(session.account, who) & set(any_of):
        raise errors.insufficient_privileges("account", session.account.name.split("-")[-1])
