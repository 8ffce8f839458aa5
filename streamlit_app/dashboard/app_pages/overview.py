"""Overview: how the portfolio does, who is at risk, and where it is heading."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from .. import charts, formatting, queries
from ..layout import heading, nothing_found, section

FALL = 0.3

_FORMATS: dict[str, Any] = {
    "Customers": formatting.count,
    "Share of customers": formatting.percent,
    "Spend, last 90 days": formatting.dollars,
    "Change on prior 90 days": formatting.signed_percent,
    "Lifetime value per customer": formatting.dollars,
    "At high risk": formatting.percent,
}


def page() -> None:
    """Draw the page: headline figures, the months, risk, and a table of segments."""
    heading("Portfolio overview", "How many customers there are, what they spend, and who is likely to leave.")
    with section():
        portfolio = queries.portfolio()
        if portfolio.empty:
            nothing_found("There are no customers yet: the figures appear after the pipeline's first run.")
            return
        _headline(portfolio)
        st.space("small")
        _months()
        _risk(portfolio)
        _segments(portfolio)


def _headline(portfolio: pd.DataFrame) -> None:
    customers = portfolio["customers"].sum()
    spend, before = portfolio["spend_90_days"].sum(), portfolio["prior_spend_90_days"].sum()
    high = portfolio.loc[portfolio["risk"] == "High", "customers"].sum()
    scored = portfolio.loc[portfolio["risk"] != "Not scored", "customers"].sum()
    falling = portfolio["falling_customers"].sum()
    st.caption(f"Figures up to {formatting.day(portfolio['as_of'].max())}.")
    columns = st.columns(5)
    columns[0].metric(
        "Customers",
        formatting.count(customers),
        help="Every customer with an account, whether or not they used the card lately.",
        border=True,
        height="stretch",
    )
    columns[1].metric(
        "Active customers",
        formatting.percent(formatting.share(portfolio["active_customers"].sum(), customers)),
        help="Share of customers with a transaction in the last 30 days.",
        border=True,
        height="stretch",
    )
    columns[2].metric(
        "Spend, last 90 days",
        formatting.dollars(spend),
        formatting.signed_percent(formatting.change(spend, before)) if before else None,
        help=f"Approved transactions. The 90 days before: {formatting.dollars(before)}.",
        border=True,
        height="stretch",
    )
    columns[3].metric(
        "At high churn risk",
        formatting.count(high) if scored else formatting.NONE,
        help=_risk_help(scored, customers, high),
        border=True,
        height="stretch",
    )
    columns[4].metric(
        f"Spend down {FALL:.0%}+",
        formatting.percent(formatting.share(falling, customers)),
        help=f"{formatting.count(falling)} customers spent at least {FALL:.0%} less in the last 90 days than before.",
        border=True,
        height="stretch",
    )


def _risk_help(scored: int, customers: int, high: int) -> str:
    if not scored:
        return "No customer has a churn score yet: the churn model has not run."
    return (
        f"Customers with a churn score of 70 or more: {formatting.percent(formatting.share(high, scored))} "
        f"of the {formatting.count(scored)} scored, out of {formatting.count(customers)}."
    )


def _months() -> None:
    left, right = st.columns([3, 2], border=True)
    with left, section("Monthly spend", "Approved transactions by the customer's present segment, whole months only."):
        months = queries.monthly_spend()
        if months.empty:
            nothing_found("There is no month of spend yet.")
        else:
            st.altair_chart(charts.stacked_months(months, "spend", "Spend"))
    with (
        right,
        section(
            "Customers whose spend fell",
            "Of the customers who spent in a month, the share who spent over 30 % less in the next.",
        ),
    ):
        alerts = queries.decline_alerts()
        if alerts.empty:
            nothing_found("There are no two months to compare yet.")
        else:
            alerts["share"] = alerts["alerts"] / alerts["customers"]
            st.altair_chart(charts.line_months(alerts, "share", "Share of customers", unit="percent"))


def _risk(portfolio: pd.DataFrame) -> None:
    left, right = st.columns(2, border=True)
    with left, section("Customers by segment", "Segments follow from behaviour over the last 90 days."):
        by_segment = portfolio.groupby("segment")[["customers"]].sum().reset_index()
        st.altair_chart(charts.bars(by_segment, "segment", "customers", "Customers", order=list(charts.SEGMENTS)))
    with (
        right,
        section("Churn risk within each segment", "High is a score of 70 to 100, Medium 40 to 69, Low under 40."),
    ):
        risk = portfolio[["segment", "risk", "customers"]].copy()
        risk["share"] = risk["customers"] / risk.groupby("segment")["customers"].transform("sum")
        st.altair_chart(charts.risk_by_segment(risk))


def _segments(portfolio: pd.DataFrame) -> None:
    with section("Segments in figures"):
        table = segment_table(portfolio)
        st.dataframe(table.style.format(_FORMATS), hide_index=True)


def segment_table(portfolio: pd.DataFrame) -> pd.DataFrame:
    """One row per segment in the fixed order, with shares and changes as fractions, from `queries.portfolio`."""
    sums = portfolio.groupby("segment")[["customers", "spend_90_days", "prior_spend_90_days", "lifetime_value"]].sum()
    of_risk = portfolio.pivot_table(index="segment", columns="risk", values="customers", aggfunc="sum", fill_value=0)
    scored = of_risk.drop(columns="Not scored", errors="ignore").sum(axis=1)
    table = pd.DataFrame(
        {
            "Customers": sums["customers"],
            "Share of customers": sums["customers"] / sums["customers"].sum(),
            "Spend, last 90 days": sums["spend_90_days"],
            "Change on prior 90 days": sums["spend_90_days"] / sums["prior_spend_90_days"].replace(0, float("nan")) - 1,
            "Lifetime value per customer": sums["lifetime_value"] / sums["customers"],
            "At high risk": of_risk.get("High", 0) / scored.replace(0, float("nan")),
        }
    )
    table = table.rename_axis("Segment").reset_index()
    return (
        charts.in_order(table, "Segment", charts.SEGMENTS).sort_values("rank", ignore_index=True).drop(columns="rank")
    )
