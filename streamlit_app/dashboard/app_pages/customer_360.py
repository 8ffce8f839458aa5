"""Customer 360: everything about one customer on one page."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from .. import charts, formatting, queries
from ..layout import KEPT, csv_button, heading, nothing_found, section

SEARCH = KEPT + "customer_search"

_RISK_BANNERS = {"High": st.error, "Medium": st.warning, "Low": st.success}


def page() -> None:
    """Draw the search and, below it, the customer that it found."""
    heading("Customer 360", "Who a customer is, what they spend, and whether they are likely to leave.")
    with section():
        customer_id = _search()
        if customer_id is None:
            return
        found = queries.customer(customer_id)
        if found.empty:
            nothing_found(f"The customer {customer_id} is not in the warehouse any more.")
            return
        customer = found.iloc[0]
        _headline(customer)
        transactions = queries.customer_transactions(customer_id)
        if transactions.empty:
            nothing_found("This customer has made no transaction yet.")
            return
        if len(transactions) == queries.CUSTOMER_ROWS:
            st.warning(f"Only the newest {formatting.count(queries.CUSTOMER_ROWS)} transactions are shown and summed.")
        _charts(transactions)
        _transactions(customer_id, transactions)


def _search() -> str | None:
    text = st.text_input(
        "Search by customer id, name or e-mail",
        key=SEARCH,
        placeholder="CUST00000042, Ana Novak or ana@",
        icon=":material/search:",
    )
    if len(text.strip()) < 2:
        nothing_found("Type at least two letters or digits of the id, the name or the e-mail address.")
        return None
    matches = queries.find_customers(text)
    if matches.empty:
        nothing_found(f"No customer's id, name or e-mail contains “{text.strip()}”.")
        return None
    names = {
        row.customer_id: f"{row.full_name} · {row.customer_id} · {row.email}" for row in matches.itertuples(index=False)
    }
    more = f" (the first {queries.SEARCH_ROWS}; type more to narrow)" if len(names) == queries.SEARCH_ROWS else ""
    chosen = st.selectbox(
        f"{formatting.count(len(names))} found{more}", list(names), format_func=lambda customer_id: names[customer_id]
    )
    return str(chosen)


def _headline(customer: pd.Series) -> None:
    st.markdown(
        f"## {customer['full_name']} :blue-badge[{customer['segment']}] :gray-badge[{customer['recency_status']}]"
    )
    st.caption(f"{customer['customer_id']} · {customer['email']} · {customer['city']}, {customer['state']}")
    _risk(customer)
    columns = st.columns(4)
    for column, (label, value, change, explanation) in zip(columns, _metrics(customer), strict=True):
        column.metric(label, value, change, help=explanation, border=True, height="stretch")
    st.caption(" · ".join(_facts(customer)))


def _facts(customer: pd.Series) -> list[str]:
    used = formatting.percent(customer["credit_utilization"], 0)
    return [
        f"last transaction {formatting.day(customer['last_transaction_date'])}",
        f"{customer['age']} years, {customer['employment_status']}",
        f"{customer['card_type']} card since {formatting.day(customer['account_open_date'])}",
        f"limit {formatting.dollars_exact(customer['credit_limit'])}, {used} used in the last 30 days",
        f"campaigns: {customer['campaign_eligibility']}",
    ]


def _metrics(customer: pd.Series) -> list[tuple[str, str, str | None, str]]:
    now, before = customer["spend_90_days"], customer["prior_spend_90_days"]
    change = formatting.signed_percent(formatting.change(now, before)) if before else None
    return [
        (
            "Lifetime value",
            formatting.dollars(customer["lifetime_value"]),
            None,
            f"All approved spend: {formatting.count(customer['total_transactions'])} transactions.",
        ),
        ("Monthly spend", formatting.dollars(customer["monthly_spend"]), None, "Average over the last 90 days."),
        ("Last 90 days", formatting.dollars(now), change, f"The 90 days before: {formatting.dollars(before)}."),
        (
            "Average transaction",
            formatting.dollars_exact(customer["avg_transaction_value"]),
            None,
            "Over all approved transactions.",
        ),
    ]


def _risk(customer: pd.Series) -> None:
    risk, score = customer["risk"], customer["risk_score"]
    if risk not in _RISK_BANNERS:
        st.info("This customer has no churn score yet.", icon=":material/help:")
        return
    reasons = [customer[f"churn_reason_{place}"] for place in (1, 2, 3)]
    because = "; ".join(str(reason) for reason in reasons if not pd.isna(reason))
    _RISK_BANNERS[risk](
        f"**{risk} churn risk**, score {score:.0f} of 100{': ' if because else '.'}{because}",
        icon=":material/monitor_heart:",
    )


def _charts(transactions: pd.DataFrame) -> None:
    approved = transactions[transactions["status"] == "approved"]
    left, right = st.columns([3, 2], border=True)
    with left:
        st.markdown("### Spend by month", help="Approved transactions; months without any are shown as zero.")
        st.altair_chart(charts.monthly_bars(monthly_totals(approved), "amount", "Spend"))
    with right:
        st.markdown("### Spend by category", help="Approved transactions over the whole history, ten largest.")
        categories = approved.groupby("category")[["amount"]].sum().nlargest(10, "amount").reset_index()
        st.altair_chart(charts.bars(categories, "category", "amount", "Spend", unit="dollars", height=300))


def monthly_totals(approved: pd.DataFrame) -> pd.DataFrame:
    """Dollars per month from the first to the last one, zero where there was no transaction: month, amount."""
    if approved.empty:
        return pd.DataFrame({"month": [], "amount": []})
    month = approved["transaction_at"].dt.to_period("M").dt.to_timestamp()
    totals = approved.groupby(month)["amount"].sum()
    months = pd.date_range(totals.index.min(), totals.index.max(), freq="MS", name="month")
    return totals.reindex(months, fill_value=0.0).reset_index()


def _transactions(customer_id: str, transactions: pd.DataFrame) -> None:
    st.markdown("### Transactions")
    rows = _narrowed(customer_id, transactions)
    if rows.empty:
        nothing_found("No transaction matches these filters.")
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(
            f"{formatting.count(len(rows))} of {formatting.count(len(transactions))} transactions, newest first; "
            f"{formatting.dollars_exact(rows['amount'].sum())} in all. Times are UTC."
        )
        csv_button(
            "Export as CSV",
            f"{customer_id}-transactions.csv",
            lambda: rows,
            key="customer_export",
            help_text="The transactions of the table below.",
        )
    column = st.column_config
    st.dataframe(
        rows,
        hide_index=True,
        column_config={
            "transaction_id": column.TextColumn("Transaction"),
            "transaction_at": column.DatetimeColumn("Time (UTC)", format="YYYY-MM-DD HH:mm"),
            "amount": column.NumberColumn("Amount", format="dollar"),
            "merchant": column.TextColumn("Merchant"),
            "category": column.TextColumn("Category"),
            "channel": column.TextColumn("Channel"),
            "status": column.TextColumn("Status"),
        },
    )


def _narrowed(customer_id: str, transactions: pd.DataFrame) -> pd.DataFrame:
    """The transactions that the filters let through; both ends of the days are included."""
    day = transactions["transaction_at"].dt.date
    first, last = day.min(), day.max()
    days, categories, statuses = st.columns(3)
    picked = days.date_input("Days", (first, last), min_value=first, max_value=last, key=f"days_{customer_id}")
    # While the reader has picked only the first day of a range, the other end stays open.
    ends = picked if isinstance(picked, tuple) else (picked,)
    kept = (day >= (ends[0] if ends else first)) & (day <= (ends[1] if len(ends) > 1 else last))
    for place, column in ((categories, "category"), (statuses, "status")):
        members = sorted(set(transactions[column]))
        chosen = place.multiselect(column.capitalize(), members, placeholder="All", key=f"{column}_{customer_id}")
        if chosen:
            kept &= transactions[column].isin(chosen)
    narrowed: pd.DataFrame = transactions[kept]
    return narrowed
