"""dbt against its own SQL: what `dbt build` ran, once more, straight in DuckDB on the same database file.

The baseline opens a copy of the account's database files in this process, translates what dbt compiled, and runs it in
dbt's order on one connection: tables and views are made again, tests are counted. It has no dbt, no connector, no HTTP,
no access control and no results to fetch.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlglot import exp

from local_cloud.snowflake.account import Account, open_account
from local_cloud.snowflake.query import translate
from local_cloud.snowflake.session import Session
from tests.bench.rows import Row
from tests.integration.platform import Platform

FULL_LIMIT = 1.5
INCREMENTAL_LIMIT_SECONDS = 25.0
GROWTH_LIMIT = 1.2
_HOURS_ALONE = 3


@dataclass(frozen=True)
class Node:
    """What dbt made or checked: `seconds` as dbt measured it, `sql` as it compiled it."""

    name: str
    kind: str
    materialized: str
    relation: str
    seconds: float
    sql: str


@dataclass(frozen=True)
class Run:
    """One `c360 transform`: wall seconds in all and of dbt's work alone, and its nodes."""

    seconds: float
    working_seconds: float
    nodes: list[Node]


def run(platform: Platform, *options: str) -> Run:
    """Build everything and read what dbt says of it."""
    started = time.monotonic()
    platform.run("transform", *options)
    seconds = time.monotonic() - started
    results = json.loads((platform.state / "dbt" / "run_results.json").read_text())
    manifest = json.loads((platform.state / "dbt" / "manifest.json").read_text())["nodes"]
    nodes = [_node(result, manifest.get(result["unique_id"], {})) for result in results["results"]]
    return Run(seconds, float(results["elapsed_time"]), nodes)


def _node(result: dict[str, Any], node: dict[str, Any]) -> Node:
    return Node(
        name=result["unique_id"].split(".")[2],
        kind=result["unique_id"].split(".")[0],
        materialized=node.get("config", {}).get("materialized", ""),
        relation=node.get("relation_name") or "",
        seconds=float(result["execution_time"]),
        sql=result.get("compiled_code") or "",
    )


def full(platform: Platform, built: Run) -> Iterator[Row]:
    """A build of everything beside its compiled SQL; the platform is stopped for the baseline."""
    database = platform.outputs["database"]
    platform.run("local", "stop")
    copy = shutil.copytree(platform.state / "cloud" / "snowflake", platform.state / "baseline")
    baseline = _straight(copy, database, built.nodes)
    shutil.rmtree(copy)
    yield Row("full dbt build, after its start", built.working_seconds, baseline, FULL_LIMIT, "its SQL in DuckDB")


def incremental(platform: Platform) -> Run:
    """Build after one more hourly file."""
    platform.run("stream", "--hours", "1")
    return run(platform)


def alone(platform: Platform) -> dict[str, float]:
    """Seconds of each incremental model after an hourly file, with nothing beside it; the least of three files."""
    seconds: dict[str, float] = {}
    # Without tests, some of which compare these models with others that are not built here.
    with patch.dict(platform.environment, C360_DBT_THREADS="1", DBT_INDIRECT_SELECTION="empty"):
        for _ in range(_HOURS_ALONE):
            platform.run("stream", "--hours", "1")
            for node in run(platform, "--select", "config.materialized:incremental").nodes:
                if node.materialized == "incremental":
                    seconds[node.name] = min(node.seconds, seconds.get(node.name, node.seconds))
    return seconds


def growth(small: dict[str, float], large: dict[str, float]) -> Iterator[Row]:
    """Each incremental model at full size beside itself at a small one."""
    for name, seconds in sorted(large.items()):
        yield Row(f"incremental {name}", seconds, small[name], GROWTH_LIMIT, "the same at 1,000,000 rows")


def _straight(home: Path, database: str, nodes: list[Node]) -> float:
    """Seconds that DuckDB takes for the nodes' SQL."""
    account = open_account(home, "http://127.0.0.1:1")
    session = account.open_session("C360", "ACCOUNTADMIN", "COMPUTE_WH", database)
    statements = [_duckdb(session, node) for node in nodes if node.kind in {"model", "test"}]
    seconds = _timed(account, statements)
    session.close()
    account.close()
    return seconds


def _timed(account: Account, statements: list[str]) -> float:
    connection = account.databases.connect()
    started = time.monotonic()
    for statement in statements:
        connection.execute(statement).fetchall()
    return time.monotonic() - started


def _duckdb(session: Session, node: Node) -> str:
    query = translate.parse(node.sql)
    text = translate.translate(session, query)
    if node.kind == "test":
        return f"select count(*) from ({text})"
    kind = "view" if node.materialized == "view" else "table"
    return f"create or replace {kind} {_quoted(node.relation)} as {text}"


def _quoted(relation: str) -> str:
    table = exp.to_table(relation, dialect="snowflake")
    return translate.sql(table.transform(translate.stored_case, copy=False))
