"""How well a plain gradient-boosted model foresees churn in the generated data: neither blind nor clairvoyant.

`python -m tests.bench.churn LAKE` prints the AUC for several honest ways to put the question; `measure(lake)` returns
them. Reads only the lake's files: features know nothing after their cut-off, the model has seen only cut-offs whose
label was known at the cut-off it is judged on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]  # has no types
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # has no types
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # has no types

LOW, HIGH = 0.80, 0.93
# Days from cut-off to label: the specification's 60 to 90 (the platform's own labels come after three months).
HORIZONS = (60, 75, 90)
# Whose churn is foreseen: whoever is not churned at the cut-off, or only customers who bought lately.
ACTIVE_DAYS = (60, 45, 30)
TRAINING_CUTOFFS = 4
_WINDOWS = ((0, 15), (0, 30), (30, 60), (60, 90), (0, 90), (90, 180))


@dataclass(frozen=True)
class Foresight:
    """One way to put the question, the share that churned among those asked about, and the model's AUC."""

    horizon: int
    active_days: int
    customers: int
    churned: float
    auc: float

    @property
    def ok(self) -> bool:
        return LOW <= self.auc <= HIGH


def measure(lake: Path, horizons: tuple[int, ...] = HORIZONS) -> list[Foresight]:
    """Train and judge for each horizon (days from cut-off to label) and each meaning of "active"."""
    with duckdb.connect() as database:
        _open(database, lake)
        return [found for horizon in horizons for found in _of_horizon(database, horizon)]


def _open(database: duckdb.DuckDBPyConnection, lake: Path) -> None:
    database.execute("set threads = 2")
    database.read_csv(str(lake / "customers/customers.csv.gz"), header=True).create("customers")
    database.read_parquet(str(lake / "transactions/historical/*.parquet")).create_view("tx")
    database.execute("""
        create table days as
        select customer_id, transaction_date::date as day,
            coalesce(sum(transaction_amount::double) filter (status = 'approved'), 0) as spend,
            count(*) filter (status = 'approved') as bought,
            count(*) filter (status = 'declined') as declined,
            count(*) filter (status = 'approved' and channel = 'Online') as online,
            coalesce(sum(transaction_amount::double) filter (
                status = 'approved' and merchant_category in ('Travel', 'Airlines', 'Hotels')), 0) as travel
        from tx group by all
    """)


def _of_horizon(database: duckdb.DuckDBPyConnection, horizon: int) -> Iterator[Foresight]:
    first, last = database.sql("select min(day), max(day) from days").fetchall()[0]
    judged_at = last - timedelta(days=horizon)
    newest = judged_at - timedelta(days=horizon)
    cutoffs = [newest - timedelta(days=30 * back) for back in range(TRAINING_CUTOFFS)]
    past = pd.concat([_cases(database, first, cutoff, horizon) for cutoff in cutoffs if (cutoff - first).days >= 180])
    future = _cases(database, first, judged_at, horizon)
    for active in ACTIVE_DAYS:
        train, test = (cases[~cases.already & (cases.recency < active)] for cases in (past, future))
        model = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.06, max_leaf_nodes=15, random_state=0)
        # Beside other work, two threads that wait for each other take ten times as long as one.
        with threadpool_limits(1):
            model.fit(_features(train), train.churned)
            auc = roc_auc_score(test.churned, model.predict_proba(_features(test))[:, 1])
        yield Foresight(horizon, active, len(test), float(test.churned.mean()), float(auc))


def _features(cases: pd.DataFrame) -> pd.DataFrame:
    return cases.drop(columns=["customer_id", "churned", "already"]).astype(float)


def _cases(database: duckdb.DuckDBPyConnection, first: date, cutoff: date, horizon: int) -> pd.DataFrame:
    """One row per customer with five purchases by the cut-off: features, `churned` at its label, `already` churned."""
    sums = ", ".join(
        f"coalesce(sum({column}) filter (day > $cutoff - {after} and day <= $cutoff - {before}), 0)::double "
        f"as {column}_{before}_{after}"
        for before, after in _WINDOWS
        for column in ("spend", "bought", "declined")
    )
    features = database.execute(
        f"""
        with known as (
            select *, day - lag(day) over (partition by customer_id order by day) as gap
            from days where day <= $cutoff and bought > 0
            union all select *, null from days where day <= $cutoff and bought = 0)
        select customer_id, age, (card_type = 'Premium')::int as premium, credit_limit,
            $cutoff - any_value(account_open_date) as tenure,
            any_value(list_position(['Full-Time', 'Part-Time', 'Self-Employed', 'Retired', 'Unemployed'],
                employment_status)) as employment,
            $cutoff - max(day) filter (bought > 0) as recency, max(gap) as longest_gap, avg(gap) as usual_gap,
            max(gap) filter (day > $cutoff - 90) as late_gap,
            sum(spend) as lifetime, sum(bought) as purchases, sum(declined) as declines,
            sum(travel) / sum(spend) as travel_share, sum(online) / sum(bought) as online_share, {sums}
        from known join customers using (customer_id)
        group by customer_id, age, card_type, credit_limit having sum(bought) >= 5 and sum(spend) > 0
        """,
        {"cutoff": cutoff},
    ).df()
    months = features.tenure.clip(30, (cutoff - first).days + 1) / 30
    for column, total in (("spend", features.lifetime), ("bought", features.purchases)):
        recent, before = features[f"{column}_0_30"], features[f"{column}_30_60"]
        features[f"{column}_momentum"] = recent / (before + 1)
        features[f"{column}_trend"] = features[f"{column}_0_90"] / (features[f"{column}_90_180"] + 1)
        features[f"{column}_against_usual"] = recent / (total / months + 1)
    features["silence_against_usual"] = features.recency / features.usual_gap
    labels = _churned(database, cutoff + timedelta(days=horizon), "churned")
    already = _churned(database, cutoff, "already")
    return features.merge(labels, on="customer_id").merge(already, on="customer_id")


def _churned(database: duckdb.DuckDBPyConnection, at: date, name: str) -> pd.DataFrame:
    """Churned at a date: silent for 60 days, or three months' spend under 30 % of the mean of those before."""
    return database.execute(
        f"""
        with monthly as (
            select customer_id, 1 + ($at - day) // 30 as month_back, sum(spend) as spend,
                max(day) filter (bought > 0) as last_day
            from days where day <= $at group by all)
        select customer_id, max(last_day) < $at - 60
            or coalesce(sum(spend) filter (month_back <= 3) / 3
                < 0.3 * sum(spend) filter (month_back > 3) / (max(month_back) - 3), false) as {name}
        from monthly group by 1 having max(last_day) is not null
        """,
        {"at": at},
    ).df()


if __name__ == "__main__":
    for found in measure(Path(sys.argv[1])):
        sys.stdout.write(
            f"label after {found.horizon} days, bought in the last {found.active_days}: {found.customers:,} customers, "
            f"{found.churned:.1%} churned, AUC {found.auc:.3f}{'' if found.ok else '  MISSED'}\n"
        )
