"""Generating and writing the history against DuckDB that draws the same columns uniformly at random.

`python -m tests.bench.generate [rows]` prints the figures; `measure(rows)` returns them.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from generators.lake import generate
from generators.settings import GeneratorSettings

RATIO_LIMIT = 3.0
MEMORY_LIMIT_MB = 2_000

# hash(i * 7 + k) is independent for different k; hash(i, k) is not.
_BASELINE = """
copy (
    select format('TXN{{:010d}}', i) as transaction_id,
        format('CUST{{:08d}}', 1 + (hash(i * 7 + 1) % {customers})::bigint) as customer_id,
        timestamp '2025-01-01' + to_seconds((hash(i * 7 + 2) % (546 * 86400))::bigint) as transaction_date,
        ((hash(i * 7 + 3) % 100000) / 100)::decimal(12, 2) as transaction_amount,
        'Merchant ' || (hash(i * 7 + 4) % 2000) as merchant_name,
        'Category ' || (hash(i * 7 + 5) % 20) as merchant_category,
        ['Online', 'In-Store', 'Mobile'][1 + (hash(i * 7 + 6) % 3)::int] as channel,
        case when hash(i * 7 + 0) % 50 = 0 then 'declined' else 'approved' end as status
    from range({rows}) t(i)
) to '{path}' (format parquet, compression zstd)
"""


@dataclass(frozen=True)
class GenerationBench:
    """Seconds of both, their ratio, and an upper bound of the generator's memory in MB: peaks of all its processes."""

    rows: int
    baseline_seconds: float
    generator_seconds: float
    ratio: float
    peak_memory_mb: float

    @property
    def ok(self) -> bool:
        return self.ratio <= RATIO_LIMIT and self.peak_memory_mb <= MEMORY_LIMIT_MB


def measure(rows: int = 13_500_000, workers: int = 2) -> GenerationBench:
    """Run both, one after the other, in folders that are removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        baseline = _baseline(rows, Path(folder) / "uniform.parquet")
        command = [sys.executable, "-m", "tests.bench.generate", "--run", folder, str(rows), str(workers)]
        ran = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds, memory = json.loads(ran.stdout)
    return GenerationBench(rows, baseline, seconds, seconds / baseline, memory)


def _customers(rows: int) -> int:
    return max(rows // 270, 20)


def _baseline(rows: int, path: Path) -> float:
    with duckdb.connect() as database:
        database.execute("set threads = 2; set preserve_insertion_order = false")
        started = time.monotonic()
        database.execute(_BASELINE.format(customers=_customers(rows), rows=rows, path=path))
        return time.monotonic() - started


def _run(folder: Path, rows: int, workers: int) -> tuple[float, float]:
    """Seconds and MB of a whole generation; meant for a process of its own, whose memory is the generator's alone."""
    settings = GeneratorSettings(customers=_customers(rows), transactions=rows)
    started = time.monotonic()
    generate(folder / "lake", settings, workers=workers)
    seconds = time.monotonic() - started
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    largest_child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return seconds, (own + workers * largest_child) / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        sys.stdout.write(json.dumps(_run(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
    else:
        bench = measure(*(int(value) for value in sys.argv[1:]))
        sys.stdout.write(json.dumps(asdict(bench) | {"ok": bench.ok}, indent=1) + "\n")
