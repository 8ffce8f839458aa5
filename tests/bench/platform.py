"""`up`, the bulk load, the stream and dbt, each beside a baseline."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from c360 import loading
from c360.outputs import StackOutputs
from generators.stream import HEADER
from tests.bench import app, transform
from tests.bench.rows import Row
from tests.integration.platform import Platform

_IMPORTS = "import pulumi, pulumi_aws.s3, pulumi_aws.iam, pulumi_aws.sns, pulumi_aws.sqs, pulumi_snowflake"
_FILES = 50
# The limits of `up` are 30 s and 12 s on a machine where these imports take 1.5 s.
_UP_LIMIT, _SECOND_UP_LIMIT = 20.0, 8.0
# The size to which incremental models are compared, and a second one between.
SMALL = 1_000_000


def measure(state: Path, rows: int) -> Iterator[Row]:
    """A platform of `rows` transactions, and a small one beside it, in folders of their own; stopped at the end."""
    with _running(state / "small") as small:
        small.run("up")
        _fill(small, min(SMALL, rows))
        small.run("load")
        transform.run(small)
        transform.incremental(small)
        before = transform.alone(small)
    with _running(state / "large") as platform:
        yield from _up(platform)
        _fill(platform, rows)
        yield _load(platform)
        platform.run("load")
        yield _stream(platform)
        built = transform.run(platform)
        after = transform.incremental(platform)
        yield Row(
            "dbt build after an hourly file", after.seconds, 1.0, transform.INCREMENTAL_LIMIT_SECONDS, "one second"
        )
        yield from transform.growth(before, transform.alone(platform))
        yield from app.measure(platform)
        # Last: for its baseline the platform is stopped.
        yield from transform.full(platform, built)


@contextmanager
def _running(state: Path) -> Iterator[Platform]:
    platform = Platform(state)
    try:
        platform.run("local", "start")
        yield platform
    finally:
        platform.run("local", "stop")


def _up(platform: Platform) -> Iterator[Row]:
    imports = _seconds(lambda: subprocess.run([sys.executable, "-c", _IMPORTS], check=True))
    yield Row("up from nothing", _seconds(lambda: platform.run("up")), imports, _UP_LIMIT, "importing the SDKs")
    second = _seconds(lambda: platform.run("up"))
    yield Row("second up", second, imports, _SECOND_UP_LIMIT, "importing the SDKs")


def _fill(platform: Platform, rows: int) -> None:
    customers = str(max(rows // 270, 20))
    platform.run("generate", "--customers", customers, "--transactions", str(rows))
    platform.run("upload")


def _seconds(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def _load(platform: Platform) -> Row:
    files = platform.state / "lake" / "transactions" / "historical" / "*.parquet"
    with duckdb.connect(platform.state / "baseline.db") as database:
        # What bronze holds of a file: its eight columns, and where each row came from.
        read = f"read_parquet('{files}', filename = true, file_row_number = true)"
        baseline = _seconds(lambda: database.execute(f"create table bronze as select *, now() as at from {read}"))
    outputs = StackOutputs.parse("local", platform.outputs)
    history = next(source for source in loading.sources(outputs) if source.parquet)
    with platform.connect() as connection:
        copy = loading.copy_statement(connection, history)
        measured = _seconds(lambda: connection.cursor().execute(copy))
    return Row("load into bronze", measured, baseline, 2.0, "DuckDB reading the files")


def _stream(platform: Platform) -> Row:
    """Seconds from an S3 PUT to the row being visible, 95th percentile; the limit is two seconds."""
    s3, outputs = platform.client("s3"), platform.outputs
    waits = []
    with platform.connect() as connection, connection.cursor() as cursor:
        for number in range(_FILES):
            key = f"{outputs['prefixes']['transactions_streaming']}2026/07/02/00/bench_{number}.csv"
            body = f"{HEADER}\nBENCH{number},CUST00000001,2026-07-02 00:00:00,1.00,Shop,Groceries,Online,approved\n"
            started = time.monotonic()
            s3.put_object(Bucket=outputs["bucket"], Key=key, Body=body.encode())
            count = f"SELECT COUNT(*) FROM {outputs['tables']['bronze_transactions']} WHERE SOURCE_FILE = %s"
            while cursor.execute(count, (key,)).fetchone() != (1,):  # type: ignore[union-attr]  # execute returns itself
                time.sleep(0.01)
            waits.append(time.monotonic() - started)
    return Row("file to bronze, 95th percentile", statistics.quantiles(waits, n=20)[-1], 1.0, 2.0, "one second")
