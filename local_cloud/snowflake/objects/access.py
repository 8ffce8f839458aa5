"""Who may do what: grants in a normal form, and pure functions over them from which access is decided.

https://docs.snowflake.com/en/user-guide/security-access-control-overview

Three kinds of records, each in the catalog under a key that makes a second GRANT of the same thing a no-op:

- `grant`: a privilege on an object, given to a role, database role or user;
- `future_grant`: a privilege that objects of a type in a schema or database will have when they are created;
- `role_grant`: a role or database role given to a role, database role or user.

Ownership is no record of its own: it is the catalog entry's owner. Tables and views live in DuckDB;
`relation_entries` gives them a catalog entry (`table`, `view`) for the same purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry

ROLE, DATABASE_ROLE, USER = "ROLE", "DATABASE_ROLE", "USER"
OWNERSHIP = "OWNERSHIP"


class Grantee(NamedTuple):
    """`kind` is ROLE, DATABASE_ROLE (name `DB.ROLE`) or USER."""

    kind: str
    name: str


@dataclass(frozen=True)
class Grant:
    """A privilege on an object: `granted_on` is the type (`TABLE`, `FILE FORMAT`, `ACCOUNT`), `name` the full name."""

    privilege: str
    granted_on: str
    name: str
    granted_to: str
    grantee: str
    grant_option: bool = False
    granted_by: str = ""
    created_on: datetime | None = None

    @property
    def holder(self) -> Grantee:
        return Grantee(self.granted_to, self.grantee)


@dataclass(frozen=True)
class FutureGrant:
    """A privilege on every object of type `grant_on` to come in `scope` (SCHEMA or DATABASE) `name`."""

    privilege: str
    grant_on: str
    scope: str
    name: str
    granted_to: str
    grantee: str
    grant_option: bool = False
    granted_by: str = ""
    created_on: datetime | None = None


@dataclass(frozen=True)
class RoleGrant:
    """`role` (of kind ROLE or DATABASE_ROLE) given to a role, database role or user."""

    role_kind: str
    role: str
    granted_to: str
    grantee: str
    granted_by: str = ""
    created_on: datetime | None = None

    @property
    def given(self) -> Grantee:
        return Grantee(self.role_kind, self.role)

    @property
    def holder(self) -> Grantee:
        return Grantee(self.granted_to, self.grantee)


# -- pure functions


def closure(role_grants: Iterable[RoleGrant], holder: Grantee) -> frozenset[Grantee]:
    """The holder and every role that it has, directly or through other roles."""
    below: dict[Grantee, set[Grantee]] = {}
    for grant in role_grants:
        below.setdefault(grant.holder, set()).add(grant.given)
    found, waiting = {holder}, [holder]
    while waiting:
        fresh = below.get(waiting.pop(), set()) - found
        found |= fresh
        waiting.extend(fresh)
    return frozenset(found)


def roles_of_user(role_grants: Iterable[RoleGrant], user: str) -> frozenset[str]:
    """The account roles that a user may USE: what was granted, what these inherit, and PUBLIC."""
    held = closure(role_grants, Grantee(USER, user))
    return frozenset(holder.name for holder in held if holder.kind == ROLE) | {"PUBLIC"}


def held_privileges(
    role_grants: Iterable[RoleGrant], grants: Iterable[Grant], owner: str | None, role: str, kind: str, name: str
) -> frozenset[str]:
    """The privileges of an account role on one object, through its whole hierarchy and PUBLIC.

    Args:
        owner: the object's owner; whoever inherits the owning role has OWNERSHIP.
    """
    links = list(role_grants)
    holders = closure(links, Grantee(ROLE, role)) | closure(links, Grantee(ROLE, "PUBLIC"))
    found = {
        grant.privilege
        for grant in grants
        if grant.granted_on == kind and grant.name == name and grant.holder in holders
    }
    if owner and ({Grantee(ROLE, owner), Grantee(DATABASE_ROLE, owner)} & holders):
        found.add("OWNERSHIP")
    return frozenset(found)


def applicable(future_grants: Iterable[FutureGrant], kind: str, name: str) -> list[FutureGrant]:
    """The future grants that a new object gets; those of its schema put those of its database out of force.

    https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#considerations
    """
    parts = name.split(".")
    schema, database = ".".join(parts[:2]) if len(parts) == 3 else None, parts[0]
    of_kind = [grant for grant in future_grants if grant.grant_on == kind]
    of_schema = [grant for grant in of_kind if grant.scope == "SCHEMA" and grant.name == schema]
    return of_schema or [grant for grant in of_kind if grant.scope == "DATABASE" and grant.name == database]


# -- records


def privileges(account: Account, role: str, kind: str, name: str) -> frozenset[str]:
    """`held_privileges` of an account role on an object that is in the catalog, e.g. (`TABLE`, `DB.S.T`)."""
    entry = account.catalog.get(catalog_kind(kind), name)
    owner = entry.owner if entry else None
    return held_privileges(role_grants(account), grants_on(account, kind, name), owner, role, kind, name)


def grants(account: Account) -> list[Grant]:
    return [Grant(**_fields(entry)) for entry in account.catalog.list("grant")]


def grants_on(account: Account, kind: str, name: str) -> list[Grant]:
    return [Grant(**_fields(entry)) for entry in account.catalog.list("grant", f"{kind}|{name}|")]


def future_grants(account: Account) -> list[FutureGrant]:
    return [FutureGrant(**_fields(entry)) for entry in account.catalog.list("future_grant")]


def role_grants(account: Account) -> list[RoleGrant]:
    return [RoleGrant(**_fields(entry)) for entry in account.catalog.list("role_grant")]


def key_of(grant: Grant | FutureGrant | RoleGrant) -> tuple[str, str]:
    """Kind and name of the record in the catalog."""
    if isinstance(grant, Grant):
        return "grant", f"{grant.granted_on}|{grant.name}|{grant.privilege}|{grant.granted_to}|{grant.grantee}"
    if isinstance(grant, FutureGrant):
        where = f"{grant.scope}|{grant.name}|{grant.grant_on}"
        return "future_grant", f"{where}|{grant.privilege}|{grant.granted_to}|{grant.grantee}"
    return "role_grant", f"{grant.role_kind}|{grant.role}|{grant.granted_to}|{grant.grantee}"


def record(account: Account, grant: Grant | FutureGrant | RoleGrant) -> None:
    document = asdict(grant)
    del document["created_on"]
    account.catalog.put(*key_of(grant), document)


def withdraw(account: Account, grant: Grant | FutureGrant | RoleGrant) -> bool:
    """Delete the record; False when there was none."""
    return account.catalog.delete(*key_of(grant))


def apply_future_grants(account: Account, kind: str, name: str) -> None:
    """Give a new object what future grants promise; OWNERSHIP changes its owner."""
    for future in applicable(future_grants(account), kind, name):
        if future.privilege == "OWNERSHIP":
            set_owner(account, kind, name, future.grantee)
        else:
            record(account, Grant(future.privilege, kind, name, *_to(future)))


def _to(future: FutureGrant) -> tuple[str, str, bool, str]:
    return future.granted_to, future.grantee, future.grant_option, future.granted_by


def set_owner(account: Account, kind: str, name: str, owner: str) -> None:
    entry = account.catalog.get(catalog_kind(kind), name)
    account.catalog.put(catalog_kind(kind), name, entry.document if entry else {}, owner=owner)


def owner_of(account: Account, kind: str, name: str) -> str | None:
    entry = account.catalog.get(catalog_kind(kind), name)
    return entry.owner if entry else None


def catalog_kind(kind: str) -> str:
    """`FILE FORMAT` of statements is `file_format` in the catalog."""
    return kind.lower().replace(" ", "_")


def forget_owner(account: Account, kind: str, fq_name: str) -> None:
    """Call after DROP TABLE or VIEW."""
    with account.catalog.transaction():
        account.catalog.delete(catalog_kind(kind), fq_name)
        forget_object(account, kind, fq_name)


def rename_owner(account: Account, kind: str, old: str, new: str) -> None:
    """Call after a table or view was renamed: owner and grants move with it."""
    with account.catalog.transaction():
        if entry := account.catalog.get(catalog_kind(kind), old):
            account.catalog.delete(catalog_kind(kind), old)
            account.catalog.put(catalog_kind(kind), new, entry.document, owner=entry.owner)
        rename_object(account, kind, old, new)


def forget_object(account: Account, kind: str, name: str) -> None:
    """Delete the grants on an object, and those of and to it when it is a role or a user."""
    with account.catalog.transaction():
        for grant in grants_on(account, kind, name):
            withdraw(account, grant)
        if kind in {"ROLE", "DATABASE ROLE", "USER"}:
            holder = Grantee(kind.replace(" ", "_"), name)
            for given in _all(account):
                if holder in {Grantee(given.granted_to, given.grantee), getattr(given, "given", None)}:
                    withdraw(account, given)


def forget_under(account: Account, container: str) -> None:
    """Delete every grant on, in or to what a dropped database (`DB`) or schema (`DB.SCHEMA`) held."""
    with account.catalog.transaction():
        for given in _all(account):
            names = [given.grantee] if given.granted_to == DATABASE_ROLE else []
            names += [given.role] if isinstance(given, RoleGrant) else [given.name]
            inside = any(name.startswith(f"{container}.") for name in names)
            if inside or (isinstance(given, FutureGrant) and given.name == container):
                withdraw(account, given)


def swap_owners(account: Account, kind: str, name: str, other: str) -> None:
    """Call after ALTER TABLE ... SWAP WITH: owners and grants move with the tables."""
    spare = f"{name} "  # a name that no object has
    with account.catalog.transaction():
        for old, new in ((name, spare), (other, name), (spare, other)):
            rename_owner(account, kind, old, new)


def rename_object(account: Account, kind: str, old: str, new: str) -> None:
    """Grants follow a renamed object; roles and users keep what they were given."""
    with account.catalog.transaction():
        for grant in grants_on(account, kind, old):
            withdraw(account, grant)
            record(account, replace(grant, name=new))
        if kind not in {"ROLE", "DATABASE ROLE", "USER"}:
            return
        holder = Grantee(kind.replace(" ", "_"), old)
        for given in _all(account):
            moved = given
            if Grantee(given.granted_to, given.grantee) == holder:
                moved = replace(moved, grantee=new)
            if isinstance(given, RoleGrant) and given.given == holder and isinstance(moved, RoleGrant):
                moved = replace(moved, role=new)
            if moved != given:
                withdraw(account, given)
                record(account, moved)


def _all(account: Account) -> Iterator[Grant | FutureGrant | RoleGrant]:
    yield from grants(account)
    yield from future_grants(account)
    yield from role_grants(account)


def _fields(entry: Entry) -> dict[str, Any]:
    return {**entry.document, "created_on": entry.created_on}
