"""Segment Explorer: choose customers by what they are and spend, see their totals, take them away as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from .. import charts, formatting, queries
from ..filters import CustomerFilter, Range
from ..layout import KEPT, csv_button, heading, nothing_found, section

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = KEPT + "segments_"

MEMBERS = {"segment": "Segment", "state": "State", "risk": "Churn risk", "card_type": "Card type"}
RANGES = {
    "monthly_spend": ("Monthly spend", "Approved spend per month over the last 90 days, in dollars.", 500),
    "travel_dining_spend": (
        "Travel and dining",
        "Spend per month on travel, airlines, hotels and dining over the last 90 days.",
        250,
    ),
    "lifetime_value": ("Lifetime value", "All approved spend since the account was opened, in dollars.", 5_000),
}

# Questions that marketing asks often, one click each.
SAVED_VIEWS: dict[str, dict[str, object]] = {
    "Over $3K a month on travel and dining": {"travel_dining_spend_over": 3_000},
    "NY, MA, CT, over $5K a month, Standard card": {
        "state": ["New York", "Massachusetts", "Connecticut"],
        "card_type": ["Standard"],
        "monthly_spend_over": 5_000,
    },
    "High risk, over $2K a month": {"risk": ["High"], "monthly_spend_over": 2_000},
}


def page() -> None:
    """Draw the filters, and below them what they select."""
    heading("Segment Explorer", "Choose customers by who they are and what they spend, then export the list.")
    with section():
        options = queries.filter_options()
        if options.empty:
            nothing_found("There are no customers yet: the list appears after the pipeline's first run.")
            return
        chosen = _filters(options)
        figures = queries.breakdown(chosen)
        total = figures[figures["dimension"] == "all"].iloc[0]
        if not total["customers"]:
            nothing_found("No customer matches all of these filters: remove one, or widen a range.")
            return
        _totals(total, figures, portfolio_size=int(options.loc[options["field"] == "segment", "customers"].sum()))
        _distributions(figures)
        _table(chosen, int(total["customers"]))


def _filters(options: pd.DataFrame) -> CustomerFilter:
    with st.container(border=True):
        _saved_views()
        members = {
            field: column.multiselect(label, _members(options, field), key=KEY + field, placeholder="All")
            for column, (field, label) in zip(st.columns(4), MEMBERS.items(), strict=True)
        }
        ranges = {}
        for column, (field, (label, explanation, step)) in zip(st.columns(3), RANGES.items(), strict=True):
            over, up_to = column.columns(2)
            ranges[field] = Range(
                over.number_input(
                    f"{label} over",
                    0,
                    value=None,
                    step=step,
                    key=f"{KEY}{field}_over",
                    placeholder="$ any",
                    help=explanation,
                ),
                up_to.number_input(
                    f"{label} up to", 0, value=None, step=step, key=f"{KEY}{field}_up_to", placeholder="$ any"
                ),
            )
    return CustomerFilter(
        segments=tuple(members["segment"]),
        states=tuple(members["state"]),
        risks=tuple(members["risk"]),
        card_types=tuple(members["card_type"]),
        **ranges,
    )


def _saved_views() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        for number, (label, view) in enumerate(SAVED_VIEWS.items()):
            st.button(label, key=f"segments_view_{number}", on_click=_apply, args=(view,))
        st.button("Clear filters", key="segments_clear", on_click=_apply, args=({},), type="tertiary")


def _apply(view: Mapping[str, object]) -> None:
    """Put a saved view into the filters' widgets; what it does not name is cleared."""
    for field in MEMBERS:
        st.session_state[KEY + field] = view.get(field, [])
    for field in RANGES:
        for side in ("over", "up_to"):
            st.session_state[f"{KEY}{field}_{side}"] = view.get(f"{field}_{side}")


def _members(options: pd.DataFrame, field: str) -> list[str]:
    """What a filter offers: segments and risks in their fixed order, anything else by name."""
    fixed = {name: rank for rank, name in enumerate((*charts.SEGMENTS, *charts.RISKS))}
    names: list[str] = options.loc[options["field"] == field, "member"].tolist()
    return sorted(names, key=lambda name: (fixed.get(name, len(fixed)), name))


def _totals(total: pd.Series, figures: pd.DataFrame, portfolio_size: int) -> None:
    customers = int(total["customers"])
    risks = figures[figures["dimension"] == "risk"].set_index("member")["customers"]
    scored = risks.drop("Not scored", errors="ignore").sum()
    travel_share = formatting.share(total["travel_dining_spend"], total["monthly_spend"])
    columns = st.columns(5)
    columns[0].metric(
        "Customers",
        formatting.count(customers),
        help=f"{formatting.percent(customers / portfolio_size)} of {formatting.count(portfolio_size)} customers.",
        border=True,
    )
    columns[1].metric(
        "Monthly spend",
        formatting.dollars(total["monthly_spend"]),
        help=f"Together; {formatting.dollars_exact(total['monthly_spend'] / customers)} per customer on average.",
        border=True,
    )
    columns[2].metric(
        "On travel and dining",
        formatting.dollars(total["travel_dining_spend"]),
        help=f"Per month, together: {formatting.percent(travel_share)} of the monthly spend.",
        border=True,
    )
    columns[3].metric(
        "Lifetime value",
        formatting.dollars(total["lifetime_value"]),
        help=f"Together; {formatting.dollars_exact(total['lifetime_value'] / customers)} per customer on average.",
        border=True,
    )
    columns[4].metric(
        "At high churn risk",
        formatting.percent(formatting.share(risks.get("High", 0), scored)),
        help=f"{formatting.count(risks.get('High', 0))} of {formatting.count(scored)} customers with a churn score.",
        border=True,
    )


def _distributions(figures: pd.DataFrame) -> None:
    left, right = st.columns(2, border=True)
    with left:
        st.markdown("### Monthly spend per customer")
        bands = band_counts(figures, "spend_band", queries.SPEND_BAND, queries.SPEND_BANDS)
        st.altair_chart(charts.histogram(bands, "Dollars per month"))
    with right:
        st.markdown("### Lifetime value per customer")
        bands = band_counts(figures, "value_band", queries.VALUE_BAND, queries.VALUE_BANDS)
        st.altair_chart(charts.histogram(bands, "Dollars"))
    left, middle, right = st.columns(3, border=True)
    for column, field, label, order in (
        (left, "segment", "By segment", list(charts.SEGMENTS)),
        (middle, "risk", "By churn risk", list(charts.RISKS)),
        (right, "state", "By state, ten largest", None),
    ):
        rows = figures[figures["dimension"] == field].nlargest(10, "customers").rename(columns={"member": field})
        with column:
            st.markdown(f"### {label}")
            st.altair_chart(charts.bars(rows, field, "customers", "Customers", order=order))


def band_counts(figures: pd.DataFrame, dimension: str, width: int, bands: int) -> pd.DataFrame:
    """Customers per band of dollars, empty bands included: band (its label), rank, customers."""
    rows = figures[(figures["dimension"] == dimension) & figures["member"].notna()]
    counted = dict(zip(rows["member"].astype(int), rows["customers"], strict=True))
    labels = [f"{rank * width // 1000}–{(rank + 1) * width // 1000}K" for rank in range(bands - 1)]  # noqa: RUF001
    labels.append(f"{(bands - 1) * width // 1000}K+")
    return pd.DataFrame(
        {"band": labels, "rank": range(bands), "customers": [int(counted.get(rank, 0)) for rank in range(bands)]}
    )


def _table(chosen: CustomerFilter, customers: int) -> None:
    with section("Customers"):
        rows = queries.customers(chosen)
        shown, exported = len(rows), min(customers, queries.EXPORT_ROWS)
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            if shown < customers:
                st.caption(
                    f"The {formatting.count(shown)} with the highest monthly spend, of {formatting.count(customers)}."
                )
            else:
                st.caption(f"All {formatting.count(customers)}, highest monthly spend first.")
            csv_button(
                f"Export {formatting.count(exported)} customers as CSV",
                "customers.csv",
                lambda: queries.export_customers(chosen),
                key="segments_export",
                help_text=_export_help(customers),
            )
        st.dataframe(rows, hide_index=True, column_config=_columns(), height=420)


def _export_help(customers: int) -> str:
    limit = queries.EXPORT_ROWS
    if customers <= limit:
        return "Every customer that the filters select, with all columns of the table."
    return f"Limited to the {formatting.count(limit)} with the highest monthly spend: narrow the filters for the rest."


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "customer_id": column.TextColumn("Customer"),
        "full_name": column.TextColumn("Name"),
        "email": column.TextColumn("E-mail"),
        "as_of_date": column.DateColumn("As of"),
        "age": column.NumberColumn("Age"),
        "city": column.TextColumn("City"),
        "state": column.TextColumn("State"),
        "card_type": column.TextColumn("Card"),
        "segment": column.TextColumn("Segment"),
        "risk": column.TextColumn("Churn risk"),
        "risk_score": column.ProgressColumn("Churn score", min_value=0, max_value=100, format="%.0f"),
        "lifetime_value": column.NumberColumn("Lifetime value", format="dollar"),
        "monthly_spend": column.NumberColumn("Monthly spend", format="dollar"),
        "travel_dining_spend": column.NumberColumn("Travel and dining, monthly", format="dollar"),
        "spend_90_days": column.NumberColumn("Spend, last 90 days", format="dollar"),
        "prior_spend_90_days": column.NumberColumn("Spend, prior 90 days", format="dollar"),
        "spend_change": column.NumberColumn("Change", format="percent"),
        "recency_status": column.TextColumn("Recency"),
        "last_transaction_date": column.DateColumn("Last transaction"),
    }
