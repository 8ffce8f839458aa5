"""The access tables: each role has what its job needs and no more."""

from __future__ import annotations

import pytest

from snowflake_objects.access import OBJECT_ACCESS, ROLE_ACCESS, SCHEMA_ACCESS, ObjectKind
from snowflake_objects.naming import Access, Role, SchemaName, Workload

S = SchemaName


def reach(role: Role) -> dict[SchemaName, Access]:
    """The strongest access of a role to each schema, inherited roles included."""
    found: dict[SchemaName, Access] = {}
    inherited = [pair for other in ROLE_ACCESS[role].inherits for pair in reach(other).items()]
    for schema, access in [*inherited, *ROLE_ACCESS[role].schemas]:
        found[schema] = Access.WRITE if Access.WRITE in (access, found.get(schema)) else access
    return found


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        (Role.DATA_ENGINEER, set(), set(S)),
        (Role.DATA_ANALYST, {S.SILVER, S.GOLD, S.OBSERVABILITY, S.REPORTING, S.APP}, set()),
        (Role.MARKETING_MANAGER, {S.GOLD, S.REPORTING, S.APP}, set()),
        (Role.DATA_SCIENTIST, {S.GOLD}, {S.ML}),
        (Role.LOADER, set(), {S.BRONZE}),
        (Role.TRANSFORMER, {S.BRONZE}, {S.SILVER, S.GOLD, S.ML, S.OBSERVABILITY, S.REPORTING}),
        (Role.APP_OWNER, {S.GOLD, S.REPORTING, S.OBSERVABILITY}, {S.APP}),
        (Role.REPORTER, {S.GOLD}, {S.REPORTING}),
    ],
)
def test_each_role_reaches_its_schemas_and_no_other(role: Role, reads: set[S], writes: set[S]) -> None:
    expected = dict.fromkeys(reads, Access.READ) | dict.fromkeys(writes, Access.WRITE)
    assert reach(role) == expected


def test_the_app_schema_holds_no_data_to_read() -> None:
    assert SCHEMA_ACCESS[S.APP].reads == SCHEMA_ACCESS[S.APP].changes == ()


def test_bronze_is_append_only_for_whoever_loads() -> None:
    assert SCHEMA_ACCESS[S.BRONZE].changes == ("INSERT",)
    assert SCHEMA_ACCESS[S.BRONZE].creates == ()


def test_nobody_but_the_loader_uses_what_reads_the_lake() -> None:
    for kind in (ObjectKind.INTEGRATION, ObjectKind.LAKE_STAGE, ObjectKind.PIPE):
        assert OBJECT_ACCESS[kind].keys() == {Role.LOADER}


def test_the_tables_cover_every_schema_role_and_kind() -> None:
    assert SCHEMA_ACCESS.keys() == set(SchemaName)
    assert ROLE_ACCESS.keys() == set(Role)
    assert OBJECT_ACCESS.keys() == set(ObjectKind)


def test_every_warehouse_has_a_user_and_every_role_a_warehouse() -> None:
    used = {workload for access in ROLE_ACCESS.values() for workload in access.warehouses}
    assert used == set(Workload)
    assert all(access.warehouses for access in ROLE_ACCESS.values())
