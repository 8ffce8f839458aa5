"""The bands of a realistic portfolio and the planted campaign effect, measured from files over seeds and sizes.

`python -m tests.bench.data [--quick]`: 5,000 and 50,000 customers with three seeds (quick: 5,000 with one), churn
foreseen by a plain model, and the campaign's effect over 20 seeds (quick: 5). Nothing of the generator is imported:
it is run as a command, and its files are read by plain SQL. Exit code 1 when anything is missed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np

from tests.bench import churn

SEEDS = (1, 2, 3)
SIZES = (5_000, 50_000)
CAMPAIGN_SEEDS = 20
CAMPAIGN_CUSTOMERS = 5_000
# Rows of a cell are not independent (monthly payments repeat): of 2,500 rows, one of some 80 cells had 0.17 by chance.
CELL_ROWS = 5_000
_TRAVEL = "('Travel', 'Airlines', 'Hotels')"
_NECESSITIES = "('Groceries', 'Gas', 'Utilities', 'Healthcare', 'Pharmacy', 'Insurance', 'Transportation')"
_PLANNED = """(values ('High-Value Travelers', 0.15, 0.70, 5000, 12000),
    ('Stable Mid-Spenders', 0.40, 0.40, 2000, 4000), ('Budget-Conscious', 0.25, 0.10, 500, 1500),
    ('Declining', 0.10, null, 2000, 4000),
    ('New & Growing', 0.10, 0.30, null, null)) planned(customer_segment, share, premium, low, high)"""

Measured = dict[str, tuple[float, float, float]]
_VALUES = {
    "transactions per customer-month": (14, 16, "select (select count(*) from tx) / 18 / (select count(*) from c)"),
    "coefficient of variation": (
        0.7,
        1.1,
        "select stddev(n) / avg(n) from (select count(t.customer_id) as n from c left join tx t using (customer_id) "
        "group by c.customer_id)",
    ),
    "largest skew of log amount": (
        -0.15,
        0.15,
        "select arg_max(s, abs(s)) from (select skewness(ln(amount)) as s from tx join c using (customer_id) "
        f"group by customer_segment, merchant_category having count(*) >= {CELL_ROWS})",
    ),
    "five favourite merchants": (
        0.25,
        0.50,
        "select avg(s) from (select sum(n) filter (r <= 5) / sum(n) as s from (select customer_id, count(*) as n, "
        "row_number() over (partition by customer_id order by count(*) desc) as r from tx "
        "group by customer_id, merchant_name) group by customer_id)",
    ),
    "monthly payments on the customer's usual day": (
        0.90,
        1.0,
        "with p as (select customer_id, merchant_name, day(t) as d, count(*) as n from tx where "
        "merchant_category = 'Subscriptions' and day(t) <= 28 group by all), u as (select customer_id, merchant_name, "
        "max(n) as usual, sum(n) as n from p group by all having sum(n) between 10 and 18) "
        "select sum(usual) / sum(n) from u",
    ),
    "Friday and Saturday against Monday and Tuesday": (
        1.2,
        1.35,
        "select count(*) filter (isodow(t) in (5, 6)) / count(*) filter (isodow(t) in (1, 2)) from tx",
    ),
    "December a day": (1.2, 1.4, "select avg(n) filter (m = 12) / avg(n) from daily"),
    "February a day": (0.8, 0.95, "select avg(n) filter (m = 2) / avg(n) from daily"),
    "declined": (0.02, 0.04, "select avg((status = 'declined')::int) from tx"),
    "declined online against in-store": (
        2,
        4,
        "select avg((status = 'declined')::int) filter (channel = 'Online') "
        "/ avg((status = 'declined')::int) filter (channel = 'In-Store') from tx",
    ),
    "declined, declining customers against others": (
        1.1,
        4,
        "select avg((status = 'declined')::int) filter (customer_segment = 'Declining') / avg((status = 'declined')"
        "::int) filter (customer_segment <> 'Declining') from tx join c using (customer_id)",
    ),
    "spend share of the top fifth": (
        0.42,
        0.58,
        "select sum(s) filter (f = 1) / sum(s) from (select sum(spend) as s, ntile(5) over (order by sum(spend) desc) "
        "as f from monthly group by customer_id)",
    ),
    "days 30 and 31": (0.045, 0.055, "select avg((day(t) >= 30)::int) from tx"),
    "spend / limit, 99th percentile": (
        0,
        1,
        "select quantile_cont(spend / credit_limit, 0.99) from monthly join c using (customer_id)",
    ),
    "stopped within 12 months": (
        0.11,
        0.16,
        "select avg((coalesce(d, date '1900-01-01') between e - interval 12 month and e - 61)::int) "
        "from c left join final using (customer_id), ends",
    ),
    "churned at the last day": (
        0.08,
        0.12,
        "select avg((d < e - 60 or coalesce(recent / 3 < 0.3 * usual, false))::int) from final, ends",
    ),
    "travel in travelers' spend": (
        0.30,
        1,
        f"select sum(amount) filter (merchant_category in {_TRAVEL}) / sum(amount) from tx join c using (customer_id) "
        "where customer_segment = 'High-Value Travelers'",
    ),
    "necessities in budget customers' spend": (
        0.60,
        1,
        f"select sum(amount) filter (merchant_category in {_NECESSITIES}) / sum(amount) from tx join c "
        "using (customer_id) where customer_segment = 'Budget-Conscious'",
    ),
    "planted segments told by the rules": (
        0.90,
        1,
        f"""with w as (
            select c.customer_id, coalesce(sum(amount) filter (t::date > e - 90), 0) as recent,
                coalesce(sum(amount) filter (t::date <= e - 90), 0) as prior,
                coalesce(sum(amount) filter (t::date > e - 90 and merchant_category in {_TRAVEL}), 0) as travel,
                coalesce(sum(amount) filter (t::date > e - 90 and merchant_category in {_NECESSITIES}), 0) as needed
            from c cross join ends left join tx on tx.customer_id = c.customer_id and status = 'approved'
                and t::date > e - 180
            group by all)
        select avg((customer_segment = case
            when recent / 3 > 5000 and travel / recent > 0.25 then 'High-Value Travelers'
            when prior > 0 and recent <= 0.7 * prior then 'Declining'
            when account_open_date > e - interval 6 month and recent >= 1.5 * prior then 'New & Growing'
            when recent > 0 and recent / 3 < 1500 and needed / recent >= 0.6 then 'Budget-Conscious'
            else 'Stable Mid-Spenders' end)::int) from w join c using (customer_id) cross join ends""",
    ),
    "transactions before the account opened": (
        0,
        0,
        "select count(*) from tx join c using (customer_id) where t::date < account_open_date",
    ),
    "largest error of a segment's share": (
        0,
        0.01,
        "select max(abs(n / (select count(*) from c) - share)) from (select customer_segment, count(*) as n from c "
        f"group by 1) join {_PLANNED} using (customer_segment)",
    ),
    "largest error of a segment's share of Premium": (
        0,
        0.03,
        "select max(abs(p - premium)) from (select customer_segment, avg((card_type = 'Premium')::int) as p from c "
        f"group by 1) join {_PLANNED} using (customer_segment)",
    ),
    "usual month within the segment's range, worst segment": (
        0.95,
        1,
        "select min(n) from (select customer_segment, avg((usual between low and high)::int) as n from ("
        "select customer_id, sum(spend) / 12 as usual from monthly, ends where m <= e - interval 6 month group by 1 "
        "having max(d) > (select e from ends) - interval 6 month) join c using (customer_id) "
        f"join {_PLANNED} using (customer_segment) where low is not null group by 1)",
    ),
    "cards and limits changed a month": (0.01, 0.02, "select count(*) / 18 / (select count(*) from c) from changes"),
}


def measure(lake: Path) -> Measured:
    """Low end, high end and value of each statistic of the files under `lake`."""
    with duckdb.connect() as database:
        _open(database, lake)
        found: Measured = {}
        for name, (low, high, sql) in _VALUES.items():
            ((value,),) = database.execute(sql).fetchall()
            found[name] = (low, high, float(value))
        counts = np.sort(
            [row[0] for row in database.execute("select count(*) from tx group by merchant_name").fetchall()]
        )
        counts = counts[::-1]
        ranks = np.arange(10, min(1000, len(counts)) + 1)
        slope = np.polyfit(np.log(ranks), np.log(counts[ranks - 1]), 1)[0]
        found["merchants: slope"] = (-1.2, -0.8, float(slope))
        top = counts[: round(len(counts) / 100)].sum() / counts.sum()
        found["merchants: top 1 %"] = (0.25, 0.45, float(top))
        return found


def _open(database: duckdb.DuckDBPyConnection, lake: Path) -> None:
    database.execute("set threads = 2; set memory_limit = '2GB'; set preserve_insertion_order = false")
    database.read_csv(str(lake / "customers/customers.csv.gz"), header=True).create("c")
    database.read_csv(str(lake / "customers/changes/*.csv.gz"), header=True).create("changes")
    database.execute(
        "create view tx as select *, transaction_date as t, transaction_amount::double as amount "
        f"from '{lake}/transactions/historical/*.parquet'"
    )
    database.execute("""
        create table monthly as select customer_id, date_trunc('month', t)::date as m,
            coalesce(sum(amount) filter (status = 'approved'), 0) as spend,
            max(t) filter (status = 'approved')::date as d, count(*) as n from tx group by all;
        create table daily as select month(m) as m, sum(n) / day(last_day(m)) as n from monthly group by monthly.m;
        create table ends as select max(t)::date as e from tx;
        create table final as select customer_id, max(d) as d,
            coalesce(sum(spend) filter (m > e - interval 3 month), 0) as recent,
            avg(spend) filter (m <= e - interval 3 month) as usual
        from monthly, ends group by customer_id
    """)


def campaign_recovered(lake: Path) -> bool:
    """Whether difference in differences finds the planted mean effect within its 95 % interval."""
    with duckdb.connect() as database:
        _open(database, lake)
        changes = database.execute(f"""
            select treatment_group = 'treatment' as treated, customer_id,
                coalesce(sum(spend) filter (m >= start_date), 0) / 2 as after,
                coalesce(sum(spend) filter (m >= start_date - interval 2 month and m < start_date), 0) / 2 as before
            from '{lake}/campaigns/*.csv.gz' left join monthly using (customer_id) group by 1, 2
        """).df()
        ((planted,),) = database.execute(
            f"select avg(treatment_effect) from '{lake}/truth/customers.parquet' where campaign_group = 'treatment'"
        ).fetchall()
    treated, control = (changes[changes.treated == group] for group in (True, False))
    rise, drift = treated.after - treated.before, control.after - control.before
    otherwise = treated.before.mean() + drift.mean()
    lift = (rise.mean() - drift.mean()) / otherwise
    error = 1.96 * np.sqrt(rise.var() / len(rise) + drift.var() / len(drift)) / otherwise
    return bool(abs(lift - planted) <= error)


def generated(folder: str, customers: int, seed: int) -> Path:
    """Run the generator as anybody would."""
    command = [sys.executable, "-m", "generators", "all", "--out", folder, "--customers", str(customers)]
    command += ["--transactions", str(customers * 270), "--seed", str(seed)]
    subprocess.run(command, check=True, capture_output=True)
    return Path(folder)


def _check(customers: int, seed: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        lake = generated(folder, customers, seed)
        values = measure(lake)
        foresight = churn.measure(lake) if customers > SIZES[0] else []
    missed = [f"{name} {value:.4g}" for name, (low, high, value) in values.items() if not low <= value <= high]
    missed += [f"AUC {found.auc:.3f} at {found.horizon}/{found.active_days}" for found in foresight if not found.ok]
    aucs = ", ".join(f"{found.horizon}/{found.active_days}: {found.auc:.3f}" for found in foresight)
    near = {
        name: min(value - low, high - value) / (high - low) for name, (low, high, value) in values.items() if high > low
    }
    nearest = ", ".join(f"{name} {values[name][2]:.4g}" for name in sorted(near, key=near.__getitem__)[:4])
    text = f"missed {', '.join(missed)}" if missed else f"all {len(values)} bands met"
    text += f"; nearest to an end: {nearest}"
    sys.stdout.write(f"{customers:,} customers, seed {seed}: {text}{'; AUC ' + aucs if aucs else ''}\n")
    sys.stdout.flush()
    return not missed


def main(*, quick: bool) -> int:
    sizes, seeds, campaigns = (SIZES[:1], SEEDS[:1], 5) if quick else (SIZES, SEEDS, CAMPAIGN_SEEDS)
    missed = sum(not _check(customers, seed) for customers in sizes for seed in seeds)
    recovered = 0
    for seed in range(100, 100 + campaigns):
        with tempfile.TemporaryDirectory() as folder:
            recovered += campaign_recovered(generated(folder, CAMPAIGN_CUSTOMERS, seed))
    sys.stdout.write(f"campaign effect within its 95 % interval: {recovered} of {campaigns} seeds\n")
    return 0 if not missed and recovered >= 0.9 * campaigns else 1


if __name__ == "__main__":
    sys.exit(main(quick="--quick" in sys.argv[1:]))
