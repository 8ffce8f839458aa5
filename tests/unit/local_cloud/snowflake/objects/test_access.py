"""Access decisions as pure functions: hierarchy, inherited privileges, grants on objects to come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from local_cloud.snowflake.objects.access import (
    DATABASE_ROLE,
    ROLE,
    USER,
    FutureGrant,
    Grant,
    Grantee,
    RoleGrant,
    applicable,
    closure,
    held_privileges,
    roles_of_user,
)

LINKS = [
    RoleGrant(DATABASE_ROLE, "D.READ", ROLE, "ANALYST"),
    RoleGrant(ROLE, "ANALYST", ROLE, "ENGINEER"),
    RoleGrant(ROLE, "ENGINEER", ROLE, "SYSADMIN"),
    RoleGrant(ROLE, "ENGINEER", USER, "ANN"),
]
GRANTS = [
    Grant("SELECT", "TABLE", "D.S.T", DATABASE_ROLE, "D.READ"),
    Grant("INSERT", "TABLE", "D.S.T", ROLE, "ENGINEER"),
    Grant("SELECT", "TABLE", "D.S.OTHER", ROLE, "PUBLIC"),
]


def test_a_role_has_everything_below_it() -> None:
    assert closure(LINKS, Grantee(ROLE, "SYSADMIN")) == {
        Grantee(ROLE, "SYSADMIN"),
        Grantee(ROLE, "ENGINEER"),
        Grantee(ROLE, "ANALYST"),
        Grantee(DATABASE_ROLE, "D.READ"),
    }
    assert Grantee(ROLE, "ENGINEER") not in closure(LINKS, Grantee(ROLE, "ANALYST"))


def test_a_user_may_use_account_roles_only_and_public() -> None:
    assert roles_of_user(LINKS, "ANN") == {"ENGINEER", "ANALYST", "PUBLIC"}
    assert roles_of_user(LINKS, "BOB") == {"PUBLIC"}


def test_privileges_come_through_the_hierarchy_ownership_and_public() -> None:
    assert held_privileges(LINKS, GRANTS, "ENGINEER", "ANALYST", "TABLE", "D.S.T") == {"SELECT"}
    assert held_privileges(LINKS, GRANTS, "ENGINEER", "SYSADMIN", "TABLE", "D.S.T") == {"SELECT", "INSERT", "OWNERSHIP"}
    assert held_privileges(LINKS, GRANTS, None, "NOBODY", "TABLE", "D.S.OTHER") == {"SELECT"}
    assert held_privileges(LINKS, GRANTS, None, "NOBODY", "TABLE", "D.S.T") == frozenset()


def test_future_grants_of_the_schema_replace_those_of_the_database() -> None:
    database = FutureGrant("SELECT", "TABLE", "DATABASE", "D", ROLE, "A")
    schema = FutureGrant("INSERT", "TABLE", "SCHEMA", "D.S", ROLE, "B")
    assert applicable([database, schema], "TABLE", "D.S.T") == [schema]
    assert applicable([database, schema], "TABLE", "D.OTHER.T") == [database]
    assert applicable([database, schema], "VIEW", "D.S.V") == []
    assert applicable([database], "TABLE", "DD.S.T") == []


_NAMES = st.sampled_from("ABCDEF")


@given(st.lists(st.tuples(_NAMES, _NAMES), max_size=15), _NAMES)
def test_closure_ends_even_in_circles_and_is_closed(pairs: list[tuple[str, str]], start: str) -> None:
    links = [RoleGrant(ROLE, given, ROLE, holder) for given, holder in pairs]
    found = closure(links, Grantee(ROLE, start))
    assert Grantee(ROLE, start) in found
    assert all(link.given in found for link in links if link.holder in found)
    # Whatever was found is reachable by itself from something else that was found, or is the start.
    assert all(
        holder.name == start or any(link.given == holder and link.holder in found for link in links) for holder in found
    )
