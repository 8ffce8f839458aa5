"""Which customers a reader asked for, as a value that can be a cache key and becomes conditions with placeholders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .warehouse import Parameter


@dataclass(frozen=True)
class Range:
    """Dollars strictly over `over` and not over `up_to`; None leaves that side open."""

    over: float | None = None
    up_to: float | None = None


@dataclass(frozen=True)
class CustomerFilter:
    """Every field narrows the selection; an empty one does not. Dollars of spend are per month."""

    segments: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    card_types: tuple[str, ...] = ()
    lifetime_value: Range = Range()
    monthly_spend: Range = Range()
    travel_dining_spend: Range = Range()

    def conditions(self) -> tuple[str, tuple[Parameter, ...]]:
        """A boolean SQL expression over the columns of `queries.CUSTOMERS`, and the values of its placeholders.

        Only column names and question marks are in the text: what a reader typed travels in the values.
        """
        terms: list[str] = ["TRUE"]
        parameters: list[Parameter] = []
        for column, members in (
            ("segment", self.segments),
            ("state", self.states),
            ("risk", self.risks),
            ("card_type", self.card_types),
        ):
            if members:
                terms.append(f"{column} IN ({', '.join('?' * len(members))})")
                parameters.extend(members)
        for column, limits in (
            ("lifetime_value", self.lifetime_value),
            ("monthly_spend", self.monthly_spend),
            ("travel_dining_spend", self.travel_dining_spend),
        ):
            for operator, limit in ((">", limits.over), ("<=", limits.up_to)):
                if limit is not None:
                    terms.append(f"{column} {operator} ?")
                    parameters.append(float(limit))
        return " AND ".join(terms), tuple(parameters)
