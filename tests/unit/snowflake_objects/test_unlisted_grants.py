"""Grants beside the access tables: found in what SHOW GRANTS says, and taken away by the right statement."""

from __future__ import annotations

from typing import Any

import pytest

from snowflake_objects.grant_rows import Given, present, to_come
from snowflake_objects.unlisted_grants import UnlistedGrantsProvider, unlisted

LISTED = {
    "ROLE LOADER": ["USAGE ON WAREHOUSE LOAD_WH", "EXECUTE TASK ON ACCOUNT", "USAGE ON DATABASE ROLE DB.B_WRITE"],
    "DATABASE ROLE DB.B_WRITE": ["INSERT ON TABLES IN SCHEMA DB.B", "USAGE ON DATABASE DB"],
}


def row(privilege: str, on: str, name: str, to: str, grantee: str, option: str = "false") -> dict[str, Any]:
    return {
        "privilege": privilege, "granted_on": on, "name": name, "granted_to": to, "grantee_name": grantee,
        "grant_option": option,
    }  # fmt: skip


def future(privilege: str, on: str, name: str, to: str, grantee: str) -> dict[str, Any]:
    return {
        "privilege": privilege, "grant_on": on, "name": name, "grant_to": to, "grantee_name": grantee,
        "grant_option": "false",
    }  # fmt: skip


class Account:
    """Answers SHOW as it is told to, and nothing where it is not."""

    def __init__(self, answers: dict[str, list[dict[str, Any]]]) -> None:
        self.answers = answers
        self._rows: list[dict[str, Any]] = []

    def execute(self, statement: str) -> None:
        self._rows = self.answers.get(statement, [])

    def fetchall(self) -> list[dict[str, Any]]:
        return self._rows


def found(answers: dict[str, list[dict[str, Any]]], *guarded: str) -> list[str]:
    props = {"listed": LISTED, "guarded": list(guarded)}
    return [
        given.revoke(frozenset(LISTED.get(given.grantee, ())))
        for given in unlisted(Account(answers), props)  # type: ignore[arg-type]  # as much of a cursor as is used
    ]


def test_what_the_tables_list_stays() -> None:
    answers = {
        "SHOW GRANTS TO ROLE LOADER": [
            row("USAGE", "WAREHOUSE", "LOAD_WH", "ROLE", "LOADER"),
            row("EXECUTE TASK", "ACCOUNT", "XY12345", "ROLE", "LOADER"),
            row("USAGE", "DATABASE_ROLE", "DB.B_WRITE", "ROLE", "LOADER"),
            row("OWNERSHIP", "PIPE", "DB.B.P", "ROLE", "LOADER", "true"),
        ],
        "SHOW GRANTS TO DATABASE ROLE DB.B_WRITE": [
            row("USAGE", "DATABASE", "DB", "DATABASE_ROLE", "B_WRITE"),
            row("INSERT", "TABLE", 'DB.B."made by hand"', "DATABASE_ROLE", "B_WRITE"),
        ],
        "SHOW GRANTS OF DATABASE ROLE DB.B_WRITE": [{"granted_to": "ROLE", "grantee_name": "LOADER"}],
        "SHOW GRANTS ON WAREHOUSE LOAD_WH": [
            row("OWNERSHIP", "WAREHOUSE", "LOAD_WH", "ROLE", "ACCOUNTADMIN", "true"),
            row("USAGE", "WAREHOUSE", "LOAD_WH", "ROLE", "LOADER"),
        ],
        "SHOW FUTURE GRANTS IN SCHEMA DB.B": [future("INSERT", "TABLE", "DB.B.<TABLE>", "DATABASE_ROLE", "B_WRITE")],
    }
    assert found(answers, "WAREHOUSE LOAD_WH", "SCHEMA DB.B") == []


TO_LOADER = "SHOW GRANTS TO ROLE LOADER"


@pytest.mark.parametrize(
    ("show", "said", "revoked"),
    [
        (TO_LOADER, row("OPERATE", "WAREHOUSE", "LOAD_WH", "ROLE", "LOADER"),
         "REVOKE OPERATE ON WAREHOUSE LOAD_WH FROM ROLE LOADER"),
        (TO_LOADER, row("USAGE", "WAREHOUSE", "LOAD_WH", "ROLE", "LOADER", "true"),
         "REVOKE GRANT OPTION FOR USAGE ON WAREHOUSE LOAD_WH FROM ROLE LOADER"),
        (TO_LOADER, row("OPERATE", "WAREHOUSE", "LOAD_WH", "ROLE", "LOADER", "true"),
         "REVOKE OPERATE ON WAREHOUSE LOAD_WH FROM ROLE LOADER"),
        (TO_LOADER, row("MANAGE GRANTS", "ACCOUNT", "XY12345", "ROLE", "LOADER"),
         "REVOKE MANAGE GRANTS ON ACCOUNT FROM ROLE LOADER"),
        (TO_LOADER, row("USAGE", "ROLE", "SYSADMIN", "ROLE", "LOADER"), "REVOKE ROLE SYSADMIN FROM ROLE LOADER"),
        (TO_LOADER, row("INSERT", "TABLE", "DB.B.T", "ROLE", "LOADER"),
         "REVOKE INSERT ON TABLE DB.B.T FROM ROLE LOADER"),
        (TO_LOADER, row("USAGE", "FILE_FORMAT", "DB.B.F", "ROLE", "LOADER"),
         "REVOKE USAGE ON FILE FORMAT DB.B.F FROM ROLE LOADER"),
        (TO_LOADER, row("USAGE", "PROCEDURE", 'DB.B."CLEAN_UP(DAYS NUMBER, ALL BOOLEAN):VARCHAR"', "ROLE", "LOADER"),
         "REVOKE USAGE ON PROCEDURE DB.B.CLEAN_UP(NUMBER, BOOLEAN) FROM ROLE LOADER"),
        ("SHOW FUTURE GRANTS TO ROLE LOADER", future("SELECT", "VIEW", "OTHER.<VIEW>", "ROLE", "LOADER"),
         "REVOKE SELECT ON FUTURE VIEWS IN DATABASE OTHER FROM ROLE LOADER"),
        ("SHOW GRANTS TO DATABASE ROLE DB.B_WRITE", row("DELETE", "TABLE", "DB.B.T", "DATABASE_ROLE", "B_WRITE"),
         "REVOKE DELETE ON TABLE DB.B.T FROM DATABASE ROLE DB.B_WRITE"),
        ("SHOW GRANTS TO DATABASE ROLE DB.B_WRITE", row("INSERT", "TABLE", "DB.C.T", "DATABASE_ROLE", "B_WRITE"),
         "REVOKE INSERT ON TABLE DB.C.T FROM DATABASE ROLE DB.B_WRITE"),
        ("SHOW GRANTS OF DATABASE ROLE DB.B_WRITE", {"granted_to": "ROLE", "grantee_name": "STRANGER"},
         "REVOKE DATABASE ROLE DB.B_WRITE FROM ROLE STRANGER"),
        ("SHOW GRANTS OF DATABASE ROLE DB.B_WRITE", {"granted_to": "DATABASE_ROLE", "grantee_name": "B_READ"},
         "REVOKE DATABASE ROLE DB.B_WRITE FROM DATABASE ROLE DB.B_READ"),
        ("SHOW GRANTS ON DATABASE DB", row("USAGE", "DATABASE", "DB", "ROLE", "PUBLIC"),
         "REVOKE USAGE ON DATABASE DB FROM ROLE PUBLIC"),
        ("SHOW FUTURE GRANTS IN SCHEMA DB.B", future("OWNERSHIP", "TABLE", "DB.B.<TABLE>", "ROLE", "STRANGER"),
         "REVOKE OWNERSHIP ON FUTURE TABLES IN SCHEMA DB.B FROM ROLE STRANGER"),
    ],
)  # fmt: skip
def test_what_they_do_not_list_is_revoked(show: str, said: dict[str, Any], revoked: str) -> None:
    assert found({show: [said]}, "DATABASE DB", "SCHEMA DB.B") == [revoked]


def test_people_may_have_roles_without_a_deployment() -> None:
    """Who has an account role is not asked; only what the role holds is."""
    answers = {"SHOW GRANTS OF ROLE LOADER": [{"granted_to": "USER", "grantee_name": "ALICE"}]}
    assert found(answers) == []


def test_a_finding_is_a_difference_and_its_absence_none() -> None:
    wanted = {"listed": LISTED, "guarded": [], "found": []}
    provider = UnlistedGrantsProvider()
    assert provider.diff("", wanted, wanted).changes is False
    assert provider.diff("", wanted | {"found": ["USAGE ON DATABASE DB TO ROLE PUBLIC"]}, wanted).changes is True
    assert provider.diff("", wanted | {"listed": {}}, wanted).changes is True


def test_rows_read_as_people_say_them() -> None:
    assert present(row("SELECT", "TABLE", "D.S.T", "ROLE", "R", "true")).line == (
        "SELECT ON TABLE D.S.T TO ROLE R WITH GRANT OPTION"
    )
    given = to_come(future("USAGE", "SCHEMA", "D.<SCHEMA>", "ROLE", "R"))
    assert given == Given("USAGE", "SCHEMA", "D", "ROLE R", future=True)
    assert given.line == "USAGE ON FUTURE SCHEMAS IN DATABASE D TO ROLE R"
