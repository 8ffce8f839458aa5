"""Days on which customers use the card at all: some keep to it, others use it in turns with cards of other banks.

Whoever uses it in turns buys for a week or so every 45 days and is silent for four to seven weeks in between. Two such
spells make 90 days, so that quarters are alike although months are not. A silence of weeks is thus no proof that a
customer has left: without it a gradient-boosted model foresaw 60 days ahead with an AUC of 0.97.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.population import Ints, Population
from generators.settings import MONTHS, GeneratorSettings

Days = NDArray[np.uint8]
NEVER = 10**6
CYCLE_DAYS = 45
_SPELL_DAYS = (4.0, 10.0)
_UNEVEN = (3.0, 9.0)  # days by which every other spell comes late, so that a short silence follows a long one
_EARLIER_OR_LATER = 4.0  # days; with the above, no silence reaches 60 unless a spell is skipped
_SKIPPED = 0.012  # of the spells: some customers are given up by everybody's rules and come back
# Others may put their purchases of a month together as well: beta parameters of the share of months, half of the days.
_TOGETHER = (2.0, 1.2)
_TOGETHER_HALF_DAYS = (1.5, 5.0)


@dataclass(frozen=True)
class Turns:
    """Spells of the customers `who`: `starts` and `ends` (members, spells) in days from the first of the history.

    One that was skipped is empty; one that the customer did not live to see is at NEVER.
    """

    who: Ints
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]

    def until(self, stop_day: Ints, not_before: int) -> Turns:
        """Without the spells that begin after `stop_day` (members,); one at least ends after the day `not_before`."""
        after = np.maximum(stop_day, self.ends[np.arange(len(self.who)), (self.ends <= not_before).sum(axis=1)])
        gone = self.starts >= after[:, None]
        never = np.int32(NEVER)
        return Turns(self.who, np.where(gone, never, self.starts), np.where(gone, never, self.ends))

    def last_days(self) -> Ints:
        """The day after the last spell (members,)."""
        used = (self.ends < NEVER) & (self.ends > self.starts)
        last: Ints = np.where(used, self.ends, 0).max(axis=1).astype(np.int64)
        return last


def make_turns(rng: np.random.Generator, settings: GeneratorSettings, people: Population) -> Turns:
    """A spell every 45 days, a few days earlier or later, from before the history to after it."""
    who = np.flatnonzero(people.in_turns)
    number = settings.history_days // CYCLE_DAYS + 4
    middle = rng.uniform(0, 2 * CYCLE_DAYS, (len(who), 1)) + CYCLE_DAYS * (np.arange(number) - 2)
    middle += rng.uniform(*_UNEVEN, (len(who), 1)) * (np.arange(number) % 2)
    middle += rng.uniform(-_EARLIER_OR_LATER, _EARLIER_OR_LATER, middle.shape)
    half = rng.uniform(*_SPELL_DAYS, (len(who), 1)) / 2
    skipped = rng.random(middle.shape) < _SKIPPED
    skipped[:, 1:] &= ~skipped[:, :-1]
    starts = np.rint(middle - half).astype(np.int32)
    return Turns(who, starts, np.where(skipped, starts, np.rint(middle + half).astype(np.int32)))


def spread_over_months(turns: Turns, settings: GeneratorSettings, frequency: NDArray[np.float32]) -> tuple[Days, Days]:
    """Multiply `frequency` by each month's part of the spells; returns first days and days after the last (members).

    A month that touches two spells has its purchases in the longer part.
    """
    first = np.zeros((len(turns.who), MONTHS), dtype=np.uint8)
    after = np.zeros_like(first)
    members = np.arange(len(turns.who))
    for month in settings.months:
        begin = (month.start - settings.history_start).days
        low = (turns.starts - begin).clip(0, month.days)
        high = (turns.ends - begin).clip(0, month.days)
        share = ((high - low) / np.maximum(turns.ends - turns.starts, 1)).sum(axis=1)
        frequency[turns.who, month.index] *= (share * (CYCLE_DAYS / month.days)).astype(np.float32)
        longest = (high - low).argmax(axis=1)
        first[:, month.index], after[:, month.index] = low[members, longest], high[members, longest]
    return first, after


def together(rng: np.random.Generator, settings: GeneratorSettings, count: int) -> tuple[Days, Days]:
    """First day and day after the last of the part of each month in which a customer buys: not less, but together."""
    lengths = np.array([month.days for month in settings.months], dtype=np.float32)
    habit = rng.beta(*_TOGETHER, count).astype(np.float32)
    shorter = rng.random((count, MONTHS), dtype=np.float32) < habit[:, None]
    half = rng.uniform(*_TOGETHER_HALF_DAYS, (count, MONTHS)).astype(np.float32)
    # A quarter of the half beyond the ends of the month: without it the first and last days would be bought on less.
    middle = rng.random((count, MONTHS), dtype=np.float32) * (lengths + half / 2) - half / 4
    first = np.where(shorter, np.clip(np.rint(middle - half), 0, lengths - 3), 0).astype(np.uint8)
    after = np.where(shorter, np.clip(np.rint(middle + half), first + 3, lengths), lengths).astype(np.uint8)
    return first, after
