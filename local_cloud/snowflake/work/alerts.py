"""Alerts: CREATE, ALTER, DROP, SHOW, DESCRIBE and EXECUTE.

https://docs.snowflake.com/en/sql-reference/sql/create-alert

In the catalog an `alert` has the options below, CONDITION and ACTION (SQL), STATE, RESUMED_ON and FAILURES
(failed runs, one after the other).
"""

from __future__ import annotations

from typing import Any

from local_cloud.snowflake import clock, errors, registry
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.enforcement import privileges
from local_cloud.snowflake.objects import ddl, show, store
from local_cloud.snowflake.objects.ddl import Option, Reader
from local_cloud.snowflake.objects.store import EXECUTED, Kind
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement
from local_cloud.snowflake.work import schedule, scheduler, script
from local_cloud.snowflake.work.runs import moment
from local_cloud.snowflake.work.tasks import require_execute

ALERT = Kind("alert", "Alert", ("ALERT",))
OPTIONS: dict[str, Option] = {
    "WAREHOUSE": ddl.identifier(),
    "SCHEDULE": ddl.text(None),
    "SUSPEND_ALERT_AFTER_NUM_FAILURES": ddl.integer(0),
    "CONFIG": ddl.text(None),
    "RUNBOOK": ddl.text(None),
    "COMMENT": ddl.text(""),
}
_COLUMNS = (
    "created_on name database_name schema_name owner comment warehouse schedule state condition action owner_role_type"
)


@registry.statement("CREATE ALERT")
def create_alert(session: Session, statement: Statement) -> Result:
    """A new alert is suspended.

    Raises:
        SnowflakeError: 000002 no SCHEDULE: alerts on new data are not supported here.
    """
    reader = Reader(statement)
    head = ddl.read_create(reader, "ALERT")
    given = reader.properties(OPTIONS, "ALERT", stop=("IF",))
    reader.expect("IF")
    inside, after = script.parenthesised(reader.rest())
    then, action = script.split_at(after, "THEN")
    if then:
        raise errors.syntax_error(1, 0, then.split()[0])
    document = ddl.defaults(OPTIONS) | given
    document |= {
        "CONDITION": _exists(inside),
        "ACTION": action,
        "STATE": "suspended",
        "RESUMED_ON": None,
        "FAILURES": 0,
    }
    _check(session, document)
    result = store.create(session, ALERT, head, document)
    scheduler.wake(session.account)
    return result


def _exists(text: str) -> str:
    """The query of `EXISTS (<query>)`."""
    reader = Reader(Statement(text))
    reader.expect("EXISTS")
    inside, after = script.parenthesised(reader.rest())
    if after:
        raise errors.syntax_error(1, 0, after.split()[0])
    return inside


def _check(session: Session, document: dict[str, Any]) -> None:
    if not document["SCHEDULE"]:
        raise errors.not_supported("an alert on new data (without SCHEDULE)")
    schedule.parse(document["SCHEDULE"])
    if not document["ACTION"]:
        raise errors.syntax_error(1, 0, "<EOF>")
    script.check(document["ACTION"])
    warehouse = document["WAREHOUSE"]
    if warehouse and session.account.catalog.get("warehouse", warehouse) is None:
        raise errors.does_not_exist("Warehouse", warehouse)
    if warehouse:
        privileges.require(session, "WAREHOUSE", warehouse, "USAGE")


@registry.statement("ALTER ALERT")
def alter_alert(session: Session, statement: Statement) -> Result:
    """RESUME, SUSPEND, SET, UNSET, MODIFY CONDITION EXISTS (...), MODIFY ACTION ..."""
    reader, account = Reader(statement), session.account
    entry = store.alter_target(session, ALERT, reader)
    if entry is None:
        return status(EXECUTED)
    document = dict(entry.document)
    if reader.accept("RESUME"):
        reader.end()
        if document["STATE"] != "started":
            require_execute(account, entry, "ALERT", managed=not document["WAREHOUSE"])
            document |= {"STATE": "started", "RESUMED_ON": moment(clock.of(account).now()), "FAILURES": 0}
    elif reader.accept("SUSPEND"):
        reader.end()
        document["STATE"] = "suspended"
    elif reader.accept("MODIFY", "CONDITION"):
        document["CONDITION"] = _exists(reader.rest())
    elif reader.accept("MODIFY", "ACTION"):
        document["ACTION"] = reader.rest()
    else:
        document = ddl.altered(reader, OPTIONS, "ALERT", document)
    _check(session, document)
    account.catalog.put(ALERT.key, entry.name, document)
    scheduler.wake(account)
    return status(EXECUTED)


@registry.statement("DROP ALERT")
def drop_alert(session: Session, statement: Statement) -> Result:
    return store.drop(session, ALERT, statement)


@registry.statement("EXECUTE ALERT")
def execute_alert(session: Session, statement: Statement) -> Result:
    """Queue one run, also of a suspended alert. https://docs.snowflake.com/en/sql-reference/sql/execute-alert"""
    reader = Reader(statement)
    reader.expect("EXECUTE", "ALERT")
    entry = store.get(session, ALERT, reader.name())
    reader.end()
    scheduler.execute_alert(session.account, entry)
    return status("Alert successfully scheduled for execution.")


@registry.statement("SHOW ALERTS")
def show_alerts(session: Session, statement: Statement) -> Result:
    request = show.read(Reader(statement), "ALERTS")
    found = show.entries(session, request, ALERT.key, show.prefix(session, request))
    return show.table(_COLUMNS, [_row(entry) for entry in found])


@registry.statement("DESCRIBE ALERT")
def describe_alert(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    name, _ = ddl.read_target(reader, "DESCRIBE", "ALERT")
    reader.end()
    return show.table(_COLUMNS, [_row(store.get(session, ALERT, name))])


def _row(entry: Entry) -> list[Any]:
    document = entry.document
    database, schema, name = entry.name.split(".")
    return [
        entry.created_on,
        name,
        database,
        schema,
        entry.owner,
        document["COMMENT"],
        document["WAREHOUSE"],
        document["SCHEDULE"],
        document["STATE"],
        document["CONDITION"],
        document["ACTION"],
        "ROLE",
    ]
