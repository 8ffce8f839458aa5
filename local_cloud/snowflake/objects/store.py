"""CREATE, DROP, RENAME and look-up of catalog objects: what every kind of object has in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.snowflake import errors
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.objects import access
from local_cloud.snowflake.objects.ddl import Head, Option, Reader, altered, read_target
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

EXECUTED = "Statement executed successfully."


@dataclass(frozen=True)
class Kind:
    """One type of object.

    Attributes:
        key: kind in the catalog, such as `file_format`.
        label: as errors name it: `Warehouse 'X' does not exist or not authorized.`
        words: as statements name it: `FILE FORMAT`.
        parts: 1 at account level, 2 in a database, 3 in a schema.
        made: as the answer to CREATE names it, where that differs from the label.
    """

    key: str
    label: str
    words: tuple[str, ...]
    parts: int = 3
    made: str | None = None

    @property
    def title(self) -> str:
        return " ".join(self.words)


def full_name(session: Session, kind: Kind, name: tuple[str, ...]) -> str:
    """The name as stored; the session's context completes it."""
    if kind.parts == 1:
        return name[0]
    if kind.parts == 2:
        database = name[0] if len(name) == 2 else session.database
        if database is None:
            return session.qualify("x", name[-1])  # raises: no current database
        return f"{database}.{name[-1]}"
    return session.qualify(*name)


def get(session: Session, kind: Kind, name: tuple[str, ...]) -> Entry:
    """The object.

    Raises:
        SnowflakeError: 002003 when it does not exist.
    """
    full = full_name(session, kind, name)
    if entry := session.account.catalog.get(kind.key, full):
        return entry
    raise errors.does_not_exist(kind.label, full)


def require_container(session: Session, kind: Kind, full: str) -> None:
    """002003 when the database or schema that an object lives in is missing."""
    container = full.rpartition(".")[0]
    above = {2: ("database", "Database"), 3: ("schema", "Schema")}.get(kind.parts)
    if above and session.account.catalog.get(above[0], container) is None:
        raise errors.does_not_exist(above[1], container)


def create(session: Session, kind: Kind, head: Head, document: dict[str, Any]) -> Result:
    """Record a new object, owned by the session's role; future grants of its schema and database apply to it.

    `OR REPLACE` makes a new object without the old one's grants; `OR ALTER` keeps owner, grants and creation time.
    """
    catalog, full = session.account.catalog, full_name(session, kind, head.name)
    require_container(session, kind, full)
    short = full.rpartition(".")[2]
    with catalog.transaction():
        old = catalog.get(kind.key, full)
        if old and head.if_not_exists:
            return status(f"{short} already exists, statement succeeded.")
        if old and head.or_alter:
            catalog.put(kind.key, full, document)
            return status(EXECUTED)
        if old and not head.or_replace:
            raise errors.already_exists(full)
        if old:
            remove(session, kind, full)
        catalog.put(kind.key, full, document, owner=session.role)
        access.apply_future_grants(session.account, kind.title, full)
    return status(f"{kind.made or kind.label} {short} successfully created.")


def remove(session: Session, kind: Kind, full: str) -> None:
    """Drop an object with the grants on it."""
    session.account.catalog.delete(kind.key, full)
    access.forget_object(session.account, kind.title, full)


def drop(session: Session, kind: Kind, statement: Statement, before: Callable[[Entry], None] | None = None) -> Result:
    """`DROP <kind> [IF EXISTS] <name>`; `before` may refuse, or drop what depends on it."""
    reader = Reader(statement)
    name, lenient = read_target(reader, "DROP", *kind.words, parts=kind.parts)
    reader.accept_one("CASCADE", "RESTRICT")
    reader.end()
    full = full_name(session, kind, name)
    with session.account.catalog.transaction():
        entry = session.account.catalog.get(kind.key, full)
        if entry is None and lenient:
            return status(f"Drop statement executed successfully ({name[-1]} already dropped).")
        entry = entry or get(session, kind, name)
        if before:
            before(entry)
        remove(session, kind, full)
    return status(f"{name[-1]} successfully dropped.")


def alter(
    session: Session,
    kind: Kind,
    statement: Statement,
    options: Mapping[str, Option],
    check: Callable[[dict[str, Any]], None] | None = None,
) -> Result:
    """`ALTER <kind> [IF EXISTS] <name> RENAME TO <name> | SET ... | UNSET ...`; `check` may refuse the outcome."""
    reader = Reader(statement)
    entry = alter_target(session, kind, reader)
    if entry is None:
        return status(EXECUTED)
    if reader.accept("RENAME", "TO"):
        target = reader.name(kind.parts)
        reader.end()
        return rename(session, kind, entry, target)
    document = altered(reader, options, kind.title, entry.document)
    if check:
        check(document)
    session.account.catalog.put(kind.key, entry.name, document)
    return status(EXECUTED)


def alter_target(session: Session, kind: Kind, reader: Reader) -> Entry | None:
    """`ALTER <kind> [IF EXISTS] <name>`: the object, or None when it is missing and may be."""
    name, lenient = read_target(reader, "ALTER", *kind.words, parts=kind.parts)
    if lenient and session.account.catalog.get(kind.key, full_name(session, kind, name)) is None:
        return None
    return get(session, kind, name)


def rename(session: Session, kind: Kind, entry: Entry, target: tuple[str, ...]) -> Result:
    """Owner and grants move with the object."""
    catalog, full = session.account.catalog, full_name(session, kind, target)
    require_container(session, kind, full)
    with catalog.transaction():
        if catalog.get(kind.key, full):
            raise errors.already_exists(full)
        catalog.delete(kind.key, entry.name)
        catalog.put(kind.key, full, entry.document, owner=entry.owner)
        access.rename_object(session.account, kind.title, entry.name, full)
        if kind.key == "role":
            catalog.reassign(entry.name, full)
            session.role = full if session.role == entry.name else session.role
    return status(EXECUTED)
