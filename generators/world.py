"""Everything that is decided before the first transaction is drawn: one object, made from settings alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from generators.catalogue import CATEGORIES
from generators.lifecycle import Lifecycle, make_lifecycle
from generators.merchants import TABLE_BITS, Merchants, make_merchants
from generators.population import (
    SUBSCRIPTION_SLOTS,
    SUBSCRIPTIONS,
    UTILITIES,
    Floats,
    Ints,
    Population,
    make_population,
    slot_category,
)
from generators.randomness import even_draws, generator
from generators.settings import MONTHS, GeneratorSettings, Month

TICKET = np.array([category.ticket for category in CATEGORIES])
# A customer's month is drawn cell by cell: first the monthly payments, then one cell for each category, from cheap
# to dear: even sampling along that order keeps the number of dear purchases in a quarter near its expectation.
CELL_ORDER = np.argsort(TICKET, kind="stable")
CELL_CATEGORY = np.concatenate([[slot_category(slot) for slot in range(SUBSCRIPTION_SLOTS)], CELL_ORDER])
CELLS = len(CELL_CATEGORY)
SPREAD = np.array([category.spread for category in CATEGORIES])
MEAN_TICKET = TICKET * np.exp(SPREAD**2 / 2)
MOBILE = 0.2
ONLINE = 0.4
# Chance of a declined payment by channel before personal and phase factors.
DECLINED = np.array([0.040, 0.0140, 0.021])
# Transactions a day against the mean month, January to December, and by weekday from Monday.
SEASON = np.array([0.93, 0.87, 0.96, 0.97, 1.00, 1.02, 1.03, 1.00, 0.95, 0.98, 1.07, 1.32])
WEEKDAY = np.array([0.905, 0.905, 0.955, 1.0, 1.14, 1.17, 0.965])


@dataclass(frozen=True)
class World:
    """`counts` (customers, months) are the transactions of each customer and month: they add up exactly."""

    settings: GeneratorSettings
    people: Population
    life: Lifecycle
    merchants: Merchants
    expected: Floats
    counts: NDArray[np.int32]
    choice: Floats  # (n, categories): chance of each category for one transaction
    scale: Floats  # (n,): factor on category tickets that gives the customer's monthly spend
    favourites: NDArray[np.uint16]  # (n, cells)
    slot_luck: NDArray[np.uint32]  # (n, slots): decides the fixed amount of each monthly payment
    online: Floats  # (categories,)
    luck: NDArray[np.uint32]  # (n,): where the customer's even sequences start

    def day_span(self, month: Month) -> tuple[Ints, Ints]:
        """First day and day after the last, within the month (0 to its length), on which each customer may buy."""
        start = (month.start - self.settings.history_start).days
        first = (self.people.open_day - start).clip(0, month.days)
        last = (self.life.stop_day - start).clip(0, month.days)
        return first, np.maximum(first, last)

    def busy_span(self, month: Month) -> tuple[Ints, Ints]:
        """As `day_span`, for purchases: the part of the month in which the customer uses the card."""
        first, last = self.day_span(month)
        begins = np.maximum(first, self.life.busy_from[:, month.index])
        ends = np.minimum(last, self.life.busy_until[:, month.index])
        overlap = begins < ends
        return np.where(overlap, begins, first), np.where(overlap, ends, last)


@lru_cache(maxsize=2)
def make_world(settings: GeneratorSettings) -> World:
    """About 0.7 s for 50,000 customers; kept for further calls in the same process."""
    people = make_population(settings)
    life = make_lifecycle(settings, people)
    expected = _expected(settings, people, life)
    choice = people.taste / MEAN_TICKET
    choice /= choice.sum(axis=1, keepdims=True)
    shares = _category_shares(people, choice, expected)
    rng = generator(settings.seed, "world")
    merchants = make_merchants(settings.seed, shares)
    luck = rng.integers(0, 2**TABLE_BITS, (len(people), CELLS), dtype=np.uint16)
    return World(
        settings=settings,
        people=people,
        life=life,
        merchants=merchants,
        expected=expected,
        counts=_whole_counts(rng, expected),
        choice=choice,
        scale=_scale(people, choice, expected, settings),
        favourites=merchants.table[CELL_CATEGORY[None, :], luck],
        slot_luck=_slot_luck(rng, people),
        online=_calibrated_online(shares),
        luck=(even_draws(rng, people.segment) * 2**32).astype(np.uint32),
    )


def _slot_luck(rng: np.random.Generator, people: Population) -> NDArray[np.uint32]:
    """Even inside each segment and number of payments: few customers share one subscription's distribution."""
    groups = people.segment * (SUBSCRIPTION_SLOTS + 1) + people.slots
    draws = [even_draws(rng, groups) for _ in range(SUBSCRIPTION_SLOTS)]
    return (np.stack(draws, axis=1) * 2**32).astype(np.uint32)


def day_shares(month: Month) -> Floats:
    """Share of a month's transactions on each of its days, by weekday."""
    weights: Floats = WEEKDAY[(month.start.weekday() + np.arange(month.days)) % 7]
    shares: Floats = weights / weights.sum()
    return shares


def _expected(settings: GeneratorSettings, people: Population, life: Lifecycle) -> Floats:
    """Expected transactions by customer and month, adding up to `settings.transactions`."""
    expected: Floats = life.frequency.astype(np.float64)
    expected *= people.activity[:, None]
    for month in settings.months:
        start = (month.start - settings.history_start).days
        reached = np.concatenate([[0.0], np.cumsum(day_shares(month))])
        first = (people.open_day - start).clip(0, month.days)
        last = np.maximum(first, (life.stop_day - start).clip(0, month.days))
        season = SEASON[month.start.month - 1] * month.days / 30.4375
        # The levels of who takes turns count whole spells already.
        part = np.where(people.in_turns, 1.0, reached[last] - reached[first])
        expected[:, month.index] *= season * part
    expected *= settings.transactions / expected.sum()
    return expected


def _whole_counts(rng: np.random.Generator, expected: Floats) -> NDArray[np.int32]:
    """Whole numbers, each the floor or ceiling of its expectation, that add up to the whole total."""
    reached = np.floor(np.cumsum(expected.T.ravel()) + rng.random())
    total = round(float(expected.sum()))
    reached[-1] = total
    np.minimum(reached, total, out=reached)
    counts = np.diff(reached, prepend=0.0).astype(np.int32)
    by_customer: NDArray[np.int32] = counts.reshape(MONTHS, -1).T.copy()
    return by_customer


def _usual_activity(people: Population, expected: Floats, settings: GeneratorSettings) -> Floats:
    """Transactions in a plain month at full level, after scaling to the number asked for."""
    seasons = np.array([SEASON[month.start.month - 1] * month.days / 30.4375 for month in settings.months])
    steady = people.open_day < 0
    # Whoever was there all along tells how far the total was scaled.
    unscaled = people.activity[steady].sum() * seasons[:6].sum()
    scaled: Floats = people.activity * (expected[steady, :6].sum() / unscaled)
    return scaled


def subscription_level(scale: Floats) -> Floats:
    """What a customer's subscriptions cost against the usual price, given the factor on other tickets."""
    level: Floats = scale**0.3
    return level


def _scale(people: Population, choice: Floats, expected: Floats, settings: GeneratorSettings) -> Floats:
    """Factor on tickets with which a plain month costs what the customer spends."""
    usual = _usual_activity(people, expected, settings)
    free = np.maximum(usual - people.slots, 1.0)
    utilities = np.where(people.slots > 1, MEAN_TICKET[UTILITIES], 0.0)
    tickets = utilities + free * (choice * MEAN_TICKET).sum(axis=1)
    spend = people.spend / (1 - 0.025 * people.decline_proneness)
    subscriptions = (people.slots - (people.slots > 1)) * MEAN_TICKET[SUBSCRIPTIONS]
    scale: Floats = spend / tickets
    for _ in range(3):  # the price of subscriptions depends, weakly, on the factor itself
        scale = (spend - subscriptions * subscription_level(scale)) / tickets
    return scale


def _category_shares(people: Population, choice: Floats, expected: Floats) -> Floats:
    """Expected share of each category in all transactions."""
    monthly = expected.mean(axis=1)
    free = np.maximum(monthly - people.slots, 0)
    shares: Floats = (choice * free[:, None]).sum(axis=0)
    for slot in range(SUBSCRIPTION_SLOTS):
        shares[slot_category(slot)] += (people.slots > slot).sum()
    shares /= shares.sum()
    return shares


def _calibrated_online(shares: Floats) -> Floats:
    """Online shares by category, shifted so that 40 % of all transactions are online."""
    raw = np.array([category.online for category in CATEGORIES])
    online: Floats = (raw + (ONLINE - (raw * shares).sum())).clip(0.1, 0.7)
    return online
