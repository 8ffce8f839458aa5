"""Databases and schemas, and what goes with them when they are dropped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local_cloud.snowflake import objects
from local_cloud.snowflake.account import Account, open_account
from local_cloud.snowflake.objects import access, databases, stages
from local_cloud.snowflake.session import Session
from tests.unit.local_cloud.snowflake.objects.conftest import Run, refused, run_on


def test_a_new_database_has_public_and_becomes_current(run: Run, session: Session) -> None:
    assert run("CREATE DATABASE \"Mixed\" COMMENT = 'x'") == [{"status": "Database Mixed successfully created."}]
    assert (session.database, session.schema) == ("Mixed", "PUBLIC")
    (row,) = run("SHOW DATABASES LIKE 'mixed'")
    assert (row["name"], row["is_current"], row["owner"], row["comment"]) == ("Mixed", "Y", "ACCOUNTADMIN", "x")
    assert [row["name"] for row in run('SHOW TERSE SCHEMAS IN DATABASE "Mixed"')] == ["INFORMATION_SCHEMA", "PUBLIC"]
    columns = (
        "created_on name is_default is_current origin owner comment options retention_time kind budget "
        "owner_role_type object_visibility"
    )
    assert " ".join(row) == columns


def test_names_taken_and_missing(run: Run) -> None:
    run("CREATE DATABASE D")
    assert refused(run, "CREATE DATABASE D").errno == 2002
    assert run("CREATE DATABASE IF NOT EXISTS D")[0]["status"] == "D already exists, statement succeeded."
    assert "Database 'E' does not exist or not authorized." in refused(run, "DROP DATABASE E").message
    assert run("DROP DATABASE IF EXISTS E")[0]["status"].startswith("Drop statement executed successfully")
    assert "Database 'E' does not exist" in refused(run, "CREATE SCHEMA E.S").message
    assert refused(run, "SHOW SCHEMAS IN DATABASE E").errno == 2043


def test_dbt_lists_schemas(run: Run, schema: str) -> None:
    rows = run("show terse schemas in database D limit 10000")
    assert [(row["name"], row["database_name"]) for row in rows] == [
        ("INFORMATION_SCHEMA", "D"),
        ("PUBLIC", "D"),
        ("S", "D"),
    ]


def test_schema_options(run: Run) -> None:
    run("CREATE DATABASE D DATA_RETENTION_TIME_IN_DAYS = 3")
    run("CREATE TRANSIENT SCHEMA M WITH MANAGED ACCESS COMMENT = 'c'")
    (row,) = run("SHOW SCHEMAS LIKE 'M' IN DATABASE D")
    assert (row["options"], row["retention_time"], row["comment"]) == ("TRANSIENT, MANAGED ACCESS", "3", "c")
    run("ALTER SCHEMA D.M DISABLE MANAGED ACCESS")
    run("ALTER SCHEMA D.M SET DATA_RETENTION_TIME_IN_DAYS = 0, COMMENT = 'd'")
    (row,) = run("SHOW SCHEMAS LIKE 'M' IN DATABASE D")
    assert (row["options"], row["retention_time"], row["comment"]) == ("TRANSIENT", "0", "d")
    run("ALTER SCHEMA D.M UNSET DATA_RETENTION_TIME_IN_DAYS")
    assert run("SHOW SCHEMAS LIKE 'M' IN DATABASE D")[0]["retention_time"] == "3"


def test_dropping_a_schema_takes_objects_files_and_grants(run: Run, account: Account, schema: str) -> None:
    run("CREATE STAGE ST")
    run("CREATE ROLE R")
    run("GRANT READ ON STAGE ST TO ROLE R")
    run("GRANT SELECT ON FUTURE TABLES IN SCHEMA D.S TO ROLE R")
    file = stages.folder(account, "D.S.ST") / "a.csv"
    file.parent.mkdir(parents=True)
    file.write_text("a")
    assert run("DROP SCHEMA D.S CASCADE")[0]["status"] == "S successfully dropped."
    assert not file.exists()
    assert access.grants(account) == []
    assert access.future_grants(account) == []
    assert not account.databases.schema_exists("D", "S")
    run("CREATE SCHEMA D.S")
    assert run("SHOW STAGES IN SCHEMA D.S") == []


def test_replacing_a_database_empties_it(run: Run, schema: str) -> None:
    run("CREATE FILE FORMAT F TYPE = CSV")
    run("CREATE DATABASE ROLE D.R")
    run("CREATE OR REPLACE DATABASE D")
    assert [row["name"] for row in run("SHOW SCHEMAS IN DATABASE D")] == ["INFORMATION_SCHEMA", "PUBLIC"]
    assert run("SHOW DATABASE ROLES IN DATABASE D") == []


def test_clients_that_create_the_same_schema_at_once_all_succeed(account: Account, run: Run) -> None:
    run("CREATE DATABASE D")
    sessions = [account.open_session("C360", "ACCOUNTADMIN", "COMPUTE_WH") for _ in range(8)]
    with ThreadPoolExecutor(len(sessions)) as pool:
        answers = list(pool.map(lambda one: run_on(one, "CREATE SCHEMA IF NOT EXISTS D.S"), sessions))
    made = sorted(answer[0]["status"] for answer in answers)
    assert made == ["S already exists, statement succeeded."] * 7 + ["Schema S successfully created."]


def test_describe_lists_what_is_inside(run: Run, session: Session, schema: str) -> None:
    session.connection.execute("create table D.S.T (a int); create view D.S.V as select 1 as b")
    run("CREATE STAGE ST")
    assert [(row["name"], row["kind"]) for row in run("DESCRIBE SCHEMA D.S")] == [
        ("T", "TABLE"),
        ("V", "VIEW"),
        ("ST", "STAGE"),
    ]
    assert [row["name"] for row in run("DESC DATABASE D")] == ["INFORMATION_SCHEMA", "PUBLIC", "S"]


def test_trailing_text_is_a_syntax_error(run: Run) -> None:
    assert refused(run, "CREATE DATABASE D )").message.endswith("unexpected ')'.")
    assert refused(run, "CREATE DATABASE D CATALOG = C").message == "local cloud does not support: the option CATALOG"
    assert refused(run, "CREATE DATABASE D CLONE E").message.startswith("local cloud does not support")


@pytest.mark.parametrize("lost", ["catalog", "file"])
def test_the_catalog_agrees_with_the_files_after_a_kill_between_them(tmp_path: Path, lost: str) -> None:
    account = open_account(tmp_path, "http://127.0.0.1:1", memory_limit="256MB")
    objects.bootstrap(account)
    session = account.open_session("C360", "ACCOUNTADMIN", "COMPUTE_WH")
    run_on(session, "CREATE DATABASE D")
    run_on(session, "CREATE STAGE D.PUBLIC.ST")
    if lost == "catalog":
        account.databases.create("E")
        account.databases.create_schema("E", "S")
        account.databases.connect().execute("create table D.PUBLIC.T (a int)")
        account.catalog.put("table", "D.PUBLIC.GONE", {}, owner="SYSADMIN")
    else:
        account.databases.drop("D")
    databases.reconcile(account)
    found = [row["name"] for row in run_on(session, "SHOW DATABASES")]
    assert found == (["D", "E"] if lost == "catalog" else [])
    assert [entry.name for entry in account.catalog.list("stage")] == (["D.PUBLIC.ST"] if lost == "catalog" else [])
    if lost == "catalog":
        assert [entry.name for entry in account.catalog.list("table")] == ["D.PUBLIC.T"]
        assert access.owner_of(account, "TABLE", "D.PUBLIC.T") == "ACCOUNTADMIN"
        assert [row["name"] for row in run_on(session, "SHOW SCHEMAS IN E")] == ["INFORMATION_SCHEMA", "PUBLIC", "S"]
    account.close()
