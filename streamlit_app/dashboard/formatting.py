"""Figures as a reader in the United States writes them; `n/a` stands where there is no figure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from datetime import date

NONE = "n/a"

_UNITS = ((1e9, "B"), (1e6, "M"), (1e3, "K"))


def dollars(value: float | None) -> str:
    """Three significant figures: `$1.23M`, `$45.6K`, `$812`."""
    if value is None or math.isnan(value):
        return NONE
    sign, size = ("-" if value < 0 else ""), abs(value)
    for unit, letter in _UNITS:
        # From 999.5 of the unit below on, rounding would write a fourth figure ($1000K).
        if size >= unit * 0.9995:
            return f"{sign}${_three_figures(size / unit)}{letter}"
    return f"{sign}${size:,.0f}"


def _three_figures(value: float) -> str:
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{decimals}f}"


def dollars_exact(value: float | None) -> str:
    """`$1,234.56`."""
    if value is None or math.isnan(value):
        return NONE
    return f"{'-' if value < 0 else ''}${abs(value):,.2f}"


def percent(share: float | None, decimals: int = 1) -> str:
    """`12.3%` from the share 0.123."""
    if share is None or math.isnan(share):
        return NONE
    return f"{share * 100:.{decimals}f}%"


def signed_percent(share: float | None) -> str:
    """`+12.3%` from 0.123."""
    if share is None or math.isnan(share):
        return NONE
    return f"{share * 100:+.1f}%"


def count(value: float | None) -> str:
    """`13,500,000`."""
    if value is None or math.isnan(value):
        return NONE
    return f"{value:,.0f}"


def day(value: date | None) -> str:
    """`14 March 2025`; a datetime shows its day."""
    if value is None or pd.isna(value):
        return NONE
    return f"{value.day} {value:%B %Y}"


def share(part: float, whole: float) -> float | None:
    """`part / whole`; None when there is no whole."""
    return part / whole if whole else None


def change(now: float | None, before: float | None) -> float | None:
    """The relative change from `before` to `now` as a share; None when there is nothing to compare with."""
    if now is None or before is None or math.isnan(now) or math.isnan(before) or before == 0:
        return None
    return now / before - 1
