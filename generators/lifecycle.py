"""What happens to customers over the 18 months: growth, decline, fading, leaving, the campaign.

Levels multiply a customer's usual transactions (`frequency`) and usual amounts (`amount`) month by month. Arrays
are (customers, months) unless said otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.population import BUDGET, DECLINING, GROWING, STABLE, TRAVELER, Floats, Ints, Population
from generators.randomness import generator, pick_exactly
from generators.settings import MONTHS, GeneratorSettings
from generators.turns import NEVER, Days, make_turns, spread_over_months, together

Levels = NDArray[np.float32]
GRADUAL, SUDDEN = 1, 2
STAYS, RECOVERS, STOPS = range(3)
CAUSES = ("", "decline", "fading", "unannounced")
# Months count from 1 in the specification, from 0 here: month 12 is the last full one, month 16 has index 15.
DECLINE_AFTER = 11
SUDDEN_AT = 15
CAMPAIGN_FROM = 16
# Shares of all customers who leave, by the month in which they do: nobody in the first six months (the portfolio
# was bought with live accounts), then about 1 % a month. Who left by the end of month 16 has been silent for 60 days.
_LEAVE_FROM = 6
_LEAVE_EARLY, _LEAVE_LATER, _LEAVE_LAST = 0.0685, 0.034, 0.008
# Among those who leave early stable customers are this many times as likely: rules on behaviour find nothing else to
# call who has been silent for two quarters.
_STABLE_LEAVE_EARLY = 25.0
_DECLINERS_LEAVE = 0.08
_DECLINERS_RECOVER = 0.06
_GRADUAL_SHARE = 0.70
_ANNOUNCED = 0.36  # of the leavers who are not declining: their activity fades first
_FALSE_ALARMS = 0.06  # of all customers: they fade for some months, come back and stay
# Times as likely to leave: the card was never their first. Most leavers were thus silent for weeks before, as are
# those who stay: a gradient-boosted model foresees churn with an AUC of 0.89 to 0.92 60 days ahead (0.96 to 0.97 if
# only leavers fell silent), and of 0.83 to 0.87 90 days ahead, when most have not left yet (`make data-check`).
_IN_TURNS_LEAVE = 25.0


@dataclass(frozen=True)
class Lifecycle:
    """Levels by month, and the truth behind them."""

    frequency: Levels
    amount: Levels
    decline_rate: Levels  # factor on the chance that a transaction is declined
    stop_day: Ints  # first day without transactions, from the first day of the history; NEVER if the customer stays
    decline_type: Ints  # position in DECLINE_TYPES
    fate: Ints
    cause: Ints  # position in CAUSES
    in_campaign: NDArray[np.bool_]
    treated: NDArray[np.bool_]
    treatment_effect: Floats  # planted share by which the treated customer's spend rises; 0 outside the treatment
    busy_from: Days  # days of a month, from 0, on which the card is in use; monthly payments go on
    busy_until: Days


def make_lifecycle(settings: GeneratorSettings, people: Population) -> Lifecycle:
    """Draw every customer's course; takes about 0.3 s for 50,000 customers."""
    rng = generator(settings.seed, "lifecycle")
    decline_type = _decline_types(rng, people)
    leave_month, fate = _leavers(rng, people, decline_type)
    fading = _fading(rng, people, leave_month)
    frequency, amount, decline_rate = _levels(rng, people, decline_type, fate, settings)
    frequency *= fading
    stop_day = _stop_days(rng, leave_month, settings)
    busy_from, busy_until = together(rng, settings, len(people))
    _take_turns(rng, settings, people, stop_day, frequency, busy_from, busy_until)
    decline_rate *= 1 + 1.2 * (1 - fading)
    cause = np.where(leave_month < NEVER, np.where(people.segment == DECLINING, 1, 3), 0)
    announced = (cause == 3) & (fading < 1).any(axis=1)
    in_campaign, treated, effect = _campaign(rng, people, decline_type, leave_month, amount * frequency)
    uplift = np.sqrt(1 + effect).astype(np.float32)[:, None]
    frequency[:, CAMPAIGN_FROM:] *= uplift
    amount[:, CAMPAIGN_FROM:] *= uplift
    return Lifecycle(
        frequency=frequency,
        amount=amount,
        decline_rate=decline_rate,
        stop_day=stop_day,
        decline_type=decline_type,
        fate=fate,
        cause=np.where(announced, 2, cause),
        in_campaign=in_campaign,
        treated=treated,
        treatment_effect=effect,
        busy_from=busy_from,
        busy_until=busy_until,
    )


def _decline_types(rng: np.random.Generator, people: Population) -> Ints:
    members = rng.permutation(np.flatnonzero(people.segment == DECLINING))
    kinds = np.zeros(len(people), dtype=np.int64)
    gradual = round(_GRADUAL_SHARE * len(members))
    kinds[members[:gradual]] = GRADUAL
    kinds[members[gradual:]] = SUDDEN
    return kinds


def _hazard(people: Population) -> Floats:
    """Relative chance of leaving: low activity, declined payments, short tenure and no job raise it."""
    score = (
        -0.65 * people.activity_z
        + 0.6 * np.log(people.decline_proneness)
        - 0.45 * np.log(np.maximum(30, -people.open_day) / 1_200)
        + 0.8 * (people.employment == 4)
        + np.array([-0.9, 0.2, 0.0, 0.0, 0.0])[people.segment]
        + np.log(_IN_TURNS_LEAVE) * people.in_turns
    )
    hazard: Floats = np.exp(score)
    return hazard


def _leavers(rng: np.random.Generator, people: Population, decline_type: Ints) -> tuple[Ints, Ints]:
    """The month in which each customer leaves (NEVER: stays), and what becomes of the declining ones."""
    count = len(people)
    leave = np.full(count, NEVER)
    fate = np.zeros(count, dtype=np.int64)
    loyal = np.isin(people.segment, (TRAVELER, STABLE, BUDGET))
    hazard = _hazard(people)
    for share, months, stable in (
        (_LEAVE_EARLY, (_LEAVE_FROM, 12), _STABLE_LEAVE_EARLY),
        (_LEAVE_LATER, (12, 16), 1.0),
        (_LEAVE_LAST, (17, 18), 1.0),
    ):
        weight = hazard * np.where(people.segment == STABLE, stable, 1.0)
        chosen = pick_exactly(rng, np.where(loyal & (leave == NEVER), weight, 0.0), round(share * count))
        leave[chosen] = rng.integers(*months, int(chosen.sum()))
    declining = people.segment == DECLINING
    # Gradual ones leave while they fall (months 13 to 15), sudden ones at the end of month 16.
    eager = np.where(declining, hazard * np.where(decline_type == GRADUAL, 6.0, 1.0), 0.0)
    stops = pick_exactly(rng, eager, round(_DECLINERS_LEAVE * declining.sum()))
    leave[stops] = np.where(decline_type[stops] == GRADUAL, rng.integers(12, 15, int(stops.sum())), SUDDEN_AT)
    recovers = pick_exactly(rng, (declining & ~stops).astype(float), round(_DECLINERS_RECOVER * declining.sum()))
    fate[stops], fate[recovers] = STOPS, RECOVERS
    return leave, fate


def _fading(rng: np.random.Generator, people: Population, leave: Ints) -> Levels:
    """Factors on frequency: some leavers fade for up to five months first, and some who stay fade and return."""
    factor = np.ones((len(people), MONTHS), dtype=np.float32)
    loyal = np.isin(people.segment, (TRAVELER, STABLE, BUDGET))
    leaving = np.flatnonzero(loyal & (leave < NEVER))
    announced = leaving[rng.random(len(leaving)) < _ANNOUNCED]
    for back, level in ((0, 0.50), (1, 0.50), (2, 0.50), (3, 0.60), (4, 0.80)):
        depth = level ** rng.uniform(0.5, 1.3, len(announced))
        factor[announced, leave[announced] - back] = depth
    likely = np.where(loyal & (leave == NEVER), np.where(people.in_turns, 4.0, 1.0), 0.0)
    staying = pick_exactly(rng, likely, round(_FALSE_ALARMS * len(people)))
    start = rng.integers(5, 13, int(staying.sum()))
    for offset, level in ((0, 0.75), (1, 0.45), (2, 0.55)):
        factor[np.flatnonzero(staying), start + offset] = level ** rng.uniform(0.6, 1.2, len(start))
    return factor


def _take_turns(
    rng: np.random.Generator,
    settings: GeneratorSettings,
    people: Population,
    stop_day: Ints,
    frequency: Levels,
    busy_from: Days,
    busy_until: Days,
) -> None:
    """Change, in place, what is different for customers who use the card in turns; leavers stop after a spell."""
    turns = make_turns(rng, settings, people)
    turns = turns.until(stop_day[turns.who], (settings.months[_LEAVE_FROM].start - settings.history_start).days)
    busy_from[turns.who], busy_until[turns.who] = spread_over_months(turns, settings, frequency)
    stop_day[turns.who] = np.where(stop_day[turns.who] < NEVER, turns.last_days(), NEVER)


def _levels(
    rng: np.random.Generator, people: Population, decline_type: Ints, fate: Ints, settings: GeneratorSettings
) -> tuple[Levels, Levels, Levels]:
    """Frequency, amount and declined-payment levels from growth, decline and a customer's own ups and downs."""
    shape = (len(people), MONTHS)
    level = np.ones(shape, dtype=np.float32)
    for month, falling in enumerate(_gradual_levels(rng, len(people), fate).T):
        level[:, month] = np.where(decline_type == GRADUAL, falling, 1.0)
    drop = rng.uniform(0.42, 0.48, len(people))
    sudden = decline_type == SUDDEN
    level[sudden, SUDDEN_AT:] = drop[sudden, None]
    returned = sudden & (fate == RECOVERS)
    level[returned, SUDDEN_AT + 1 :] = 0.9
    declined = 1 + 3.0 * np.clip(1 - level, 0, 0.7)
    level *= _growth(rng, people, settings)
    frequency = level**0.6 * _ups_and_downs(rng, people, 1.2)
    amount = level**0.4 * _ups_and_downs(rng, people, 0.6)
    return frequency, amount, declined


def _ups_and_downs(rng: np.random.Generator, people: Population, weight: float) -> Levels:
    """Log-normal noise by customer and month, in place: at 60 million rows each array here is 16 MB."""
    noise: Levels = rng.standard_normal((len(people), MONTHS), dtype=np.float32)
    noise *= (weight * people.volatility[:, None]).astype(np.float32)
    return np.exp(noise, out=noise)


def _gradual_levels(rng: np.random.Generator, count: int, fate: Ints) -> Floats:
    """A straight fall after month 12 to 29 to 37 % of the start in month 18; who recovers is back at month 17."""
    months = np.arange(MONTHS)
    floor = rng.uniform(0.29, 0.37, count)[:, None]
    progress = np.clip((months - DECLINE_AFTER) / (MONTHS - 1 - DECLINE_AFTER), 0, 1)
    level = 1 - (1 - floor) * progress
    back = (fate == RECOVERS)[:, None] & (months >= SUDDEN_AT)
    return np.where(back, 0.85, level)


def _growth(rng: np.random.Generator, people: Population, settings: GeneratorSettings) -> Levels:
    """New customers gain 25 to 40 % a month up to their full level in the last month."""
    gain = np.where(people.segment == GROWING, rng.uniform(0.25, 0.40, len(people)), 0.0)
    steps = np.arange(MONTHS) - (len(settings.months) - 1)
    return np.exp(gain.astype(np.float32)[:, None] * steps.astype(np.float32))


def _stop_days(rng: np.random.Generator, leave: Ints, settings: GeneratorSettings) -> Ints:
    """A day inside the month of leaving."""
    starts = np.array([(month.start - settings.history_start).days for month in settings.months])
    lengths = np.array([month.days for month in settings.months])
    leaving = leave < NEVER
    month = np.where(leaving, leave, 0)
    day = starts[month] + 2 + (rng.random(len(leave)) * (lengths[month] - 3)).astype(np.int64)
    return np.where(leaving, day, NEVER)


def _campaign(
    rng: np.random.Generator, people: Population, decline_type: Ints, leave: Ints, level: Levels
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Floats]:
    """Declining customers who are still there after month 16, halved at random within pairs of like customers.

    Pairs are of one decline type and next to each other in how their spend would change without the campaign. A plain
    random split would be as honest, but chance would put the estimate further from the planted effect.
    """
    member = (decline_type > 0) & (leave == NEVER)
    chosen = np.flatnonzero(member)
    without = level[chosen, CAMPAIGN_FROM:].mean(axis=1) - level[chosen, CAMPAIGN_FROM - 2 : CAMPAIGN_FROM].mean(axis=1)
    order = chosen[np.lexsort((people.spend[chosen] * without, decline_type[chosen]))]
    first = rng.random((len(order) + 1) // 2) < 0.5
    treated = np.zeros(len(people), dtype=bool)
    treated[order[0::2]] = first
    treated[order[1::2]] = ~first[: len(order) // 2]
    effect = np.where(treated, rng.uniform(0.10, 0.20, len(people)), 0.0)
    return member, treated, effect
