"""GRANT, REVOKE, SHOW GRANTS, roles and USE."""

from __future__ import annotations

import pytest

from local_cloud.snowflake.account import Account
from local_cloud.snowflake.objects import access, relation_entries
from local_cloud.snowflake.session import Session
from tests.unit.local_cloud.snowflake.objects.conftest import Run, refused

pytestmark = pytest.mark.usefixtures("roles")


@pytest.fixture
def roles(run: Run, schema: str) -> None:
    for text in (
        "CREATE ROLE ANALYST",
        "CREATE ROLE ENGINEER",
        "CREATE DATABASE ROLE D.READ",
        "GRANT ROLE ANALYST TO ROLE ENGINEER",
        "GRANT DATABASE ROLE D.READ TO ROLE ANALYST",
    ):
        run(text)


def given(run: Run, text: str) -> list[tuple[str, str, str]]:
    return [(row["privilege"], row["granted_on"], row["name"]) for row in run(text)]


def make_table(session: Session, name: str = "T", kind: str = "TABLE") -> str:
    body = "(a int)" if kind == "TABLE" else "as select 1 as a"
    session.connection.execute(f"create or replace {kind} D.S.{name} {body}")
    relation_entries.record(session.account, kind, f"D.S.{name}", {"owner": session.role})
    return f"D.S.{name}"


def test_a_privilege_reaches_every_role_above(run: Run, account: Account, session: Session) -> None:
    table = make_table(session)
    run('GRANT SELECT, INSERT ON TABLE "D"."S"."T" TO DATABASE ROLE "D"."READ"')
    assert access.privileges(account, "ENGINEER", "TABLE", table) == {"SELECT", "INSERT"}
    assert access.privileges(account, "ACCOUNTADMIN", "TABLE", table) == {"OWNERSHIP"}
    run("REVOKE INSERT ON TABLE T FROM DATABASE ROLE D.READ")
    assert access.privileges(account, "ANALYST", "TABLE", table) == {"SELECT"}
    run("REVOKE DATABASE ROLE D.READ FROM ROLE ANALYST")
    assert access.privileges(account, "ANALYST", "TABLE", table) == frozenset()


def test_granting_twice_is_one_grant(run: Run) -> None:
    run("GRANT USAGE ON DATABASE D TO ROLE ANALYST")
    run("GRANT USAGE ON DATABASE D TO ROLE ANALYST WITH GRANT OPTION")
    rows = [row for row in run("SHOW GRANTS ON DATABASE D") if row["grantee_name"] == "ANALYST"]
    assert [(row["privilege"], row["grant_option"], row["granted_by"]) for row in rows] == [
        ("USAGE", "true", "ACCOUNTADMIN")
    ]
    run("REVOKE GRANT OPTION FOR USAGE ON DATABASE D FROM ROLE ANALYST")
    rows = [row for row in run("SHOW GRANTS ON DATABASE D") if row["grantee_name"] == "ANALYST"]
    assert [row["grant_option"] for row in rows] == ["false"]


def test_all_means_every_privilege_and_every_object(run: Run, session: Session) -> None:
    make_table(session, "T")
    make_table(session, "U")
    make_table(session, "V", "VIEW")
    run("GRANT ALL PRIVILEGES ON ALL TABLES IN SCHEMA D.S TO ROLE ANALYST")
    run("GRANT SELECT ON ALL VIEWS IN DATABASE D TO ROLE ANALYST")
    found = given(run, "SHOW GRANTS TO ROLE ANALYST")
    assert {name for privilege, kind, name in found if kind == "TABLE"} == {"D.S.T", "D.S.U"}
    assert ("TRUNCATE", "TABLE", "D.S.U") in found
    assert [entry for entry in found if entry[1] == "VIEW"] == [("SELECT", "VIEW", "D.S.V")]


def test_future_grants_apply_when_objects_are_made(run: Run, account: Account, session: Session) -> None:
    run('GRANT SELECT ON FUTURE TABLES IN SCHEMA "D"."S" TO DATABASE ROLE "D"."READ"')
    run("GRANT USAGE ON FUTURE SCHEMAS IN DATABASE D TO DATABASE ROLE D.READ")
    run("GRANT USAGE ON FUTURE FILE FORMATS IN DATABASE D TO ROLE ANALYST")
    assert access.privileges(account, "ANALYST", "TABLE", make_table(session)) == {"SELECT"}
    run("CREATE SCHEMA D.NEW")
    assert access.privileges(account, "ANALYST", "SCHEMA", "D.NEW") == {"USAGE"}
    run("CREATE FILE FORMAT D.NEW.F TYPE = CSV")
    assert access.privileges(account, "ANALYST", "FILE FORMAT", "D.NEW.F") == {"USAGE"}
    (row,) = run("SHOW FUTURE GRANTS IN SCHEMA D.S")
    assert (row["privilege"], row["grant_on"], row["name"], row["grant_to"], row["grantee_name"]) == (
        "SELECT",
        "TABLE",
        "D.S.<TABLE>",
        "DATABASE_ROLE",
        "READ",
    )
    assert len(run("SHOW FUTURE GRANTS TO DATABASE ROLE D.READ")) == 2
    run("REVOKE SELECT ON FUTURE TABLES IN SCHEMA D.S FROM DATABASE ROLE D.READ")
    assert run("SHOW FUTURE GRANTS IN SCHEMA D.S") == []
    assert access.privileges(account, "ANALYST", "TABLE", make_table(session, "LATER")) == frozenset()


def test_a_replaced_table_loses_its_grants_unless_copied(run: Run, account: Account, session: Session) -> None:
    table = make_table(session)
    run("GRANT SELECT ON TABLE T TO ROLE ANALYST")
    relation_entries.record(account, "TABLE", table, {"owner": session.role, "copy_grants": True})
    assert access.privileges(account, "ANALYST", "TABLE", table) == {"SELECT"}
    relation_entries.record(account, "TABLE", table, {"owner": session.role})
    assert access.privileges(account, "ANALYST", "TABLE", table) == frozenset()
    run("GRANT SELECT ON TABLE T TO ROLE ANALYST")
    access.forget_owner(account, "TABLE", table)
    assert access.grants(account) == []


def test_ownership_moves_with_or_without_grants(run: Run, account: Account, session: Session) -> None:
    run("CREATE STAGE ST")
    run("GRANT READ ON STAGE ST TO ROLE ANALYST")
    message = refused(run, "GRANT OWNERSHIP ON STAGE ST TO ROLE ENGINEER").message
    assert message.startswith("SQL execution error:\nDependent grant of privilege 'READ' on securable 'D.S.ST'")
    run("GRANT OWNERSHIP ON STAGE ST TO ROLE ENGINEER COPY CURRENT GRANTS")
    assert access.owner_of(account, "STAGE", "D.S.ST") == "ENGINEER"
    assert access.privileges(account, "ANALYST", "STAGE", "D.S.ST") == {"READ"}
    run("GRANT OWNERSHIP ON STAGE ST TO ROLE ANALYST REVOKE CURRENT GRANTS")
    assert access.privileges(account, "ANALYST", "STAGE", "D.S.ST") == {"OWNERSHIP"}
    run("GRANT OWNERSHIP ON FUTURE STAGES IN SCHEMA D.S TO ROLE ENGINEER")
    run("CREATE STAGE LATER")
    assert access.owner_of(account, "STAGE", "D.S.LATER") == "ENGINEER"
    assert "Ownership cannot be revoked" in refused(run, "REVOKE OWNERSHIP ON STAGE ST FROM ROLE ANALYST").message


def test_grants_on_account_and_of_created_kinds(run: Run) -> None:
    run("GRANT EXECUTE TASK, CREATE DATABASE ON ACCOUNT TO ROLE ENGINEER")
    run("GRANT CREATE FILE FORMAT, CREATE SNOWFLAKE.ML.CLASSIFICATION, CREATE STAGE ON SCHEMA D.S TO ROLE ENGINEER")
    run("CREATE WAREHOUSE W")
    run("GRANT USAGE, OPERATE ON WAREHOUSE W TO ROLE ENGINEER")
    assert sorted(given(run, "SHOW GRANTS TO ROLE ENGINEER")) == [
        ("CREATE DATABASE", "ACCOUNT", "LOCAL-C360"),
        ("CREATE FILE FORMAT", "SCHEMA", "D.S"),
        ("CREATE SNOWFLAKE.ML.CLASSIFICATION", "SCHEMA", "D.S"),
        ("CREATE STAGE", "SCHEMA", "D.S"),
        ("EXECUTE TASK", "ACCOUNT", "LOCAL-C360"),
        ("OPERATE", "WAREHOUSE", "W"),
        ("USAGE", "ROLE", "ANALYST"),
        ("USAGE", "WAREHOUSE", "W"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("GRANT SELECT ON TABLE D.S.NOPE TO ROLE ANALYST", "Table 'D.S.NOPE' does not exist or not authorized."),
        ("GRANT USAGE ON WAREHOUSE NOPE TO ROLE ANALYST", "Warehouse 'NOPE' does not exist or not authorized."),
        ("GRANT USAGE ON SCHEMA D.S TO ROLE NOPE", "Role 'NOPE' does not exist or not authorized."),
        (
            "GRANT USAGE ON SCHEMA D.S TO DATABASE ROLE D.NOPE",
            "Database role 'D.NOPE' does not exist or not authorized.",
        ),
        ("GRANT SELECT ON SCHEMA D.S TO ROLE ANALYST", "Invalid object type 'SCHEMA' for privilege 'SELECT'."),
        ("GRANT USAGE ON NONSENSE X TO ROLE ANALYST", "line 1 at position 15 unexpected 'NONSENSE'."),
        ("GRANT ROLE NOPE TO ROLE ANALYST", "Role 'NOPE' does not exist or not authorized."),
        ("GRANT ROLE ENGINEER TO ROLE ANALYST", "no circles"),
        ("GRANT DATABASE ROLE D.READ TO USER C360", "A database role cannot be granted to a user."),
        ("GRANT ROLE ANALYST TO DATABASE ROLE D.READ", "no circles"),
    ],
)
def test_refused_grants(run: Run, text: str, message: str) -> None:
    assert message in refused(run, text).message


def test_show_grants_of_and_to_users(run: Run) -> None:
    run("CREATE USER ANN")
    run("GRANT ROLE ENGINEER TO USER ANN")
    (row,) = run("SHOW GRANTS TO USER ANN")
    assert (row["role"], row["granted_to"], row["grantee_name"], row["granted_by"]) == (
        "ENGINEER",
        "USER",
        "ANN",
        "ACCOUNTADMIN",
    )
    assert [(row["granted_to"], row["grantee_name"]) for row in run("SHOW GRANTS OF ROLE ANALYST")] == [
        ("ROLE", "ENGINEER")
    ]
    assert [row["grantee_name"] for row in run("SHOW GRANTS OF DATABASE ROLE D.READ")] == ["ANALYST"]
    assert {row["role"] for row in run("SHOW GRANTS")} == {
        "ACCOUNTADMIN",
        "ORGADMIN",
        "SECURITYADMIN",
        "SYSADMIN",
        "USERADMIN",
    }
    run("REVOKE ROLE ENGINEER FROM USER ANN")
    assert run("SHOW GRANTS TO USER ANN") == []


def test_only_roles_of_the_user_can_be_used(run: Run, session: Session) -> None:
    assert refused(run, "USE ROLE NOPE").errno == 2043
    error = refused(run, "USE ROLE ANALYST")
    assert "Requested role 'ANALYST' is not assigned to the executing user." in error.message
    run("GRANT ROLE ENGINEER TO ROLE SYSADMIN")
    run("USE ROLE ANALYST")
    assert session.role == "ANALYST"
    run("USE ROLE PUBLIC")
    run("USE SECONDARY ROLES NONE")
    assert session.parameters["SECONDARY_ROLES"] == "NONE"
    run("USE SECONDARY ROLES ALL")
    assert session.parameters["SECONDARY_ROLES"] == "ALL"


def test_roles_show_their_connections(run: Run) -> None:
    by_name = {row["name"]: row for row in run("SHOW ROLES")}
    assert by_name["ACCOUNTADMIN"]["is_current"] == "Y"
    assert by_name["SYSADMIN"]["is_inherited"] == "Y"
    assert (by_name["ANALYST"]["granted_to_roles"], by_name["ENGINEER"]["granted_roles"]) == ("1", "1")
    (row,) = run("SHOW DATABASE ROLES IN DATABASE D")
    assert (row["name"], row["granted_to_roles"], row["owner"]) == ("READ", "1", "ACCOUNTADMIN")


def test_a_dropped_role_leaves_nothing_and_its_objects_find_an_owner(
    run: Run, account: Account, session: Session
) -> None:
    run("GRANT ROLE ENGINEER TO ROLE SYSADMIN")
    run("USE ROLE ENGINEER")
    run("CREATE STAGE ST")
    run("USE ROLE ACCOUNTADMIN")
    run("GRANT USAGE ON DATABASE D TO ROLE ENGINEER")
    run("DROP ROLE ENGINEER")
    assert access.owner_of(account, "STAGE", "D.S.ST") == "ACCOUNTADMIN"
    assert access.grants(account) == []
    assert all("ENGINEER" not in (link.role, link.grantee) for link in access.role_grants(account))
    assert refused(run, "DROP ROLE SYSADMIN").errno == 3001


def test_renamed_roles_and_objects_keep_their_grants(run: Run, account: Account) -> None:
    run("CREATE STAGE ST")
    run("GRANT READ ON STAGE ST TO ROLE ANALYST")
    run("GRANT OWNERSHIP ON SCHEMA D.PUBLIC TO ROLE ANALYST")
    run("ALTER STAGE ST RENAME TO MOVED")
    run("ALTER ROLE ANALYST RENAME TO READER")
    assert access.privileges(account, "ENGINEER", "STAGE", "D.S.MOVED") == {"READ"}
    assert access.owner_of(account, "SCHEMA", "D.PUBLIC") == "READER"
    assert [row["grantee_name"] for row in run("SHOW GRANTS OF ROLE READER")] == ["ENGINEER"]
