"""INFORMATION_SCHEMA of each database, read from DuckDB's own catalog and our notes on its objects."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.enforcement import privileges, visibility
from local_cloud.snowflake.query import run
from local_cloud.snowflake.query.information_schema_views import QUERIES, macro_name
from local_cloud.snowflake.session import Session


def view(session: Session, database: str, name: str) -> exp.Expr:
    """The query behind one view, as a subquery to put in the view's place.

    A module may add a view by registering the table function `INFORMATION_SCHEMA.<NAME>`, which gets the database as
    named argument `DATABASE`.

    Raises:
        SnowflakeError: 002003 when the database is missing; not supported when the view is unknown here.
    """
    if not session.account.databases.exists(database) or not privileges.is_visible(session, "DATABASE", database):
        raise errors.does_not_exist("Database", database)
    if name in QUERIES:
        call = exp.Anonymous(this=macro_name(name), expressions=[exp.Literal.string(database)])
        rows = exp.select("*").from_(exp.Table(this=call))
        seen = _seen(session, database, name)
        return exp.Subquery(this=rows if seen is None else rows.where(seen))
    if function := registry.table_functions().get(f"INFORMATION_SCHEMA.{name}"):
        registered = f"_information_schema_{name.lower()}"
        run.register(session, registered, function(session, (), {"DATABASE": database}))
        return exp.Subquery(this=exp.select("*").from_(exp.Table(this=exp.to_identifier(registered, quoted=True))))
    raise errors.not_supported(f"INFORMATION_SCHEMA.{name}")


def _seen(session: Session, database: str, name: str) -> exp.Expr | None:
    """The condition on a view's rows that leaves what the session's roles see; None when they see all."""
    catalog = session.account.catalog
    if privileges.sees_all(session):
        return None
    if name == "DATABASES":
        databases = visibility.visible(session, catalog.list("database"))
        return _in(exp.column("DATABASE_NAME", quoted=True), {entry.name for entry in databases})
    if name == "SCHEMATA":
        seen = visibility.visible(session, catalog.list("schema", f"{database}."))
        schemas = {entry.short_name for entry in seen} | {"INFORMATION_SCHEMA"}
        return _in(exp.column("SCHEMA_NAME", quoted=True), schemas)
    full = exp.DPipe(
        this=exp.DPipe(this=exp.column("TABLE_SCHEMA", quoted=True), expression=exp.Literal.string(".")),
        expression=exp.column("TABLE_NAME", quoted=True),
    )
    tables = visibility.relations(session, database) or set()
    return _in(full, {table.partition(".")[2] for table in tables})


def _in(value: exp.Expr, names: set[str]) -> exp.Expr:
    if not names:
        return exp.false()
    return exp.In(this=value, expressions=[exp.Literal.string(name) for name in sorted(names)])
