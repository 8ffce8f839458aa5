"""Names: as in docs/contracts.md, and never two alike."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowflake_objects.naming import (
    HEALTH_PREFIX,
    LAKE_PREFIXES,
    PREFIXES,
    STAGES,
    Access,
    Names,
    Role,
    SchemaName,
    Workload,
    database_role,
)

environments = st.from_regex(r"[a-z][a-z0-9]{1,11}", fullmatch=True)


@pytest.mark.parametrize(
    ("environment", "database"),
    [("local", "CUSTOMER_ANALYTICS_LOCAL"), ("dev", "CUSTOMER_ANALYTICS_DEV"), ("prod", "CUSTOMER_ANALYTICS")],
)
def test_prod_has_the_plain_database_name(environment: str, database: str) -> None:
    assert Names(environment).database == database


def test_names_are_those_of_the_contract() -> None:
    names = Names("dev")
    assert names.warehouse(Workload.TRANSFORM) == "C360_DEV_TRANSFORM_WH"
    assert names.role(Role.MARKETING_MANAGER) == "C360_DEV_MARKETING_MANAGER"
    assert names.storage_integration == "C360_DEV_S3"
    assert names.bucket("123456789012") == "c360-dev-lake-123456789012"
    assert names.landing_topic == "c360-dev-landing"
    assert (names.audit_queue, names.audit_dead_letter_queue) == (
        "c360-dev-landing-audit",
        "c360-dev-landing-audit-dlq",
    )
    assert names.snowflake_aws_role == "c360-dev-snowflake"
    assert database_role(SchemaName.GOLD, Access.READ) == "GOLD_READ"


def snowflake_names(names: Names) -> set[str]:
    return {
        names.database,
        names.storage_integration,
        names.pipe_error_integration,
        names.email_integration,
        names.network_policy,
        *(names.service_user(role) for role in Role),
        *(names.warehouse(workload) for workload in Workload),
        *(names.resource_monitor(workload) for workload in Workload),
        *(names.role(role) for role in Role),
    }


def aws_names(names: Names) -> set[str]:
    queues = {names.audit_queue, names.audit_dead_letter_queue}
    roles = {names.snowflake_aws_role, names.notifications_aws_role}
    return {names.bucket("123456789012"), names.landing_topic, names.pipe_errors, *roles, *queues}


@given(environments, environments)
def test_two_environments_share_no_name(one: str, other: str) -> None:
    if one != other:
        assert snowflake_names(Names(one)).isdisjoint(snowflake_names(Names(other)))
        assert aws_names(Names(one)).isdisjoint(aws_names(Names(other)))


@given(environments)
def test_names_are_legal(environment: str) -> None:
    names = Names(environment)
    assert len(snowflake_names(names)) == 5 + 2 * len(Workload) + 2 * len(Role)
    for name in snowflake_names(names):
        assert re.fullmatch(r"[A-Z][A-Z0-9_]{0,254}", name)
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", names.bucket("1" * 12))
    assert all(re.fullmatch(r"[a-z0-9-]{1,64}", name) for name in aws_names(names) - {names.bucket("1" * 12)})


def test_every_prefix_is_within_what_snowflake_may_reach() -> None:
    for prefix in [*PREFIXES.values(), HEALTH_PREFIX]:
        assert sum(prefix.startswith(allowed) for allowed in LAKE_PREFIXES) == 1
        assert prefix.endswith("/")
    assert STAGES.keys() <= PREFIXES.keys()
