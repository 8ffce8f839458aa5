"""What SHOW and INFORMATION_SCHEMA leave out: objects on which the session's roles hold nothing.

https://docs.snowflake.com/en/sql-reference/sql/show-tables#usage-notes
"""

from __future__ import annotations

from collections.abc import Iterable

from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.enforcement import privileges, roles
from local_cloud.snowflake.objects.securables import BY_NAME
from local_cloud.snowflake.session import Session

# Everybody sees which roles and policies there are, and users themselves.
_OPEN = frozenset({"role", "database_role"})


def visible(session: Session, entries: Iterable[Entry]) -> list[Entry]:
    """The objects of the catalog that the session's roles see."""
    found = list(entries)
    if not found or privileges.sees_all(session):
        return found
    holders, seen = roles.active(session), dict[tuple[str, str], bool]()

    def holds(kind: str, name: str) -> bool:
        if (kind, name) not in seen:
            seen[kind, name] = bool(privileges.held(session.account, holders, kind, name))
        return seen[kind, name]

    def shows(entry: Entry) -> bool:
        kind = entry.kind.upper().replace("_", " ")
        if kind not in BY_NAME or not all(holds(*container) for container in privileges.containers(kind, entry.name)):
            return kind not in BY_NAME
        return entry.kind in _OPEN or (kind == "USER" and entry.name == session.user) or holds(kind, entry.name)

    return [entry for entry in found if shows(entry)]


def relations(session: Session, database: str | None = None) -> set[str] | None:
    """Full names of the tables and views that are seen, of one database or of all; None when all of them are."""
    if privileges.sees_all(session):
        return None
    prefix = f"{database}." if database else ""
    catalog = session.account.catalog
    return {entry.name for kind in ("table", "view") for entry in visible(session, catalog.list(kind, prefix))}
