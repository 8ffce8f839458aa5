"""Generating and writing the history against DuckDB that draws the same columns uniformly at random.

`python -m tests.bench.generate [rows]` prints the figures; `measure(rows)` returns them.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import psutil

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
    """Seconds of both, their ratio, and an upper bound of the generator's memory in MB: the sum of processes' peaks."""

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
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            memory = _peak_memory_mb(running)
            printed, _ = running.communicate()
        if running.returncode:
            raise subprocess.CalledProcessError(running.returncode, command)
        seconds = json.loads(printed)
    return GenerationBench(rows, baseline, seconds, seconds / baseline, memory)


def _customers(rows: int) -> int:
    return max(rows // 270, 20)


def _baseline(rows: int, path: Path) -> float:
    with duckdb.connect() as database:
        database.execute("set threads = 2; set preserve_insertion_order = false")
        started = time.monotonic()
        database.execute(_BASELINE.format(customers=_customers(rows), rows=rows, path=path))
        return time.monotonic() - started


def _peak_memory_mb(running: subprocess.Popen[str]) -> float:
    """The largest resident memory of each process of a tree, added up, until it ends.

    `ru_maxrss` would not do: it survives exec, so that a child of a large process looks as large as that process.
    """
    peaks: dict[int, int] = {}
    while running.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            root = psutil.Process(running.pid)
            for process in (root, *root.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
                    peaks[process.pid] = max(peaks.get(process.pid, 0), _peak_kb(process.pid))
        time.sleep(0.02)
    return sum(peaks.values()) / 1024


def _peak_kb(pid: int) -> int:
    """The kernel's own high-water mark of a process since it began its program; 0 for one that has just ended."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def _run(folder: Path, rows: int, workers: int) -> float:
    """Seconds of a whole generation; meant for a process of its own, whose memory is the generator's alone."""
    settings = GeneratorSettings(customers=_customers(rows), transactions=rows)
    started = time.monotonic()
    generate(folder / "lake", settings, workers=workers)
    return time.monotonic() - started


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        sys.stdout.write(json.dumps(_run(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
    else:
        bench = measure(*(int(value) for value in sys.argv[1:]))
        sys.stdout.write(json.dumps(asdict(bench) | {"ok": bench.ok}, indent=1) + "\n")
