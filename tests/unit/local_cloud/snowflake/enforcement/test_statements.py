"""CREATE, ALTER, DROP, DESCRIBE and their like."""

from __future__ import annotations

import pytest

from local_cloud.snowflake.query.execute import execute
from local_cloud.snowflake.session import Session
from tests.unit.local_cloud.snowflake.enforcement.conftest import RunAs, refusal


def test_create_needs_its_privilege_and_makes_the_role_owner(run_as: RunAs) -> None:
    run_as("WRITER", "create table MADE (A int)")
    (row,) = run_as("WRITER", "show tables like 'MADE'")
    assert "WRITER" in row
    refused = (3001, "Insufficient privileges to operate on schema 'OPEN'")
    assert refusal(run_as, "READER", "create table MADE2 (A int)") == refused
    assert refusal(run_as, "WRITER", "create stage MADE3") == refused
    assert refusal(run_as, "WRITER", "create table DB.HIDDEN.MADE (A int)")[0] == 2003
    assert refusal(run_as, "READER", "create schema DB.MINE") == (
        3001,
        "Insufficient privileges to operate on database 'DB'",
    )


@pytest.mark.parametrize(
    "text",
    [
        "drop table T",
        "alter table T add column B int",
        "alter table T rename to U",
        "create or replace table T (B int)",
        "comment on table T is 'x'",
        "comment on column T.A is 'x'",
        "alter table T alter column A comment 'x'",
    ],
)
def test_who_may_change_rows_does_not_own(admin: Session, run_as: RunAs, text: str) -> None:
    assert refusal(run_as, "WRITER", text) == (3001, "Insufficient privileges to operate on table 'T'")
    execute(admin, "grant ownership on table DB.OPEN.T to role WRITER copy current grants")
    run_as("WRITER", text)


def test_drop_if_exists_never_drops_what_is_not_seen(admin: Session, run_as: RunAs) -> None:
    assert refusal(run_as, "NOBODY", "drop table if exists DB.HIDDEN.T")[0] == 3001
    assert refusal(run_as, "NOBODY", "drop table DB.HIDDEN.T")[0] == 2003
    assert execute(admin, "select count(*) from DB.HIDDEN.T").table.num_rows == 1
    run_as("READER", "drop table if exists DB.OPEN.NONE")


@pytest.mark.parametrize(
    ("role", "text"),
    [
        ("SYSADMIN", "create database MORE"),
        ("SYSADMIN", "create warehouse MORE"),
        ("USERADMIN", "create role MORE"),
        ("USERADMIN", "create user MORE"),
        ("SECURITYADMIN", "create network policy MORE allowed_ip_list = ('10.0.0.0/8')"),
        ("ACCOUNTADMIN", "create resource monitor MORE"),
    ],
)
def test_the_account_is_for_its_system_roles(run_as: RunAs, role: str, text: str) -> None:
    assert refusal(run_as, "WRITER", text) == (3001, "Insufficient privileges to operate on account 'C360'")
    run_as(role, text)
    run_as(role, f"drop {text.removeprefix('create ').split(' MORE')[0]} MORE")


def test_system_roles_have_no_more_than_is_documented(run_as: RunAs) -> None:
    for role, text in (
        ("SYSADMIN", "create role X"),
        ("USERADMIN", "create database X"),
        ("SECURITYADMIN", "create warehouse X"),
        ("SYSADMIN", "create resource monitor X"),
        ("SYSADMIN", "alter account set timezone = 'UTC'"),
    ):
        assert refusal(run_as, role, text)[0] == 3001, (role, text)


def test_a_global_privilege_can_be_granted(admin: Session, run_as: RunAs) -> None:
    execute(admin, "grant create role on account to role READER")
    run_as("READER", "create role MADE_BY_READER", "drop role MADE_BY_READER")


@pytest.mark.parametrize(
    ("privilege", "text"),
    [
        ("OPERATE", "alter warehouse W suspend"),
        ("MODIFY", "alter warehouse W set comment = 'x'"),
        ("MODIFY", "alter warehouse W unset comment"),
    ],
)
def test_warehouses_are_operated_and_modified_apart(admin: Session, run_as: RunAs, privilege: str, text: str) -> None:
    refused = (3001, "Insufficient privileges to operate on warehouse 'W'")
    assert refusal(run_as, "READER", text) == refused
    other = {"OPERATE": "MODIFY", "MODIFY": "OPERATE"}[privilege]
    execute(admin, f"grant {other} on warehouse W to role READER")
    assert refusal(run_as, "READER", text) == refused
    execute(admin, f"grant {privilege} on warehouse W to role READER")
    run_as("READER", text)
    assert refusal(run_as, "READER", "drop warehouse W") == refused


def test_manage_warehouses_stands_for_all_of_them(admin: Session, run_as: RunAs) -> None:
    execute(admin, "grant manage warehouses on account to role NOBODY")
    run_as("NOBODY", "alter warehouse CLOSED suspend")
    assert refusal(run_as, "NOBODY", "use warehouse CLOSED")[0] == 2043


def test_describe_needs_any_privilege(admin: Session, run_as: RunAs) -> None:
    run_as("READER", "describe table T")
    for text, label in (
        ("describe stage S", "Stage 'DB.OPEN.S'"),
        ("describe file format F", "File format 'DB.OPEN.F'"),
    ):
        assert refusal(run_as, "READER", text) == (2003, f"{label} does not exist or not authorized.")
    execute(admin, "grant read on stage DB.OPEN.S to role READER")
    execute(admin, "grant usage on file format DB.OPEN.F to role READER")
    run_as("READER", "describe stage S", "describe file format F")


def test_only_the_primary_role_creates(admin: Session, run_as: RunAs) -> None:
    execute(admin, "grant role READER to user C360")
    execute(admin, "grant role WRITER to user C360")
    assert run_as("READER", "use secondary roles WRITER", "insert into T values (1)")
    assert refusal(run_as, "READER", "use secondary roles WRITER", "create table X (A int)")[0] == 3001
    assert refusal(run_as, "READER", "use secondary roles all", "create table X (A int)")[0] == 3001
    assert refusal(run_as, "READER", "use secondary roles none", "insert into T values (1)")[0] == 3001


def test_sysadmin_does_not_see_roles_beside_its_hierarchy(admin: Session, run_as: RunAs) -> None:
    execute(admin, "grant usage on database DB to role OUTSIDER")
    execute(admin, "grant usage on schema DB.OPEN to role OUTSIDER")
    execute(admin, "grant create table on schema DB.OPEN to role OUTSIDER")
    execute(admin, "revoke select on future tables in schema DB.OPEN from database role DB.OPEN_READ")
    run_as("OUTSIDER", "create table THEIRS (A int)")
    assert refusal(run_as, "SYSADMIN", "select * from THEIRS") == (
        2003,
        "Object 'DB.OPEN.THEIRS' does not exist or not authorized.",
    )
    assert refusal(run_as, "ACCOUNTADMIN", "drop table THEIRS")[0] == 3001
    execute(admin, "grant role OUTSIDER to role SYSADMIN")
    run_as("SYSADMIN", "drop table THEIRS")
