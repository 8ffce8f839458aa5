"""Customers as Arrow tables: the file at the start of the history, and the monthly changes of cards and limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generators.catalogue import CARD_TYPES, DECLINE_TYPES, EMPLOYMENT, SEGMENTS, STATES
from generators.history import customer_ids
from generators.population import Ints, Population
from generators.randomness import generator, inclusion_probabilities
from generators.settings import GeneratorSettings, Month
from generators.world import World, make_world

COLUMNS = (
    "customer_id", "first_name", "last_name", "email", "age", "state", "city", "employment_status", "card_type",
    "credit_limit", "account_open_date", "customer_segment", "decline_type",
)  # fmt: skip
CHANGE_RATE = 0.016  # of customers a month; 1 to 2 % after those who cannot change
_LIMIT_STEP, _LOWEST_LIMIT, _HIGHEST_LIMIT = 1_000, 5_000, 50_000
_DOMAINS = ("example.com", "example.net", "example.org")


@dataclass(frozen=True)
class CardChanges:
    """Changes of one month: positions of customers, their card and limit from `day` (in the month, from 0) on."""

    month: Month
    customer: Ints
    day: Ints
    premium: NDArray[np.bool_]
    credit_limit: Ints

    @property
    def path(self) -> str:
        return f"customers/changes/{self.month.end.isoformat()}.csv.gz"


def customers_table(settings: GeneratorSettings) -> pa.Table:
    """One row per customer, with card and limit as they were at the start of the history (or at opening)."""
    world = make_world(settings)
    return _rows(world, world.people.premium, world.people.credit_limit, np.arange(len(world.people)))


def changes_table(settings: GeneratorSettings, month: int) -> pa.Table:
    """Full rows of the customers whose card or limit changed in the n-th month (0 to 17), with `effective_date`."""
    world = make_world(settings)
    return change_rows(world, card_changes(world)[month])


def change_rows(world: World, changes: CardChanges) -> pa.Table:
    order = np.lexsort((changes.customer, changes.day))
    premium, limit = world.people.premium.copy(), world.people.credit_limit.copy()
    premium[changes.customer], limit[changes.customer] = changes.premium, changes.credit_limit
    table = _rows(world, premium, limit, changes.customer[order])
    return table.append_column("effective_date", _dates(changes.month.start, changes.day[order]))


def card_changes(world: World) -> list[CardChanges]:
    """Every month's changes, oldest first; each starts from where the last one left the card."""
    rng = generator(world.settings.seed, "card changes")
    premium, limit = world.people.premium.copy(), world.people.credit_limit.copy()
    found = []
    for month in world.settings.months:
        # From the day after the account's opening: a change on that very day would be how the card began.
        first = (world.people.open_day + 1 - (month.start - world.settings.history_start).days).clip(0, month.days)
        _, after = world.day_span(month)
        live = (after > first) & (after == month.days)
        # Heavy users are offered more: the chance grows with spend.
        weight = np.where(live, np.sqrt(world.people.spend), 0.0)
        chance = inclusion_probabilities(weight, round(CHANGE_RATE * len(limit)))
        new_premium, new_limit = _new_terms(rng, world.people, premium, limit)
        changed = (rng.random(len(limit)) < chance) & ((new_premium != premium) | (new_limit != limit))
        who = np.flatnonzero(changed)
        premium[who], limit[who] = new_premium[who], new_limit[who]
        day = first[who] + (rng.random(len(who)) * (month.days - first[who])).astype(np.int64)
        found.append(CardChanges(month, who, day, premium[who], limit[who]))
    return found


def _new_terms(
    rng: np.random.Generator, people: Population, premium: NDArray[np.bool_], limit: Ints
) -> tuple[NDArray[np.bool_], Ints]:
    """What each customer would be offered: a Premium card, a higher limit, or a lower one."""
    luck = rng.random(len(limit))
    upgrade = (luck < 0.3) & ~premium
    lower = luck > 0.92
    factor = np.where(lower, rng.uniform(0.75, 0.9, len(limit)), rng.uniform(1.1, 1.5, len(limit)))
    stepped = (np.round(limit * factor / _LIMIT_STEP) * _LIMIT_STEP).astype(np.int64)
    floor = np.maximum(_LOWEST_LIMIT, np.ceil(2 * people.spend / _LIMIT_STEP) * _LIMIT_STEP).astype(np.int64)
    stepped = np.where(lower, np.minimum(np.maximum(stepped, floor), limit), stepped).clip(max=_HIGHEST_LIMIT)
    return premium | upgrade, np.where(upgrade & (luck < 0.2), limit, stepped)


def _rows(world: World, premium: NDArray[np.bool_], limit: Ints, who: Ints) -> pa.Table:
    people, settings = world.people, world.settings
    columns = dict(_identity(settings, people))
    columns |= {
        "age": pa.array(people.age),
        "employment_status": _words(EMPLOYMENT, people.employment),
        "card_type": _words(CARD_TYPES, premium.astype(np.int64)),
        "credit_limit": pa.array(limit),
        "account_open_date": _dates(settings.history_start, people.open_day),
        "customer_segment": _words(SEGMENTS, people.segment),
        "decline_type": _words(DECLINE_TYPES, world.life.decline_type),
    }
    return pa.table({name: columns[name] for name in COLUMNS}).take(pa.array(who))


def _identity(settings: GeneratorSettings, people: Population) -> list[tuple[str, pa.Array]]:
    """Names with the frequencies of Faker's own lists, unique e-mail addresses, places."""
    from faker.providers.person.en_US import Provider  # 0.3 s to import, and only customers' files need names

    rng = generator(settings.seed, "names")
    count = len(people)
    first_names = {**Provider.first_names_female, **Provider.first_names_male}
    first, last = _weighted(rng, first_names, count), _weighted(rng, Provider.last_names, count)
    cities = np.array([city for _, names in STATES.values() for city in names])
    first_city = np.cumsum([0] + [len(names) for _, names in STATES.values()])
    return [
        ("customer_id", customer_ids(0, count)),
        ("first_name", pa.array(first)),
        ("last_name", pa.array(last)),
        ("email", pa.array(_emails(rng, first, last))),
        ("state", _words(tuple(STATES), people.state)),
        ("city", pa.array(cities[first_city[people.state] + people.city])),
    ]


def _weighted(rng: np.random.Generator, weights: dict[str, float], count: int) -> NDArray[np.str_]:
    chance = np.array(list(weights.values()))
    names: NDArray[np.str_] = np.array(list(weights))[rng.choice(len(chance), count, p=chance / chance.sum())]
    return names


def _emails(rng: np.random.Generator, first: NDArray[np.str_], last: NDArray[np.str_]) -> NDArray[np.str_]:
    """`first.last@domain`, with a number from the second of a name on."""
    name = np.strings.lower(np.strings.add(np.strings.add(first, "."), last))
    _, group = np.unique(name, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    rank = np.empty(len(name), dtype=np.int64)
    rank[order] = np.arange(len(name)) - np.repeat(starts, np.diff(np.append(starts, len(name))))
    suffix = np.where(rank == 0, "", (rank + 1).astype(str))
    domain = np.strings.add("@", np.array(_DOMAINS)[rng.integers(0, len(_DOMAINS), len(name))])
    return np.strings.add(np.strings.add(name, suffix), domain)


def _words(words: tuple[str, ...], codes: Ints) -> pa.Array:
    return pa.array(words).take(pa.array(codes))


def _dates(start: date, days: Ints) -> pa.Array:
    return pa.array(np.datetime64(start, "D") + days.astype("timedelta64[D]"))
