"""Measures the files of a lake against the bands of a realistic portfolio.

Reads only what is in the lake's folders, as anybody else would: nothing comes from the generator's own state.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from generators.catalogue import NECESSITIES, TRAVEL
from generators.segment_rules import planted_agreement

Query = Callable[[str], list[tuple[float, ...]]]


@dataclass(frozen=True)
class Statistic:
    """One measured value and the band in which it should be."""

    name: str
    low: float
    high: float
    value: float

    @property
    def ok(self) -> bool:
        return self.low <= self.value <= self.high


def measure(lake: Path) -> list[Statistic]:
    """All statistics of the files under `lake`; takes about 10 s for 13.5 million rows.

    Raises ValueError when the customers or the history are missing there.
    """
    with open_lake(lake) as database:

        def query(sql: str) -> list[tuple[float, ...]]:
            return [tuple(row) for row in database.execute(sql).fetchall()]

        parts = (
            _activity,
            _amounts,
            _merchants,
            _calendar,
            _declines,
            _money,
            _segments,
            _accounts,
            _churn,
            _campaign,
            _rules,
        )
        return [statistic for part in parts for statistic in part(query)]


@contextmanager
def open_lake(lake: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB in memory with `customers`, `changes`, `campaign`, `tx` and monthly sums `monthly` of a lake's files."""
    history = lake / "transactions/historical"
    if not (lake / "customers/customers.csv.gz").is_file() or not any(history.glob("*.parquet")):
        raise ValueError(f"{lake} holds no customers.csv.gz and history; run `python -m generators all --out {lake}`")
    with duckdb.connect() as database:
        database.execute("set memory_limit = '1.5GB'; set preserve_insertion_order = false; set threads = 2")
        for name, pattern in (
            ("customers", "customers/customers.csv.gz"),
            ("changes", "customers/changes/*.csv.gz"),
            ("campaign", "campaigns/*.csv.gz"),
        ):
            if any(lake.glob(pattern)):
                database.read_csv(str(lake / pattern), header=True).create(name)
        database.read_parquet(str(history / "*.parquet")).create_view("tx")
        database.execute(_MONTHLY)
        yield database


_MONTHLY = f"""
create table monthly as
select customer_id, date_trunc('month', transaction_date)::date as month, count(*) as transactions,
    sum(transaction_amount::double) filter (status = 'approved') as spend,
    sum(transaction_amount::double) filter (status = 'approved' and merchant_category in {TRAVEL}) as travel,
    sum(transaction_amount::double) filter (status = 'approved' and merchant_category in {NECESSITIES}) as necessities,
    count(*) filter (status = 'declined') as declined,
    max(transaction_date) filter (status = 'approved')::date as last_day
from tx group by all;
create table bounds as
select min(month) as first_month, last_day(max(month)) as as_of, count(distinct month) as months from monthly
"""  # noqa: S608 - constants of ours


def _activity(query: Query) -> Iterator[Statistic]:
    ((mean, variation),) = query("""
        select avg(n), stddev_pop(n) / avg(n) from (
            select coalesce(sum(transactions), 0) / (select months from bounds) as n
            from customers left join monthly using (customer_id) group by customer_id)
    """)
    yield Statistic("transactions per customer-month", 14, 16, mean)
    yield Statistic("transactions per customer-month: coefficient of variation", 0.7, 1.1, variation)


def _amounts(query: Query) -> Iterator[Statistic]:
    # Fewer rows cannot tell: the skew of 1,000 normal values is beyond 0.15 once in twenty times.
    skews = query("""
        select skewness(ln(transaction_amount::double)) from tx join customers using (customer_id)
        group by customer_segment, merchant_category having count(*) >= 5000
    """)
    if skews:
        worst = max((value for (value,) in skews), key=abs)
        yield Statistic("log amount within category and segment: largest skew", -0.15, 0.15, worst)


def _merchants(query: Query) -> Iterator[Statistic]:
    counts = np.array([row[0] for row in query("select count(*) as n from tx group by merchant_name order by n desc")])
    ranks = np.arange(1, len(counts) + 1)
    inside = slice(9, min(1000, len(counts)))
    slope = float(np.polyfit(np.log(ranks[inside]), np.log(counts[inside]), 1)[0])
    yield Statistic("merchants: slope of log count on log rank, 10 to 1000", -1.2, -0.8, slope)
    top = counts[: math.ceil(len(counts) / 100)].sum() / counts.sum()
    yield Statistic("merchants: share of the top 1 %", 0.25, 0.45, float(top))
    ((favourites,),) = query("""
        select avg(share) from (
            select sum(n) filter (place <= 5) / sum(n) as share from (
                select customer_id, count(*) as n,
                    row_number() over (partition by customer_id order by count(*) desc) as place
                from tx group by customer_id, merchant_name)
            group by customer_id having sum(n) >= 30)
    """)
    yield Statistic("a customer's five favourite merchants: mean share", 0.25, 0.50, favourites)


def _calendar(query: Query) -> Iterator[Statistic]:
    ((weekend, late),) = query("""
        select sum(n) filter (isodow(d) in (5, 6)) / sum(n) filter (isodow(d) in (1, 2)),
            sum(n) filter (day(d) >= 30) / sum(n)
        from (select transaction_date::date as d, count(*) as n from tx group by 1)
    """)
    yield Statistic("(Friday + Saturday) / (Monday + Tuesday)", 1.2, 1.35, weekend)
    yield Statistic("share of transactions on days 30 and 31", 0.045, 0.055, late)
    ((december, february),) = query("""
        select avg(n) filter (m = 12) / avg(n), avg(n) filter (m = 2) / avg(n) from (
            select month(month) as m, sum(transactions) / day(last_day(month)) as n from monthly group by month)
    """)
    yield Statistic("December, transactions a day against the mean month", 1.2, 1.4, december)
    yield Statistic("February, transactions a day against the mean month", 0.8, 0.95, february)
    ((summer,),) = query("""
        select (sum(travel) filter (summer) / sum(spend) filter (summer))
            / (sum(travel) filter (not summer) / sum(spend) filter (not summer))
        from (select *, month(month) in (6, 7, 8) as summer from monthly) join customers using (customer_id)
        where customer_segment = 'Stable Mid-Spenders'
    """)
    yield Statistic("travel's share of spend, summer against the rest", 1.1, 1.6, summer)


def _declines(query: Query) -> Iterator[Statistic]:
    rows = query("select channel, avg((status = 'declined')::int), count(*) from tx group by 1")
    rates = {str(channel): float(rate) for channel, rate, _ in rows}
    counts = {str(channel): float(count) for channel, _, count in rows}
    total = sum(counts.values())
    for channel, share in (("Online", 0.4), ("In-Store", 0.4), ("Mobile", 0.2)):
        yield Statistic(f"share of {channel}", share - 0.02, share + 0.02, counts[channel] / total)
    overall = sum(rates[channel] * counts[channel] for channel in rates) / total
    yield Statistic("declined payments", 0.02, 0.04, overall)
    yield Statistic("declined payments, online against in-store", 2, 4, rates["Online"] / rates["In-Store"])
    ((ratio,),) = query("""
        select (sum(declined) filter (falling) / sum(transactions) filter (falling))
            / (sum(declined) filter (not falling) / sum(transactions) filter (not falling))
        from monthly join (select customer_id, customer_segment = 'Declining' as falling from customers)
            using (customer_id)
    """)
    yield Statistic("declined payments, declining customers against others", 1.1, 3, ratio)


def _money(query: Query) -> Iterator[Statistic]:
    ((top,),) = query("""
        select sum(spend) filter (fifth = 1) / sum(spend) from (
            select sum(spend) as spend, ntile(5) over (order by sum(spend) desc) as fifth
            from monthly group by customer_id)
    """)
    yield Statistic("spend share of the top fifth of customers", 0.42, 0.58, top)
    ((utilisation,),) = query(
        "select quantile_cont(spend / credit_limit, 0.99) from monthly join customers using (customer_id)"
    )
    yield Statistic("monthly spend / credit limit, 99th percentile", 0, 1, utilisation)


@dataclass(frozen=True)
class _SegmentBand:
    """Share of customers, usual monthly spend in dollars, share of Premium cards, and what the spend goes to."""

    share: float
    spend: tuple[float, float] | None = None
    premium: float | None = None
    focus: str = ""
    focus_share: float = 0.0


_SEGMENT_BANDS = {
    "High-Value Travelers": _SegmentBand(0.15, (5_000, 12_000), 0.70, "travel", 0.30),
    "Stable Mid-Spenders": _SegmentBand(0.40, (2_000, 4_000), 0.40),
    "Budget-Conscious": _SegmentBand(0.25, (500, 1_500), 0.10, "necessities", 0.60),
    "Declining": _SegmentBand(0.10, (2_000, 4_000)),
    "New & Growing": _SegmentBand(0.10, premium=0.30),
}
# A customer's usual month is the mean of the first 12, before anybody falls, without the month in which one leaves;
# months without a purchase in between count.
_USUAL = """
    select customer_segment, spend / months as spend, travel / spend as travel, necessities / spend as necessities
    from (
        select customer_segment, sum(spend) as spend, sum(travel) as travel, sum(necessities) as necessities,
            datediff('month', min(month), least(any_value(last_month), any_value(first_month) + interval 12 month))
                as months
        from (select *, max(month) over (partition by customer_id) as last_month from monthly)
            join customers using (customer_id) cross join bounds
        where month < first_month + interval 12 month and month < last_month
        group by customer_segment, customer_id)
"""


def _segments(query: Query) -> Iterator[Statistic]:
    shares = query("""
        select customer_segment, count(*) / sum(count(*)) over (), avg((card_type = 'Premium')::int)
        from customers group by 1
    """)
    found = {str(segment): (share, premium) for segment, share, premium in shares}
    for segment, band in _SEGMENT_BANDS.items():
        share, premium = found[segment]
        yield Statistic(f"{segment}: share of customers", band.share - 0.01, band.share + 0.01, share)
        if band.premium is not None:
            yield Statistic(f"{segment}: share of Premium", band.premium - 0.03, band.premium + 0.03, premium)
        if band.spend is not None:
            low, high = band.spend
            inside = _of_segment(query, segment, f"avg((spend between {low} and {high})::int)")
            yield Statistic(f"{segment}: customers who usually spend ${low:,} to ${high:,} a month", 0.95, 1, inside)
        if band.focus:
            focus = _of_segment(query, segment, f"avg({band.focus})")
            yield Statistic(f"{segment}: share of {band.focus} in spend", band.focus_share, 0.90, focus)


def _of_segment(query: Query, segment: str, expression: str) -> float:
    ((value,),) = query(f"select {expression} from ({_USUAL}) where customer_segment = '{segment}'")  # noqa: S608
    return value


def _accounts(query: Query) -> Iterator[Statistic]:
    ((early,),) = query(
        "select count(*) from tx join customers using (customer_id) where transaction_date < account_open_date"
    )
    yield Statistic("transactions before the account opened", 0, 0, early)
    ((growth,),) = query("""
        select quantile_cont(late / early, 0.1) from (
            select sum(spend) filter (month > as_of - interval 1 month) as late,
                sum(spend) filter (month <= as_of - interval 4 month and month > as_of - interval 5 month) as early
            from monthly join customers using (customer_id) cross join bounds
            where customer_segment = 'New & Growing' and account_open_date <= as_of - interval 5 month
            group by customer_id)
    """)
    yield Statistic("New & Growing: growth over four months, lowest tenth", 1.5, 10, growth)
    ((changed,),) = query("select count(*) / (select count(*) * any_value(months) from customers, bounds) from changes")
    yield Statistic("customers whose card or limit changes, a month", 0.01, 0.02, changed)


def _churn(query: Query) -> Iterator[Statistic]:
    ((stopped, churned),) = query("""
        with course as (
            select customer_id, max(last_day) as last_day,
                coalesce(sum(spend) filter (month > as_of - interval 3 month), 0) / 3 as recent,
                avg(spend) filter (month <= as_of - interval 3 month) as baseline
            from monthly cross join bounds group by 1)
        select avg((last_day < as_of - 60 and last_day >= as_of - interval 12 month)::int),
            avg((last_day < as_of - 60 or coalesce(recent < 0.3 * baseline, false))::int)
        from course cross join bounds
    """)
    yield Statistic("customers who stopped within 12 months (silent for 60 days)", 0.11, 0.16, stopped)
    yield Statistic("customers churned at as_of", 0.08, 0.12, churned)


def _campaign(query: Query) -> Iterator[Statistic]:
    if any(count < 10 for count, _ in query("select count(*), 0 from campaign group by treatment_group")):
        return  # too few to estimate anything
    lift, error = campaign_lift(query)
    yield Statistic("campaign lift by difference in differences", 0.10 - error, 0.20 + error, lift)


def campaign_lift(query: Query) -> tuple[float, float]:
    """Difference in differences of monthly spend, two months before against two months of the campaign.

    Returns lift and half width of its 95 % interval, both as shares of what the treated would have spent.
    """
    rows = query("""
        select treatment_group, avg(after - before), var_samp(after - before) / count(*), avg(before) from (
            select treatment_group, customer_id,
                coalesce(sum(spend) filter (month >= start_date), 0) / 2 as after,
                coalesce(sum(spend) filter (month < start_date and month >= start_date - interval 2 month), 0) / 2
                    as before
            from campaign left join monthly using (customer_id) group by 1, 2)
        group by 1
    """)
    groups = {str(row[0]): row[1:] for row in rows}
    treated, control = groups["treatment"], groups["control"]
    otherwise = treated[2] + control[0]
    return (treated[0] - control[0]) / otherwise, 1.96 * math.sqrt(treated[1] + control[1]) / otherwise


def _rules(query: Query) -> Iterator[Statistic]:
    ((agreement,),) = query(planted_agreement())
    yield Statistic("planted segments recognised by rules on behaviour", 0.90, 1, agreement)


_PARTS = (
    _activity, _amounts, _merchants, _calendar, _declines, _money, _segments, _accounts, _churn, _campaign, _rules
)  # fmt: skip
