"""Segment Explorer selects what the reader asked for, and its totals agree with the rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as strategy
from streamlit.testing.v1 import AppTest

from streamlit_app.dashboard import formatting, queries
from streamlit_app.dashboard.app_pages.segment_explorer import band_counts
from streamlit_app.dashboard.filters import CustomerFilter, Range
from tests.unit.streamlit_app import gold
from tests.unit.streamlit_app.gold import Gold

Open = Callable[..., AppTest]
Connect = Callable[[dict[str, Any]], None]
KEY = "kept_segments_"


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if label in button.label).click().run()


def shown_ids(app: AppTest) -> set[str]:
    return set(app.dataframe[0].value["customer_id"])


def test_without_filters_everybody_is_there(open_page: Open, rows: Gold) -> None:
    app = open_page("segment_explorer")
    profile = rows.customer_360_profile
    assert not app.exception
    assert not app.warning, app.warning
    shown = metrics(app)
    assert shown["Customers"] == "400"
    assert shown["Monthly spend"] == formatting.dollars(profile["avg_monthly_spend"].sum())
    assert shown["Lifetime value"] == formatting.dollars(profile["lifetime_value"].sum())
    assert shown_ids(app) == set(profile["customer_id"])


def test_travel_and_dining_over_3k_is_one_click(open_page: Open, rows: Gold) -> None:
    app = press(open_page("segment_explorer"), "Over $3K a month on travel and dining")
    profile = rows.customer_360_profile
    expected = profile[profile["travel_dining_monthly_spend"] > 3_000]
    assert 0 < len(expected) < len(profile)
    assert shown_ids(app) == set(expected["customer_id"])
    assert metrics(app)["On travel and dining"] == formatting.dollars(expected["travel_dining_monthly_spend"].sum())


def test_three_states_over_5k_standard_card_by_hand(open_page: Open, rows: Gold) -> None:
    app = open_page("segment_explorer")
    app.multiselect(KEY + "state").set_value(["New York", "Massachusetts", "Connecticut"])
    app.multiselect(KEY + "card_type").set_value(["Standard"])
    app.number_input(KEY + "monthly_spend_over").set_value(5_000).run()
    profile = rows.customer_360_profile
    expected = profile[
        profile["state"].isin(["New York", "Massachusetts", "Connecticut"])
        & (profile["avg_monthly_spend"] > 5_000)
        & (profile["card_type"] == "Standard")
    ]
    assert len(expected) > 0
    assert shown_ids(app) == set(expected["customer_id"])
    by_hand = shown_ids(app)
    assert shown_ids(press(press(app, "Clear filters"), "NY, MA, CT")) == by_hand


def test_clearing_brings_everybody_back(open_page: Open) -> None:
    app = press(open_page("segment_explorer"), "High risk")
    assert metrics(app)["Customers"] != "400"
    assert metrics(press(app, "Clear filters"))["Customers"] == "400"


def test_filters_survive_a_look_at_another_page(open_page: Open) -> None:
    app = press(open_page("segment_explorer"), "High risk")
    before = metrics(app)["Customers"]
    app.switch_page("dashboard/app_pages/overview.py").run()
    assert metrics(app)["Customers"] == "400"
    app.switch_page("dashboard/app_pages/segment_explorer.py").run()
    assert metrics(app)["Customers"] == before


def test_nobody_found_says_what_to_do(open_page: Open) -> None:
    app = open_page("segment_explorer")
    app.number_input(KEY + "monthly_spend_over").set_value(9_999_999).run()
    assert not app.exception
    assert "No customer matches" in app.info[0].value
    assert not app.dataframe


def test_a_table_that_is_cut_off_says_so(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    import dashboard.queries as running  # type: ignore[import-not-found]  # the name that the running app imports

    monkeypatch.setattr(running, "TABLE_ROWS", 25)
    monkeypatch.setattr(running, "EXPORT_ROWS", 100)
    app = open_page("segment_explorer")
    assert len(app.dataframe[0].value) == 25
    assert any("The 25 with the highest monthly spend, of 400" in caption.value for caption in app.caption)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    segments=strategy.lists(strategy.sampled_from(gold.SEGMENTS), unique=True, max_size=3),
    cards=strategy.lists(strategy.sampled_from(["Standard", "Premium"]), unique=True),
    over=strategy.none() | strategy.integers(0, 12_000),
    up_to=strategy.none() | strategy.integers(0, 12_000),
)
def test_any_filter_agrees_with_the_rows(  # one database round trip an example: few examples, many combinations
    warehouse: dict[str, Any],
    connect: Connect,
    rows: Gold,
    segments: list[str],
    cards: list[str],
    over: int | None,
    up_to: int | None,
) -> None:
    connect(warehouse)
    chosen = CustomerFilter(segments=tuple(segments), card_types=tuple(cards), monthly_spend=Range(over, up_to))
    profile = rows.customer_360_profile
    expected = profile[
        (profile["customer_segment"].isin(segments) | (not segments))
        & (profile["card_type"].isin(cards) | (not cards))
        & (profile["avg_monthly_spend"] > (-1 if over is None else over))
        & (profile["avg_monthly_spend"] <= (1e12 if up_to is None else up_to))
    ]
    figures = queries.breakdown(chosen)
    for dimension, parts in figures.groupby("dimension"):
        assert parts["customers"].sum() == len(expected), dimension
        assert parts["monthly_spend"].sum() == pytest.approx(expected["avg_monthly_spend"].sum())
    exported = queries.export_customers(chosen)
    assert sorted(exported["customer_id"]) == sorted(expected["customer_id"])


def test_bands_count_everybody_once_and_show_empty_bands() -> None:
    figures = pd.DataFrame(
        {"dimension": ["spend_band", "spend_band", "value_band"], "member": ["0", "3", "1"], "customers": [5, 2, 9]}
    )
    bands = band_counts(figures, "spend_band", 1_000, 4)
    assert bands["customers"].tolist() == [5, 0, 0, 2]
    assert bands["band"].tolist() == ["0–1K", "1–2K", "2–3K", "3K+"]  # noqa: RUF001 - en dashes, as in print


def test_nothing_typed_is_part_of_the_statement() -> None:
    text, parameters = CustomerFilter(states=("x' OR 1=1 --",), lifetime_value=Range(1, 2)).conditions()
    assert text == "TRUE AND state IN (?) AND lifetime_value > ? AND lifetime_value <= ?"
    assert parameters == ("x' OR 1=1 --", 1.0, 2.0)
