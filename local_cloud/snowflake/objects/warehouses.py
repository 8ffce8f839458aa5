"""Warehouses: they compute nothing here, but sessions name them, roles use them and their state is kept.

https://docs.snowflake.com/en/sql-reference/sql/create-warehouse, .../show-warehouses
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.objects import show, store
from local_cloud.snowflake.objects.ddl import (
    Reader,
    altered,
    boolean,
    choice,
    defaults,
    identifier,
    integer,
    read_create,
    read_target,
    text,
)
from local_cloud.snowflake.objects.store import EXECUTED, Kind
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

WAREHOUSE = Kind("warehouse", "Warehouse", ("WAREHOUSE",), parts=1)

# Size as statements name it, as SHOW prints it.
SIZES = {
    "XSMALL": "X-Small",
    "SMALL": "Small",
    "MEDIUM": "Medium",
    "LARGE": "Large",
    "XLARGE": "X-Large",
    "XXLARGE": "2X-Large",
    "XXXLARGE": "3X-Large",
    "X4LARGE": "4X-Large",
    "X5LARGE": "5X-Large",
    "X6LARGE": "6X-Large",
}
_SYNONYMS = {
    "X-SMALL": "XSMALL",
    "X-LARGE": "XLARGE",
    "X2LARGE": "XXLARGE",
    "2X-LARGE": "XXLARGE",
    "X3LARGE": "XXXLARGE",
    "3X-LARGE": "XXXLARGE",
    "4X-LARGE": "X4LARGE",
    "5X-LARGE": "X5LARGE",
    "6X-LARGE": "X6LARGE",
}
# Ranges as documented; a week is the longest timeout.
OPTIONS = {
    "WAREHOUSE_TYPE": choice("STANDARD", "SNOWPARK-OPTIMIZED", default="STANDARD"),
    "WAREHOUSE_SIZE": choice(*SIZES, default="XSMALL", synonyms=_SYNONYMS),
    "GENERATION": choice("1", "2", default="2"),
    "RESOURCE_CONSTRAINT": choice("STANDARD_GEN_1", "STANDARD_GEN_2", "MEMORY_1X", "MEMORY_16X", "MEMORY_64X"),
    "MAX_CLUSTER_COUNT": integer(1, 1, 300),
    "MIN_CLUSTER_COUNT": integer(1, 1, 300),
    "SCALING_POLICY": choice("STANDARD", "ECONOMY", default="STANDARD"),
    "AUTO_SUSPEND": integer(600),
    "AUTO_RESUME": boolean(True),
    "INITIALLY_SUSPENDED": boolean(False),
    "RESOURCE_MONITOR": identifier(),
    "COMMENT": text(),
    "ENABLE_QUERY_ACCELERATION": boolean(False),
    "QUERY_ACCELERATION_MAX_SCALE_FACTOR": integer(8, 0, 100),
    # Parameters: those of the account unless they are set.
    "MAX_CONCURRENCY_LEVEL": integer(None, 1),
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": integer(None),
    "STATEMENT_TIMEOUT_IN_SECONDS": integer(None, 0, 604800),
}
_COLUMNS = (
    "name state type size min_cluster_count max_cluster_count started_clusters running queued is_default is_current "
    "auto_suspend auto_resume available provisioning quiescing other created_on resumed_on updated_on owner comment "
    "enable_query_acceleration query_acceleration_max_scale_factor resource_monitor actives pendings failed suspended "
    "uuid scaling_policy budget owner_role_type resource_constraint generation"
)


@registry.statement("CREATE WAREHOUSE")
def create_warehouse(session: Session, statement: Statement) -> Result:
    """The new warehouse becomes the session's, as in Snowflake."""
    reader = Reader(statement)
    head = read_create(reader, "WAREHOUSE", parts=1)
    reader.accept("WITH")
    document = defaults(OPTIONS) | reader.properties(OPTIONS, "WAREHOUSE")
    reader.end()
    check(session, document)
    now = datetime.now(UTC).isoformat()
    document |= {"STATE": "SUSPENDED" if document["INITIALLY_SUSPENDED"] else "STARTED", "RESUMED": now, "UPDATED": now}
    result = store.create(session, WAREHOUSE, head, document)
    session.warehouse = head.name[0]
    return result


def put_first(account: Account, name: str, owner: str) -> None:
    """The small warehouse that an account has from its first day."""
    now = datetime.now(UTC).isoformat()
    account.catalog.put(
        "warehouse", name, {**defaults(OPTIONS), "STATE": "STARTED", "RESUMED": now, "UPDATED": now}, owner=owner
    )


def check(session: Session, document: dict[str, Any]) -> None:
    """Values that must fit each other, and a resource monitor that must exist."""
    smallest, largest = document["MIN_CLUSTER_COUNT"], document["MAX_CLUSTER_COUNT"]
    if smallest > largest:
        raise errors.invalid_value(str(smallest), "MIN_CLUSTER_COUNT", f"at most MAX_CLUSTER_COUNT, which is {largest}")
    monitor = document["RESOURCE_MONITOR"]
    if monitor and session.account.catalog.get("resource_monitor", monitor) is None:
        raise errors.does_not_exist("Resource monitor", monitor)


@registry.statement("ALTER WAREHOUSE")
def alter_warehouse(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    entry = store.alter_target(session, WAREHOUSE, reader)
    if entry is None:
        return status(EXECUTED)
    if reader.accept("RENAME", "TO"):
        target = reader.name(1)
        reader.end()
        return store.rename(session, WAREHOUSE, entry, target)
    if action := reader.accept_one("SUSPEND", "RESUME"):
        lenient = reader.accept("IF", "SUSPENDED")
        reader.end()
        document = _switched(entry, action, lenient)
    elif reader.accept("ABORT", "ALL", "QUERIES"):
        raise errors.not_supported("ALTER WAREHOUSE ... ABORT ALL QUERIES")
    else:
        document = altered(reader, OPTIONS, "WAREHOUSE", entry.document)
        check(session, document)
    document |= {"UPDATED": datetime.now(UTC).isoformat()}
    session.account.catalog.put("warehouse", entry.name, document)
    return status(EXECUTED)


def _switched(entry: Entry, action: str, lenient: bool) -> dict[str, Any]:
    """Raises 090064 when it is suspended already, 090063 when it runs already."""
    state = entry.document["STATE"]
    if action == "SUSPEND":
        if state == "SUSPENDED":
            raise errors.SnowflakeError(90064, "22000", f"Invalid state. Warehouse '{entry.name}' cannot be suspended.")
        return entry.document | {"STATE": "SUSPENDED"}
    if state == "STARTED" and not lenient:
        raise errors.SnowflakeError(90063, "22000", f"Invalid state. Warehouse '{entry.name}' cannot be resumed.")
    return entry.document | {"STATE": "STARTED", "RESUMED": datetime.now(UTC).isoformat()}


@registry.statement("DROP WAREHOUSE")
def drop_warehouse(session: Session, statement: Statement) -> Result:
    result = store.drop(session, WAREHOUSE, statement)
    if session.warehouse and session.account.catalog.get("warehouse", session.warehouse) is None:
        session.warehouse = None
    return result


@registry.statement("SHOW WAREHOUSES")
def show_warehouses(session: Session, statement: Statement) -> Result:
    found = show.entries(session, show.read(Reader(statement), "WAREHOUSES"), "warehouse")
    return show.table(_COLUMNS, [_row(session, entry) for entry in found])


@registry.statement("DESCRIBE WAREHOUSE")
def describe_warehouse(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    name, _ = read_target(reader, "DESCRIBE", "WAREHOUSE", parts=1)
    reader.end()
    entry = store.get(session, WAREHOUSE, name)
    return show.table("created_on name kind", [[entry.created_on, entry.name, "WAREHOUSE"]])


def _row(session: Session, entry: Entry) -> list[Any]:
    document, started = entry.document, entry.document["STATE"] == "STARTED"
    user = session.account.catalog.get("user", session.user)
    return [
        entry.name,
        document["STATE"],
        document["WAREHOUSE_TYPE"],
        SIZES[document["WAREHOUSE_SIZE"]],
        document["MIN_CLUSTER_COUNT"],
        document["MAX_CLUSTER_COUNT"],
        document["MIN_CLUSTER_COUNT"] if started else 0,
        0,
        0,
        show.flag(user and user.document.get("DEFAULT_WAREHOUSE") == entry.name),
        show.flag(session.warehouse == entry.name),
        document["AUTO_SUSPEND"],
        document["AUTO_RESUME"],
        "100" if started else "",
        "0" if started else "",
        "0" if started else "",
        "0" if started else "",
        entry.created_on,
        datetime.fromisoformat(document["RESUMED"]),
        datetime.fromisoformat(document["UPDATED"]),
        entry.owner,
        document["COMMENT"],
        document["ENABLE_QUERY_ACCELERATION"],
        document["QUERY_ACCELERATION_MAX_SCALE_FACTOR"],
        document["RESOURCE_MONITOR"] or "null",
        document["MIN_CLUSTER_COUNT"] if started else 0,
        0,
        0,
        0 if started else 1,
        "0",
        document["SCALING_POLICY"],
        None,
        "ROLE",
        document["RESOURCE_CONSTRAINT"],
        document["GENERATION"],
    ]
