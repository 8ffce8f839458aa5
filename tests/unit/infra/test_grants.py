"""Grants as registered: what the access tables entitle to and no other, each strict where the provider can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from infra.offline import Registration
from snowflake_objects.entitlements import entitlements, guarded_objects
from snowflake_objects.grant_rows import name_parts
from snowflake_objects.naming import Names
from tests.unit.infra.program import STACKS, Program, run

# Importing the SDK's S3 module warns about its own old resource names.
pytestmark = pytest.mark.filterwarnings("ignore:aws.s3:DeprecationWarning")


def _plain(name: str) -> str:
    return ".".join(name_parts(name))


def _place(inputs: dict[str, Any]) -> str:
    """What the grant is on, as `entitlements` says it."""
    if inputs.get("onAccount"):
        return "ACCOUNT"
    on = inputs.get("onAccountObject") or inputs.get("onSchemaObject") or inputs["onSchema"]
    if "schemaName" in on:
        return f"SCHEMA {_plain(on['schemaName'])}"
    if "objectName" in on:
        return f"{on['objectType']} {_plain(on['objectName'])}"
    scope = on.get("all") or on["future"]
    return f"{scope['objectTypePlural']} IN SCHEMA {_plain(scope['inSchema'])}"


def _granted(grant: Registration) -> Iterator[tuple[str, str]]:
    """Holder and line of everything that a registration grants."""
    inputs = grant.inputs
    kind = grant.type.rsplit(":", 1)[-1]
    if kind == "GrantAccountRole":
        yield f"ROLE {inputs.get('parentRoleName')}", f"USAGE ON ROLE {inputs['roleName']}"
    elif kind == "GrantDatabaseRole":
        parent = inputs.get("parentDatabaseRoleName")
        holder = f"DATABASE ROLE {_plain(parent)}" if parent else f"ROLE {inputs['parentRoleName']}"
        yield holder, f"USAGE ON DATABASE ROLE {_plain(inputs['databaseRoleName'])}"
    else:
        database_role = inputs.get("databaseRoleName")
        holder = f"DATABASE ROLE {_plain(database_role)}" if database_role else f"ROLE {inputs['accountRoleName']}"
        for privilege in inputs["privileges"]:
            yield holder, f"{privilege} ON {_place(inputs)}"


def _grants(program: Program) -> list[Registration]:
    return [one for one in program.resources.values() if ":Grant" in one.type]


@pytest.mark.parametrize("stack", STACKS)
def test_what_is_granted_is_what_the_tables_entitle_to(stack: str) -> None:
    listed = entitlements(Names(stack))
    database = Names(stack).database
    found: dict[str, set[str]] = {role: set() for role in listed}
    for role in listed:
        if role.startswith("DATABASE ROLE "):
            found[role].add(f"USAGE ON DATABASE {database}")
    for grant in _grants(run(stack)):
        for holder, line in _granted(grant):
            # SYSADMIN, above all our roles, and the users of services hold account roles alone.
            if holder in listed:
                found[holder].add(line)
            else:
                assert holder in ("ROLE SYSADMIN", "ROLE None"), (holder, line)
                assert line.startswith(f"USAGE ON ROLE C360_{stack.upper()}_")
    assert {role: sorted(lines) for role, lines in found.items()} == listed


@pytest.mark.parametrize("stack", STACKS)
def test_whatever_is_granted_now_is_granted_in_future_too(stack: str) -> None:
    scopes = Counter(
        (grant.inputs["databaseRoleName"], tuple(grant.inputs["privileges"]), _place(grant.inputs))
        for grant in _grants(run(stack))
        if {"all", "future"} & grant.inputs.get("onSchemaObject", {}).keys()
    )
    assert len(scopes) > 15
    assert set(scopes.values()) == {2}


def test_grants_to_account_roles_are_strict_and_one_for_each_object() -> None:
    strict = [one for one in _grants(run("prod")) if one.type.endswith(":GrantPrivilegesToAccountRole")]
    assert all(one.inputs["strictPrivilegeManagement"] is True for one in strict)
    # Two on one object would revoke each other's privileges.
    objects = Counter((one.inputs["accountRoleName"], _place(one.inputs)) for one in strict)
    assert set(objects.values()) == {1}


@pytest.mark.parametrize("stack", STACKS)
def test_the_rest_is_guarded_once_the_roles_are_there(stack: str) -> None:
    program = run(stack)
    guard = program.one("UnlistedGrants")
    assert guard.inputs["listed"] == entitlements(Names(stack))
    assert guard.inputs["found"] == []
    needed = program.needs(guard)
    assert {one.urn for one in program.all("AccountRole") + program.all("DatabaseRole")} <= needed
    named = {each.split(" ", 1)[1] for each in guard.inputs["guarded"]}
    database = program.one("Database").inputs["name"]
    guarded_types = ("Warehouse", "StorageIntegrationAws", "NotificationIntegration", "EmailNotificationIntegration")
    expected = {one.inputs["name"] for kind in guarded_types for one in program.all(kind)}
    expected |= {database} | {f"{database}.{one.inputs['name']}" for one in program.all("Schema")}
    assert named == expected


def test_an_integration_that_is_not_there_is_not_guarded() -> None:
    assert "INTEGRATION C360_DEV_EMAIL" not in guarded_objects(Names("dev"), email=False)
