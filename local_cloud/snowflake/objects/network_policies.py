"""Network policies: kept and shown; the endpoint listens on this machine only, so that there is nobody to keep out.

https://docs.snowflake.com/en/sql-reference/sql/create-network-policy
"""

from __future__ import annotations

import ipaddress
from typing import Any

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.objects import show, store
from local_cloud.snowflake.objects.ddl import Reader, defaults, names, read_create, read_target, text, texts
from local_cloud.snowflake.objects.store import Kind
from local_cloud.snowflake.results import Result, rows
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

NETWORK_POLICY = Kind("network_policy", "Network policy", ("NETWORK", "POLICY"), parts=1)
_LISTS = ("ALLOWED_IP_LIST", "BLOCKED_IP_LIST", "ALLOWED_NETWORK_RULE_LIST", "BLOCKED_NETWORK_RULE_LIST")
OPTIONS = {**{key: texts() if "_IP_" in key else names(3) for key in _LISTS}, "COMMENT": text()}
_COLUMNS = (
    "created_on name comment entries_in_allowed_ip_list entries_in_blocked_ip_list entries_in_allowed_network_rules "
    "entries_in_blocked_network_rules"
)


@registry.statement("CREATE NETWORK POLICY")
def create_network_policy(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    head = read_create(reader, "NETWORK", "POLICY", parts=1)
    document = defaults(OPTIONS) | reader.properties(OPTIONS, "NETWORK POLICY")
    reader.end()
    _check(document)
    return store.create(session, NETWORK_POLICY, head, document)


def _check(document: dict[str, Any]) -> None:
    for key in _LISTS[:2]:
        for address in document[key]:
            try:
                ipaddress.ip_network(address, strict=False)
            except ValueError:
                raise errors.invalid_value(address, key, "IPv4 addresses and ranges such as 10.0.0.0/8") from None


@registry.statement("ALTER NETWORK POLICY")
def alter_network_policy(session: Session, statement: Statement) -> Result:
    return store.alter(session, NETWORK_POLICY, statement, OPTIONS, _check)


@registry.statement("DROP NETWORK POLICY")
def drop_network_policy(session: Session, statement: Statement) -> Result:
    return store.drop(session, NETWORK_POLICY, statement)


@registry.statement("SHOW NETWORK POLICIES")
def show_network_policies(session: Session, statement: Statement) -> Result:
    found = show.entries(session, show.read(Reader(statement), "NETWORK", "POLICIES"), "network_policy")
    values = [
        [entry.created_on, entry.name, entry.document["COMMENT"], *(len(entry.document[key]) for key in _LISTS)]
        for entry in found
    ]
    return show.table(_COLUMNS, values)


@registry.statement("DESCRIBE NETWORK POLICY")
def describe_network_policy(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    name, _ = read_target(reader, "DESCRIBE", "NETWORK", "POLICY", parts=1)
    reader.end()
    document = store.get(session, NETWORK_POLICY, name).document
    return rows(["name", "value"], [[key, ",".join(document[key])] for key in _LISTS if document[key]])
