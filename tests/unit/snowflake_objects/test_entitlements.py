"""What each role holds, written out by hand: every entry taken from or added to the access tables shows here.

`tests/unit/infra/test_grants.py` says that the program grants exactly these entitlements, and
`tests/integration/test_access.py` tries on a deployed platform what they allow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from snowflake_objects.access import OBJECT_ACCESS, ROLE_ACCESS, SCHEMA_ACCESS, ObjectKind
from snowflake_objects.entitlements import entitlements
from snowflake_objects.naming import Access, Names, Role, SchemaName, Workload

S = SchemaName
_DML = ["INSERT", "UPDATE", "DELETE", "TRUNCATE"]
_BUILT = ("SILVER", "GOLD", "ML", "OBSERVABILITY", "REPORTING")

# By database role: privileges on the schema, then on all its tables, then on all its views.
DATABASE_ROLES: dict[str, tuple[list[str], list[str], list[str]]] = {
    "BRONZE_READ": (["USAGE"], ["SELECT"], ["SELECT"]),
    "BRONZE_WRITE": ([], ["INSERT"], []),
    **{f"{schema}_READ": (["USAGE"], ["SELECT"], ["SELECT"]) for schema in _BUILT},
    **{f"{schema}_WRITE": (["CREATE TABLE", "CREATE VIEW"], _DML, []) for schema in _BUILT},
    "APP_READ": (["USAGE"], [], []),
    "APP_WRITE": (["CREATE STREAMLIT", "CREATE STAGE"], [], []),
}
# By account role: its database roles, the roles that it inherits, its warehouses, and everything else.
ACCOUNT_ROLES: dict[str, tuple[str, str, str, list[str]]] = {
    "DATA_ENGINEER": ("", "LOADER TRANSFORMER APP_OWNER REPORTER", "ML", []),
    "DATA_ANALYST": (
        "SILVER_READ GOLD_READ OBSERVABILITY_READ REPORTING_READ APP_READ",
        "",
        "ANALYTICS",
        ["USAGE ON STREAMLIT DB.APP.CUSTOMER_360"],
    ),
    "MARKETING_MANAGER": (
        "GOLD_READ REPORTING_READ APP_READ",
        "",
        "ANALYTICS",
        ["USAGE ON STREAMLIT DB.APP.CUSTOMER_360"],
    ),
    "DATA_SCIENTIST": ("GOLD_READ ML_WRITE", "", "ML", []),
    "LOADER": (
        "BRONZE_WRITE",
        "",
        "LOAD",
        [
            "USAGE ON INTEGRATION C360_DEV_S3",
            "USAGE ON STAGE DB.BRONZE.CUSTOMERS_STAGE",
            "USAGE ON STAGE DB.BRONZE.TRANSACTIONS_HISTORICAL_STAGE",
            "USAGE ON STAGE DB.BRONZE.TRANSACTIONS_STREAMING_STAGE",
            "USAGE ON STAGE DB.BRONZE.CAMPAIGNS_STAGE",
            "USAGE ON FILE FORMAT DB.BRONZE.CSV_FORMAT",
            "USAGE ON FILE FORMAT DB.BRONZE.PARQUET_FORMAT",
            "MONITOR ON PIPE DB.BRONZE.TRANSACTIONS_PIPE",
            "OPERATE ON PIPE DB.BRONZE.TRANSACTIONS_PIPE",
            "MONITOR ON PIPE DB.BRONZE.CUSTOMERS_PIPE",
            "OPERATE ON PIPE DB.BRONZE.CUSTOMERS_PIPE",
        ],
    ),
    "TRANSFORMER": (
        "BRONZE_READ SILVER_WRITE GOLD_WRITE ML_WRITE OBSERVABILITY_WRITE REPORTING_WRITE",
        "",
        "TRANSFORM ML",
        [
            "MONITOR ON WAREHOUSE C360_DEV_ANALYTICS_WH",
            "CREATE TABLE ON SCHEMA DB.BRONZE",
            *(f"CREATE {what} ON SCHEMA DB.{on}" for on in ("ML", "OBSERVABILITY", "REPORTING")
              for what in ("PROCEDURE", "TASK")),
            "CREATE ALERT ON SCHEMA DB.OBSERVABILITY",
            "EXECUTE TASK ON ACCOUNT",
            "EXECUTE ALERT ON ACCOUNT",
            "MONITOR USAGE ON ACCOUNT",
            "USAGE ON INTEGRATION C360_DEV_EMAIL",
        ],
    ),
    "APP_OWNER": (
        "GOLD_READ REPORTING_READ OBSERVABILITY_READ APP_WRITE",
        "",
        "ANALYTICS",
        ["READ ON STAGE DB.APP.APP_STAGE"],
    ),
    "REPORTER": ("GOLD_READ REPORTING_WRITE", "", "ANALYTICS", ["USAGE ON INTEGRATION C360_DEV_EMAIL"]),
}  # fmt: skip


def expected() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, (on_schema, on_tables, on_views) in DATABASE_ROLES.items():
        schema, _, access = name.rpartition("_")
        lines = [f"{privilege} ON SCHEMA DB.{schema}" for privilege in on_schema]
        lines += [f"{privilege} ON TABLES IN SCHEMA DB.{schema}" for privilege in on_tables]
        lines += [f"{privilege} ON VIEWS IN SCHEMA DB.{schema}" for privilege in on_views]
        lines += [f"USAGE ON DATABASE ROLE DB.{schema}_READ"] if access == "WRITE" else []
        found[f"DATABASE ROLE DB.{name}"] = [*lines, "USAGE ON DATABASE DB"]
    for name, (schemas, inherited, warehouses, others) in ACCOUNT_ROLES.items():
        lines = [f"USAGE ON DATABASE ROLE DB.{role}" for role in schemas.split()]
        lines += [f"USAGE ON ROLE C360_DEV_{role}" for role in inherited.split()]
        lines += [f"USAGE ON WAREHOUSE C360_DEV_{warehouse}_WH" for warehouse in warehouses.split()]
        found[f"ROLE C360_DEV_{name}"] = [*lines, *others, "USAGE ON DATABASE DB"]
    database = Names("dev").database
    return {
        role.replace(" DB.", f" {database}."): sorted(
            line.replace(" DB.", f" {database}.").replace("DATABASE DB", f"DATABASE {database}") for line in lines
        )
        for role, lines in found.items()
    }


def test_each_role_holds_what_is_written_here_and_no_more() -> None:
    assert entitlements(Names("dev")) == expected()


# One more of each kind of entry, where it is not there already.
_ADDED: dict[str, list[Any]] = {
    "reads": ["TABLES", "DYNAMIC TABLES"],
    "creates": ["CREATE TABLE", "CREATE SEQUENCE"],
    "changes": ["INSERT", "REFERENCES"],
    "warehouses": list(Workload),
    "monitors": list(Workload),
    "account": ["EXECUTE TASK", "CREATE DATABASE"],
    "inherits": [Role.LOADER, Role.REPORTER],
    "schemas": [(schema, access) for schema in S for access in Access],
}


def _changed(values: tuple[Any, ...], others: list[Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """A tuple without each of its entries, and with each of others that it does not have."""
    for number, value in enumerate(values):
        yield f"without {value}", values[:number] + values[number + 1 :]
    yield from ((f"with {other}", (*values, other)) for other in others if other not in values)


def _schema_mutations() -> Iterator[tuple[str, dict[Any, Any], Any, Any]]:
    for schema, access in SCHEMA_ACCESS.items():
        for field in fields(access):
            for what, values in _changed(getattr(access, field.name), _ADDED[field.name]):
                yield f"{schema} {field.name} {what}", SCHEMA_ACCESS, schema, replace(access, **{field.name: values})


def _role_mutations() -> Iterator[tuple[str, dict[Any, Any], Any, Any]]:
    for role, access in ROLE_ACCESS.items():
        for name in ("warehouses", "monitors", "account", "inherits", "schemas"):
            others = [other for other in _ADDED[name] if other != role]
            for what, values in _changed(getattr(access, name), others):
                yield f"{role} {name} {what}", ROLE_ACCESS, role, replace(access, **dict[str, Any]({name: values}))
        created = dict(access.creates)
        for schema in S:
            for what, values in _changed(created.get(schema, ()), ["CREATE SEQUENCE"]):
                changed = replace(access, creates=tuple((created | {schema: values}).items()))
                yield f"{role} creates in {schema} {what}", ROLE_ACCESS, role, changed


def _object_mutations() -> Iterator[tuple[str, dict[Any, Any], Any, Any]]:
    for kind in ObjectKind:
        roles = OBJECT_ACCESS[kind]
        for role in Role:
            for what, values in _changed(roles.get(role, ()), ["USAGE", "OWNERSHIP"]):
                yield f"{kind.name} {role} {what}", OBJECT_ACCESS, kind, roles | {role: values}


_MUTATIONS = [*_schema_mutations(), *_role_mutations(), *_object_mutations()]


def test_any_single_change_of_the_tables_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    unnoticed = []
    for what, table, key, changed in _MUTATIONS:
        with monkeypatch.context() as patched:
            patched.setitem(table, key, changed)
            if entitlements(Names("dev")) == expected():
                unnoticed.append(what)
    assert unnoticed == []
    assert len(_MUTATIONS) > 300
