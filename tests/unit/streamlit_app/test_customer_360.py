"""Customer 360 finds a customer by any part of what one knows, and shows what the warehouse holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from streamlit_app.dashboard import formatting
from streamlit_app.dashboard.app_pages.customer_360 import monthly_totals
from tests.unit.streamlit_app.gold import Gold

Open = Callable[..., AppTest]


def look_up(app: AppTest, text: str) -> AppTest:
    return app.text_input("kept_customer_search").set_value(text).run()


def test_it_asks_for_something_to_search(open_page: Open) -> None:
    app = open_page("customer_360")
    assert not app.exception
    assert "Type at least two" in app.info[0].value
    assert "No customer's id" in look_up(app, "nobody has this").info[0].value


@pytest.mark.parametrize("text", ["CUST00000002", "cust00000002", "customer2@example", "  customer2@EXAMPLE.com "])
def test_one_customer_by_id_or_mail(open_page: Open, rows: Gold, text: str) -> None:
    app = look_up(open_page("customer_360"), text)
    expected: Any = rows.customer_360_profile.loc[2]
    assert not app.exception
    assert not app.warning or "churn risk" in app.warning[0].value
    title = next(element.value for element in app.markdown if element.value.startswith("## "))
    assert expected["full_name"] in title
    assert f"[{expected['customer_segment']}]" in title
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Lifetime value"] == formatting.dollars(expected["lifetime_value"])
    mine = rows.fct_transactions[rows.fct_transactions["customer_id"] == "CUST00000002"]
    table = app.dataframe[0].value
    assert set(table["transaction_id"]) == set(mine["transaction_id"])
    assert table["amount"].sum() == pytest.approx(mine["transaction_amount"].sum())
    assert table["transaction_at"].is_monotonic_decreasing


def test_part_of_a_name_lists_everybody_who_has_it(open_page: Open, rows: Gold) -> None:
    app = look_up(open_page("customer_360"), "o'NEIL")
    named = rows.customer_360_profile["full_name"].str.contains("O'Neil").sum()
    assert len(app.selectbox[0].options) == min(named, 50)
    assert all("O'Neil" in option for option in app.selectbox[0].options)


def test_wildcards_are_ordinary_letters(open_page: Open) -> None:
    assert "No customer's id" in look_up(open_page("customer_360"), "%%").info[0].value


def test_transactions_narrow_by_category_and_status(open_page: Open, rows: Gold) -> None:
    app = look_up(open_page("customer_360"), "CUST00000001")
    app.multiselect[0].set_value(["Dining"])
    app.multiselect[1].set_value(["approved"]).run()
    facts = rows.fct_transactions
    expected = facts[
        (facts["customer_id"] == "CUST00000001")
        & (facts["merchant_category_key"] == "key-Dining")
        & (facts["status"] == "approved")
    ]
    assert len(expected) > 0
    assert set(app.dataframe[0].value["transaction_id"]) == set(expected["transaction_id"])


def test_transactions_narrow_by_days_with_both_ends_included(open_page: Open, rows: Gold) -> None:
    app = look_up(open_page("customer_360"), "CUST00000001")
    mine = rows.fct_transactions[rows.fct_transactions["customer_id"] == "CUST00000001"]
    days = sorted(mine["transaction_at"].dt.date)
    first, last = days[5], days[20]
    app.date_input[0].set_value((first, last)).run()
    expected = mine[mine["transaction_at"].dt.date.between(first, last)]
    assert set(app.dataframe[0].value["transaction_id"]) == set(expected["transaction_id"])


def test_a_month_without_spend_is_zero_and_not_left_out() -> None:
    days = pd.to_datetime(["2025-01-31 23:59", "2025-03-01 00:00", "2025-03-31 12:00"])
    totals = monthly_totals(pd.DataFrame({"transaction_at": days, "amount": [10.0, 5.0, 1.0]}))
    assert totals["amount"].tolist() == [10.0, 0.0, 6.0]
    assert monthly_totals(pd.DataFrame({"transaction_at": days[:0], "amount": []})).empty


def test_a_customer_without_transactions_says_so(open_page: Open) -> None:
    app = look_up(open_page("customer_360"), "CUST00000200")
    assert not app.exception
    assert any("no transaction yet" in info.value for info in app.info)
