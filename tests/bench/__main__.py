"""`make bench`: every limit of the platform as a ratio to a baseline that ran beside it.

Ratios survive a busy machine; seconds do not. `make bench ARGS="--rows 1000000"` is quicker.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import generate, platform
from tests.bench.rows import Row


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=13_500_000, help="transactions (13,500,000 by default)")
    rows = parser.parse_args().rows
    table = Table("what", "seconds", "baseline", "ratio", "limit", "", "baseline is", title=f"{rows:,} transactions")
    progress = Console(stderr=True, highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        for row in _rows(Path(folder), rows):
            cells = (row.what, f"{row.measured:.2f}", f"{row.baseline:.2f}", f"{row.ratio:.2f}", f"{row.limit:.2f}")
            table.add_row(*cells, "ok" if row.ok else "OVER", row.against)
            progress.print(f"{row.what}: {row.measured:.1f} s")
    Console(width=120).print(table)


def _rows(state: Path, rows: int) -> Iterator[Row]:
    generated = generate.measure(rows)
    yield Row(
        "generate and write Parquet",
        generated.generator_seconds,
        generated.baseline_seconds,
        generate.RATIO_LIMIT,
        "DuckDB, same columns at random",
    )
    yield from platform.measure(state, rows)


if __name__ == "__main__":
    main()
