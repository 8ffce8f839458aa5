"""Rules about Snowflake objects and grants."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.rules.model import UNKNOWN, Inputs

_GRANTEES = ("accountRoleName", "parentRoleName", "roleName", "databaseRoleName", "parentDatabaseRoleName")
_ADMINISTRATORS = {"ACCOUNTADMIN", "SECURITYADMIN", "ORGADMIN", "USERADMIN", "SYSADMIN"}
_LONGEST_SUSPEND = 600


def warehouses_are_bounded(type_: str, inputs: Inputs) -> Iterator[str]:
    """A warehouse stops when idle, ends what runs too long, and has a quota."""
    if type_ != "snowflake:index/warehouse:Warehouse":
        return
    suspend = inputs.get("autoSuspend")
    if suspend is not UNKNOWN and not (suspend and 0 < suspend <= _LONGEST_SUSPEND):
        yield f"autoSuspend is {suspend}; set 1 to {_LONGEST_SUSPEND} seconds"
    for key in ("statementTimeoutInSeconds", "statementQueuedTimeoutInSeconds", "resourceMonitor"):
        if not inputs.get(key):
            yield f"{key} is not set"


def nothing_for_public(type_: str, inputs: Inputs) -> Iterator[str]:
    """PUBLIC is everybody: it is granted nothing."""
    if _is_grant(type_) and "PUBLIC" in {_bare(inputs.get(key)) for key in _GRANTEES}:
        yield "grants to PUBLIC, which everybody has; name a role"


def grants_are_narrow(type_: str, inputs: Inputs) -> Iterator[str]:
    """Privileges are named, cannot be passed on, and administrators' roles are granted by people, not by programs."""
    if not _is_grant(type_):
        return
    if inputs.get("allPrivileges") or "ALL PRIVILEGES" in (inputs.get("privileges") or []):
        yield "grants all privileges; name those that are needed"
    if "OWNERSHIP" in (inputs.get("privileges") or []):
        yield "grants ownership as a privilege"
    if inputs.get("withGrantOption"):
        yield "may be granted on; leave withGrantOption out"
    if type_.endswith(":GrantAccountRole") and _bare(inputs.get("roleName")) in _ADMINISTRATORS:
        yield f"hands out {_bare(inputs['roleName'])}"


def schemas_manage_access(type_: str, inputs: Inputs) -> Iterator[str]:
    """Only a schema's owner grants on what lies in it."""
    if type_ == "snowflake:index/schema:Schema" and inputs.get("withManagedAccess") != "true":
        yield 'is not a managed-access schema; set withManagedAccess to "true"'


def no_passwords(type_: str, inputs: Inputs) -> Iterator[str]:
    """Nobody logs in with a password, and no credential passes through the program."""
    if type_.rsplit(":", 1)[-1] in ("User", "LegacyServiceUser", "AccessKey", "UserLoginProfile"):
        yield "has a password or a permanent key; use ServiceUser with a key pair, or a role"
    for key, value in inputs.items():
        if value and re.fullmatch(r"password|passcode|token|privateKey|privateKeyPassphrase|secretKey|accessKey", key):
            yield f"{key} is set; credentials come from the environment"
    for key in ("execute", "query", "copyStatement", "sqlStatement"):
        if re.search(r"\b(PASSWORD|CREDENTIALS)\s*=", str(inputs.get(key, "")), re.IGNORECASE):
            yield f"{key} carries a credential"


def _is_grant(type_: str) -> bool:
    return type_.startswith("snowflake:index/grant")


def _bare(name: object) -> str:
    return str(name).rsplit(".", 1)[-1].strip('"').upper()
