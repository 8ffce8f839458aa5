"""Memory does not depend on the size of the history: a block at a time."""

from __future__ import annotations

from tests.bench.generate import measure


def test_memory_stays_within_its_bound() -> None:
    # 195 to 220 MB were measured, most of it interpreter, NumPy and Arrow; one more block in memory would be 130 MB.
    assert measure(2_000_000, workers=1).peak_memory_mb < 300
