"""Who the customers are: segment, demographics and the parameters of their own behaviour.

Every array has one entry per customer, in the order of customer ids. Nothing here depends on time; what changes
from month to month is in `lifecycle`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.catalogue import CATEGORIES, CATEGORY_NAMES, NECESSITIES, SEGMENTS, STATES, TRAVEL
from generators.randomness import even_draws, even_normals, generator
from generators.settings import GeneratorSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TRAVELER, STABLE, BUDGET, DECLINING, GROWING = range(len(SEGMENTS))
SUBSCRIPTION_SLOTS = 3
SUBSCRIPTIONS = CATEGORY_NAMES.index("Subscriptions")
UTILITIES = CATEGORY_NAMES.index("Utilities")
_TRAVEL = [CATEGORY_NAMES.index(name) for name in TRAVEL]
_NECESSITIES = [CATEGORY_NAMES.index(name) for name in NECESSITIES]


@dataclass(frozen=True)
class SegmentProfile:
    """What the customers of one segment have in common; each customer draws from these ranges.

    `spend` is approved spend a month in dollars; `activity` weighs transactions a month against other segments;
    `in_turns` is the share of customers who use the card for a week or two and put it away for weeks (`turns`);
    `focus` is the range of the share of spend that goes to the segment's own categories.
    """

    share: float
    spend: tuple[float, float]
    activity: float
    premium: float
    volatility: float
    in_turns: float
    focus: tuple[float, float] | None = None
    focus_on: tuple[int, ...] = ()


PROFILES: tuple[SegmentProfile, ...] = (
    SegmentProfile(0.15, (5_500, 11_400), 22, 0.70, 0.09, 0.45, (0.38, 0.62), tuple(_TRAVEL)),
    SegmentProfile(0.40, (2_150, 3_850), 15, 0.40, 0.06, 0.45),
    SegmentProfile(0.25, (560, 1_290), 11, 0.10, 0.07, 0.50, (0.74, 0.90), tuple(_NECESSITIES)),
    SegmentProfile(0.10, (2_150, 3_850), 15, 0.35, 0.06, 0.0),
    SegmentProfile(0.10, (1_500, 3_400), 15, 0.30, 0.10, 0.0),
)
# Share of spend by category before personal taste, in the order of CATEGORIES. Subscriptions come from slots alone.
_TASTE = np.array([4, 4, 4, 12, 5, 4, 0, 18, 8, 6, 5, 3, 5, 3, 6, 5, 5, 4, 6, 3], dtype=float)
_TASTE_SHAPE = 6.0  # gamma shape: a customer's taste for a category varies by 40 % around the segment's
ACTIVITY_SIGMA = 0.57  # of log activity within a segment; gives 0.7 to 1.1 across all customers


@dataclass(frozen=True)
class Population:
    """Parameters by customer. Shapes: (n,) or (n, categories) or (n, slots)."""

    segment: Ints
    premium: NDArray[np.bool_]
    age: Ints
    employment: Ints
    state: Ints
    city: Ints
    open_day: Ints
    spend: Floats
    activity: Floats
    activity_z: Floats
    taste: Floats
    volatility: Floats
    decline_proneness: Floats
    digital: Floats
    loyalty: Floats
    in_turns: NDArray[np.bool_]
    slots: Ints
    slot_day: Ints
    credit_limit: Ints

    def __len__(self) -> int:
        return len(self.segment)


def make_population(settings: GeneratorSettings) -> Population:
    """Draw all customers; takes about 0.2 s for 50,000."""
    rng = generator(settings.seed, "population")
    segment = _segments(rng, settings.customers)
    count = len(segment)
    age = _ages(rng, segment)
    state, city = _places(rng, count)
    spend = _monthly_spend(rng, segment)
    activity_z = even_normals(rng, segment).clip(-2.5, 2.5)
    activity = _of(segment, lambda profile: profile.activity) * np.exp(ACTIVITY_SIGMA * activity_z)
    in_turns = rng.random(count) < _of(segment, lambda profile: profile.in_turns)
    return Population(
        segment=segment,
        premium=_premium(rng, segment),
        age=age,
        employment=_employment(rng, age),
        state=state,
        city=city,
        open_day=_open_days(rng, segment, settings),
        spend=spend,
        activity=activity,
        activity_z=activity_z,
        taste=_tastes(rng, segment),
        volatility=_of(segment, lambda profile: profile.volatility) * rng.uniform(0.6, 1.4, count),
        decline_proneness=np.exp(0.5 * rng.standard_normal(count) - 0.125) * np.where(segment == DECLINING, 1.15, 1.0),
        digital=rng.uniform(-0.1, 0.1, count),
        loyalty=rng.uniform(0.42, 0.66, count),
        in_turns=in_turns,
        # Nobody has monthly payments on a card that is put away for weeks.
        slots=np.where(in_turns, 0, np.minimum(_slots(rng, segment), (activity / 5).astype(np.int64))),
        slot_day=rng.integers(1, 32, (count, SUBSCRIPTION_SLOTS)),
        credit_limit=_credit_limits(rng, spend),
    )


def slot_category(slot: int) -> int:
    """The category of a customer's n-th monthly payment: subscription, utility, subscription."""
    return UTILITIES if slot == 1 else SUBSCRIPTIONS


def _of(segment: Ints, read: Callable[[SegmentProfile], float]) -> Floats:
    values: Floats = np.array([read(profile) for profile in PROFILES], dtype=float)
    return values[segment]


def _segments(rng: np.random.Generator, count: int) -> Ints:
    """Exact shares in random order."""
    edges = np.round(np.cumsum([profile.share for profile in PROFILES]) * count).astype(np.int64)
    return rng.permutation(np.searchsorted(edges, np.arange(count), side="right"))


def _monthly_spend(rng: np.random.Generator, segment: Ints) -> Floats:
    """Log-symmetric inside the segment's range, thin at both ends."""
    ranges = np.array([profile.spend for profile in PROFILES])[segment]
    # The inverse of the distribution function of Beta(2, 2).
    position = 0.5 - np.sin(np.arcsin(1 - 2 * even_draws(rng, segment)) / 3)
    spend: Floats = np.exp(np.log(ranges[:, 0]) + position * np.log(ranges[:, 1] / ranges[:, 0]))
    return spend


def _premium(rng: np.random.Generator, segment: Ints) -> NDArray[np.bool_]:
    premium = np.zeros(len(segment), dtype=bool)
    for number, profile in enumerate(PROFILES):
        members = rng.permutation(np.flatnonzero(segment == number))
        premium[members[: round(profile.premium * len(members))]] = True
    return premium


def _ages(rng: np.random.Generator, segment: Ints) -> Ints:
    """Travelers 35 to 60; growing customers younger; everybody 22 to 75."""
    low = np.array([35, 24, 22, 26, 22])[segment]
    high = np.array([60, 75, 75, 75, 58])[segment]
    lean = np.array([2.0, 1.8, 1.5, 2.2, 1.3])[segment]
    age: Ints = (low + rng.beta(lean, 2.4) * (high + 1 - low)).astype(np.int64).clip(low, high)
    return age


def _employment(rng: np.random.Generator, age: Ints) -> Ints:
    """Positions in EMPLOYMENT; nobody under 55 is retired, most over 66 are."""
    young, middle = [0.48, 0.34, 0.08, 0.00, 0.10], [0.72, 0.10, 0.13, 0.00, 0.05]
    late, old = [0.55, 0.12, 0.13, 0.15, 0.05], [0.08, 0.09, 0.07, 0.75, 0.01]
    odds = np.array([young, middle, late, old])[np.searchsorted([26, 55, 66], age, side="right")]
    employment: Ints = (rng.random((len(age), 1)) > np.cumsum(odds, axis=1)).sum(axis=1).clip(max=4)
    return employment


def _places(rng: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    """State by population, city within it (the first named are the larger)."""
    people = np.array([population for population, _ in STATES.values()], dtype=float)
    state = rng.choice(len(people), count, p=people / people.sum())
    cities = np.array([len(names) for _, names in STATES.values()])[state]
    return state, (rng.beta(1.0, 1.6, count) * cities).astype(np.int64)


def _open_days(rng: np.random.Generator, segment: Ints, settings: GeneratorSettings) -> Ints:
    """Account opening in days from the first day of the history; before it for all but the growing."""
    count = len(segment)
    tenure = np.clip(np.exp(7.1 + 0.75 * rng.standard_normal(count)), 45, 9_000)
    recent = settings.history_days - rng.integers(31, 182, count)
    return np.where(segment == GROWING, recent, -tenure.astype(np.int64))


def _tastes(rng: np.random.Generator, segment: Ints) -> Floats:
    """Share of spend by category, (n, 20), each row adding up to 1."""
    taste: Floats = _TASTE * rng.gamma(_TASTE_SHAPE, 1 / _TASTE_SHAPE, (len(segment), len(CATEGORIES)))
    taste[np.ix_(segment == BUDGET, _TRAVEL)] *= 0.3
    taste /= taste.sum(axis=1, keepdims=True)
    for number, profile in enumerate(PROFILES):
        if profile.focus is None:
            continue
        members = np.flatnonzero(segment == number)
        low, high = profile.focus
        goal = low + (high - low) * rng.beta(2, 2, len(members))
        taste[members] = _refocus(taste[members], list(profile.focus_on), goal)
    return taste


def _refocus(taste: Floats, categories: list[int], goal: Floats) -> Floats:
    """Scale so that the chosen categories take `goal` of the spend."""
    inside = np.zeros(taste.shape[1], dtype=bool)
    inside[categories] = True
    share = taste[:, inside].sum(axis=1)
    factor: Floats = np.where(inside, (goal / share)[:, None], ((1 - goal) / (1 - share))[:, None])
    return taste * factor


def _slots(rng: np.random.Generator, segment: Ints) -> Ints:
    """Monthly payments on a fixed day; travelers have one at most, so that travel keeps its share of their spend."""
    slots = np.searchsorted([0.35, 0.65, 0.87], rng.random(len(segment)), side="right")
    return np.where(segment == TRAVELER, np.minimum(slots, 1), slots)


def _credit_limits(rng: np.random.Generator, spend: Floats) -> Ints:
    """$5,000 to $50,000 in steps of $1,000, at least 2.2 times a usual month."""
    multiple = np.maximum(2.2, np.exp(1.35 + 0.4 * rng.standard_normal(len(spend))))
    limit: Ints = (np.ceil(spend * multiple / 1_000) * 1_000).clip(5_000, 50_000).astype(np.int64)
    return limit
