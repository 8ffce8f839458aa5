"""What a refresh makes of privileges that others granted on the object of a grant.

https://registry.terraform.io/providers/snowflakedb/snowflake/latest/docs/guides/strict_privilege_management
"""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.engine.registry import handler_of
from local_cloud.engine.resources.base import Live
from local_cloud.engine.resources.snowflake.base import SqlHandler

TYPE = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole"
ON_WAREHOUSE = {
    "accountRoleName": "R",
    "privileges": ["USAGE", "MONITOR"],
    "onAccountObject": {"objectType": "WAREHOUSE", "objectName": "W"},
}
STRICT = {"strictPrivilegeManagement": True}


class Account:
    """Answers SHOW GRANTS TO ROLE with privileges on warehouses by name."""

    def __init__(self, held: dict[str, list[str]]) -> None:
        self._rows = [
            {"privilege": privilege, "granted_on": "WAREHOUSE", "name": name}
            for name, privileges in held.items()
            for privilege in privileges
        ]

    def execute(self, statement: str) -> list[dict[str, Any]]:
        assert statement == 'SHOW GRANTS TO ROLE "R"'
        return self._rows


@pytest.mark.parametrize(
    ("inputs", "held", "live"),
    [
        (ON_WAREHOUSE, ["MONITOR", "OPERATE", "USAGE"], ["USAGE", "MONITOR"]),
        (ON_WAREHOUSE, ["OPERATE"], None),
        (ON_WAREHOUSE | STRICT, ["MONITOR", "USAGE"], ["USAGE", "MONITOR"]),
        (ON_WAREHOUSE | STRICT, ["OPERATE", "MODIFY", "USAGE"], ["USAGE", "MODIFY", "OPERATE"]),
        (ON_WAREHOUSE | STRICT, ["OPERATE"], ["OPERATE"]),
        (ON_WAREHOUSE | STRICT, [], None),
    ],
)
def test_only_a_strict_grant_claims_what_others_gave(
    inputs: dict[str, Any], held: list[str], live: list[str] | None
) -> None:
    found = _handler().read(Account({"W": held, "ANOTHER": ["APPLYBUDGET"]}), "", inputs, {})
    assert found == (Live({"privileges": live}) if live else None)


def test_the_update_revokes_what_is_not_named() -> None:
    live = ON_WAREHOUSE | STRICT | {"privileges": ["USAGE", "MODIFY", "OPERATE"]}
    assert _handler().alter_sql(live, ON_WAREHOUSE | STRICT) == [
        'REVOKE MODIFY, OPERATE ON WAREHOUSE "W" FROM ROLE "R"',
        'GRANT MONITOR ON WAREHOUSE "W" TO ROLE "R"',
    ]


def test_becoming_strict_sends_nothing_and_replaces_nothing() -> None:
    """The provider plans what to revoke only after it has read with the flag set."""
    assert _handler().alter_sql(ON_WAREHOUSE, ON_WAREHOUSE | STRICT) == []
    assert _handler().replaced_by(ON_WAREHOUSE, ON_WAREHOUSE | STRICT, {"strictPrivilegeManagement"}) == set()


def _handler() -> SqlHandler:
    found = handler_of(TYPE, "it")
    assert isinstance(found, SqlHandler)
    return found
