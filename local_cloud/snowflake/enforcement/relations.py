"""What a query or a change needs of the tables and views that it names.

https://docs.snowflake.com/en/user-guide/security-access-control-privileges#table-privileges

A view is read with the rights of its owner: who may select from it needs nothing on what is underneath, but the
owner does, each time that it is read.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from local_cloud.snowflake import errors
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.enforcement import privileges, roles
from local_cloud.snowflake.objects.access import OWNERSHIP
from local_cloud.snowflake.objects.relation_entries import SOURCES
from local_cloud.snowflake.session import Session

# What statements can name as a table, as the catalog and as GRANT call it.
KINDS = {
    "table": "TABLE",
    "view": "VIEW",
    "semantic_view": "SEMANTIC VIEW",
    "stream": "STREAM",
    "dynamic_table": "DYNAMIC TABLE",
}


def check(session: Session, statement: exp.Expr) -> None:
    """Raise unless the session's roles may read and change what a statement names.

    Args:
        statement: with its tables fully qualified.

    Raises:
        SnowflakeError: 002003, 003001.
    """
    if privileges.is_free(session):
        return
    wanted: dict[str, set[str]] = {}
    for name, needed in needs(statement):
        wanted.setdefault(name, set()).update(needed)
    for name, every in wanted.items():
        require(session, name, *sorted(every))


def needs(statement: exp.Expr) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each stored table or view in a statement by its full name, and all the privileges that are needed on it."""
    written = _written(statement)
    for table in statement.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or not table.catalog or not table.db or table.catalog == "temp":
            continue
        needed = written.get(id(table), ("SELECT",))
        if needed:
            yield f"{table.catalog}.{table.db}.{table.name}", needed


def _written(statement: exp.Expr) -> dict[int, tuple[str, ...]]:
    """Privileges on what a statement changes, by the identity of the node that names it."""
    match statement:
        case exp.Insert() | exp.Create():
            target = statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
            # What CREATE needs is no matter of privileges on the table.
            return {id(target): ("INSERT",) if isinstance(statement, exp.Insert) else ()}
        case exp.Update():
            return {id(statement.this): ("UPDATE",)}
        case exp.Delete():
            return {id(statement.this): ("DELETE",)}
        case exp.TruncateTable():
            return {id(table): ("TRUNCATE",) for table in statement.expressions}
        case exp.Merge():
            actions = {_action(when.args["then"]) for when in statement.args["whens"].expressions}
            return {id(statement.this): tuple(sorted(actions))}
    return {}


def _action(then: exp.Expr) -> str:
    if isinstance(then, exp.Update):
        return "UPDATE"
    return "INSERT" if isinstance(then, exp.Insert) else "DELETE"


def require(session: Session, name: str, *every: str) -> None:
    """Raise unless the session holds every one of the privileges on a table or view, if there is one of that name."""
    if privileges.is_free(session):
        return
    found = session.account.catalog.owners(name, *KINDS)
    for kind in found:
        for privilege in every:
            privileges.require(session, KINDS[kind], name, privilege, label="Object")
        if "SELECT" in every and kind == "view":
            _expand(session.account, name, found[kind])
    if not found:
        privileges.require_containers(session, "TABLE", name, roles.active(session))


def require_visible(session: Session, name: str) -> None:
    """Raise unless the session holds anything on a table or view, if there is one of that name."""
    for kind in session.account.catalog.owners(name, *KINDS):
        privileges.require(session, KINDS[kind], name, label="Object")


def _expand(account: Account, view: str, owner: str) -> None:
    """Raise unless a view's owner may read everything that the view selects from."""
    entry = account.catalog.get("view", view)
    if entry is None or not owner:
        return
    holders = roles.holders_of(account, owner)
    for source in entry.document.get(SOURCES, ()):
        for kind, source_owner in account.catalog.owners(source, *KINDS).items():
            if not _may_read(account, holders, kind, source):
                inner = errors.does_not_exist("Object", source).message
                raise errors.compilation_error(2037, "42601", f"Failure during expansion of view '{view}': {inner}")
            if kind == "view":
                _expand(account, source, source_owner)


def _may_read(account: Account, holders: roles.Holders, kind: str, name: str) -> bool:
    usable = all(
        privileges.held(account, holders, *container) & {"USAGE", OWNERSHIP}
        for container in privileges.containers(KINDS[kind], name)
    )
    return usable and bool(privileges.held(account, holders, KINDS[kind], name) & {"SELECT", OWNERSHIP})
