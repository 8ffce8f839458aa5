"""What the account used: QUERY_HISTORY, WAREHOUSE_METERING_HISTORY and DATABASE_STORAGE_USAGE_HISTORY.

https://docs.snowflake.com/en/sql-reference/functions/query_history
https://docs.snowflake.com/en/sql-reference/functions/warehouse_metering_history
https://docs.snowflake.com/en/sql-reference/functions/database_storage_usage_history

Snowflake measures by itself. Here statements are those since the start (`query_log.py`), credits what they would have
cost, and a database has a size for every day on which somebody asked for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from local_cloud.snowflake import clock, errors
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.enforcement import privileges, roles
from local_cloud.snowflake.objects.warehouses import SIZES
from local_cloud.snowflake.query import query_log
from local_cloud.snowflake.query.query_log import Ran
from local_cloud.snowflake.registry import table_function
from local_cloud.snowflake.session import Session

_HOUR, _LEAST_BILLED = timedelta(hours=1), timedelta(seconds=60)
_DEFAULT_LIMIT, _HIGHEST_LIMIT = 100, 10_000
_MOMENT = pa.timestamp("us", tz="UTC")
_CREDITS = pa.decimal128(38, 9)
_QUERIES = pa.schema(
    [
        *((name, pa.string()) for name in (
            "QUERY_ID", "QUERY_TEXT", "DATABASE_NAME", "SCHEMA_NAME", "QUERY_TYPE", "SESSION_ID", "USER_NAME",
            "ROLE_NAME", "WAREHOUSE_NAME", "QUERY_TAG", "EXECUTION_STATUS", "ERROR_CODE", "ERROR_MESSAGE",
        )),
        ("START_TIME", _MOMENT),
        ("END_TIME", _MOMENT),
        ("TOTAL_ELAPSED_TIME", pa.int64()),
        ("ROWS_PRODUCED", pa.int64()),
    ]
)  # fmt: skip
_METERING = pa.schema(
    [
        ("START_TIME", _MOMENT),
        ("END_TIME", _MOMENT),
        ("WAREHOUSE_NAME", pa.string()),
        ("CREDITS_USED", _CREDITS),
        ("CREDITS_USED_COMPUTE", _CREDITS),
        ("CREDITS_USED_CLOUD_SERVICES", _CREDITS),
    ]
)
_STORAGE = pa.schema(
    [
        ("USAGE_DATE", pa.date32()),
        ("DATABASE_NAME", pa.string()),
        ("AVERAGE_DATABASE_BYTES", pa.float64()),
        ("AVERAGE_FAILSAFE_BYTES", pa.float64()),
    ]
)


@table_function("QUERY_HISTORY")
def query_history(session: Session, positional: Sequence[Any], named: Mapping[str, Any]) -> pa.Table:
    order = ("END_TIME_RANGE_START", "END_TIME_RANGE_END", "RESULT_LIMIT")
    return _queries(session, dict(zip(order, positional, strict=False)) | dict(named), None)


@table_function("QUERY_HISTORY_BY_WAREHOUSE")
def query_history_by_warehouse(session: Session, positional: Sequence[Any], named: Mapping[str, Any]) -> pa.Table:
    order = ("WAREHOUSE_NAME", "END_TIME_RANGE_START", "END_TIME_RANGE_END", "RESULT_LIMIT")
    asked = dict(zip(order, positional, strict=False)) | dict(named)
    return _queries(session, asked, _name(asked.get("WAREHOUSE_NAME")) or session.warehouse)


def _queries(session: Session, asked: Mapping[str, Any], warehouse: str | None) -> pa.Table:
    """The latest first: the user's own, and others' in warehouses that the role may monitor or operate.

    Raises:
        SnowflakeError: 001008 a RESULT_LIMIT outside of 1 to 10000.
    """
    limit = int(asked.get("RESULT_LIMIT") or _DEFAULT_LIMIT)
    if not 1 <= limit <= _HIGHEST_LIMIT:
        raise errors.invalid_value(str(limit), "RESULT_LIMIT", f"1 to {_HIGHEST_LIMIT}")
    start, end = _moment(asked.get("END_TIME_RANGE_START")), _moment(asked.get("END_TIME_RANGE_END"))
    ran = [
        each
        for each in reversed(query_log.of(session.account).all())
        if (warehouse is None or each.warehouse == warehouse)
        and (start is None or each.end >= start)
        and (end is None or each.end <= end)
    ]
    watched = {
        name
        for name in {each.warehouse for each in ran if each.warehouse}
        if privileges.may(session, "WAREHOUSE", name, "MONITOR", "OPERATE")
    }
    visible = [each for each in ran if each.user == session.user or each.warehouse in watched][:limit]
    return pa.Table.from_pylist([_query_row(each) for each in visible], schema=_QUERIES)


def _query_row(ran: Ran) -> dict[str, Any]:
    return {
        "QUERY_ID": ran.query_id,
        "QUERY_TEXT": ran.text,
        "DATABASE_NAME": ran.database,
        "SCHEMA_NAME": ran.schema,
        "QUERY_TYPE": ran.kind,
        "SESSION_ID": ran.session_id,
        "USER_NAME": ran.user,
        "ROLE_NAME": ran.role,
        "WAREHOUSE_NAME": ran.warehouse,
        "QUERY_TAG": ran.tag,
        "EXECUTION_STATUS": "FAILED_WITH_ERROR" if ran.error else "SUCCESS",
        "ERROR_CODE": f"{ran.error[0]:06d}" if ran.error else None,
        "ERROR_MESSAGE": ran.error[1] if ran.error else None,
        "START_TIME": ran.start,
        "END_TIME": ran.end,
        "TOTAL_ELAPSED_TIME": round((ran.end - ran.start).total_seconds() * 1000),
        "ROWS_PRODUCED": ran.rows,
    }


@table_function("WAREHOUSE_METERING_HISTORY")
def warehouse_metering_history(session: Session, positional: Sequence[Any], named: Mapping[str, Any]) -> pa.Table:
    """Empty for a role without MONITOR USAGE on the account."""
    order = ("DATE_RANGE_START", "DATE_RANGE_END", "WAREHOUSE_NAME")
    asked = dict(zip(order, positional, strict=False)) | dict(named)
    start, end, name = _date(session, asked, order[0]), _date(session, asked, order[1]), _name(asked.get(order[2]))
    rows = [
        {
            "START_TIME": hour,
            "END_TIME": hour + _HOUR,
            "WAREHOUSE_NAME": warehouse,
            "CREDITS_USED": f"{used:.9f}",
            "CREDITS_USED_COMPUTE": f"{used:.9f}",
            "CREDITS_USED_CLOUD_SERVICES": "0",
        }
        for (warehouse, hour), used in sorted(_metered(session.account).items())
        if _may_see_usage(session) and start <= hour.date() <= end and name in (None, warehouse)
    ]
    columns = {
        field.name: pa.array([row[field.name] for row in rows], pa.string()).cast(_CREDITS)
        if field.type == _CREDITS
        else pa.array([row[field.name] for row in rows], field.type)
        for field in _METERING
    }
    return pa.table(columns)


def _metered(account: Account) -> dict[tuple[str, datetime], float]:
    """Credits by warehouse and hour; the price of an hour doubles with each size (here: the size of today)."""
    found: dict[tuple[str, datetime], float] = {}
    for entry in account.catalog.list("warehouse"):
        price = 1 << list(SIZES).index(entry.document["WAREHOUSE_SIZE"])
        for begun, ended in _running(account, entry.name, entry.document["AUTO_SUSPEND"] or 0):
            hour = begun.replace(minute=0, second=0, microsecond=0)
            while hour < ended:
                seconds = (min(ended, hour + _HOUR) - max(begun, hour)).total_seconds()
                found[entry.name, hour] = found.get((entry.name, hour), 0.0) + seconds / 3600 * price
                hour += _HOUR
    return found


def _running(account: Account, warehouse: str, auto_suspend: int) -> list[tuple[datetime, datetime]]:
    """When a warehouse ran, oldest first: from a statement until it was idle for so long, a minute at least.

    https://docs.snowflake.com/en/user-guide/cost-understanding-compute
    """
    now = clock.of(account).now()
    periods: list[tuple[datetime, datetime]] = []
    statements = [each for each in query_log.of(account).all() if each.warehouse == warehouse]
    for each in sorted(statements, key=lambda ran: ran.start):
        ended = each.end + timedelta(seconds=auto_suspend)
        if periods and each.start <= periods[-1][1]:
            periods[-1] = (periods[-1][0], max(periods[-1][1], ended))
        else:
            periods.append((each.start, ended))
    # What runs still is billed until now.
    return [(begun, max(min(ended, now), begun + _LEAST_BILLED)) for begun, ended in periods]


@table_function("DATABASE_STORAGE_USAGE_HISTORY")
def database_storage_usage_history(session: Session, positional: Sequence[Any], named: Mapping[str, Any]) -> pa.Table:
    """Empty for a role without MONITOR USAGE on the account."""
    order = ("DATE_RANGE_START", "DATE_RANGE_END", "DATABASE_NAME")
    asked = dict(zip(order, positional, strict=False)) | dict(named)
    end, name = _date(session, asked, order[1]), _name(asked.get(order[2]))
    start = _date(session, asked, order[0]) if asked.get(order[0]) else end
    _measure(session.account)
    rows = [
        {
            "USAGE_DATE": day,
            "DATABASE_NAME": database,
            "AVERAGE_DATABASE_BYTES": size,
            "AVERAGE_FAILSAFE_BYTES": 0.0,
        }
        for day, database, size in _measured(session.account)
        if _may_see_usage(session) and start <= day <= end and name in (None, database)
    ]
    return pa.Table.from_pylist(rows, schema=_STORAGE)


def _measure(account: Account) -> None:
    """Note today's size of every database; a day's value is the mean of its measurements."""
    today = clock.of(account).now().date()
    for name in account.databases.list():
        key = f"{today.isoformat()}|{name}"
        entry = account.catalog.get("storage_usage", key)
        total, times = (entry.document["TOTAL"], entry.document["TIMES"]) if entry else (0, 0)
        document = {"TOTAL": total + account.databases.size(name), "TIMES": times + 1}
        account.catalog.put("storage_usage", key, document)


def _measured(account: Account) -> list[tuple[date, str, float]]:
    """Day, database and mean bytes, oldest first."""
    found = []
    for entry in account.catalog.list("storage_usage"):
        day, _, name = entry.name.partition("|")
        found.append((date.fromisoformat(day), name, entry.document["TOTAL"] / entry.document["TIMES"]))
    return sorted(found)


def _may_see_usage(session: Session) -> bool:
    return "MONITOR USAGE" in privileges.on_account(session.account, roles.active(session))


def _name(value: Any) -> str | None:
    """A name as it is stored: `'mywarehouse'` or `'"My Warehouse"'`."""
    if value is None:
        return None
    text = str(value)
    return text[1:-1] if text.startswith('"') else text.upper()


def _date(session: Session, asked: Mapping[str, Any], argument: str) -> date:
    """Today when it is not given."""
    value = asked.get(argument)
    if value is None:
        return clock.of(session.account).now().date()
    return value.date() if isinstance(value, datetime) else date.fromisoformat(str(value)[:10])


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
