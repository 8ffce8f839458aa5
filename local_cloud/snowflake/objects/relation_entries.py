"""Catalog entries of tables and views, and how they find back to the database files after a `kill -9`.

A table or view lives in DuckDB; its entry in the catalog says who owns it and, by grants, who else may use it. The two
are written one after the other. What the entry is made of is therefore also in the object's own note (see
`query/notes.py`), which DuckDB commits together with the object: an entry that does not carry the same mark as the
note belongs to an object that is no more, and is made again from the note.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from local_cloud.snowflake.account import Account
from local_cloud.snowflake.objects import access
from local_cloud.snowflake.query.database import HIDDEN_SCHEMAS

# The moment of creation, which tells an object from the one that it replaced.
_MADE = "MADE"
# The full names of what a view selects from.
SOURCES = "SOURCES"
_KINDS = ("TABLE", "VIEW")


def record(account: Account, kind: str, name: str, note: dict[str, Any]) -> None:
    """Call after CREATE TABLE or VIEW: the note's `owner` owns the new object and future grants apply to it.

    A replaced object loses the grants on the old one unless the note says `copy_grants`.

    Args:
        kind: `TABLE` or `VIEW`.
        name: `DB.SCHEMA.NAME` as stored.
    """
    document: dict[str, Any] = {_MADE: note.get("created_on")}
    if "sources" in note:
        document[SOURCES] = note["sources"]
    with account.catalog.transaction():
        if account.catalog.get(kind.lower(), name) and not note.get("copy_grants"):
            access.forget_object(account, kind, name)
        account.catalog.put(kind.lower(), name, document, owner=note.get("owner") or _owner_of_schema(account, name))
        access.apply_future_grants(account, kind, name)


def reconcile(account: Account, database: str) -> None:
    """Entries without an object are forgotten; objects without their entry get it from their note."""
    there = {(kind, name): note for kind, name, note in _stored(account, database)}
    known = {
        (kind, entry.name): entry for kind in _KINDS for entry in account.catalog.list(kind.lower(), f"{database}.")
    }
    for kind, name in known.keys() - there.keys():
        access.forget_owner(account, kind, name)
    for (kind, name), note in there.items():
        entry = known.get((kind, name))
        if entry is None or entry.document.get(_MADE) != note.get("created_on"):
            record(account, kind, name, note)


def _stored(account: Account, database: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    connection = account.databases.connect()
    found = connection.execute(
        "select 'TABLE', schema_name, table_name, comment from duckdb_tables() "
        "where database_name = $1 and schema_name not in $2 union all "
        "select 'VIEW', schema_name, view_name, comment from duckdb_views() "
        "where database_name = $1 and schema_name not in $2 and not internal",
        [database, HIDDEN_SCHEMAS],
    ).fetchall()
    connection.close()
    for kind, schema, name, comment in found:
        yield kind, f"{database}.{schema}.{name}", json.loads(comment) if comment else {}


def _owner_of_schema(account: Account, name: str) -> str:
    schema = account.catalog.get("schema", name.rpartition(".")[0])
    return (schema.owner if schema else None) or "ACCOUNTADMIN"
