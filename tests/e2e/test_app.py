"""The app in a real browser: what a reader sees, clicks and downloads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.unit.streamlit_app.gold import Gold

pytestmark = pytest.mark.e2e

# A busy machine draws a page in several seconds; nothing here measures speed.
expect.set_options(timeout=30_000)

Scheme = Literal["light", "dark"]


@contextmanager
def open_page(browser: Browser, url: str, scheme: Scheme = "light") -> Iterator[tuple[Page, list[str]]]:
    """A page of the app, drawn to the end, and the errors of its scripts, as they occur."""
    # West of Greenwich, because a month drawn as a moment in UTC would show as the month before there.
    context = browser.new_context(
        viewport={"width": 1440, "height": 1700}, color_scheme=scheme, timezone_id="America/Los_Angeles"
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    settled(page)
    yield page, errors
    context.close()


def settled(page: Page) -> None:
    """Wait until the title stands and the server has nothing more to draw."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page.locator("[data-stale=true]")).to_have_count(0)
    # Grey boxes stand where the browser still loads the code that draws an element.
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def metric(page: Page, label: str) -> str:
    shown = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    return shown.get_by_test_id("stMetricValue").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_overview_shows_the_portfolio(
    browser: Browser, app_url: str, rows: Gold, screenshots: Path, scheme: Scheme
) -> None:
    with open_page(browser, app_url, scheme) as (page, errors):
        assert metric(page, "Customers") == "400"
        high = (rows.customer_360_profile["churn_risk_category"] == "High").sum()
        assert metric(page, "At high churn risk") == str(high)
        charts = page.get_by_test_id("stVegaLiteChart")
        expect(charts).to_have_count(4)
        expect(charts.locator("svg.marks")).to_have_count(4)
        background = page.get_by_test_id("stApp").evaluate("element => getComputedStyle(element).backgroundColor")
        assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 22, 29)"}[scheme]
        page.screenshot(path=screenshots / f"overview-{scheme}.png", full_page=True)
        assert not errors


def test_marketing_question_by_clicks_and_export(
    browser: Browser, app_url: str, rows: Gold, screenshots: Path, tmp_path: Path
) -> None:
    profile = rows.customer_360_profile
    with open_page(browser, app_url) as (page, errors):
        page.get_by_role("link", name="Segment Explorer").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Segment Explorer")
        page.get_by_role("button", name="NY, MA, CT").click()
        expected = profile[
            profile["state"].isin(["New York", "Massachusetts", "Connecticut"])
            & (profile["avg_monthly_spend"] > 5_000)
            & (profile["card_type"] == "Standard")
        ]
        expect(page.get_by_test_id("stMetricValue").first).to_have_text(str(len(expected)))
        settled(page)
        page.screenshot(path=screenshots / "segment-explorer.png", full_page=True)
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Export {len(expected)} customers as CSV").click()
        download.value.save_as(tmp_path / "customers.csv")
        assert not errors
    exported = pd.read_csv(tmp_path / "customers.csv")
    assert set(exported["customer_id"]) == set(expected["customer_id"])
    assert exported["monthly_spend"].sum() == pytest.approx(expected["avg_monthly_spend"].sum())
    assert set(exported["full_name"]) == set(expected["full_name"])


def test_filters_typed_by_hand(browser: Browser, app_url: str, rows: Gold) -> None:
    profile = rows.customer_360_profile
    expected = (profile["travel_dining_monthly_spend"] > 3_000).sum()
    with open_page(browser, f"{app_url}/segment_explorer") as (page, errors):
        field = page.get_by_label("Travel and dining over")
        field.fill("3000")
        field.press("Enter")
        expect(page.get_by_test_id("stMetricValue").first).to_have_text(str(expected))
        assert not errors


def test_one_customer_by_part_of_the_mail_address(
    browser: Browser, app_url: str, rows: Gold, screenshots: Path
) -> None:
    customer = rows.customer_360_profile.loc[2]
    with open_page(browser, f"{app_url}/customer_360") as (page, errors):
        field = page.get_by_label("Search by customer id, name or e-mail")
        field.fill("customer2@example")
        field.press("Enter")
        expect(page.get_by_role("heading", level=2)).to_contain_text(str(customer["full_name"]))
        mine = (rows.fct_transactions["customer_id"] == customer["customer_id"]).sum()
        expect(page.get_by_text(f"{mine} of {mine} transactions, newest first")).to_be_visible()
        settled(page)
        page.screenshot(path=screenshots / "customer-360.png", full_page=True)
        assert not errors
