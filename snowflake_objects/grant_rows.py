"""Rows of SHOW GRANTS and SHOW FUTURE GRANTS: what each of them gives, and the statement that takes it away.

https://docs.snowflake.com/en/sql-reference/sql/show-grants
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PART = re.compile(r'"((?:[^"]|"")*)"|([^."]+)')
# The last part of a procedure's name: "CLEAN_UP(DAYS NUMBER):VARCHAR"
_SIGNATURE = re.compile(r'"?(?P<name>[^"(]+)\((?P<arguments>[^)]*)\)[^"]*"?$')


@dataclass(frozen=True)
class Given:
    """One right that one role holds.

    Attributes:
        privilege: `SELECT`; USAGE for a role that is held.
        kind: type of the object, in words (`FILE FORMAT`); ACCOUNT for the account.
        name: the object's full name as Snowflake writes it; the container's for objects to come.
        grantee: `ROLE <name>`, `DATABASE ROLE <database>.<name>`, `USER <name>`, ...
        future: about objects to come.
        may_pass_on: held WITH GRANT OPTION.
    """

    privilege: str
    kind: str
    name: str
    grantee: str
    future: bool = False
    may_pass_on: bool = False

    @property
    def is_ownership(self) -> bool:
        """Ownership goes with whoever made the object and is given away, never revoked."""
        return self.privilege == "OWNERSHIP" and not self.future

    @property
    def what(self) -> str:
        """`SELECT ON TABLE DB.S.T`, `SELECT ON FUTURE TABLES IN SCHEMA DB.S`, `USAGE ON ROLE R`."""
        if self.kind == "ACCOUNT":
            return f"{self.privilege} ON ACCOUNT"
        if self.future:
            return f"{self.privilege} ON FUTURE {plural(self.kind)} IN {self._container}"
        return f"{self.privilege} ON {self.kind} {_callable(self.name) if self._is_callable else self.name}"

    @property
    def line(self) -> str:
        """The right and its holder, for people."""
        return f"{self.what} TO {self.grantee}{' WITH GRANT OPTION' if self.may_pass_on else ''}"

    def is_listed(self, lines: frozenset[str]) -> bool:
        """Whether lines of `entitlements` give it. None of them may be passed on."""
        parts = name_parts(self.name)
        in_schema = f"{self.privilege} ON {plural(self.kind)} IN SCHEMA {'.'.join(parts[:2])}" in lines
        if self.may_pass_on:
            return False
        if self.future:
            return len(parts) == 2 and in_schema
        place = self.kind if self.kind == "ACCOUNT" else f"{self.kind} {'.'.join(parts)}"
        return f"{self.privilege} ON {place}" in lines or (len(parts) == 3 and in_schema)

    def revoke(self, lines: frozenset[str]) -> str:
        """The statement that takes it away, or only the right to pass it on where lines give the right itself."""
        if self.kind in ("ROLE", "DATABASE ROLE") and self.privilege == "USAGE":
            return f"REVOKE {self.kind} {self.name} FROM {self.grantee}"
        without = Given(self.privilege, self.kind, self.name, self.grantee, self.future)
        option = "GRANT OPTION FOR " if self.may_pass_on and without.is_listed(lines) else ""
        return f"REVOKE {option}{self.what} FROM {self.grantee}"

    @property
    def _container(self) -> str:
        return f"{'SCHEMA' if len(name_parts(self.name)) == 2 else 'DATABASE'} {self.name}"

    @property
    def _is_callable(self) -> bool:
        return self.kind in ("FUNCTION", "PROCEDURE")


def present(row: Mapping[str, Any]) -> Given:
    """A row of SHOW GRANTS."""
    kind = _words(row["granted_on"])
    return Given(
        str(row["privilege"]),
        kind,
        str(row["name"]),
        _grantee(row["granted_to"], row["grantee_name"], str(row["name"])),
        may_pass_on=_truth(row["grant_option"]),
    )


def to_come(row: Mapping[str, Any]) -> Given:
    """A row of SHOW FUTURE GRANTS: its name ends in the kind, `DB.S.<TABLE>`."""
    name = str(row["name"])
    container = name[: name.rindex(".<")] if ".<" in name else name
    return Given(
        str(row["privilege"]),
        _words(row["grant_on"]),
        container,
        _grantee(row["grant_to"], row["grantee_name"], container),
        future=True,
        may_pass_on=_truth(row["grant_option"]),
    )


def name_parts(name: str) -> list[str]:
    """`DB."s".T` -> ["DB", "s", "T"]."""
    return [quoted.replace('""', '"') if quoted else bare for quoted, bare in _PART.findall(name)]


def plural(kind: str) -> str:
    """`TABLE` -> `TABLES`, `MASKING POLICY` -> `MASKING POLICIES`."""
    return f"{kind[:-1]}IES" if kind.endswith("Y") else f"{kind}S"


def _words(kind: object) -> str:
    return str(kind).replace("_", " ")


def _truth(value: object) -> bool:
    return str(value).lower() == "true"


def _grantee(kind: object, name: object, on: str) -> str:
    """A database role is named without its database, which is the object's."""
    words = _words(kind)
    if words == "DATABASE ROLE" and len(name_parts(str(name))) == 1:
        return f"{words} {on if '.' not in on else on[: on.index('.')]}.{name}"
    return f"{words} {name}"


def _callable(name: str) -> str:
    """`DB.S."CLEAN_UP(DAYS NUMBER):VARCHAR"` -> `DB.S.CLEAN_UP(NUMBER)`, as REVOKE wants it."""
    found = _SIGNATURE.search(name)
    if found is None:
        return name
    types = ", ".join(each.split()[-1] for each in found["arguments"].split(",") if each.strip())
    return f"{name[: found.start()]}{found['name']}({types})"
