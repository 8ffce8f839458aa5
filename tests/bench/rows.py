"""One line of the benchmark's table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured beside its baseline in the same run.

    Attributes:
        what: what was done.
        measured, baseline: seconds.
        limit: the largest allowed ratio of the two.
        against: what the baseline is.
    """

    what: str
    measured: float
    baseline: float
    limit: float
    against: str

    @property
    def ratio(self) -> float:
        return self.measured / self.baseline

    @property
    def ok(self) -> bool:
        return self.ratio <= self.limit
