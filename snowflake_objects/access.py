"""Who may do what, as data. `roles.py` turns these tables into roles and grants.

Database roles hold what a schema offers; account roles collect database roles, warehouses and single objects. All
account roles report to SYSADMIN, the data engineer's also to nobody else but owns the services' ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from snowflake_objects.naming import Access, Role, SchemaName, Workload

_READ, _WRITE = Access.READ, Access.WRITE
_DML = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")


@dataclass(frozen=True)
class SchemaAccess:
    """What the two database roles of one schema may do there.

    Attributes:
        reads: kinds of object (plural) that READ selects from, now and in future.
        creates: privileges on the schema that WRITE adds to READ.
        changes: privileges on the schema's tables, now and in future, that WRITE adds to READ.
    """

    reads: tuple[str, ...] = ("TABLES", "VIEWS")
    creates: tuple[str, ...] = ("CREATE TABLE", "CREATE VIEW")
    changes: tuple[str, ...] = _DML


SCHEMA_ACCESS: dict[SchemaName, SchemaAccess] = {
    # Append-only: whoever loads inserts, and neither changes a row nor creates a table.
    SchemaName.BRONZE: SchemaAccess(creates=(), changes=("INSERT",)),
    SchemaName.SILVER: SchemaAccess(),
    SchemaName.GOLD: SchemaAccess(),
    SchemaName.ML: SchemaAccess(),
    SchemaName.OBSERVABILITY: SchemaAccess(),
    SchemaName.REPORTING: SchemaAccess(),
    # Holds the app and its files, no data.
    SchemaName.APP: SchemaAccess(reads=(), creates=("CREATE STREAMLIT", "CREATE STAGE"), changes=()),
}


@dataclass(frozen=True)
class RoleAccess:
    """What one account role has.

    Attributes:
        purpose: becomes the role's comment.
        schemas: database roles.
        warehouses: where it may run.
        monitors: warehouses whose queries it may see, other people's included.
        creates: further privileges on single schemas, each schema once.
        account: privileges on the account.
        inherits: account roles whose rights it has too.
    """

    purpose: str
    schemas: tuple[tuple[SchemaName, Access], ...] = ()
    warehouses: tuple[Workload, ...] = ()
    monitors: tuple[Workload, ...] = ()
    creates: tuple[tuple[SchemaName, tuple[str, ...]], ...] = ()
    account: tuple[str, ...] = ()
    inherits: tuple[Role, ...] = ()


ROLE_ACCESS: dict[Role, RoleAccess] = {
    Role.DATA_ENGINEER: RoleAccess(
        "Builds and repairs the platform: everything that its services may do",
        warehouses=(Workload.ML,),
        inherits=(Role.LOADER, Role.TRANSFORMER, Role.APP_OWNER, Role.REPORTER),
    ),
    Role.DATA_ANALYST: RoleAccess(
        "Reads everything but raw data",
        schemas=(
            (SchemaName.SILVER, _READ),
            (SchemaName.GOLD, _READ),
            (SchemaName.OBSERVABILITY, _READ),
            (SchemaName.REPORTING, _READ),
            (SchemaName.APP, _READ),
        ),
        warehouses=(Workload.ANALYTICS,),
    ),
    Role.MARKETING_MANAGER: RoleAccess(
        "Reads gold and reports, and uses the app",
        schemas=((SchemaName.GOLD, _READ), (SchemaName.REPORTING, _READ), (SchemaName.APP, _READ)),
        warehouses=(Workload.ANALYTICS,),
    ),
    Role.DATA_SCIENTIST: RoleAccess(
        "Reads gold, writes features, models and scores",
        schemas=((SchemaName.GOLD, _READ), (SchemaName.ML, _WRITE)),
        warehouses=(Workload.ML,),
    ),
    Role.LOADER: RoleAccess(
        "Service: loads files into bronze",
        schemas=((SchemaName.BRONZE, _WRITE),),
        warehouses=(Workload.LOAD,),
    ),
    Role.TRANSFORMER: RoleAccess(
        "Service: dbt, from bronze to gold",
        schemas=(
            (SchemaName.BRONZE, _READ),
            (SchemaName.SILVER, _WRITE),
            (SchemaName.GOLD, _WRITE),
            (SchemaName.ML, _WRITE),
            (SchemaName.OBSERVABILITY, _WRITE),
            (SchemaName.REPORTING, _WRITE),
        ),
        warehouses=(Workload.TRANSFORM, Workload.ML),
        # Its alert on slow queries would otherwise see none of those that other roles run.
        monitors=(Workload.ANALYTICS,),
        creates=(
            # dbt's seeds are raw data too, and it owns the tables that it makes of them.
            (SchemaName.BRONZE, ("CREATE TABLE",)),
            # It owns what runs by itself: scoring, training, checks, clean-up, alerts.
            (SchemaName.ML, ("CREATE PROCEDURE", "CREATE TASK")),
            (SchemaName.OBSERVABILITY, ("CREATE PROCEDURE", "CREATE TASK", "CREATE ALERT")),
            (SchemaName.REPORTING, ("CREATE PROCEDURE", "CREATE TASK")),
        ),
        account=("EXECUTE TASK", "EXECUTE ALERT", "MONITOR USAGE"),
    ),
    Role.APP_OWNER: RoleAccess(
        "Service: owns the Streamlit app, whose queries run with this role's rights",
        schemas=(
            (SchemaName.GOLD, _READ),
            (SchemaName.REPORTING, _READ),
            (SchemaName.OBSERVABILITY, _READ),
            (SchemaName.APP, _WRITE),
        ),
        warehouses=(Workload.ANALYTICS,),
    ),
    Role.REPORTER: RoleAccess(
        "Service: runs report jobs",
        schemas=((SchemaName.GOLD, _READ), (SchemaName.REPORTING, _WRITE)),
        warehouses=(Workload.ANALYTICS,),
    ),
}


class ObjectKind(StrEnum):
    """Single objects that roles are granted; the value begins with Snowflake's object type."""

    INTEGRATION = "INTEGRATION"
    LAKE_STAGE = "STAGE"
    FILE_FORMAT = "FILE FORMAT"
    PIPE = "PIPE"
    APP_FILES = "STAGE of the app"
    STREAMLIT = "STREAMLIT"
    EMAIL = "INTEGRATION for e-mail"

    @property
    def object_type(self) -> str:
        return self.value.split(" of ")[0].split(" for ")[0]

    @property
    def is_account_level(self) -> bool:
        return self.object_type == "INTEGRATION"


OBJECT_ACCESS: dict[ObjectKind, dict[Role, tuple[str, ...]]] = {
    ObjectKind.INTEGRATION: {Role.LOADER: ("USAGE",)},
    ObjectKind.LAKE_STAGE: {Role.LOADER: ("USAGE",)},
    ObjectKind.FILE_FORMAT: {Role.LOADER: ("USAGE",)},
    # See its state, pause it, and load what it missed.
    ObjectKind.PIPE: {Role.LOADER: ("MONITOR", "OPERATE")},
    ObjectKind.APP_FILES: {Role.APP_OWNER: ("READ",)},
    # Alerts and failing tasks write to people.
    ObjectKind.EMAIL: {Role.TRANSFORMER: ("USAGE",), Role.REPORTER: ("USAGE",)},
    ObjectKind.STREAMLIT: {Role.DATA_ANALYST: ("USAGE",), Role.MARKETING_MANAGER: ("USAGE",)},
}
