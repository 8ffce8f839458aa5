"""SHOW and DESCRIBE of what DuckDB holds: databases' schemas, tables, views and columns.

Columns as in https://docs.snowflake.com/en/sql-reference/sql/show-tables and its neighbours.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from local_cloud.snowflake import errors
from local_cloud.snowflake.enforcement import privileges, visibility
from local_cloud.snowflake.objects import databases
from local_cloud.snowflake.query import column_types, ddl, names, run, translate
from local_cloud.snowflake.query.notes import literal
from local_cloud.snowflake.registry import statement
from local_cloud.snowflake.results import Result, rows
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

_CREATED = "(comment::json->>'created_on')::timestamptz as created_on"
_OWNER = "comment::json->>'owner' as owner"
_TEXT = "coalesce(comment::json->>'comment', '') as comment"
_TABLES = f"""
select {_CREATED}, table_name as name, database_name, schema_name,
    case when comment::json->>'transient' = 'true' then 'TRANSIENT' else 'TABLE' end as kind, {_TEXT},
    coalesce(comment::json->>'cluster_by', '') as cluster_by, estimated_size::bigint as rows, 0::bigint as bytes,
    {_OWNER}, coalesce(comment::json->>'retention', <retention>) as retention_time,
    'OFF' as automatic_clustering, 'OFF' as change_tracking, 'N' as is_external,
    'N' as enable_schema_evolution, 'ROLE' as owner_role_type, 'N' as is_event, null::varchar as budget,
    'N' as is_hybrid, 'N' as is_iceberg, 'N' as is_dynamic, 'N' as is_immutable
from duckdb_tables() where not internal and database_name <> 'temp'
"""
_VIEWS = f"""
select {_CREATED}, view_name as name, '' as reserved, database_name, schema_name, {_OWNER}, {_TEXT},
    coalesce(comment::json->>'text', '') as text, coalesce(comment::json->>'secure', 'false') as is_secure,
    'false' as is_materialized, 'ROLE' as owner_role_type, 'OFF' as change_tracking
from duckdb_views() where not internal and database_name <> 'temp'
"""
# SHOW OBJECTS says TABLE of transient tables too, and dbt relies on it.
_OBJECTS = f"""
select created_on, name, database_name, schema_name, 'TABLE' as kind, comment, cluster_by, rows, bytes, owner,
    retention_time,
    owner_role_type, budget, is_hybrid, is_iceberg, is_dynamic, is_immutable from ({_TABLES})
union all by name
select created_on, name, database_name, schema_name, 'VIEW' as kind, comment, '' as cluster_by, owner,
    owner_role_type, 'N' as is_hybrid, 'N' as is_iceberg, 'N' as is_dynamic, 'N' as is_immutable from ({_VIEWS})
"""
_TERSE = "created_on, name, kind, database_name, schema_name"


@statement("SHOW TABLES")
def show_tables(session: Session, given: Statement) -> Result:
    return _show(session, given, _with_retention(session, _TABLES), _TERSE)


@statement("SHOW VIEWS")
def show_views(session: Session, given: Statement) -> Result:
    return _show(session, given, _VIEWS, "created_on, name, 'VIEW' as kind, database_name, schema_name")


@statement("SHOW OBJECTS")
def show_objects(session: Session, given: Statement) -> Result:
    return _show(session, given, _with_retention(session, _OBJECTS), _TERSE)


def _with_retention(session: Session, source: str) -> str:
    """The source with the days of time travel that tables have from their schema or database."""
    catalog = session.account.catalog
    of_databases = {entry.name: entry.document for entry in catalog.list("database")}
    cases = [
        f"when {literal(entry.name)} then {literal(days)}"
        for entry in catalog.list("schema")
        if (days := databases.retention(entry.document, of_databases.get(entry.name.split(".")[0], {}))) != "1"
    ]
    inherited = f"case database_name || '.' || schema_name {' '.join(cases)} else '1' end" if cases else "'1'"
    return source.replace("<retention>", inherited)


@statement("SHOW COLUMNS")
def show_columns(session: Session, given: Statement) -> Result:
    """`data_type` is a JSON document, as in https://docs.snowflake.com/en/sql-reference/sql/show-columns"""
    scope = _Scope.of(session, given)
    found = run.execute(
        session,
        "select table_name, schema_name, column_name, data_type, is_nullable, column_default, comment, database_name "
        f"from duckdb_columns() where not internal and database_name <> 'temp' and {scope.where('column_name')} "
        f"and {_seen(session, scope, 'table_name')} "
        "order by database_name, schema_name, table_name, column_index",
    ).fetchall()
    columns = ["table_name", "schema_name", "column_name", "data_type", "null?", "default", "kind", "expression"]
    columns += ["comment", "database_name", "autoincrement", "schema_evolution_record"]
    values = [
        (
            table,
            schema,
            name,
            _type_document(kind, note, nullable),
            "true" if nullable else "NOT_NULL",
            default or "",
            "COLUMN",
            "",
            _note(note).get("comment", ""),
            database,
            "",
            None,
        )
        for table, schema, name, kind, nullable, default, note, database in found
    ]
    return rows(columns, values)


@statement("SHOW USER FUNCTIONS")
def show_user_functions(session: Session, given: Statement) -> Result:  # noqa: ARG001 - the form of all handlers
    """Always empty: there is no CREATE FUNCTION here, but dbt asks.

    https://docs.snowflake.com/en/sql-reference/sql/show-user-functions
    """
    columns = ["created_on", "name", "schema_name", "is_builtin", "is_aggregate", "is_ansi", "min_num_arguments"]
    columns += ["max_num_arguments", "arguments", "description", "catalog_name", "is_table_function"]
    columns += ["valid_for_clustering", "is_secure", "secrets", "external_access_integrations"]
    columns += ["is_external_function", "language", "is_memoizable", "is_data_metric"]
    return rows(columns, [])


@statement("DESCRIBE TABLE", "DESCRIBE VIEW")
def describe_table(session: Session, given: Statement) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/desc-table"""
    tree = translate.parse(given.text).transform(translate.stored_case, copy=False)
    name = names.qualified(session, tree.this)
    dotted = ".".join(name)
    place = ("temp", "main", dotted) if dotted in session.temporary else name
    if place is name and ddl.kind_of(session, name) is None:
        raise errors.does_not_exist(str(tree.args["kind"]).capitalize(), dotted)
    found = run.execute(
        session,
        "select column_name, data_type, is_nullable, column_default, comment from duckdb_columns() "
        "where (database_name, schema_name, table_name) = (?, ?, ?) order by column_index",
        list(place),
    ).fetchall()
    columns = ["name", "type", "kind", "null?", "default", "primary key", "unique key", "check", "expression"]
    columns += ["comment", "policy name", "privacy domain", "schema_evolution_record"]
    values = [
        (
            column,
            column_types.spelled(kind, _note(note).get("type")),
            "COLUMN",
            "Y" if nullable else "N",
            default,
            "N",
            "N",
            None,
            None,
            _note(note).get("comment"),
            None,
            None,
            None,
        )
        for column, kind, nullable, default, note in found
    ]
    return rows(columns, values)


@dataclass(frozen=True)
class _Scope:
    """What a SHOW statement narrows to."""

    tree: exp.Expr
    database: str | None
    schema: str | None
    table: str | None

    @staticmethod
    def of(session: Session, given: Statement) -> _Scope:
        tree = translate.parse(given.text).transform(translate.stored_case, copy=False)
        if not isinstance(tree, exp.Show):
            raise errors.not_supported(" ".join(given.words[:2]))
        kind, scope = str(tree.args.get("scope_kind") or "").upper(), tree.args.get("scope")
        parts = names.parts_of(scope) if isinstance(scope, exp.Table) else []
        if kind == "ACCOUNT":
            return _Scope(tree, None, None, None)
        schemas = str(tree.this).upper() == "SCHEMAS"
        if kind == "DATABASE" or (schemas and not parts):
            return _known(session, tree, parts[0] if parts else session.database, None)
        if kind in {"TABLE", "VIEW"} and parts:
            return _Scope(tree, *session.qualified(*parts))
        if parts:
            database = parts[0] if len(parts) == 2 else session.database
            return _known(session, tree, None, parts[0]) if schemas else _known(session, tree, database, parts[-1])
        return _Scope(tree, session.database, session.schema, None)

    def where(self, name: str) -> str:
        conditions = ["true"]
        for column, value in (("database_name", self.database), ("schema_name", self.schema)):
            if value is not None:
                conditions.append(f"{column} = {literal(value)}")
        if self.table is not None:
            conditions.append(f"table_name = {literal(self.table)}")
        if like := self.tree.args.get("like"):
            conditions.append(f"{name} ilike {literal(like.name)} escape '\\'")
        if starts := self.tree.args.get("starts_with"):
            conditions.append(f"starts_with({name}, {literal(starts.name)})")
        if after := self.tree.args.get("from_"):
            conditions.append(f"{name} > {literal(after.name)}")
        return " and ".join(conditions)

    def limit(self) -> str:
        limit = self.tree.args.get("limit")
        return f" limit {int(limit.expression.name)}" if limit else ""


def _known(session: Session, tree: exp.Expr, database: str | None, schema: str | None) -> _Scope:
    databases = session.account.databases
    if database is not None and not (
        databases.exists(database) and privileges.is_visible(session, "DATABASE", database)
    ):
        raise errors.does_not_exist("Database", database)
    if database is not None and schema is not None and not _sees_schema(session, database, schema):
        if schema == "INFORMATION_SCHEMA":
            return _Scope(tree, database, schema, None)
        raise errors.does_not_exist("Schema", f"{database}.{schema}")
    if database is None and schema is not None:  # SHOW SCHEMAS IN <name>: the name is a database
        return _known(session, tree, schema, None)
    return _Scope(tree, database, schema, None)


def _show(session: Session, given: Statement, source: str, terse: str, full: str = "*") -> Result:
    scope = _Scope.of(session, given)
    columns = terse if scope.tree.args.get("terse") else full
    query = f"select {columns} from ({source}) where {scope.where('name')} "
    query += f"and {_seen(session, scope, 'name')} order by database_name, "
    order = "schema_name, name" if "schema_name" in source.split("from", 1)[0] else "name"
    return Result(run.query(session, query + order + scope.limit()))


def _sees_schema(session: Session, database: str, schema: str) -> bool:
    there = session.account.databases.schema_exists(database, schema)
    return there and privileges.is_visible(session, "SCHEMA", f"{database}.{schema}")


def _seen(session: Session, scope: _Scope, name: str) -> str:
    """The condition that leaves the tables and views on which the session's roles hold anything."""
    names_seen = visibility.relations(session, scope.database)
    if names_seen is None:
        return "true"
    listed = ", ".join(literal(each) for each in sorted(names_seen)) or "''"
    return f"concat(database_name, '.', schema_name, '.', {name}) in ({listed})"


def _note(text: str | None) -> dict[str, Any]:
    return dict(json.loads(text)) if text else {}


def _type_document(engine_type: str, note: str | None, nullable: bool) -> str:
    spelled = column_types.spelled(engine_type, _note(note).get("type"))
    name, _, inside = spelled.rstrip(")").partition("(")
    document: dict[str, Any] = {"type": {"VARCHAR": "TEXT", "NUMBER": "FIXED", "FLOAT": "REAL"}.get(name, name)}
    if name == "NUMBER":
        precision, scale = inside.split(",")
        document |= {"precision": int(precision), "scale": int(scale)}
    elif name == "VARCHAR":
        document |= {"length": int(inside), "byteLength": min(int(inside) * 4, 16_777_216), "fixed": False}
    elif inside:
        document |= {"precision": 0, "scale": int(inside)}
    return json.dumps({**document, "nullable": nullable})
