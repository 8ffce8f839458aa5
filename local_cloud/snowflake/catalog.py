"""The durable list of every object that DuckDB does not know: warehouses, roles, grants, stages, pipes, ...

One SQLite file per account. An object is a kind, an upper-case fully qualified name and a JSON document; the
modules under `objects/` and `loading/` own the documents' shapes. Every change is one SQLite transaction, so a
process killed at any moment leaves whole objects behind.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

# Inside the class `list` is a method.
Names = list[str]
Value = TypeVar("Value")
# Sorts after everything that a name may contain, so that a prefix is a range of the primary key.
_LAST = "\U0010ffff"
_SCHEMA = """
create table if not exists objects (
    kind text not null,
    name text not null,
    owner text,
    created_on text not null,
    document text not null,
    primary key (kind, name)
)
"""


@dataclass(frozen=True)
class Entry:
    """One object: `name` is fully qualified (`DB.SCHEMA.OBJ`, or a bare name at account level)."""

    kind: str
    name: str
    owner: str | None
    created_on: datetime
    document: dict[str, Any]

    @property
    def short_name(self) -> str:
        return self.name.rsplit(".", 1)[-1]


class Catalog:
    """Typed key-value store; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute(_SCHEMA)
        self._versions: Counter[str] = Counter()
        self._generation = 0
        self._derived: dict[Hashable, tuple[tuple[int, int], Any]] = {}

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes inside happen, or none; nested use joins the outer transaction."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._db.execute("rollback")
                self._generation += 1
                raise
            self._db.execute("commit")

    def get(self, kind: str, name: str) -> Entry | None:
        with self._lock:
            row = self._db.execute(
                "select kind, name, owner, created_on, document from objects where kind = ? and name = ?", (kind, name)
            ).fetchone()
        return _entry(row) if row else None

    def list(self, kind: str, prefix: str = "") -> list[Entry]:
        """All objects of a kind, by name; `prefix` such as `DB.SCHEMA.` narrows them."""
        with self._lock:
            found = self._db.execute(
                "select kind, name, owner, created_on, document from objects "
                "where kind = ? and name >= ? and name < ? order by name",
                (kind, prefix, prefix + _LAST),
            ).fetchall()
        return [_entry(row) for row in found]

    def names(self, kind: str, prefix: str = "") -> Names:
        """The names alone, which spares reading the documents."""
        with self._lock:
            found = self._db.execute(
                "select name from objects where kind = ? and name >= ? and name < ? order by name",
                (kind, prefix, prefix + _LAST),
            ).fetchall()
        return [name for (name,) in found]

    def owners(self, name: str, *kinds: str) -> dict[str, str]:
        """Who owns the objects of that name, by kind; empty when nobody does. Other kinds are left out."""
        marks = ", ".join("?" * len(kinds))
        with self._lock:
            found = self._db.execute(
                f"select kind, coalesce(owner, '') from objects where name = ? and kind in ({marks})",
                (name, *kinds),
            ).fetchall()
        return dict(found)

    def derived(self, key: Hashable, kind: str, compute: Callable[[], Value]) -> Value:
        """What `compute` makes of the objects of one kind; kept under `key` until one of them changes."""
        with self._lock:
            version = (self._generation, self._versions[kind])
            kept = self._derived.get(key)
            if kept is not None and kept[0] == version:
                value: Value = kept[1]
                return value
            value = compute()
            self._derived[key] = (version, value)
            return value

    def put(self, kind: str, name: str, document: dict[str, Any], owner: str | None = None) -> Entry:
        """Create or change an object; creation time and owner of an existing one stay unless given."""
        with self.transaction():
            old = self.get(kind, name)
            created = old.created_on if old else datetime.now(UTC)
            keeper = owner if owner is not None else (old.owner if old else None)
            self._versions[kind] += 1
            self._db.execute(
                "insert or replace into objects values (?, ?, ?, ?, ?)",
                (kind, name, keeper, created.isoformat(), json.dumps(document)),
            )
        return Entry(kind, name, keeper, created, document)

    def delete(self, kind: str, name: str) -> bool:
        with self._lock:
            self._versions[kind] += 1
            return self._db.execute("delete from objects where kind = ? and name = ?", (kind, name)).rowcount > 0

    def reassign(self, owner: str, new_owner: str) -> None:
        """Give everything that one role owns to another, as DROP ROLE does."""
        with self._lock:
            self._db.execute("update objects set owner = ? where owner = ?", (new_owner, owner))

    def delete_under(self, prefix: str) -> None:
        """Drop everything inside a database (`DB.`) or schema (`DB.SCHEMA.`)."""
        with self._lock:
            self._generation += 1
            self._db.execute("delete from objects where name >= ? and name < ?", (prefix, prefix + _LAST))


def _entry(row: tuple[str, str, str | None, str, str]) -> Entry:
    kind, name, owner, created_on, document = row
    return Entry(kind, name, owner, datetime.fromisoformat(created_on), json.loads(document))
