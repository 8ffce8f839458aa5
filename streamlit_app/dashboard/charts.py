"""The app's charts: Altair, coloured by Streamlit's theme, so that light and dark both read well.

Every function takes a tidy data frame and returns a chart; titles belong to the page, units to the axes.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

SEGMENTS = (
    "High-Value Travelers",
    "Stable Mid-Spenders",
    "Budget-Conscious",
    "Declining",
    "New & Growing",
    "Not assigned",
)
RISKS = ("High", "Medium", "Low", "Not scored")

# Risk has a meaning, so its colours do not come from the theme; each keeps 3:1 contrast with both backgrounds.
_RISK_COLOURS = ("#D1453B", "#BF820B", "#2E8B6F", "#7A7F87")
_BAR_COLOUR = "#2374AB"

# d3 writes thousands as k and thousands of millions as G; people who count dollars write K and B.
_SHORT = "replace(upper(format(datum.value, '{}')), 'G', 'B')"
_AXIS_FORMATS = {
    "dollars": _SHORT.format("$.3~s"),
    "count": "format(datum.value, ',.0f')",
    "percent": "format(datum.value, '.0%')",
}
_TOOLTIP_FORMATS = {"dollars": "$,.0f", "count": ",.0f", "percent": ".1%"}


def _axis(unit: str, title: str) -> alt.Axis:
    return alt.Axis(title=title, labelExpr=_AXIS_FORMATS[unit], tickCount=5)


def _months_axis() -> alt.X:
    """Months by their label, in the order of the rows: as times they would shift by a month west of Greenwich."""
    return alt.X("label:O", title=None, sort=None, axis=alt.Axis(labelAngle=0, labelOverlap=True, labelSeparation=6))


def with_month_labels(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows by month, with a column `label` such as `Jan 2025`."""
    ordered = frame.sort_values("month", ignore_index=True)
    return ordered.assign(label=pd.to_datetime(ordered["month"]).dt.strftime("%b %Y"))


def in_order(frame: pd.DataFrame, column: str, order: tuple[str, ...]) -> pd.DataFrame:
    """The rows with a column `rank`: the place of the column's value in `order`, for stacking and sorting."""
    return frame.assign(rank=frame[column].map({name: rank for rank, name in enumerate(order)}))


def segment_scale(frame: pd.DataFrame) -> alt.Scale:
    """A fixed order, so that a segment keeps its colour on every page; customers without one stand last, if any."""
    everyone_assigned = "Not assigned" not in set(frame["segment"])
    return alt.Scale(domain=list(SEGMENTS[:-1] if everyone_assigned else SEGMENTS))


def risk_scale() -> alt.Scale:
    """High to low risk, and customers without a score."""
    return alt.Scale(domain=list(RISKS), range=list(_RISK_COLOURS))


def stacked_months(frame: pd.DataFrame, value: str, title: str, unit: str = "dollars") -> alt.Chart:
    """One stacked bar per month, a layer per segment; `frame` has month, segment and the value."""
    chart: alt.Chart = (
        alt.Chart(in_order(with_month_labels(frame), "segment", SEGMENTS), height=300)
        .mark_bar()
        .encode(
            x=_months_axis(),
            y=alt.Y(f"{value}:Q", axis=_axis(unit, title)),
            color=alt.Color(
                "segment:N", scale=segment_scale(frame), legend=alt.Legend(title=None, orient="bottom", columns=3)
            ),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("label:N", title="Month"),
                alt.Tooltip("segment:N", title="Segment"),
                alt.Tooltip(f"{value}:Q", title=title, format=_TOOLTIP_FORMATS[unit]),
            ],
        )
    )
    return chart


def line_months(frame: pd.DataFrame, value: str, title: str, unit: str = "dollars") -> alt.Chart:
    """A line over months with a point on each; `frame` has month and the value."""
    chart: alt.Chart = (
        alt.Chart(with_month_labels(frame), height=300)
        .mark_line(point=True, color=_BAR_COLOUR)
        .encode(
            x=_months_axis(),
            y=alt.Y(f"{value}:Q", axis=_axis(unit, title), scale=alt.Scale(zero=True)),
            tooltip=[
                alt.Tooltip("label:N", title="Month"),
                alt.Tooltip(f"{value}:Q", title=title, format=_TOOLTIP_FORMATS[unit]),
            ],
        )
    )
    return chart


def risk_by_segment(frame: pd.DataFrame) -> alt.Chart:
    """Each segment's customers by churn risk as shares of 100 %; `frame` has segment, risk, customers, share."""
    chart: alt.Chart = (
        alt.Chart(in_order(frame, "risk", RISKS), height=260)
        .mark_bar()
        .encode(
            y=alt.Y("segment:N", title=None, sort=list(SEGMENTS), axis=alt.Axis(labelLimit=180)),
            x=alt.X("share:Q", stack="zero", axis=_axis("percent", "Share of the segment's customers")),
            color=alt.Color("risk:N", scale=risk_scale(), legend=alt.Legend(title="Churn risk", orient="bottom")),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("segment:N", title="Segment"),
                alt.Tooltip("risk:N", title="Churn risk"),
                alt.Tooltip("customers:Q", title="Customers", format=",.0f"),
                alt.Tooltip("share:Q", title="Share", format=".1%"),
            ],
        )
    )
    return chart


def bars(
    frame: pd.DataFrame,
    category: str,
    value: str,
    title: str,
    unit: str = "count",
    order: list[str] | None = None,
    height: int = 260,
) -> alt.Chart:
    """Horizontal bars, sorted by size unless `order` is given."""
    base = alt.Chart(frame, height=height).encode(
        y=alt.Y(f"{category}:N", title=None, sort=order or "-x", axis=alt.Axis(labelLimit=180)),
        x=alt.X(f"{value}:Q", axis=_axis(unit, title)),
        tooltip=[
            alt.Tooltip(f"{category}:N", title=category.replace("_", " ").capitalize()),
            alt.Tooltip(f"{value}:Q", title=title, format=_TOOLTIP_FORMATS[unit]),
        ],
    )
    chart: alt.Chart = base.mark_bar(color=_BAR_COLOUR)
    return chart


def histogram(frame: pd.DataFrame, title: str, height: int = 260) -> alt.Chart:
    """Customers per band of dollars, bands in their order; `frame` has band, rank and customers."""
    chart: alt.Chart = (
        alt.Chart(frame, height=height)
        .mark_bar(color=_BAR_COLOUR)
        .encode(
            x=alt.X("band:N", title=title, sort=alt.SortField("rank"), axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("customers:Q", axis=_axis("count", "Customers")),
            tooltip=[
                alt.Tooltip("band:N", title=title),
                alt.Tooltip("customers:Q", title="Customers", format=",.0f"),
            ],
        )
    )
    return chart


def monthly_bars(frame: pd.DataFrame, value: str, title: str) -> alt.Chart:
    """One bar of dollars per month; `frame` has month and the value."""
    chart: alt.Chart = (
        alt.Chart(with_month_labels(frame), height=300)
        .mark_bar(color=_BAR_COLOUR)
        .encode(
            x=_months_axis(),
            y=alt.Y(f"{value}:Q", axis=_axis("dollars", title)),
            tooltip=[
                alt.Tooltip("label:N", title="Month"),
                alt.Tooltip(f"{value}:Q", title=title, format=_TOOLTIP_FORMATS["dollars"]),
            ],
        )
    )
    return chart
