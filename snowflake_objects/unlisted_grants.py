"""What somebody granted beside the access tables, as a Pulumi resource: a refresh finds it, the update revokes it.

The provider's own strictness covers account roles, and of these only objects on which the program grants something to
the same role. This resource covers the rest: database roles, objects that the tables do not mention, roles given to our
roles, grants on what is to come, rights to pass on, and other roles that may use our database, warehouses and
integrations. Who has which account role is not its business: people come and go without a deployment.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from snowflake_objects.grant_rows import Given, present, to_come
from snowflake_objects.settings import SnowflakeSettings

if TYPE_CHECKING:
    from snowflake.connector.cursor import DictCursor

Properties = dict[str, Any]
_DOES_NOT_EXIST = 2003


@dataclass(frozen=True)
class UnlistedGrantsArgs:
    """
    Attributes:
        connection: how to reach Snowflake; credentials come from the environment and are in no state.
        listed: what each of our roles holds, as `entitlements` says it.
        guarded: objects that nobody but our roles may use, as `guarded_objects` says them.
    """

    connection: SnowflakeSettings
    listed: dict[str, list[str]]
    guarded: list[str]


class UnlistedGrantsProvider(ResourceProvider):
    """Finds and revokes; Pulumi runs it in a process of its own."""

    # Pickled as a reference to this module, with nothing secret in it.
    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        keys = ("listed", "guarded", "found")
        return DiffResult(changes=any(_olds.get(key) != _news.get(key) for key in keys), replaces=[], stables=[])

    def create(self, props: Properties) -> CreateResult:
        _revoke_unlisted(props)
        return CreateResult("unlisted-grants", _outputs(props))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        _revoke_unlisted(_news)
        return UpdateResult(_outputs(_news))

    def read(self, id_: str, props: Properties) -> ReadResult:
        with _cursor(props) as cursor:
            seen = props | {"found": sorted(each.line for each in unlisted(cursor, props))}
        return ReadResult(id_, _outputs(seen), _outputs(seen))

    def delete(self, _id: str, _props: Properties) -> None:
        """Nothing was made."""


class UnlistedGrants(Resource, module="snowflake", name="UnlistedGrants"):
    """There are none: whatever a refresh finds is a difference.

    Attributes:
        found: grants beside the tables.
    """

    found: pulumi.Output[list[str]]

    def __init__(self, name: str, args: UnlistedGrantsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        properties = {
            "connection": args.connection.model_dump(exclude_none=True),
            "listed": args.listed,
            "guarded": args.guarded,
            "found": [],
        }
        super().__init__(UnlistedGrantsProvider(), name, properties, opts)


def unlisted(cursor: DictCursor, props: Mapping[str, Any]) -> list[Given]:
    """Every grant that `listed` does not have, each once."""
    listed = {role: frozenset(lines) for role, lines in props["listed"].items()}
    found: dict[str, Given] = {}
    for given in _given(cursor, listed, props["guarded"]):
        if not given.is_ownership and not given.is_listed(listed.get(given.grantee, frozenset())):
            found.setdefault(given.line, given)
    return list(found.values())


def _revoke_unlisted(props: Mapping[str, Any]) -> None:
    with _cursor(props) as cursor:
        for given in unlisted(cursor, props):
            cursor.execute(given.revoke(frozenset(props["listed"].get(given.grantee, ()))))


def _given(cursor: DictCursor, roles: Iterable[str], guarded: Iterable[str]) -> Iterator[Given]:
    """What the roles hold, then what anybody holds on the guarded objects and on what is to come in them."""
    for role in roles:
        yield from map(present, _rows(cursor, f"SHOW GRANTS TO {role}"))
        if role.startswith("DATABASE ROLE "):
            yield from _holders(cursor, role)
        else:
            yield from map(to_come, _rows(cursor, f"SHOW FUTURE GRANTS TO {role}"))
    for each in guarded:
        yield from map(present, _rows(cursor, f"SHOW GRANTS ON {each}"))
        if each.startswith(("DATABASE ", "SCHEMA ")):
            yield from map(to_come, _rows(cursor, f"SHOW FUTURE GRANTS IN {each}"))


def _holders(cursor: DictCursor, role: str) -> Iterator[Given]:
    """Who has a database role, as rights of theirs. The deployer's ownership of it is no row."""
    name = role.removeprefix("DATABASE ROLE ")
    for row in _rows(cursor, f"SHOW GRANTS OF {role}"):
        kind, grantee = str(row["granted_to"]).replace("_", " "), str(row["grantee_name"])
        if kind == "DATABASE ROLE" and "." not in grantee:
            grantee = f"{name.split('.')[0]}.{grantee}"
        yield Given("USAGE", "DATABASE ROLE", name, f"{kind} {grantee}")


def _rows(cursor: DictCursor, statement: str) -> list[dict[str, Any]]:
    """Rows of SHOW; none where the object is gone, which its own resource says better."""
    from snowflake.connector.errors import ProgrammingError

    try:
        cursor.execute(statement)
    except ProgrammingError as error:
        if error.errno != _DOES_NOT_EXIST:
            raise
        return []
    return [dict(row) for row in cursor.fetchall()]


@contextmanager
def _cursor(props: Mapping[str, Any]) -> Iterator[DictCursor]:
    # Imported only when somebody looks: the connector takes 2 of the program's 5 seconds of importing.
    import snowflake.connector
    from snowflake.connector.cursor import DictCursor

    from snowflake_objects.connection import connection_parameters

    parameters = connection_parameters(props["connection"], os.environ)
    with snowflake.connector.connect(**parameters) as connection, connection.cursor(DictCursor) as cursor:
        yield cursor


def _outputs(props: Mapping[str, Any]) -> Properties:
    return {key: props[key] for key in ("connection", "listed", "guarded", "found")}
