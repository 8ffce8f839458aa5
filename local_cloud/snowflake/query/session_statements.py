"""Statements about the session: USE, ALTER SESSION, SET, transactions, EXPLAIN."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from sqlglot import exp

from local_cloud.snowflake import errors
from local_cloud.snowflake.enforcement import privileges
from local_cloud.snowflake.query import names, run, translate
from local_cloud.snowflake.registry import scalar_function, statement
from local_cloud.snowflake.results import Result, rows, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

_DONE = "Statement executed successfully."
_EXPLAIN = re.compile(r"^\s*EXPLAIN\s+(?:USING\s+(?:TEXT|TABULAR|JSON)\s+)?", re.IGNORECASE)


@statement("USE", "USE DATABASE")
def use_database(session: Session, given: Statement) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/use-database: the schema becomes PUBLIC, when there is one."""
    parts = _named(given)
    if len(parts) == 2:
        return _use_schema(session, parts)
    if not session.account.databases.exists(parts[0]) or not privileges.is_visible(session, "DATABASE", parts[0]):
        raise _not_usable(parts[0])
    session.database = parts[0]
    public = session.account.databases.schema_exists(parts[0], "PUBLIC")
    seen = public and privileges.is_visible(session, "SCHEMA", f"{parts[0]}.PUBLIC")
    session.schema = "PUBLIC" if seen else None
    return status(_DONE)


@statement("USE SCHEMA")
def use_schema(session: Session, given: Statement) -> Result:
    return _use_schema(session, _named(given))


def _use_schema(session: Session, parts: list[str]) -> Result:
    database, schema = (parts[0], parts[1]) if len(parts) == 2 else (session.database, parts[0])
    if database is None:
        session.qualified(schema)  # raises 090105
    exists = database is not None and session.account.databases.schema_exists(database, schema)
    exists = exists and privileges.is_visible(session, "SCHEMA", f"{database}.{schema}")
    if not exists and schema != "INFORMATION_SCHEMA":
        raise _not_usable(f"{database}.{schema}" if len(parts) == 2 else schema)
    session.database, session.schema = database, schema
    return status(_DONE)


def _named(given: Statement) -> list[str]:
    tree = translate.parse(given.text).transform(translate.stored_case, copy=False)
    table = tree.find(exp.Table)
    if table is None:
        raise errors.not_supported("USE without a name")
    return names.parts_of(table)


def _not_usable(name: str) -> errors.SnowflakeError:
    return errors.compilation_error(2043, "02000", "Object does not exist, or operation cannot be performed.\n" + name)


@statement("ALTER SESSION")
def alter_session(session: Session, given: Statement) -> Result:
    """Parameters are recorded; AUTOCOMMIT takes effect at once and commits what is open."""
    tree = translate.parse(given.text)
    action = tree.find(exp.AlterSession)
    if action is None:
        raise errors.not_supported("ALTER SESSION with this action")
    for item in action.expressions:
        if action.args.get("unset"):
            session.parameters.pop(item.name.upper(), None)
            continue
        name, value = item.this.this.name.upper(), item.this.expression
        session.parameters[name] = value.this if isinstance(value, exp.Boolean) else value.name
        if name == "AUTOCOMMIT":
            run.commit(session)
    return status(_DONE)


@statement("SET")
def set_variable(session: Session, given: Statement) -> Result:
    """https://docs.snowflake.com/en/sql-reference/session-variables; the value is worked out now."""
    for item in translate.parse(given.text).expressions:
        value = translate.evaluate(session, item.this.expression)
        session.variables[item.this.this.name.upper()] = exp.convert(value).sql(dialect="snowflake")
    return status(_DONE)


@statement("UNSET")
def unset_variable(session: Session, given: Statement) -> Result:
    for word in given.words[1:]:
        session.variables.pop(word, None)
    return status(_DONE)


@statement("BEGIN", "START TRANSACTION")
def begin(session: Session, _given: Statement) -> Result:
    """A second BEGIN is ignored, as in Snowflake: transactions do not nest."""
    run.begin(session)
    return status(_DONE)


@statement("COMMIT")
def commit(session: Session, _given: Statement) -> Result:
    run.commit(session)
    return status(_DONE)


@statement("ROLLBACK")
def rollback(session: Session, _given: Statement) -> Result:
    run.rollback(session)
    return status(_DONE)


@statement("EXPLAIN")
def explain(session: Session, given: Statement) -> Result:
    """The plan as text in one column; its words are DuckDB's, because DuckDB runs it."""
    text = _EXPLAIN.sub("", given.text)
    plan = run.query(session, f"explain {translate.translate(session, translate.parse(text))}")
    return rows(["content"], [[line] for line in plan.column(1)[0].as_py().splitlines()], [pa.string()])


@scalar_function("SYSTEM$CANCEL_ALL_QUERIES")
def cancel_all_queries(_session: Session, _arguments: Sequence[Any]) -> str:
    """A session's statements run one after the other here, so that none is left when this one runs."""
    return "0 cancelled."
