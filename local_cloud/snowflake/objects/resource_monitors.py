"""Resource monitors: credits are not counted here; quota, triggers and assignments are kept and shown.

https://docs.snowflake.com/en/sql-reference/sql/create-resource-monitor
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.objects import show, store
from local_cloud.snowflake.objects.ddl import Option, Reader, choice, defaults, integer, names, read_create, text_or
from local_cloud.snowflake.objects.store import EXECUTED, Kind
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

RESOURCE_MONITOR = Kind("resource_monitor", "Resource monitor", ("RESOURCE", "MONITOR"), parts=1)
_COLUMNS = (
    "name credit_quota used_credits remaining_credits level frequency start_time end_time notify_at suspend_at "
    "suspend_immediately_at created_on owner comment notify_users"
)


def _triggers(reader: Reader, key: str) -> list[dict[str, Any]]:
    """`ON 75 PERCENT DO NOTIFY ...`, at least one."""
    found: list[dict[str, Any]] = []
    while reader.accept("ON"):
        percent = integer(None, 1, 1000).read(reader, key)
        reader.expect("PERCENT", "DO")
        action = reader.accept_one("NOTIFY", "SUSPEND_IMMEDIATE", "SUSPEND")
        if action is None:
            raise reader.unexpected()
        found.append({"PERCENT": percent, "ACTION": action})
    if not found:
        raise reader.unexpected()
    _limit(found, "NOTIFY", 5)
    _limit(found, "SUSPEND", 1)
    _limit(found, "SUSPEND_IMMEDIATE", 1)
    return found


def _limit(triggers: list[dict[str, Any]], action: str, most: int) -> None:
    if (count := sum(trigger["ACTION"] == action for trigger in triggers)) > most:
        raise errors.invalid_value(f"{count} x {action}", "TRIGGERS", f"at most {most} with the action {action}")


OPTIONS = {
    "CREDIT_QUOTA": integer(None, 1),
    "FREQUENCY": choice("MONTHLY", "DAILY", "WEEKLY", "YEARLY", "NEVER", default="MONTHLY"),
    "START_TIMESTAMP": text_or("IMMEDIATELY"),
    "END_TIMESTAMP": text_or("NULL"),
    "NOTIFY_USERS": names(),
    "TRIGGERS": Option(_triggers, []),
}


@registry.statement("CREATE RESOURCE MONITOR")
def create_resource_monitor(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    head = read_create(reader, "RESOURCE", "MONITOR", parts=1)
    reader.accept("WITH")
    given = reader.properties(OPTIONS, "RESOURCE MONITOR")
    reader.end()
    _check(session, given)
    return store.create(session, RESOURCE_MONITOR, head, defaults(OPTIONS) | given)


@registry.statement("ALTER RESOURCE MONITOR")
def alter_resource_monitor(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    entry = store.alter_target(session, RESOURCE_MONITOR, reader)
    if entry is None:
        return status(EXECUTED)
    reader.accept("SET")
    given = reader.properties(OPTIONS, "RESOURCE MONITOR")
    reader.end()
    _check(session, given)
    session.account.catalog.put("resource_monitor", entry.name, entry.document | given)
    return status(EXECUTED)


def _check(session: Session, given: dict[str, Any]) -> None:
    """Frequency and start go together, and who is notified must be a user."""
    if ("FREQUENCY" in given) != ("START_TIMESTAMP" in given):
        raise errors.compilation_error(2029, "42601", "FREQUENCY and START_TIMESTAMP must be set together")
    for user in given.get("NOTIFY_USERS", []):
        if session.account.catalog.get("user", user) is None:
            raise errors.does_not_exist("User", user)


@registry.statement("DROP RESOURCE MONITOR")
def drop_resource_monitor(session: Session, statement: Statement) -> Result:
    """Warehouses that it watched go on unwatched."""

    def before(entry: Entry) -> None:
        for warehouse in session.account.catalog.list("warehouse"):
            if warehouse.document["RESOURCE_MONITOR"] == entry.name:
                session.account.catalog.put(
                    "warehouse", warehouse.name, warehouse.document | {"RESOURCE_MONITOR": None}
                )

    return store.drop(session, RESOURCE_MONITOR, statement, before)


@registry.statement("SHOW RESOURCE MONITORS")
def show_resource_monitors(session: Session, statement: Statement) -> Result:
    found = show.entries(session, show.read(Reader(statement), "RESOURCE", "MONITORS"), "resource_monitor")
    warehouses = session.account.catalog.list("warehouse")
    watching = {warehouse.document["RESOURCE_MONITOR"] for warehouse in warehouses}
    return show.table(_COLUMNS, [_row(entry, entry.name in watching) for entry in found])


def _row(entry: Entry, assigned: bool) -> list[Any]:
    document = entry.document
    quota = f"{document['CREDIT_QUOTA']:.2f}" if document["CREDIT_QUOTA"] else None

    def at(action: str) -> str | None:
        return ",".join(f"{t['PERCENT']}%" for t in document["TRIGGERS"] if t["ACTION"] == action) or None

    return [
        entry.name,
        quota,
        "0.00",
        quota,
        "WAREHOUSE" if assigned else None,
        document["FREQUENCY"],
        _start(entry),
        document["END_TIMESTAMP"],
        at("NOTIFY"),
        at("SUSPEND"),
        at("SUSPEND_IMMEDIATE"),
        entry.created_on,
        entry.owner,
        "",
        ", ".join(document["NOTIFY_USERS"]),
    ]


def _start(entry: Entry) -> str:
    """Without a given start, the first of the month in which the monitor was made."""
    given = entry.document["START_TIMESTAMP"]
    if given is None:
        return f"{entry.created_on.astimezone(UTC):%Y-%m-01 00:00:00.000 -0000}"
    moment = entry.created_on if given == "IMMEDIATELY" else datetime.fromisoformat(given)
    return f"{moment:%Y-%m-%d %H:%M:00.000 -0000}"
