"""The five segments told from behaviour alone, as SQL over the tables of `statistics.open_lake`.

The rules are the platform's own, over the last 90 days and the 90 days before them; the planted segment is only
compared with the result.
"""

from __future__ import annotations

from generators.catalogue import NECESSITIES, TRAVEL

RULES = f"""
with windows as (
    select c.customer_id, c.customer_segment, c.account_open_date, b.as_of,
        coalesce(sum(amount) filter (d > b.as_of - 90), 0) as recent,
        coalesce(sum(amount) filter (d <= b.as_of - 90), 0) as prior,
        coalesce(sum(amount) filter (d > b.as_of - 90 and merchant_category in {TRAVEL}), 0) as travel,
        coalesce(sum(amount) filter (d > b.as_of - 90 and merchant_category in {NECESSITIES}), 0) as necessities
    from customers c cross join bounds b left join (
        select customer_id, transaction_date::date as d, transaction_amount::double as amount, merchant_category
        from tx, bounds where status = 'approved' and transaction_date >= bounds.as_of - 179
    ) t using (customer_id)
    group by all
)
select customer_id, customer_segment, case
    when recent / 3 > 5000 and travel > 0.25 * recent then 'High-Value Travelers'
    when prior > 0 and recent <= 0.7 * prior then 'Declining'
    when account_open_date > as_of - interval 6 month and recent >= 1.5 * prior then 'New & Growing'
    when recent / 3 < 1500 and recent > 0 and necessities >= 0.6 * recent then 'Budget-Conscious'
    else 'Stable Mid-Spenders' end as recognised
from windows
"""  # noqa: S608 - constants of ours


def planted_agreement() -> str:
    """SQL for the share of all customers whose segment by rule is the planted one."""
    return f"select avg((customer_segment = recognised)::int) from ({RULES})"  # noqa: S608 - a constant of ours
