"""Runs the dbt project in this process against a database of its own in a local cloud."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dbt.cli.main import dbtRunner

from snowflake_objects.naming import SchemaName
from snowflake_objects.tables import BRONZE_TABLES, OBSERVABILITY_TABLES
from tests.integration.conftest import LocalCloud

PROJECT = Path(__file__).parents[2] / "dbt"
_ROWS_PER_INSERT = 4_000


@dataclass(frozen=True)
class NodeResult:
    """What became of one model or test."""

    name: str
    status: str
    message: str


class DbtDatabase:
    """A database with all schemas, bronze and observability tables, and dbt connected to it."""

    def __init__(self, cloud: LocalCloud, name: str, folder: Path) -> None:
        self.name = name
        self._folder = folder
        self.connection = cloud.connect(role="ACCOUNTADMIN")
        self._environment = {
            "C360_SNOWFLAKE_ACCOUNT": "LOCAL-C360",
            "C360_SNOWFLAKE_HOST": cloud.host,
            "C360_SNOWFLAKE_PORT": str(cloud.port),
            "C360_SNOWFLAKE_PROTOCOL": "http",
            "C360_SNOWFLAKE_USER": "C360",
            "C360_SNOWFLAKE_PASSWORD": "local",
            "C360_SNOWFLAKE_ROLE": "ACCOUNTADMIN",
            "C360_SNOWFLAKE_WAREHOUSE": "DBT_TEST_WH",
            "C360_SNOWFLAKE_DATABASE": name,
            "C360_DBT_THREADS": "2",
        }
        self._make()

    def _make(self) -> None:
        self.sql("CREATE WAREHOUSE IF NOT EXISTS DBT_TEST_WH")
        self.sql(f"CREATE DATABASE {self.name}")
        for schema in SchemaName:
            self.sql(f"CREATE SCHEMA {self.name}.{schema}")
        for schema, tables in ((SchemaName.BRONZE, BRONZE_TABLES), (SchemaName.OBSERVABILITY, OBSERVABILITY_TABLES)):
            for table in tables:
                columns = ", ".join(f"{name} {kind}" for name, kind in table.columns)
                self.sql(f"CREATE TABLE {self.name}.{schema}.{table.name} ({columns})")
        self.sql(f"USE DATABASE {self.name}")

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return [tuple(row) for row in cursor.fetchall()]

    def value(self, statement: str) -> Any:
        return self.sql(statement)[0][0]

    def insert(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        """Append rows of text, numbers and None in the order of the table's columns."""
        waiting = list(rows)
        for start in range(0, len(waiting), _ROWS_PER_INSERT):
            values = ", ".join(
                f"({', '.join(map(_literal, row))})" for row in waiting[start : start + _ROWS_PER_INSERT]
            )
            self.sql(f"INSERT INTO {table} VALUES {values}")

    def dbt(self, *arguments: str) -> list[NodeResult]:
        """Run a dbt command; returns what each node came to, or raises what dbt raised."""
        command = [*arguments, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        command += ["--target-path", str(self._folder / "target"), "--log-path", str(self._folder / "logs")]
        # Streamlit sets the connector's style of placeholders for the whole process; dbt writes %s.
        style = patch("snowflake.connector.paramstyle", "pyformat")
        with patch.dict(os.environ, self._environment), style, redirect_stdout(StringIO()):
            outcome = dbtRunner().invoke(command)
        if outcome.exception is not None:
            raise outcome.exception
        assert outcome.result is not None
        return [
            NodeResult(result.node.name, str(result.status), str(result.message or ""))
            for result in outcome.result.results  # type: ignore[union-attr]  # all commands used here have results
        ]


def failures(results: list[NodeResult]) -> list[NodeResult]:
    """What went wrong or warned; what was skipped has such a reason upstream."""
    return [result for result in results if result.status not in {"success", "pass", "skipped", "no-op"}]


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"
