"""What Snowflake knows about a table, view or column and DuckDB does not, as JSON in DuckDB's own comments.

There it is part of the same transaction as the object, follows renames and swaps, and dies with it. A table's or
view's note has `created_on`, `owner`, and where they apply `comment`, `transient`, `cluster_by`, `retention` (days),
`secure`, `text`, `sources` (full names of what a view selects from) and `copy_grants`; a column's note has `type` (as
declared, when DuckDB's type does not say it) and `comment`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from local_cloud.snowflake.query import run
from local_cloud.snowflake.query.database import identifier
from local_cloud.snowflake.session import Session

Name = tuple[str, str, str]
RETENTION = "DATA_RETENTION_TIME_IN_DAYS"


def new(session: Session, **members: Any) -> dict[str, Any]:
    """The note of an object that is created now; members that are None are left out."""
    given = {key: value for key, value in members.items() if value is not None}
    return {"created_on": datetime.now(UTC).isoformat(), "owner": session.role, **given}


def write(session: Session, kind: str, name: Name, note: dict[str, Any]) -> None:
    """Replace the note of a TABLE or VIEW."""
    run.execute(session, f"comment on {kind} {dotted(name)} is {literal(json.dumps(note))}")


def write_column(session: Session, name: Name, column: str, note: dict[str, Any]) -> None:
    target = f"{dotted(name)}.{identifier(column)}"
    run.execute(session, f"comment on column {target} is {literal(json.dumps(note)) if note else 'null'}")


def read(session: Session, kind: str, name: Name) -> dict[str, Any]:
    source = f"duckdb_{kind.lower()}s() where database_name = ? and schema_name = ? and {kind.lower()}_name = ?"
    return _decoded(run.execute(session, f"select comment from {source}", list(name)).fetchone())


def read_column(session: Session, name: Name, column: str) -> dict[str, Any]:
    source = "duckdb_columns() where database_name = ? and schema_name = ? and table_name = ? and column_name = ?"
    return _decoded(run.execute(session, f"select comment from {source}", [*name, column]).fetchone())


def dotted(name: Name) -> str:
    return ".".join(identifier(part) for part in name)


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _decoded(row: tuple[Any, ...] | None) -> dict[str, Any]:
    return dict(json.loads(row[0])) if row and row[0] else {}
