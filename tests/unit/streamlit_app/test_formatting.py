"""Figures read as a reader expects them."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as strategy

from streamlit_app.dashboard import formatting


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "$0"),
        (812.4, "$812"),
        (999.4, "$999"),
        (999.5, "$1.00K"),
        (12_345, "$12.3K"),
        (999_400, "$999K"),
        (999_600, "$1.00M"),
        (1_234_567, "$1.23M"),
        (2.5e9, "$2.50B"),
        (-45_600, "-$45.6K"),
        (None, "n/a"),
        (float("nan"), "n/a"),
    ],
)
def test_dollars_have_three_figures(value: float | None, text: str) -> None:
    assert formatting.dollars(value) == text


@given(strategy.floats(1, 9e11))
def test_short_dollars_are_within_half_a_percent(value: float) -> None:
    text = formatting.dollars(value)
    factor = {"K": 1e3, "M": 1e6, "B": 1e9}.get(text[-1], 1)
    assert abs(float(text.strip("$KMB").replace(",", "")) * factor - value) <= max(0.5, value * 0.0051)


def test_other_figures() -> None:
    assert formatting.dollars_exact(-1234.5) == "-$1,234.50"
    assert formatting.percent(0.1234) == "12.3%"
    assert formatting.signed_percent(0.1234) == "+12.3%"
    assert formatting.count(13_500_000) == "13,500,000"
    assert formatting.percent(None) == formatting.count(float("nan")) == "n/a"


def test_days() -> None:
    assert formatting.day(date(2025, 3, 4)) == "4 March 2025"
    assert formatting.day(datetime(2025, 3, 4, 23, 59)) == "4 March 2025"  # noqa: DTZ001 - as the warehouse gives it
    assert formatting.day(pd.Series([None], dtype="datetime64[ns]").max()) == formatting.day(None) == "n/a"


def test_changes_and_shares_without_a_base_are_none() -> None:
    assert formatting.change(150, 100) == pytest.approx(0.5)
    assert formatting.change(1, 0) is None
    assert formatting.change(float("nan"), 2) is None
    assert formatting.share(1, 4) == 0.25
    assert formatting.share(1, 0) is None
