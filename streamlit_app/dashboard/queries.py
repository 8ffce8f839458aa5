"""Every statement the app sends. Values travel as bind parameters only; answers are data frames.

Columns of the answers are named for the app, not for the tables, so that a changed mart is mended here alone.
Money is in dollars, shares are fractions of 1; `monthly_spend` and `travel_dining_spend` are dollars per month over the
last 90 days.
"""

# ruff: noqa: S608 - text is composed from constants of this module and from placeholders; values are never part of it
from __future__ import annotations

from typing import TYPE_CHECKING

from .warehouse import fetch, fetch_now

if TYPE_CHECKING:
    import pandas as pd

    from .filters import CustomerFilter

# A page shows at most this many rows; an export holds at most this many (about 20 MB of CSV: Snowflake's warehouse
# runtime refuses messages over 32 MB).
TABLE_ROWS = 1_000
EXPORT_ROWS = 100_000
SEARCH_ROWS = 50
# One customer's transactions are read once and filtered in the page: 270 on average, and a scan of 13 million rows for
# every change of a filter takes longer than sending them all.
CUSTOMER_ROWS = 20_000

# Width and number of the bands of the two histograms; the last band is open.
SPEND_BAND, SPEND_BANDS = 1_000, 12
VALUE_BAND, VALUE_BANDS = 20_000, 12

CUSTOMERS = """
SELECT
    customer_id,
    full_name,
    COALESCE(customer_segment, 'Not assigned') AS segment,
    COALESCE(churn_risk_category, 'Not scored') AS risk,
    churn_risk_score AS risk_score,
    avg_monthly_spend::FLOAT AS monthly_spend,
    travel_dining_monthly_spend::FLOAT AS travel_dining_spend,
    lifetime_value::FLOAT AS lifetime_value,
    spend_last_90_days::FLOAT AS spend_90_days,
    spend_prior_90_days::FLOAT AS prior_spend_90_days,
    spend_change_pct::FLOAT AS spend_change,
    recency_status,
    last_transaction_date,
    card_type,
    state,
    city,
    age,
    email,
    as_of_date
FROM GOLD.CUSTOMER_360_PROFILE
"""

_PORTFOLIO = f"""
SELECT
    segment,
    risk,
    COUNT(*) AS customers,
    COUNT_IF(recency_status = 'Active') AS active_customers,
    COUNT_IF(spend_change <= -0.3) AS falling_customers,
    COALESCE(SUM(spend_90_days), 0) AS spend_90_days,
    COALESCE(SUM(prior_spend_90_days), 0) AS prior_spend_90_days,
    COALESCE(SUM(lifetime_value), 0) AS lifetime_value,
    MAX(as_of_date) AS as_of
FROM ({CUSTOMERS})
GROUP BY segment, risk
"""

_MONTHS = """
SELECT
    month_start AS month,
    customer_segment AS segment,
    active_customers AS active_customers,
    total_spend::FLOAT AS spend
FROM GOLD.SEGMENT_METRICS
WHERE is_complete_month
ORDER BY month, segment
"""

_ALERTS = """
SELECT
    month_start AS month,
    COUNT_IF(previous_month_spend > 0) AS customers,
    COUNT_IF(is_decline_alert) AS alerts
FROM GOLD.METRIC_MOM_SPEND_CHANGE
WHERE is_complete_month
GROUP BY month
HAVING COUNT_IF(previous_month_spend > 0) > 0
ORDER BY month
"""

_OPTIONS = f"""
SELECT 'segment' AS field, segment AS member, COUNT(*) AS customers FROM ({CUSTOMERS}) GROUP BY segment
UNION ALL
SELECT 'state', state, COUNT(*) FROM ({CUSTOMERS}) WHERE state IS NOT NULL GROUP BY state
UNION ALL
SELECT 'risk', risk, COUNT(*) FROM ({CUSTOMERS}) GROUP BY risk
UNION ALL
SELECT 'card_type', card_type, COUNT(*) FROM ({CUSTOMERS}) WHERE card_type IS NOT NULL GROUP BY card_type
"""

_SEARCH = f"""
SELECT customer_id, full_name, email, segment, risk
FROM ({CUSTOMERS})
WHERE CONTAINS(LOWER(customer_id), ?) OR CONTAINS(LOWER(full_name), ?) OR CONTAINS(LOWER(email), ?)
ORDER BY full_name, customer_id
LIMIT {SEARCH_ROWS}
"""

_CUSTOMER = """
SELECT
    customer_id,
    full_name,
    email,
    age,
    city,
    state,
    employment_status,
    card_type,
    credit_limit::FLOAT AS credit_limit,
    credit_utilization::FLOAT AS credit_utilization,
    account_open_date,
    COALESCE(customer_segment, 'Not assigned') AS segment,
    campaign_eligibility,
    COALESCE(churn_risk_category, 'Not scored') AS risk,
    churn_risk_score AS risk_score,
    churn_reason_1,
    churn_reason_2,
    churn_reason_3,
    lifetime_value::FLOAT AS lifetime_value,
    total_transactions,
    avg_transaction_value::FLOAT AS avg_transaction_value,
    avg_monthly_spend::FLOAT AS monthly_spend,
    spend_last_90_days::FLOAT AS spend_90_days,
    spend_prior_90_days::FLOAT AS prior_spend_90_days,
    recency_status,
    last_transaction_date
FROM GOLD.CUSTOMER_360_PROFILE
WHERE customer_id = ?
"""

_TRANSACTIONS = f"""
SELECT
    t.transaction_id,
    t.transaction_at,
    t.transaction_amount::FLOAT AS amount,
    t.merchant_name AS merchant,
    COALESCE(c.merchant_category, 'Uncategorized') AS category,
    t.channel,
    t.status
FROM GOLD.FCT_TRANSACTIONS AS t
LEFT JOIN GOLD.DIM_MERCHANT_CATEGORY AS c ON t.merchant_category_key = c.merchant_category_key
WHERE t.customer_id = ?
ORDER BY t.transaction_at DESC, t.transaction_id
LIMIT {CUSTOMER_ROWS}
"""

_MEASURES = """
    COUNT(*) AS customers,
    COALESCE(SUM(monthly_spend), 0) AS monthly_spend,
    COALESCE(SUM(travel_dining_spend), 0) AS travel_dining_spend,
    COALESCE(SUM(lifetime_value), 0) AS lifetime_value
"""


def portfolio() -> pd.DataFrame:
    """Segment x risk: customers, active_customers, falling_customers (90-day spend down 30 % or more), spend_90_days,
    prior_spend_90_days, lifetime_value, as_of (the day the figures look back from)."""
    return fetch(_PORTFOLIO)


def monthly_spend() -> pd.DataFrame:
    """Whole month x segment: active_customers, spend."""
    return fetch(_MONTHS)


def decline_alerts() -> pd.DataFrame:
    """Whole months: customers (who spent in the month before), alerts (those of them whose spend fell by over 30 %)."""
    return fetch(_ALERTS)


def filter_options() -> pd.DataFrame:
    """What the filters offer: field (segment, state, risk, card_type), member, customers."""
    return fetch(_OPTIONS)


def breakdown(chosen: CustomerFilter) -> pd.DataFrame:
    """The chosen customers, once in all and once per member of each dimension.

    Columns: dimension (all, segment, risk, state, card_type, spend_band, value_band), member, customers, monthly_spend,
    travel_dining_spend, lifetime_value (sums). A band's member is its number, counted from 0.
    """
    condition, parameters = chosen.conditions()
    spend_band = f"TO_VARCHAR(LEAST(FLOOR(monthly_spend / {SPEND_BAND}), {SPEND_BANDS - 1})::INTEGER)"
    value_band = f"TO_VARCHAR(LEAST(FLOOR(lifetime_value / {VALUE_BAND}), {VALUE_BANDS - 1})::INTEGER)"
    parts = [f"SELECT 'all' AS dimension, 'all' AS member, {_MEASURES} FROM chosen"]
    for dimension, member in (
        ("segment", "segment"),
        ("risk", "risk"),
        ("state", "state"),
        ("card_type", "card_type"),
        ("spend_band", spend_band),
        ("value_band", value_band),
    ):
        parts.append(f"SELECT '{dimension}', {member}, {_MEASURES} FROM chosen GROUP BY 2")
    return fetch(f"WITH chosen AS ({_chosen(condition)}) {' UNION ALL '.join(parts)}", parameters)


def customers(chosen: CustomerFilter) -> pd.DataFrame:
    """The chosen customers who spend most a month, at most `TABLE_ROWS`; columns of `CUSTOMERS`."""
    condition, parameters = chosen.conditions()
    return fetch(_ordered(condition, TABLE_ROWS), parameters)


def export_customers(chosen: CustomerFilter) -> pd.DataFrame:
    """As `customers`, at most `EXPORT_ROWS`, asked afresh."""
    condition, parameters = chosen.conditions()
    return fetch_now(_ordered(condition, EXPORT_ROWS), parameters)


def find_customers(text: str) -> pd.DataFrame:
    """Customers whose id, name or e-mail contains the text in any case: customer_id, full_name, email, segment, risk;
    at most `SEARCH_ROWS`, by name."""
    return fetch(_SEARCH, (text.strip().lower(),) * 3)


def customer(customer_id: str) -> pd.DataFrame:
    """The profile in one row, or no row."""
    return fetch(_CUSTOMER, (customer_id,))


def customer_transactions(customer_id: str) -> pd.DataFrame:
    """The customer's newest transactions first, at most `CUSTOMER_ROWS`: transaction_id, transaction_at (UTC), amount,
    merchant, category, channel, status. Spend is what has the status approved."""
    return fetch(_TRANSACTIONS, (customer_id,))


def _chosen(condition: str) -> str:
    return f"SELECT * FROM ({CUSTOMERS}) WHERE {condition}"


def _ordered(condition: str, limit: int) -> str:
    return f"{_chosen(condition)} ORDER BY monthly_spend DESC NULLS LAST, customer_id LIMIT {limit}"
