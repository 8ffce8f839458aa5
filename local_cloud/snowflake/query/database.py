"""The data of an account: one DuckDB file per Snowflake database, all attached to one DuckDB instance.

A file is the truth about a database: it exists exactly as long as the database does. DuckDB writes committed
transactions to its write-ahead log before it answers, so that a killed process loses nothing acknowledged.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from urllib.parse import quote, unquote

import duckdb

from local_cloud.snowflake import errors
from local_cloud.snowflake.query.macros import MACROS

_SUFFIX = ".duckdb"
# Inside the class `list` is a method.
Names = list[str]
# Schemas that DuckDB makes by itself and that Snowflake does not know.
HIDDEN_SCHEMAS = ("main", "information_schema", "pg_catalog")


class Databases:
    """All databases of an account; safe to share between threads.

    Args:
        home: the account's folder; files live in `home/databases`, spilled data in `home/spill`.
        memory_limit: what DuckDB may hold before it spills, e.g. `3.5GB`.
    """

    def __init__(self, home: Path, memory_limit: str = "3.5GB") -> None:
        self._folder = home / "databases"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._root = duckdb.connect(":memory:", config=_configuration(home, memory_limit))
        self._root.execute("set global TimeZone = 'UTC'")
        for macro in MACROS:
            self._root.execute(macro)
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            self._attach(unquote(path.name[: -len(_SUFFIX)]))

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to all databases, for one session or one background worker."""
        with self._lock:
            return self._root.cursor()

    def close(self) -> None:
        """Write everything into the database files and release them."""
        with self._lock:
            for name in self.list():
                self._root.execute(f"detach {identifier(name)}")
            self._root.close()

    def list(self) -> Names:
        with self._lock:
            found = self._root.execute(
                "select database_name from duckdb_databases() where not internal and path is not null order by 1"
            ).fetchall()
        return [name for (name,) in found]

    def exists(self, name: str) -> bool:
        return self._path(name).exists()

    def create(self, name: str) -> None:
        """Create a database with its schema PUBLIC.

        Raises:
            SnowflakeError: 002002 when it exists.
        """
        with self._lock:
            if self.exists(name):
                raise errors.already_exists(name)
            self._attach(name)
            self.create_schema(name, "PUBLIC")

    def drop(self, name: str) -> None:
        """Drop a database and everything in it.

        Raises:
            SnowflakeError: 002003 when there is none.
        """
        with self._lock:
            if not self.exists(name):
                raise errors.does_not_exist("Database", name)
            self._root.execute(f"detach {identifier(name)}")
            # The file goes last: a process killed in between still has the database, and can drop it again.
            Path(f"{self._path(name)}.wal").unlink(missing_ok=True)
            self._path(name).unlink()

    def rename(self, name: str, new_name: str) -> None:
        """Raises SnowflakeError 002003 or 002002 when the old name is missing or the new one taken."""
        with self._lock:
            if not self.exists(name):
                raise errors.does_not_exist("Database", name)
            if self.exists(new_name):
                raise errors.already_exists(new_name)
            # Detaching writes the log into the file, so that one rename moves everything.
            self._root.execute(f"detach {identifier(name)}")
            self._path(name).rename(self._path(new_name))
            self._attach(new_name)

    def schemas(self, database: str) -> Names:
        """Names of a database's schemas, sorted, without INFORMATION_SCHEMA."""
        with self._lock:
            found = self._root.execute(
                "select schema_name from duckdb_schemas() where database_name = ? and schema_name not in ? order by 1",
                [database, HIDDEN_SCHEMAS],
            ).fetchall()
        return [name for (name,) in found]

    def schema_exists(self, database: str, schema: str) -> bool:
        return schema in self.schemas(database)

    def create_schema(self, database: str, schema: str) -> None:
        """Raises SnowflakeError 002003 when the database is missing, 002002 when the schema exists."""
        with self._lock:
            if not self.exists(database):
                raise errors.does_not_exist("Database", database)
            if self.schema_exists(database, schema):
                raise errors.already_exists(f"{database}.{schema}")
            self._root.execute(f"create schema {identifier(database)}.{identifier(schema)}")

    def drop_schema(self, database: str, schema: str) -> None:
        """Drop a schema with its tables and views; raises SnowflakeError 002003 when there is none."""
        with self._lock:
            if not self.schema_exists(database, schema):
                raise errors.does_not_exist("Schema", f"{database}.{schema}")
            self._root.execute(f"drop schema {identifier(database)}.{identifier(schema)} cascade")

    def size(self, name: str) -> int:
        """Bytes of a database on disk, its write-ahead log included."""
        files = (self._path(name), Path(f"{self._path(name)}.wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def _path(self, name: str) -> Path:
        return self._folder / f"{quote(name, safe='')}{_SUFFIX}"

    def _attach(self, name: str) -> None:
        path = str(self._path(name)).replace("'", "''")
        self._root.execute(f"attach '{path}' as {identifier(name)}")


def identifier(name: str) -> str:
    """A name as DuckDB reads it back unchanged."""
    return '"' + name.replace('"', '""') + '"'


def _configuration(home: Path, memory_limit: str) -> dict[str, str | bool | int | float | list[str]]:
    spill = home / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    return {
        "memory_limit": memory_limit,
        "temp_directory": str(spill),
        "threads": os.cpu_count() or 2,
        # sqlglot writes lambdas with an arrow, which DuckDB 2 reads only when told so.
        "lambda_syntax": "ENABLE_SINGLE_ARROW",
        # Python variables are not tables.
        "python_enable_replacements": False,
        # Insertion order costs memory in bulk loads and Snowflake promises none.
        "preserve_insertion_order": False,
    }
