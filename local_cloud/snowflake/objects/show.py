"""SHOW: `SHOW [TERSE] <kinds> [HISTORY] [LIKE p] [IN scope] [STARTS WITH s] [LIMIT n [FROM s]]`.

https://docs.snowflake.com/en/sql-reference/sql/show
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pyarrow as pa

from local_cloud.snowflake import errors
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.enforcement import privileges, visibility
from local_cloud.snowflake.objects.ddl import Reader
from local_cloud.snowflake.results import Result, rows
from local_cloud.snowflake.session import Session

TIMESTAMP = pa.timestamp("us", tz="UTC")
_MOMENTS = frozenset({"created_on", "resumed_on", "updated_on"})
_SCOPES = ("ACCOUNT", "DATABASE", "SCHEMA", "WAREHOUSE", "USER", "SESSION", "TABLE", "TASK")
Item = TypeVar("Item")


@dataclass(frozen=True)
class Request:
    """What a SHOW asks for. `scope` is ACCOUNT, DATABASE, ..., or None when there is no IN."""

    terse: bool = False
    like: str | None = None
    scope: str | None = None
    scope_name: tuple[str, ...] = ()
    starts_with: str | None = None
    limit: int | None = None
    after: str | None = None


def read(reader: Reader, *kinds: str, plain_scope: str = "SCHEMA") -> Request:
    """Read a whole SHOW statement; `IN x` without a keyword names a `plain_scope`."""
    reader.expect("SHOW")
    terse = reader.accept("TERSE")
    reader.expect(*kinds)
    reader.accept("HISTORY")
    like = reader.string() if reader.accept("LIKE") else None
    scope: str | None = None
    scope_name: tuple[str, ...] = ()
    if reader.accept("IN") or reader.accept("FOR"):
        # An object may be called DATABASE; a scope word is one unless the statement ends or goes on with a dot.
        scope = reader.accept_one(*_SCOPES) or plain_scope
        if (
            scope not in {"ACCOUNT", "SESSION"}
            and reader.word() not in {"STARTS", "LIMIT", "LIKE"}
            and not reader.at_end
        ):
            scope_name = reader.name()
    like = reader.string() if reader.accept("LIKE") else like
    starts_with = reader.string() if reader.accept("STARTS", "WITH") else None
    limit = int(reader.scalar()) if reader.accept("LIMIT") else None
    after = reader.string() if limit is not None and reader.accept("FROM") else None
    reader.end()
    return Request(terse, like, scope, scope_name, starts_with, limit, after)


def matches(pattern: str, name: str) -> bool:
    """SQL's LIKE, whatever the case, with backslash as escape."""
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    translated = "".join({"%": ".*", "_": "."}.get(part) or re.escape(part[-1]) for part in parts)
    return re.fullmatch(translated, name, re.IGNORECASE | re.DOTALL) is not None


def chosen(request: Request, items: Iterable[tuple[str, Item]]) -> list[Item]:
    """Of (name, item) pairs those that LIKE, STARTS WITH, LIMIT and FROM leave."""
    left = [
        item
        for name, item in items
        if (request.like is None or matches(request.like, name))
        and (request.starts_with is None or name.startswith(request.starts_with))
        and (request.after is None or name > request.after)
    ]
    return left[: request.limit] if request.limit is not None else left


def entries(session: Session, request: Request, kind: str, prefix: str = "") -> list[Entry]:
    """The catalog's objects of a kind under a prefix that the request asks for and the session's roles see."""
    seen = visibility.visible(session, session.account.catalog.list(kind, prefix))
    return chosen(request, ((entry.short_name, entry) for entry in seen))


def prefix(session: Session, request: Request) -> str:
    """`DB.SCHEMA.`, `DB.` or empty: where schema-level objects are shown; by default the session's schema.

    Raises:
        SnowflakeError: 002043 for a scope that does not exist.
    """
    if request.scope == "ACCOUNT":
        return ""
    if request.scope == "DATABASE":
        database = request.scope_name[0] if request.scope_name else session.database
        return f"{existing(session, database)}." if database else ""
    if request.scope == "SCHEMA" and request.scope_name:
        database, schema = ([session.database, *request.scope_name])[-2:]
        return f"{existing(session, database, schema)}."
    if session.database is None:
        return ""
    return f"{session.database}.{session.schema}." if session.schema else f"{session.database}."


def existing(session: Session, database: str | None, schema: str | None = None) -> str:
    """The dotted name of a database or schema that is there, else 002043."""
    catalog = session.account.catalog
    name, kind = (f"{database}.{schema}", "SCHEMA") if schema else (f"{database}", "DATABASE")
    seen = catalog.get(kind.lower(), name) is not None and privileges.is_visible(session, kind, name)
    if not seen and schema != "INFORMATION_SCHEMA":
        raise errors.compilation_error(2043, "02000", "Object does not exist, or operation cannot be performed.")
    return name


def table(columns: str, values: Sequence[Sequence[Any]]) -> Result:
    """Rows of a SHOW; `columns` has blanks between names. Moments (`created_on`) are timestamps, the rest is text."""
    names = columns.split()
    types = [TIMESTAMP if name in _MOMENTS else pa.string() for name in names]
    return rows(names, values, types)


def flag(value: object) -> str:
    """Y or N, as older SHOW commands print booleans."""
    return "Y" if value else "N"
