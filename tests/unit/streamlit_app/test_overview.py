"""Overview draws figures that agree with the rows in the warehouse, and fails in sentences."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from streamlit_app.dashboard import formatting
from streamlit_app.dashboard.app_pages.overview import segment_table
from tests.unit.streamlit_app.gold import Gold

Open = Callable[..., AppTest]


def test_headline_figures_are_those_of_the_rows(open_page: Open, rows: Gold) -> None:
    app = open_page("overview")
    profile = rows.customer_360_profile
    assert not app.exception
    assert not app.error
    assert not app.warning, app.warning
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown == {
        "Customers": "400",
        "Active customers": formatting.percent((profile["recency_status"] == "Active").mean()),
        "Spend, last 90 days": formatting.dollars(profile["spend_last_90_days"].sum()),
        "At high churn risk": str((profile["churn_risk_category"] == "High").sum()),
        "Spend down 30%+": formatting.percent((profile["spend_change_pct"] <= -0.3).mean()),
    }
    change = profile["spend_last_90_days"].sum() / profile["spend_prior_90_days"].sum() - 1
    assert app.metric[2].delta == formatting.signed_percent(change)


def test_segments_add_up_to_the_portfolio(open_page: Open, rows: Gold) -> None:
    table = open_page("overview").dataframe[0].value
    profile = rows.customer_360_profile
    counts = profile["customer_segment"].value_counts()
    assert dict(zip(table["Segment"], table["Customers"], strict=True)) == counts.to_dict()
    assert table["Share of customers"].sum() == pytest.approx(1)


def test_without_scores_the_risk_is_unknown_and_not_zero() -> None:
    portfolio = pd.DataFrame(
        {
            "segment": ["Declining"],
            "risk": ["Not scored"],
            "customers": [10],
            "spend_90_days": [100.0],
            "prior_spend_90_days": [0.0],
            "lifetime_value": [500.0],
        }
    )
    table = segment_table(portfolio)
    assert table["At high risk"].isna().all()
    assert table["Change on prior 90 days"].isna().all()


def test_a_mart_that_is_not_there_leaves_the_rest_of_the_page(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    import dashboard.queries as running  # type: ignore[import-not-found]  # the name that the running app imports

    monkeypatch.setattr(running, "_MONTHS", "SELECT 1 AS month FROM GOLD.NOT_BUILT_YET")
    app = open_page("overview")
    assert not app.exception
    assert [warning.value for warning in app.warning] == [
        "CUSTOMER_ANALYTICS_TEST.GOLD.NOT_BUILT_YET is not there or not open to the app's role: has the pipeline run?"
    ]
    assert len(app.metric) == 5
    assert len(app.dataframe) == 1


def test_without_a_warehouse_every_page_is_a_sentence(open_page: Open) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        dead: dict[str, Any] = {"port": nobody.getsockname()[1]}
        for page in ("overview", "segment_explorer"):
            app = open_page(page, **dead)
            assert not app.exception
            assert ["There is no connection to Snowflake" in warning.value for warning in app.warning] == [True]


def test_a_fault_of_the_program_is_a_sentence_too(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    import dashboard.queries as running

    monkeypatch.setattr(running, "portfolio", lambda: pd.DataFrame({"surprise": [1]}))
    app = open_page("overview")
    assert not app.exception
    assert app.error[0].value == "The page Overview could not be drawn; the details are in the app's log."
