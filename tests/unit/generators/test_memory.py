"""Memory does not depend on the size of the history: a block at a time."""

from __future__ import annotations

from tests.bench.generate import measure


def test_memory_stays_within_its_bound() -> None:
    bench = measure(2_000_000, workers=1)
    assert bench.peak_memory_mb < 1_500
