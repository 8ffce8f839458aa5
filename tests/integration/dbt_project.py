"""Runs the dbt project in this process against a database of its own in a local cloud."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dbt.artifacts.schemas.catalog import CatalogArtifact
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from snowflake_objects.naming import SchemaName
from snowflake_objects.tables import BRONZE_TABLES, OBSERVABILITY_TABLES
from tests.integration.conftest import LocalCloud

# tests/mutations lets all tests of dbt run on a copy of the project with a mistake.
PROJECT = Path(os.environ.get("C360_TEST_DBT_PROJECT", Path(__file__).parents[2] / "dbt"))
_ROWS_PER_INSERT = 4_000
_MOMENTS_OF_RUNS = {"CLASSIFIED_AT", "CLASSIFIED_UNTIL"}


@dataclass(frozen=True)
class NodeResult:
    """What became of one model or test."""

    name: str
    status: str
    message: str


class DbtDatabase:
    """A database with all schemas, bronze and observability tables, and dbt connected to it.

    Attributes:
        environment: the variables that the project's profile reads.
        command: options that every dbt command takes here: where the project is, and where it may write.
    """

    def __init__(self, cloud: LocalCloud, name: str, folder: Path) -> None:
        self.name = name
        self.command = self._command(PROJECT, folder)
        self.connection = cloud.connect(role="ACCOUNTADMIN")
        self.environment = {
            "C360_SNOWFLAKE_ACCOUNT": "LOCAL-C360",
            "C360_SNOWFLAKE_HOST": cloud.host,
            "C360_SNOWFLAKE_PORT": str(cloud.port),
            "C360_SNOWFLAKE_PROTOCOL": "http",
            "C360_SNOWFLAKE_USER": "C360",
            "C360_SNOWFLAKE_PASSWORD": "local",
            "C360_SNOWFLAKE_ROLE": "ACCOUNTADMIN",
            "C360_SNOWFLAKE_WAREHOUSE": "DBT_TEST_WH",
            "C360_SNOWFLAKE_ML_WAREHOUSE": "DBT_TEST_ML_WH",
            "C360_SNOWFLAKE_DATABASE": name,
            "C360_DBT_THREADS": "2",
        }
        self._make()

    def _make(self) -> None:
        for warehouse in ("DBT_TEST_WH", "DBT_TEST_ML_WH"):
            self.sql(f"CREATE WAREHOUSE IF NOT EXISTS {warehouse}")
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
        """Run a dbt command; returns what each node came to, or raises what dbt raised.

        The project is parsed once: commands with variables of their own parse it again.
        """
        return self._results(None if "--vars" in arguments else self.manifest, *arguments, *self.command)

    def unit_tests(self, project: Path) -> list[NodeResult]:
        """Run the unit tests of another copy of the project; they only need this database's tables to exist."""
        command = self._command(project, project.parent)
        return self._results(None, "test", "--select", "test_type:unit", "--no-partial-parse", *command)

    @staticmethod
    def _command(project: Path, folder: Path) -> list[str]:
        written = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
        return ["--project-dir", str(project), "--profiles-dir", str(project), *written]

    def _results(self, manifest: Manifest | None, *arguments: str) -> list[NodeResult]:
        results = self._invoke(manifest, *arguments).results
        return [NodeResult(each.node.name, str(each.status), str(each.message or "")) for each in results]

    @cached_property
    def manifest(self) -> Manifest:
        """The project as dbt reads it."""
        found = self._invoke(None, "parse", "--no-partial-parse", *self.command)
        assert isinstance(found, Manifest)
        return found

    def catalog(self) -> CatalogArtifact:
        """`dbt docs generate`: what the database says of every table of the project."""
        found = self._invoke(None, "docs", "generate", "--no-compile", *self.command)
        assert isinstance(found, CatalogArtifact)
        return found

    def _invoke(self, manifest: Manifest | None, *arguments: str) -> Any:
        # Streamlit sets the connector's style of placeholders for the whole process; dbt writes %s.
        style = patch("snowflake.connector.paramstyle", "pyformat")
        with patch.dict(os.environ, self.environment), style, redirect_stdout(StringIO()):
            outcome = dbtRunner(manifest=manifest).invoke(list(arguments))
        if outcome.exception is not None:
            raise outcome.exception
        return outcome.result

    def forget(self) -> None:
        """As it was made: empty bronze, and nothing that dbt has built."""
        for schema, name in self._tables():
            kept = schema in {SchemaName.BRONZE, SchemaName.OBSERVABILITY}
            self.sql(f"{'DELETE FROM' if kept else 'DROP TABLE'} {self.name}.{schema}.{name}")

    def contents(self) -> dict[str, Counter[tuple[Any, ...]]]:
        """The rows of every table that dbt has built, without the moments at which it did."""
        found = {}
        for schema, name in self._tables():
            if schema not in {SchemaName.BRONZE, SchemaName.OBSERVABILITY}:
                columns = self.sql(f"DESCRIBE TABLE {self.name}.{schema}.{name}")
                kept = ", ".join(column[0] for column in columns if column[0] not in _MOMENTS_OF_RUNS)
                rows = self.sql(f"SELECT {kept} FROM {self.name}.{schema}.{name}")
                found[f"{schema}.{name}"] = Counter(tuple(map(_comparable, row)) for row in rows)
        return found

    def _tables(self) -> list[tuple[Any, ...]]:
        return self.sql(
            f"SELECT TABLE_SCHEMA, TABLE_NAME FROM {self.name}.INFORMATION_SCHEMA.TABLES "
            "WHERE TABLE_TYPE = 'BASE TABLE' ORDER BY 1, 2"
        )


def failures(results: list[NodeResult]) -> list[NodeResult]:
    """What went wrong or warned; what was skipped has such a reason upstream."""
    return [result for result in results if result.status not in {"success", "pass", "skipped", "no-op"}]


def _comparable(value: Any) -> Any:
    """A float's last digits depend on the order in which rows were added up."""
    return float(f"{value:.9g}") if isinstance(value, float) else value


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"
