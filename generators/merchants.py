"""About 2,000 merchants whose popularity falls as a power of their rank, each in one category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.catalogue import BRANDS, CATEGORIES
from generators.population import Floats
from generators.randomness import generator

MERCHANTS = 2_000
_SLOPE, _SHIFT = 1.05, 2.2  # popularity (rank + shift) ** -slope: the top 1 % take about a third
TABLE_BITS = 14


@dataclass(frozen=True)
class Merchants:
    """`names` in order of popularity; `table[category, bits]` maps 14 uniform bits to a merchant."""

    names: list[str]
    category: NDArray[np.int64]
    table: NDArray[np.uint16]


def make_merchants(seed: int, category_share: Floats) -> Merchants:
    """Give each category as much popularity as it has transactions, so that ranks across categories stay Zipf-like."""
    popularity = (np.arange(1, MERCHANTS + 1) + _SHIFT) ** -_SLOPE
    popularity /= popularity.sum()
    category = np.empty(MERCHANTS, dtype=np.int64)
    missing = category_share.copy()
    for rank in range(MERCHANTS):
        category[rank] = np.argmax(missing)
        missing[category[rank]] -= popularity[rank]
    table = np.empty((len(CATEGORIES), 2**TABLE_BITS), dtype=np.uint16)
    position = (np.arange(2**TABLE_BITS) + 0.5) / 2**TABLE_BITS
    for number in range(len(CATEGORIES)):
        members = np.flatnonzero(category == number)
        reached = np.cumsum(popularity[members]) / popularity[members].sum()
        table[number] = members[np.searchsorted(reached, position).clip(max=len(members) - 1)]
    return Merchants(_names(seed, category), category, table)


def _names(seed: int, category: NDArray[np.int64]) -> list[str]:
    """Brand and trade, such as `Harbor Foods`; no name twice."""
    rng = generator(seed, "merchants")
    names = [""] * len(category)
    for number, kind in enumerate(CATEGORIES):
        members = np.flatnonzero(category == number)
        pairs = rng.permutation(len(BRANDS) * len(kind.merchants))
        for use, merchant in enumerate(members):
            brand, trade = divmod(int(pairs[use % len(pairs)]), len(kind.merchants))
            again = use // len(pairs)
            names[merchant] = f"{BRANDS[brand]} {kind.merchants[trade]}" + (f" {again + 1}" if again else "")
    return names
