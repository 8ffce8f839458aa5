"""The statistics of a lake as a table on the console, and drawn into one HTML file that needs no network."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from generators.catalogue import SEGMENTS
from generators.drawing import Series, bar_chart, line_chart
from generators.statistics import Statistic, open_lake

_STYLE = (
    "body{font:15px system-ui,sans-serif;margin:2rem auto;max-width:1180px;padding:0 1rem;color:#1b2430}"
    "h1{font-size:1.5rem}h2{font-size:1.05rem;margin:0 0 .4rem}figure{margin:0;padding:1rem;border:1px solid #dde3ea;"
    "border-radius:8px}.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(520px,1fr));gap:1rem}"
    "table{border-collapse:collapse;margin:1rem 0 2rem}td,th{padding:.25rem .8rem;text-align:right;"
    "border-bottom:1px solid #e6ebf0}td:first-child,th:first-child{text-align:left}"
    "td:last-child{color:#2f855a}td.missed{color:#b3261e}.missed{color:#b3261e;font-weight:600}"
)


def band_text(statistic: Statistic) -> str:
    """The band as people write it, such as `0.7 to 1.1`."""
    return f"{statistic.low:.3g} to {statistic.high:.3g}" if statistic.low != statistic.high else f"{statistic.low:g}"


def print_report(statistics: Sequence[Statistic], console: Console | None = None) -> None:
    """A table of statistic, band, measured value and verdict, then one line that counts."""
    console = console or Console()
    table = Table("statistic", "band", "measured", "", title="Statistics of the generated data")
    for statistic in statistics:
        verdict = "[green]ok[/]" if statistic.ok else "[red]missed[/]"
        table.add_row(statistic.name, band_text(statistic), f"{statistic.value:,.4g}", verdict)
    console.print(table)
    met = sum(statistic.ok for statistic in statistics)
    console.print(f"{met} of {len(statistics)} bands met")


def write_html(lake: Path, statistics: Sequence[Statistic], file: Path) -> None:
    """Charts of the lake's files and the table of statistics; takes some seconds at full size."""
    with open_lake(lake) as database:
        figures = "\n".join(f"<figure><h2>{title}</h2>{chart}</figure>" for title, chart in _charts(database))
    rows = "\n".join(
        f"<tr><td>{html.escape(statistic.name)}</td><td>{band_text(statistic)}</td><td>{statistic.value:,.4g}</td>"
        f"<td class='{'met' if statistic.ok else 'missed'}'>{'ok' if statistic.ok else 'missed'}</td></tr>"
        for statistic in statistics
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Generated card portfolio</title>"
        f"<style>{_STYLE}</style></head><body><h1>Generated card portfolio</h1><div class='charts'>{figures}</div>"
        "<h1>Statistics against their bands</h1>"
        "<table><tr><th>statistic</th><th>band</th><th>measured</th><th></th></tr>"
        f"{rows}</table></body></html>\n"
    )


def _charts(database: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return [
        ("Spend per customer and month, by segment ($)", line_chart(_series(database, _SPEND_BY_SEGMENT))),
        ("Transactions by merchant's rank (both axes logarithmic)", line_chart(_series(database, _RANKS), log=True)),
        ("Share of transactions by weekday (%)", bar_chart(_series(database, _WEEK))),
        ("Share of transactions by hour and channel (%)", line_chart(_series(database, _HOURS))),
        ("Share of spend by category (%)", bar_chart(_series(database, _CATEGORIES), horizontal=True)),
        ("Customers still active, of those of the first month (%)", line_chart(_series(database, _SURVIVAL))),
        ("Campaign: spend per customer and month ($)", line_chart(_series(database, _CAMPAIGN))),
        ("Declined payments by channel (%)", bar_chart(_series(database, _DECLINED))),
    ]


def _series(database: duckdb.DuckDBPyConnection, sql: str) -> list[Series]:
    """Rows of (series, label, value), in order, as one Series each; a segment has one colour in all charts."""
    found: dict[str, Series] = {}
    for name, label, value in database.execute(sql).fetchall():
        colour = SEGMENTS.index(name) if name in SEGMENTS else len(found)
        series = found.setdefault(str(name), Series(str(name), [], [], colour))
        series.labels.append(str(label))
        series.values.append(float(value))
    return list(found.values())


_SPEND_BY_SEGMENT = """
    select customer_segment, strftime(month, '%Y-%m') as m, sum(spend) / count(distinct customer_id)
    from monthly join customers using (customer_id) group by 1, 2 order by 1, 2
"""
_RANKS = """
    select 'merchants', place, n from (
        select count(*) as n, row_number() over (order by count(*) desc) as place from tx group by merchant_name)
    where place <= 20 or place % 25 = 0 order by place
"""
_WEEK = """
    select 'all', strftime(d, '%a'), 100 * sum(n) / sum(sum(n)) over () from (
        select transaction_date::date as d, count(*) as n from tx group by 1)
    group by strftime(d, '%a'), isodow(d) order by isodow(d)
"""
_HOURS = """
    select channel, hour(transaction_date) as h, 100 * count(*) / sum(count(*)) over (partition by channel)
    from tx group by 1, 2 order by 1, 2
"""
_CATEGORIES = """
    select 'all', merchant_category, 100 * sum(amount) / sum(sum(amount)) over ()
    from (select *, transaction_amount::double as amount from tx) where status = 'approved' group by 2 order by 3 desc
"""
# Whoever was silent for less than 60 days at the end may be there still: the last two months cannot tell.
_SURVIVAL = """
    with course as (
        select customer_id, max(month) as last_month from monthly
        group by 1 having min(month) = (select first_month from bounds))
    select customer_segment, strftime(m.month, '%Y-%m'),
        100 * count(*) filter (last_month >= m.month) / count(*)
    from course join customers using (customer_id) cross join (
        select distinct month from monthly, bounds where month <= as_of - interval 3 month) m
    group by 1, 2 order by 1, 2
"""
_CAMPAIGN = """
    select treatment_group, strftime(month, '%Y-%m'), sum(spend) / count(distinct customer_id)
    from monthly join campaign using (customer_id) group by 1, 2 order by 1, 2
"""
_DECLINED = "select 'all', channel, 100 * avg((status = 'declined')::int) from tx group by 2 order by 3 desc"
