"""What each role of the program may do on the deployed platform, tried through the unchanged connector.

The expectations are written out here and not derived from the program's tables: a grant that is added there or taken
away shows as a difference.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import snowflake.connector
from snowflake.connector import SnowflakeConnection
from snowflake.connector.errors import Error

from tests.integration.platform import Platform

pytestmark = pytest.mark.integration

# Not seen, no privilege, not usable, its owner may not run it.
_REFUSED = {2003, 3001, 2043, 91089}
# Each role and the warehouses in which it may compute.
_WAREHOUSES = {
    "data_engineer": {"load", "transform", "analytics", "ml"},
    "data_analyst": {"analytics"},
    "marketing_manager": {"analytics"},
    "data_scientist": {"ml"},
    "loader": {"load"},
    "transformer": {"transform", "ml"},
    "app_owner": {"analytics"},
    "reporter": {"analytics"},
}
_ROLES = list(_WAREHOUSES)
_DATA_SCHEMAS = ("BRONZE", "SILVER", "GOLD", "ML", "OBSERVABILITY", "REPORTING")

# One letter for each thing to do in a schema; PROBE and PROBE_VIEW are an administrator's, made after all grants.
_ACTIONS = {
    "S": "select * from {schema}.PROBE",
    "W": "select * from {schema}.PROBE_VIEW",
    "I": "insert into {schema}.PROBE select 1 where false",
    "U": "update {schema}.PROBE set A = 1 where false",
    "D": "delete from {schema}.PROBE where false",
    "T": "truncate table {schema}.PROBE",
    "C": "create table {schema}.PROBE_OF_{role} (A int)",
    "V": "create view {schema}.PROBE_VIEW_OF_{role} as select 1 as A",
    "P": "create procedure {schema}.PROBE_P_{role}() returns varchar language sql as 'begin return 1; end'",
    "K": "create task {schema}.PROBE_K_{role} schedule = '60 MINUTES' as select 1",
    "A": "create alert {schema}.PROBE_A_{role} schedule = '60 MINUTES' if (exists (select 1)) then select 1",
    "X": "drop table {schema}.PROBE",
}
_READ, _WRITE = set("SW"), set("SWIUDTCV")
_OWNED = {
    "SILVER": _WRITE,
    "GOLD": _WRITE,
    "ML": _WRITE | set("PK"),
    "OBSERVABILITY": _WRITE | set("PKA"),
    "REPORTING": _WRITE | set("PK"),
}
_IN_SCHEMAS: dict[str, dict[str, set[str]]] = {
    "data_engineer": {"BRONZE": set("SWIC"), **_OWNED},
    "data_analyst": dict.fromkeys(("SILVER", "GOLD", "OBSERVABILITY", "REPORTING"), _READ),
    "marketing_manager": dict.fromkeys(("GOLD", "REPORTING"), _READ),
    "data_scientist": {"GOLD": _READ, "ML": _WRITE},
    "loader": {"BRONZE": set("SWI")},
    "transformer": {"BRONZE": set("SWC"), **_OWNED},
    "app_owner": dict.fromkeys(("GOLD", "REPORTING", "OBSERVABILITY"), _READ),
    "reporter": {"GOLD": _READ, "REPORTING": _WRITE},
}
# Everything else that is granted singly, and who may do it.
_OBJECTS: dict[str, tuple[str, set[str]]] = {
    "integration": ("describe integration {integration}", {"loader", "data_engineer"}),
    "lake stage": ("list @BRONZE.CUSTOMERS_STAGE", {"loader", "data_engineer"}),
    "file format": ("describe file format BRONZE.CSV_FORMAT", {"loader", "data_engineer"}),
    "parquet format": ("describe file format BRONZE.PARQUET_FORMAT", {"loader", "data_engineer"}),
    "e-mail": (
        "call system$send_email('C360_LOCAL_EMAIL', 'data-platform@example.com', 'x', 'y')",
        {"transformer", "reporter", "data_engineer"},
    ),
    "streamlit of its own": (
        "create streamlit APP.OWN_{role} root_location = '@APP.APP_STAGE/customer_360' main_file = 'streamlit_app.py'",
        {"app_owner", "data_engineer"},
    ),
    "pipe, state": ("select system$pipe_status('BRONZE.TRANSACTIONS_PIPE')", {"loader", "data_engineer"}),
    "pipe, pause": (
        "alter pipe BRONZE.TRANSACTIONS_PIPE set pipe_execution_paused = false",
        {"loader", "data_engineer"},
    ),
    "customers pipe, state": ("select system$pipe_status('BRONZE.CUSTOMERS_PIPE')", {"loader", "data_engineer"}),
    "customers pipe, pause": (
        "alter pipe BRONZE.CUSTOMERS_PIPE set pipe_execution_paused = false",
        {"loader", "data_engineer"},
    ),
    "pipe, drop": ("drop pipe BRONZE.TRANSACTIONS_PIPE", set()),
    "app's files": ("list @APP.APP_STAGE", {"app_owner", "data_engineer"}),
    "app": (
        "describe streamlit APP.CUSTOMER_360",
        {"app_owner", "data_engineer", "data_analyst", "marketing_manager"},
    ),
    "app, change": ("alter streamlit APP.CUSTOMER_360 set comment = 'x'", {"app_owner", "data_engineer"}),
    "stage of its own": ("create stage if not exists APP.OWN", {"app_owner", "data_engineer"}),
    "schema": ("create schema OWN", set()),
    "database": ("create database OWN", set()),
    "warehouse": ("create warehouse OWN", set()),
    "role": ("create role OWN", set()),
    "grant": ("grant usage on schema GOLD to role PUBLIC", set()),
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The program, deployed by `c360 up`, with a table and a view to try in each schema."""
    deployed = Platform(tmp_path_factory.mktemp("access"))
    try:
        deployed.run("local", "start")
        deployed.run("up")
        with _connect(deployed, "ACCOUNTADMIN", "COMPUTE_WH") as admin:
            for schema in _DATA_SCHEMAS:
                admin.cursor().execute(f"create table {schema}.PROBE (A int)")
                admin.cursor().execute(f"create view {schema}.PROBE_VIEW as select A from {schema}.PROBE")
        yield deployed
    finally:
        deployed.run("local", "stop")


@pytest.fixture(scope="module")
def sessions(platform: Platform) -> Iterator[dict[str, SnowflakeConnection]]:
    """A session of each role, in a warehouse that it may use."""
    roles, warehouses = platform.outputs["roles"], platform.outputs["warehouses"]
    opened = {role: _connect(platform, roles[role], warehouses[min(_WAREHOUSES[role])]) for role in _ROLES}
    opened["ACCOUNTADMIN"] = _connect(platform, "ACCOUNTADMIN", "COMPUTE_WH")
    yield opened
    for connection in opened.values():
        connection.close()


def _connect(platform: Platform, role: str, warehouse: str, **other: str) -> SnowflakeConnection:
    endpoint = {key: platform.outputs["snowflake"][key] for key in ("account", "user", "host", "port", "protocol")}
    endpoint |= other
    database = platform.outputs["database"]
    return snowflake.connector.connect(**endpoint, password="local", role=role, warehouse=warehouse, database=database)


def _may(connection: SnowflakeConnection, text: str) -> bool:
    """Whether a statement runs; every refusal must be one for want of rights."""
    try:
        connection.cursor().execute(text)
    except Error as error:
        if error.errno in _REFUSED or "not executed: Insufficient privileges" in str(error.msg):
            return False
        raise
    return True


@pytest.mark.parametrize("role", _ROLES)
def test_tables_and_views_of_each_schema(sessions: dict[str, SnowflakeConnection], role: str) -> None:
    found = {
        schema: {
            letter
            for letter, text in _ACTIONS.items()
            if _may(sessions[role], text.format(schema=schema, role=role.upper()))
        }
        for schema in _DATA_SCHEMAS
    }
    assert {schema: letters for schema, letters in found.items() if letters} == _IN_SCHEMAS[role]


@pytest.mark.parametrize("case", _OBJECTS)
def test_single_objects(platform: Platform, sessions: dict[str, SnowflakeConnection], case: str) -> None:
    text, allowed = _OBJECTS[case]
    integration = platform.outputs["storage_integration"]
    tried = {role: text.format(integration=integration, role=role.upper()) for role in _ROLES}
    assert {role for role in _ROLES if _may(sessions[role], tried[role])} == allowed


def test_warehouses(platform: Platform, sessions: dict[str, SnowflakeConnection]) -> None:
    names = platform.outputs["warehouses"]
    for role in _ROLES:
        session = sessions[role]
        used = str(session.warehouse)
        assert {work for work in names if _may(session, f"use warehouse {names[work]}")} == _WAREHOUSES[role], role
        assert not any(_may(session, f"alter warehouse {name} suspend") for name in names.values()), role
        assert _may(session, f"use warehouse {used}")


def test_show_tells_each_role_its_schemas(sessions: dict[str, SnowflakeConnection]) -> None:
    for role in _ROLES:
        cursor = sessions[role].cursor().execute("show terse schemas in database")
        assert cursor is not None
        shown = {str(row[1]) for row in cursor.fetchall()} & set(_DATA_SCHEMAS)
        assert shown == set(_IN_SCHEMAS[role]), role


# Without the privilege on the account the role's statement fails, or a history is empty.
_ON_ACCOUNT = {
    "EXECUTE TASK": "alter task OBSERVABILITY.CLEAN_UP resume",
    "EXECUTE ALERT": "alter alert OBSERVABILITY.DUPLICATES resume",
}
_USAGE = "select count(*) from table(information_schema.database_storage_usage_history())"


def test_privileges_on_the_account_and_who_has_them(
    platform: Platform, sessions: dict[str, SnowflakeConnection]
) -> None:
    admin, transformer = sessions["ACCOUNTADMIN"].cursor(), sessions["transformer"]
    name = platform.outputs["roles"]["transformer"]
    for privilege, text in _ON_ACCOUNT.items():
        assert _may(transformer, text), privilege
        assert _may(transformer, text.replace("resume", "suspend"))
        admin.execute(f"revoke {privilege} on account from role {name}")
        assert not _may(transformer, text), privilege
        admin.execute(f"grant {privilege} on account to role {name}")
        assert not any(_may(sessions[role], text) for role in _ROLES if role not in ("transformer", "data_engineer"))
    seen = {role for role in _ROLES if _first(sessions[role], _USAGE) > 0}
    assert seen == {"transformer", "data_engineer"}


def test_the_apps_queries_are_seen_by_whoever_watches_its_warehouse(
    platform: Platform, sessions: dict[str, SnowflakeConnection]
) -> None:
    warehouse = platform.outputs["warehouses"]["analytics"]
    name = platform.outputs["roles"]["transformer"]
    admin = sessions["ACCOUNTADMIN"].cursor()
    # All sessions are one user's, who sees its own queries anywhere: ask as somebody else.
    admin.execute("create user WATCHER password = 'local'")
    admin.execute(f"grant role {name} to user WATCHER")
    sessions["app_owner"].cursor().execute("select * from GOLD.PROBE")
    history = f"select count(*) from table(information_schema.query_history_by_warehouse('{warehouse}'))"
    with _connect(platform, name, platform.outputs["warehouses"]["transform"], user="WATCHER") as watcher:
        assert _first(watcher, history) > 0
        admin.execute(f"revoke monitor on warehouse {warehouse} from role {name}")
        assert _first(watcher, history) == 0
        admin.execute(f"grant monitor on warehouse {warehouse} to role {name}")


def _first(connection: SnowflakeConnection, text: str) -> int:
    cursor = connection.cursor().execute(text)
    assert cursor is not None
    return int(cursor.fetchall()[0][0])


def test_no_grant_of_a_database_role_is_without_effect(sessions: dict[str, SnowflakeConnection]) -> None:
    """Take each privilege on a probe's table, view or schema away: whoever had it by that role is refused."""
    admin = sessions["ACCOUNTADMIN"].cursor()
    letters = {"SELECT": "S", "INSERT": "I", "UPDATE": "U", "DELETE": "D", "TRUNCATE": "T", "USAGE": "S"}
    letters |= {"CREATE TABLE": "C", "CREATE VIEW": "V"}
    tried = 0
    for schema in _DATA_SCHEMAS:
        for access in ("READ", "WRITE"):
            admin.execute(f"show grants to database role {schema}_{access}")
            for row in admin.fetchall():
                privilege, kind, name = str(row[1]), str(row[2]), str(row[3])
                if name.split(".")[-1] not in {"PROBE", "PROBE_VIEW", schema} or privilege not in letters:
                    continue
                letter = "W" if kind == "VIEW" else letters[privilege]
                holder = next(role for role in reversed(_ROLES) if letter in _IN_SCHEMAS[role].get(schema, ""))
                text = _ACTIONS[letter].format(schema=schema, role=f"{holder.upper()}_AGAIN")
                on, role = f"{privilege} on {kind} {name}", f"database role {schema}_{access}"
                admin.execute(f"revoke {on} from {role}")
                assert not _may(sessions[holder], text), (on, role)
                admin.execute(f"grant {on} to {role}")
                assert _may(sessions[holder], text), (on, role)
                tried += 1
    assert tried > 40


# By hand, as somebody in a hurry would: what account roles and database roles hold, now and in future, on objects that
# the access tables mention and others, with the right to pass on; what strangers may use; who is whose parent.
_BY_HAND = (
    "operate on warehouse {warehouses[analytics]} to role {roles[app_owner]}",
    "usage on warehouse {warehouses[load]} to role {roles[loader]} with grant option",
    "modify on warehouse {warehouses[ml]} to role {roles[app_owner]}",
    "create database on account to role {roles[transformer]}",
    "manage grants on account to role {roles[reporter]}",
    "create view on schema BRONZE to role {roles[transformer]}",
    "usage on schema BRONZE to role {roles[marketing_manager]}",
    "select on table BRONZE.PROBE to role {roles[marketing_manager]}",
    "delete on table BRONZE.PROBE to database role BRONZE_READ",
    "select on future views in schema ML to database role GOLD_READ",
    "insert on future tables in database {database} to role {roles[data_analyst]}",
    "usage on procedure OBSERVABILITY.CLEAN_UP(NUMBER) to role {roles[reporter]}",
    "database role BRONZE_READ to database role GOLD_READ",
    "database role BRONZE_READ to role STRANGER",
    "role {roles[loader]} to role {roles[data_scientist]}",
    "usage on database {database} to role STRANGER",
    "usage on warehouse {warehouses[load]} to role PUBLIC",
)


def test_what_others_granted_is_revoked_by_the_next_refresh(
    platform: Platform, sessions: dict[str, SnowflakeConnection]
) -> None:
    admin = sessions["ACCOUNTADMIN"].cursor()
    admin.execute("create role STRANGER")
    before = _everything_granted(platform, sessions)
    for text in _BY_HAND:
        admin.execute(f"grant {text}".format(**platform.outputs))
    assert len(_everything_granted(platform, sessions) - before) == len(_BY_HAND)
    assert _may(sessions["marketing_manager"], _ACTIONS["S"].format(schema="BRONZE"))
    said = platform.run("up", "--refresh")
    for name in ("app_owner-uses-analytics-warehouse", "transformer-on-account", "transformer-creates-in-bronze"):
        assert f"{name} was changed by others: privileges" in said
    assert "unlisted-grants was changed by others: found" in said
    assert _everything_granted(platform, sessions) == before
    assert not _may(sessions["marketing_manager"], _ACTIONS["S"].format(schema="BRONZE"))
    assert " updated" not in platform.run("up")


def _everything_granted(platform: Platform, sessions: dict[str, SnowflakeConnection]) -> set[tuple[str, ...]]:
    """Every right of every role of the account but the system's own, as SHOW GRANTS has it."""
    admin = sessions["ACCOUNTADMIN"].cursor()
    holders = [f"role {name}" for name in ("PUBLIC", "STRANGER", *platform.outputs["roles"].values())]
    holders += [
        f"database role {schema}_{access}" for schema in (*_DATA_SCHEMAS, "APP") for access in ("READ", "WRITE")
    ]
    found: set[tuple[str, ...]] = set()
    for holder in holders:
        for what in ("grants", "future grants"):
            admin.execute(f"show {what} to {holder}")
            found |= {(holder, what, *map(str, row[1:4]), str(row[6])) for row in admin.fetchall()}
    return found
