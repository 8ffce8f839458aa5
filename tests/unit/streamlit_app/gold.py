"""A small gold layer with realistic rows: loaded into the warehouse, and computed on by the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

DATABASE = "CUSTOMER_ANALYTICS_TEST"
CUSTOMERS = 400
AS_OF = pd.Timestamp("2025-06-30")

SEGMENTS = ("High-Value Travelers", "Stable Mid-Spenders", "Budget-Conscious", "Declining", "New & Growing")
_SHARES = (0.15, 0.40, 0.25, 0.10, 0.10)
_MONTHLY = (8_000, 3_000, 900, 2_200, 1_500)
_TRAVEL_DINING = (0.45, 0.18, 0.08, 0.15, 0.2)
_STATES = ("New York", "Massachusetts", "Connecticut", "California", "Texas", "Florida", "Ohio", "Utah")
CATEGORIES = ("Dining", "Airlines", "Groceries", "Clothing")
_NAMES = (("Ana", "Ben", "Chloë", "Dmitri", "Eve", "Farid", "Grace"), ("O'Neil", "Smith", "García", "Lee", "Novak"))


@dataclass(frozen=True)
class Gold:
    """The tables, by name without schema, columns in lower case as the marts define them."""

    customer_360_profile: pd.DataFrame
    segment_metrics: pd.DataFrame
    metric_mom_spend_change: pd.DataFrame
    dim_merchant_category: pd.DataFrame
    fct_transactions: pd.DataFrame


def build(seed: int = 7) -> Gold:
    """The same rows for the same seed."""
    rng = np.random.default_rng(seed)
    profile = _profile(rng)
    return Gold(
        profile,
        _segment_metrics(profile, rng),
        _mom_changes(profile, rng),
        pd.DataFrame(
            {"merchant_category_key": [f"key-{name}" for name in CATEGORIES], "merchant_category": CATEGORIES}
        ),
        _transactions(rng),
    )


def _profile(rng: np.random.Generator) -> pd.DataFrame:
    number = np.arange(CUSTOMERS)
    segment = rng.choice(len(SEGMENTS), CUSTOMERS, p=_SHARES)
    monthly = np.round(np.take(_MONTHLY, segment) * rng.lognormal(0, 0.35, CUSTOMERS), 2)
    change = np.where(segment == 3, rng.uniform(-0.8, -0.31, CUSTOMERS), rng.uniform(-0.25, 0.3, CUSTOMERS))
    prior = np.round(monthly * 3 / (1 + change / 2), 2)
    recent = np.round(prior * (1 + change), 2)
    score = np.clip(np.round(rng.normal(np.where(segment == 3, 70, 25), 18)), 0, 100)
    scored = rng.random(CUSTOMERS) > 0.05
    risk = np.select([score >= 70, score >= 40], ["High", "Medium"], "Low")
    first = rng.choice(_NAMES[0], CUSTOMERS)
    last = rng.choice(_NAMES[1], CUSTOMERS)
    quiet_days = rng.integers(0, 120, CUSTOMERS)
    return pd.DataFrame(
        {
            "customer_id": [f"CUST{i:08d}" for i in number],
            "full_name": [f"{a} {b}" for a, b in zip(first, last, strict=True)],
            "email": [f"customer{i}@example.com" for i in number],
            "age": rng.integers(22, 76, CUSTOMERS),
            "city": "Springfield",
            "state": rng.choice(_STATES, CUSTOMERS),
            "card_type": np.where(rng.random(CUSTOMERS) < 0.4, "Premium", "Standard"),
            "customer_segment": np.take(SEGMENTS, segment),
            "churn_risk_score": np.where(scored, score, np.nan),
            "churn_risk_category": [name if known else None for name, known in zip(risk, scored, strict=True)],
            "lifetime_value": np.round(monthly * rng.uniform(4, 18, CUSTOMERS), 2),
            "avg_monthly_spend": monthly,
            "travel_dining_monthly_spend": np.round(
                monthly * np.take(_TRAVEL_DINING, segment) * rng.uniform(0.6, 1.4, CUSTOMERS), 2
            ),
            "spend_last_90_days": recent,
            "spend_prior_90_days": prior,
            "spend_change_pct": recent / prior - 1,
            "recency_status": np.select(
                [quiet_days <= 30, quiet_days <= 60, quiet_days <= 90], ["Active", "Recent", "At Risk"], "Inactive"
            ),
            "employment_status": "Full-Time",
            "credit_limit": rng.integers(5, 51, CUSTOMERS) * 1000.0,
            "credit_utilization": 0.25,
            "account_open_date": pd.Timestamp("2021-05-03").date(),
            "campaign_eligibility": "None",
            "churn_reason_1": ["spend fell by 60 %" if known else None for known in scored],
            "churn_reason_2": ["declined transactions" if high else None for high in score >= 70],
            "churn_reason_3": [None] * CUSTOMERS,
            "total_transactions": rng.integers(20, 400, CUSTOMERS),
            "avg_transaction_value": np.round(rng.lognormal(4, 0.5, CUSTOMERS), 2),
            "as_of_date": AS_OF.date(),
            "last_transaction_date": (AS_OF - pd.to_timedelta(quiet_days, unit="D")).date,
        }
    )


def _transactions(rng: np.random.Generator) -> pd.DataFrame:
    """Two hundred transactions of the first three customers; the last of them bought nothing in March 2025."""
    size = 200
    at = pd.Timestamp("2024-02-01") + pd.to_timedelta(rng.integers(0, 500 * 86_400, size), unit="s")
    customer = rng.integers(0, 3, size)
    march = (customer == 2) & (at.year == 2025) & (at.month == 3)
    frame = pd.DataFrame(
        {
            "transaction_id": [f"TXN{i:010d}" for i in range(size)],
            "customer_id": [f"CUST{i:08d}" for i in customer],
            "transaction_at": at,
            "merchant_category_key": [f"key-{name}" for name in rng.choice(CATEGORIES, size)],
            "transaction_amount": np.round(rng.lognormal(4, 0.8, size), 2),
            "merchant_name": rng.choice(["Harbor Grill", "Summit Air", "Oak Market"], size),
            "channel": rng.choice(["Online", "In-Store", "Mobile"], size),
            "status": np.where(rng.random(size) < 0.1, "declined", "approved"),
        }
    )
    kept: pd.DataFrame = frame[~march]
    return kept.reset_index(drop=True)


def _months() -> list[pd.Timestamp]:
    return list(pd.date_range("2024-01-01", periods=18, freq="MS"))


def _segment_metrics(profile: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for month in _months():
        for segment, members in profile.groupby("customer_segment"):
            season = 1.3 if month.month == 12 else 1.0
            spend = members["avg_monthly_spend"].sum() * season * rng.uniform(0.95, 1.05)
            rows.append((month.date(), segment, len(members), round(spend, 2), month < AS_OF - pd.offsets.MonthBegin()))
    names = ["month_start", "customer_segment", "active_customers", "total_spend", "is_complete_month"]
    return pd.DataFrame(rows, columns=names)


def _mom_changes(profile: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    customers = profile["customer_id"].head(
        50
    )  # enough for shares; loading rows by INSERT takes most of the test's time
    rows = [
        (customer, month.date(), 100.0, True, bool(alert))
        for month in _months()[1:]
        for customer, alert in zip(customers, rng.random(len(customers)) < 0.12, strict=True)
    ]
    return pd.DataFrame(
        rows, columns=["customer_id", "month_start", "previous_month_spend", "is_complete_month", "is_decline_alert"]
    )


def load(connection: Any, gold: Gold) -> None:
    """Create the database, its schema GOLD and the tables with their rows through a Snowflake connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {DATABASE}.GOLD")
        for name, frame in vars(gold).items():
            _load_table(cursor, f"{DATABASE}.GOLD.{name.upper()}", frame)


def _load_table(cursor: Any, table: str, frame: pd.DataFrame) -> None:
    columns = ", ".join(f"{name} {_sql_type(str(name), frame[name])}" for name in frame)
    cursor.execute(f"CREATE OR REPLACE TABLE {table} ({columns})")
    for start in range(0, len(frame), 2_000):
        rows = frame.iloc[start : start + 2_000].itertuples(index=False)
        values = ", ".join("(" + ", ".join(_literal(value) for value in row) + ")" for row in rows)
        cursor.execute(f"INSERT INTO {table} VALUES {values}")


def _sql_type(name: str, column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column):
        return "BOOLEAN"
    if pd.api.types.is_integer_dtype(column):
        return "NUMBER(38,0)"
    if pd.api.types.is_float_dtype(column):
        return "FLOAT" if name.endswith(("_pct", "_score", "_utilization")) else "NUMBER(18,2)"
    if pd.api.types.is_datetime64_any_dtype(column):
        return "TIMESTAMP_NTZ(9)"
    return "DATE" if name.endswith(("_date", "month_start")) else "VARCHAR"


def _literal(value: Any) -> str:
    if value is None or value != value:
        return "NULL"
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).upper()
    if isinstance(value, int | float | np.number):
        return repr(float(value)) if isinstance(value, float | np.floating) else str(value)
    return "'" + str(value).replace("'", "''") + "'"
