"""Which stored object a name in a statement means: context, CTEs, temporary tables, INFORMATION_SCHEMA."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from local_cloud.snowflake import registry
from local_cloud.snowflake.query import information_schema
from local_cloud.snowflake.session import Session

# Where DuckDB keeps a connection's temporary tables.
_TEMPORARY = ("temp", "main")


def parts_of(table: exp.Table) -> list[str]:
    """One to three name parts, outermost first."""
    return [part.name for part in (table.args.get("catalog"), table.args.get("db"), table.this) if part is not None]


def qualified(session: Session, table: exp.Table) -> tuple[str, str, str]:
    """Database, schema and name; raises SnowflakeError 090105 or 090106 without context."""
    parts = parts_of(table)
    if len(parts) == 3 and not table.args.get("db"):  # db..name means the schema PUBLIC
        parts[1] = "PUBLIC"
    return session.qualified(*parts)


def physical(session: Session, table: exp.Table) -> exp.Table:
    """The DuckDB table behind a name, without alias."""
    database, schema, name = qualified(session, table)
    dotted = f"{database}.{schema}.{name}"
    if dotted in session.temporary:
        return reference(*_TEMPORARY, dotted)
    return reference(database, schema, name)


def reference(database: str, schema: str, name: str) -> exp.Table:
    """A fully qualified, quoted table node."""
    return exp.Table(
        this=exp.to_identifier(name, quoted=True),
        db=exp.to_identifier(schema, quoted=True),
        catalog=exp.to_identifier(database, quoted=True),
    )


def temporary(dotted: str) -> exp.Table:
    """Where the temporary table `DB.SCHEMA.NAME` lives."""
    return reference(*_TEMPORARY, dotted)


def qualify(session: Session, statement: exp.Expr) -> exp.Expr:
    """Replace every table name by the object it means. Identifiers must be in their stored case already."""
    for table in list(statement.find_all(exp.Table)):
        if isinstance(table.this, exp.Identifier) and not _is_cte(table):
            _resolve(session, table)
    return statement


def stored_tables(statement: exp.Expr) -> Iterator[str]:
    """Dotted names of the stored tables and views in a qualified statement."""
    for table in statement.find_all(exp.Table):
        parts = parts_of(table) if isinstance(table.this, exp.Identifier) else []
        if len(parts) == 3 and parts[0] != "temp":
            yield ".".join(parts)


def _resolve(session: Session, table: exp.Table) -> None:
    database, schema, name = qualified(session, table)
    if schema == "INFORMATION_SCHEMA":
        view = information_schema.view(session, database, name)
        view.set("alias", table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
        table.replace(view)
        return
    target = _other_source(session, f"{database}.{schema}.{name}") or physical(session, table)
    for key in ("this", "db", "catalog"):
        table.set(key, target.args[key])
    if target.name != name and not table.alias and not _is_written(table):
        table.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True)))


def _other_source(session: Session, dotted: str) -> exp.Table | None:
    for source in registry.relation_sources:
        if found := source(session, dotted):
            return reference(*found)
    return None


def _is_written(table: exp.Table) -> bool:
    parent = table.parent
    return isinstance(parent, exp.Insert | exp.Create | exp.Drop | exp.Alter | exp.Schema | exp.TruncateTable)


def _is_cte(table: exp.Table) -> bool:
    """Whether an unqualified name is a common table expression in scope."""
    if table.args.get("db"):
        return False
    child: exp.Expr = table
    node = table.parent
    while node is not None:
        if isinstance(node, exp.With):
            siblings = node.expressions
            visible = siblings if node.args.get("recursive") else siblings[: siblings.index(child)]
        else:
            own = node.args.get("with_")
            visible = own.expressions if own is not None and own is not child else []
        if any(cte.alias == table.name for cte in visible):
            return True
        child, node = node, node.parent
    return False
