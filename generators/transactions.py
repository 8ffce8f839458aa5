"""Draws transactions: a block of customers in one month at a time, all columns at once.

The draws are stratified: within a customer's month, categories are spread evenly over the customer's tastes and
amounts evenly over their distribution (golden-ratio sequence). Each column keeps its exact distribution, but a
month's total stays near what the customer's parameters say, as a household's does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from generators.catalogue import CATEGORIES
from generators.merchants import TABLE_BITS
from generators.population import SUBSCRIPTION_SLOTS, SUBSCRIPTIONS, Floats, Ints
from generators.randomness import normal_table
from generators.settings import Month
from generators.world import (
    CELL_CATEGORY,
    CELL_ORDER,
    CELLS,
    DECLINED,
    MOBILE,
    SPREAD,
    TICKET,
    World,
    day_shares,
    subscription_level,
)

_GOLDEN = np.uint32(2654435769)  # 2**32 / golden ratio
_SUMMER = np.array([category.summer for category in CATEGORIES])
# Weights of the 24 hours: online peaks in the evening, shops at noon and after work, mobile on the way.
_HOURS = np.array(
    [
        [2, 1, 1, 0.5, 0.5, 1, 2, 3, 4, 5, 5, 5, 6, 5, 5, 5, 5, 6, 7, 9, 10, 9, 6, 4],
        [0.2, 0.1, 0.1, 0.1, 0.2, 0.6, 2, 4, 5, 6, 7, 9, 10, 8, 7, 7, 8, 10, 9, 6, 4, 2, 1, 0.5],
        [1, 0.5, 0.5, 0.3, 0.5, 1.5, 5, 8, 7, 4, 4, 5, 7, 5, 4, 4, 6, 9, 8, 7, 6, 5, 4, 2],
    ]
)


@dataclass(frozen=True)
class Rows:
    """Transactions as codes, sorted by time: positions in the vocabulary, seconds from the start of the span, cents."""

    customer: NDArray[np.int32]
    second: NDArray[np.int64]
    cents: NDArray[np.int64]
    merchant: NDArray[np.uint16]
    category: NDArray[np.uint8]
    channel: NDArray[np.uint8]
    declined: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.customer)


def draw_month(world: World, month: Month, who: Ints, rng: np.random.Generator) -> Rows:
    """All transactions of the customers `who` in a month of the history."""
    counts = world.counts[who, month.index].astype(np.int64)
    cells, cell_counts = _cells(world, month, who, counts)
    draw = _draw(world, month, who, counts, cells, cell_counts, rng)
    day = _days(world, month, who, draw)
    hour_bits = (draw.channel.astype(np.int32) << 16) | draw.bits[:, 1]
    hour = _hour_table().ravel()[hour_bits].astype(np.int64)
    within = (draw.bits[:, 2].astype(np.int64) * 3600) >> 16
    return _sorted(draw, day * 86_400 + hour * 3_600 + within)


def draw_hour(world: World, month: Month, who: Ints, counts: Ints, rng: np.random.Generator) -> Rows:
    """Transactions of one hour with the levels of `month`; seconds count from the start of the hour."""
    cells, cell_counts = _cells(world, month, who, counts)
    draw = _draw(world, month, who, counts, cells, cell_counts, rng)
    return _sorted(draw, (draw.bits[:, 2].astype(np.int64) * 3600) >> 16)


@dataclass(frozen=True)
class _Draw:
    """Unsorted rows and the random bits that are left for their times."""

    customer: NDArray[np.int64]
    position: NDArray[np.int64]  # of the customer in `who`
    cell: NDArray[np.uint8]
    cents: NDArray[np.int64]
    merchant: NDArray[np.uint16]
    channel: NDArray[np.uint8]
    declined: NDArray[np.bool_]
    bits: NDArray[np.uint16]  # (rows, 4)


def _cells(world: World, month: Month, who: Ints, counts: Ints) -> tuple[Floats, NDArray[np.int64]]:
    """Typical amounts and numbers of transactions by customer and cell."""
    slots = np.minimum(world.people.slots[who], counts)
    free = counts - slots
    chance = world.choice[who]
    if month.start.month in (6, 7, 8):
        chance = chance * _SUMMER
        chance /= chance.sum(axis=1, keepdims=True)
    # Months of a customer follow each other evenly, so that a rare category comes up as often as it should.
    offset = (world.luck[who] + np.uint32(month.index * int(_GOLDEN) % 2**32)) * 2.0**-32
    reached = np.cumsum(chance[:, CELL_ORDER], axis=1) * free[:, None] + offset[:, None]
    reached[:, -1] = free
    numbers = np.empty((len(who), CELLS), dtype=np.int64)
    numbers[:, :SUBSCRIPTION_SLOTS] = np.arange(SUBSCRIPTION_SLOTS) < slots[:, None]
    whole = np.minimum(np.floor(reached).astype(np.int64), free[:, None])
    numbers[:, SUBSCRIPTION_SLOTS:] = np.diff(whole, axis=1, prepend=0)
    level = world.scale[who] * world.life.amount[who, month.index]
    # What a subscription costs does not follow the customer's mood, and hardly the customer's means.
    fixed = subscription_level(world.scale[who])
    typical = np.where(CELL_CATEGORY == SUBSCRIPTIONS, fixed[:, None], level[:, None]) * TICKET[CELL_CATEGORY]
    return typical, numbers


def _draw(
    world: World,
    month: Month,
    who: Ints,
    counts: Ints,
    typical: Floats,
    numbers: NDArray[np.int64],
    rng: np.random.Generator,
) -> _Draw:
    size = int(counts.sum())
    bits = rng.integers(0, 2**64, (size, 2), dtype=np.uint64).view(np.uint16).reshape(size, 8)
    position = np.repeat(np.arange(len(who)), counts)
    flat = numbers.ravel()
    cell = np.repeat(np.tile(np.arange(CELLS, dtype=np.uint8), len(who)), flat)
    category = CELL_CATEGORY.astype(np.uint8)[cell]
    channel = _channels(world, who, position, category, bits[:, 4])
    rate = (world.people.decline_proneness[who] * world.life.decline_rate[who, month.index]).astype(np.float32)
    chance = DECLINED.astype(np.float32)[channel] * rate[position]
    return _Draw(
        customer=who[position],
        position=position,
        cell=cell,
        cents=_cents(world, who, counts, cell, position, np.repeat(typical.astype(np.float32).ravel(), flat), month),
        merchant=_merchants(world, who, flat, cell, category, position, bits),
        channel=channel,
        declined=bits[:, 6] < chance * 65_536,
        bits=bits[:, :4],
    )


def _cents(
    world: World,
    who: Ints,
    counts: Ints,
    cell: NDArray[np.uint8],
    position: NDArray[np.int64],
    typical: NDArray[np.float32],
    month: Month,
) -> NDArray[np.int64]:
    """Log-normal amounts in cents, at least 50."""
    # One sequence through all of a customer's months: row k of the history takes step k.
    first = np.cumsum(counts) - counts
    before = world.counts[who, : month.index].sum(axis=1) - first
    start = world.luck[who] ^ np.uint32(0x5BD1E995)
    luck = np.repeat(start + before.astype(np.uint32) * _GOLDEN, counts)
    luck += np.arange(len(cell), dtype=np.uint32) * _GOLDEN
    fixed = np.flatnonzero(cell < SUBSCRIPTION_SLOTS)
    luck[fixed] = world.slot_luck[who[position[fixed]], cell[fixed]]
    normal = normal_table()[luck >> np.uint32(16)]
    spread = SPREAD[CELL_CATEGORY].astype(np.float32)[cell]
    cents: NDArray[np.int64] = np.maximum(np.rint(100 * typical * np.exp(spread * normal)), 50).astype(np.int64)
    return cents


def _channels(
    world: World, who: Ints, position: NDArray[np.int64], category: NDArray[np.uint8], bits: NDArray[np.uint16]
) -> NDArray[np.uint8]:
    """0 online, 1 in-store, 2 mobile: by category and by how digital the customer is."""
    luck = bits.astype(np.float32) / 65_536
    online = world.online.astype(np.float32)[category] + world.people.digital[who].astype(np.float32)[position]
    return np.where(luck < online, 0, np.where(luck >= 1 - MOBILE, 2, 1)).astype(np.uint8)


def _merchants(
    world: World,
    who: Ints,
    flat: NDArray[np.int64],
    cell: NDArray[np.uint8],
    category: NDArray[np.uint8],
    position: NDArray[np.int64],
    bits: NDArray[np.uint16],
) -> NDArray[np.uint16]:
    """The customer's favourite of the category, or anybody by popularity; monthly payments keep their merchant."""
    favourite = np.repeat(world.favourites[who].ravel(), flat)
    anybody = world.merchants.table.ravel()[
        (category.astype(np.int32) << TABLE_BITS) | (bits[:, 5] >> np.uint16(16 - TABLE_BITS))
    ]
    loyalty = (world.people.loyalty[who] * 65_536).astype(np.float32)[position]
    return np.where((bits[:, 7] < loyalty) | (cell < SUBSCRIPTION_SLOTS), favourite, anybody)


def _days(world: World, month: Month, who: Ints, draw: _Draw) -> NDArray[np.int64]:
    """Day in the month from 0: by weekday, inside the span in which the card is used, fixed for monthly payments."""
    reached = np.concatenate([[0.0], np.cumsum(day_shares(month))])
    luck = (draw.bits[:, 0].astype(np.float64) + 0.5) / 65_536
    first, after = (span[who] for span in world.busy_span(month))
    day = _day_table(month)[draw.bits[:, 0]].astype(np.int64)
    partial = np.flatnonzero(((first > 0) | (after < month.days))[draw.position])
    low, high = reached[first[draw.position[partial]]], reached[after[draw.position[partial]]]
    day[partial] = np.searchsorted(reached, low + luck[partial] * (high - low), side="right") - 1
    fixed = np.flatnonzero(draw.cell < SUBSCRIPTION_SLOTS)
    due = np.minimum(world.people.slot_day[who[draw.position[fixed]], draw.cell[fixed]], month.days) - 1
    first, after = (span[who] for span in world.day_span(month))
    inside = (due >= first[draw.position[fixed]]) & (due < after[draw.position[fixed]])
    day[fixed[inside]] = due[inside]
    return day


def _sorted(draw: _Draw, second: NDArray[np.int64]) -> Rows:
    """By time; the row number in the low bits makes keys unique, so that every sort gives one order."""
    keys = (second << 24) | np.arange(len(second))
    keys.sort()
    order = keys & 0xFFFFFF
    return Rows(
        customer=draw.customer[order].astype(np.int32),
        second=keys >> 24,
        cents=draw.cents[order],
        merchant=draw.merchant[order],
        category=CELL_CATEGORY.astype(np.uint8)[draw.cell[order]],
        channel=draw.channel[order],
        declined=draw.declined[order].astype(np.uint8),
    )


@lru_cache(maxsize=1)
def _hour_table() -> NDArray[np.uint8]:
    """(channels, 65,536): hour by uniform bits."""
    reached = np.cumsum(_HOURS, axis=1) / _HOURS.sum(axis=1, keepdims=True)
    steps = (np.arange(65_536) + 0.5) / 65_536
    return np.stack([np.searchsorted(row, steps) for row in reached]).astype(np.uint8)


@lru_cache(maxsize=64)
def _day_table(month: Month) -> NDArray[np.uint8]:
    steps = (np.arange(65_536) + 0.5) / 65_536
    return np.searchsorted(np.cumsum(day_shares(month)), steps).clip(max=month.days - 1).astype(np.uint8)
