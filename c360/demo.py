"""The whole platform, in order, on this machine."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from c360 import app, lake, loading, local, stacks, streaming, transform
from c360.connections import connect, query
from c360.errors import C360Error
from c360.memory import MemoryWatch
from c360.outputs import StackOutputs
from c360.plans import describe_counts
from c360.progress import Reporter, Step
from c360.workspace import LOCAL_STACK, Workspace
from generators.stream import first_hour

STREAMED_HOURS = 6


@dataclass(frozen=True)
class Options:
    """What `c360 demo` was asked for."""

    customers: int
    transactions: int
    with_app: bool
    fresh: bool


def run(workspace: Workspace, options: Options, reporter: Reporter) -> dict[str, Any]:
    """Run every step and write `.local/report.json`, also when a step fails; returns the report."""
    started = time.monotonic()
    report: dict[str, Any] = {"ok": False, "rows": {}}
    with MemoryWatch() as memory:
        try:
            report["rows"] = _Demo(workspace, options, reporter, memory).run()
            report["ok"] = True
        finally:
            report["seconds"] = round(time.monotonic() - started, 1)
            report["peak_rss_mb"] = memory.peak_mb
            report["steps"] = [
                {"name": s.name, "seconds": round(s.seconds, 2), "detail": s.detail} for s in reporter.steps
            ]
            write_report(workspace.state / "report.json", report)
    return report


def write_report(path: Path, report: dict[str, Any]) -> None:
    """Keys in the documented order; written beside and renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ordered = {key: report[key] for key in ("ok", "seconds", "peak_rss_mb", "steps", "rows")}
    part = path.with_suffix(".part")
    part.write_text(json.dumps(ordered, indent=2) + "\n")
    part.replace(path)


class _Demo:
    def __init__(self, workspace: Workspace, options: Options, reporter: Reporter, memory: MemoryWatch) -> None:
        self._workspace = workspace
        self._options = options
        self._reporter = reporter
        self._memory = memory
        self._settings = lake.settings(options.customers, options.transactions)

    def run(self) -> dict[str, int]:
        self._start()
        with self._reporter.step("up") as step:
            outcome = stacks.up(self._workspace, LOCAL_STACK, lambda event: step.say(f"{event.kind} {event.name}"))
            outputs = stacks.outputs(self._workspace, LOCAL_STACK)
            check_trust(outputs)
            step.detail = f"{describe_counts(outcome.counts if outcome else {})}; trust: {outputs.trust.message}"
        with self._reporter.step("generate") as step:
            step.detail = lake.generate(self._workspace.lake, self._settings, step.say)
        with self._reporter.step("upload") as step:
            step.detail = lake.upload(self._workspace, outputs, step.say)
        with self._reporter.step("load") as step:
            self._load(outputs, step)
        with self._reporter.step("stream") as step:
            self._stream(outputs, step)
        with self._reporter.step("transform") as step:
            step.detail = str(transform.build(self._workspace, outputs, step.say))
        with self._reporter.step("count") as step:
            rows = count_rows(outputs)
            step.detail = check_accounting(rows)
        if self._options.with_app:
            with self._reporter.step("app") as step:
                running = app.start(self._workspace, outputs)
                self._memory.include(running.pid)
                step.detail = f"answers at {running.url}"
        return rows

    def _start(self) -> None:
        if self._options.fresh:
            app.stop(self._workspace)
            local.reset(self._workspace)
        self._refuse_other_portfolio()
        with self._reporter.step("local cloud") as step:
            running = local.start(self._workspace)
            self._memory.include(running.pid)
            step.detail = f"AWS at {running.aws}, Snowflake at {running.snowflake}"
        self._portfolio_file.parent.mkdir(parents=True, exist_ok=True)
        self._portfolio_file.write_text(json.dumps(self._portfolio))

    @property
    def _portfolio_file(self) -> Path:
        return self._workspace.cloud / "portfolio.json"

    @property
    def _portfolio(self) -> dict[str, Any]:
        return {"customers": self._settings.customers, "transactions": self._settings.transactions}

    def _refuse_other_portfolio(self) -> None:
        """Loading a second portfolio over a first would mix them: their identifiers are the same."""
        if not self._portfolio_file.exists():
            return
        there = json.loads(self._portfolio_file.read_text())
        if there != self._portfolio:
            raise C360Error(
                f"The local cloud holds a portfolio of {there['customers']:,} customers and {there['transactions']:,} "
                "transactions; `--fresh` replaces it, or ask for the same size again."
            )

    def _load(self, outputs: StackOutputs, step: Step) -> None:
        results = loading.load_all(outputs, step.say)
        step.detail = ", ".join(f"{r.total:,} {r.name}" for r in results)

    def _stream(self, outputs: StackOutputs, step: Step) -> None:
        """The first hours after the history, the same ones each time: repeating the demo adds nothing."""
        first = first_hour(self._settings)
        hours = [first + timedelta(hours=hour) for hour in range(STREAMED_HOURS)]
        loads = streaming.stream_hours(self._workspace, outputs, self._settings, hours, step.say)
        step.detail = f"{len(loads)} hourly files, {sum(load.rows for load in loads):,} rows by Snowpipe"


def check_trust(outputs: StackOutputs) -> None:
    """Nothing can be loaded while Snowflake may not read the lake.

    Raises:
        C360Error: Snowflake's own word on what is wrong.
    """
    if outputs.trust.status != "success":
        raise C360Error(
            f"Snowflake cannot read the lake: {outputs.trust.message}; `c360 up --refresh` mends what hands changed."
        )


def count_rows(outputs: StackOutputs) -> dict[str, int]:
    """Rows of the tables that the report names."""
    schemas, database = outputs.schemas, outputs.database
    tables = {
        "bronze_transactions": outputs.tables.bronze_transactions,
        "bronze_customers": outputs.tables.bronze_customers,
        "silver_transactions": f"{database}.{schemas['silver']}.INT_TRANSACTIONS_DEDUPLICATED",
        "rejected_transactions": f"{database}.{schemas['silver']}.INT_TRANSACTIONS_REJECTED",
        "duplicate_transactions": f"{database}.{schemas['silver']}.INT_TRANSACTIONS_DUPLICATES",
        "fct_transactions": f"{database}.{schemas['gold']}.FCT_TRANSACTIONS",
        "dim_customer": f"{database}.{schemas['gold']}.DIM_CUSTOMER",
        "customer_360_profile": f"{database}.{schemas['gold']}.CUSTOMER_360_PROFILE",
    }
    connection = connect(outputs, outputs.roles.data_engineer, outputs.warehouses.analytics)
    try:
        return {name: int(query(connection, f"SELECT COUNT(*) FROM {table}")[0][0]) for name, table in tables.items()}
    finally:
        connection.close()


def check_accounting(rows: dict[str, int]) -> str:
    """Every row of bronze is in silver, a duplicate or rejected.

    Raises:
        C360Error: the numbers do not add up.
    """
    parts = rows["silver_transactions"], rows["duplicate_transactions"], rows["rejected_transactions"]
    if rows["bronze_transactions"] != sum(parts):
        raise C360Error(
            f"Rows are lost: bronze has {rows['bronze_transactions']:,} transactions, silver {parts[0]:,} + duplicates "
            f"{parts[1]:,} + rejected {parts[2]:,} = {sum(parts):,}."
        )
    silver, duplicates, rejected = (f"{part:,}" for part in parts)
    return f"{rows['bronze_transactions']:,} bronze = {silver} silver + {duplicates} duplicates + {rejected} rejected"


def show_end(workspace: Workspace, report: dict[str, Any], console: Console) -> None:
    """What is where, for somebody who has just seen the steps scroll by."""
    table = Table("table", "rows", header_style="bold")
    for name, count in report["rows"].items():
        table.add_row(name, f"{count:,}")
    console.print(table)
    running, streamlit = local.status(workspace), app.status(workspace)
    lines = [f"Done in {report['seconds']:.0f} s; the largest process took {report['peak_rss_mb']:,} MB."]
    if running:
        lines.append(f"Snowflake  {running.snowflake}  account LOCAL-C360, user C360, password local")
        lines.append(f"AWS        {running.aws}  any access key")
    if streamlit:
        lines.append(f"App        {streamlit.url}")
    lines.append('Try: c360 sql "SELECT * FROM GOLD.CUSTOMER_360_PROFILE LIMIT 5"   End: make stop')
    console.print("\n".join(lines), soft_wrap=True)
