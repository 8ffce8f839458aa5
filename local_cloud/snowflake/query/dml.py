"""SELECT, INSERT, UPDATE, DELETE, MERGE and TRUNCATE."""

from __future__ import annotations

import pyarrow as pa
from sqlglot import exp

from local_cloud.snowflake.enforcement import relations, warehouse
from local_cloud.snowflake.query import names, run, translate
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import Session

_INSERTED, _UPDATED, _DELETED = "number of rows inserted", "number of rows updated", "number of rows deleted"
_MULTI_JOINED = "number of multi-joined rows updated"
_MERGED = [(_INSERTED, "INSERT"), (_UPDATED, "UPDATE"), (_DELETED, "DELETE")]


def select(session: Session, statement: exp.Expr) -> Result:
    return Result(run.query(session, translate.executable(session, statement)))


def insert(session: Session, statement: exp.Expr) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/insert"""
    overwrite = statement.args.get("overwrite")
    statement.set("overwrite", None)
    prepared = translate.prepare(session, statement)
    warehouse.require(session)
    target = prepared.this.this if isinstance(prepared.this, exp.Schema) else prepared.this
    if overwrite:
        relations.require(session, ".".join(names.parts_of(target)), "DELETE")
    prepared = translate.to_duckdb(prepared)
    sql = translate.sql(prepared)
    _begin_implicitly(session)
    if not overwrite:
        return _counts({_INSERTED: run.count(session, sql)})
    target = prepared.this.this if isinstance(prepared.this, exp.Schema) else prepared.this
    with run.atomic(session):
        run.execute(session, f"delete from {translate.sql(_plain(target))}")
        return _counts({_INSERTED: run.count(session, sql)})


def update(session: Session, statement: exp.Expr) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/update"""
    for assignment in statement.expressions:
        _unqualify(assignment)
    sql = translate.executable(session, statement)
    _begin_implicitly(session)
    changed = run.count(session, sql)
    return _counts({_UPDATED: changed, _MULTI_JOINED: 0}, affected=changed)


def delete(session: Session, statement: exp.Expr) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/delete"""
    sql = translate.executable(session, statement)
    _begin_implicitly(session)
    return _counts({_DELETED: run.count(session, sql)})


def truncate(session: Session, statement: exp.Expr) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/truncate-table: commits as DDL does."""
    run.commit(session)
    prepared = translate.prepare(session, statement)
    for table in prepared.expressions:
        run.execute(session, f"delete from {translate.sql(_plain(table))}")
    return status("Statement executed successfully.")


def merge(session: Session, statement: exp.Expr) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/merge: one atomic statement of DuckDB's own.

    Raises:
        SnowflakeError: 100090 when several source rows change the same target row.
    """
    whens = statement.args["whens"].expressions
    actions = [_action(when) for when in whens]
    for when in whens:
        if isinstance(when.args["then"], exp.Update):
            for assignment in when.args["then"].expressions:
                _unqualify(assignment)
        elif isinstance(when.args["then"], exp.Insert) and when.args["then"].this:
            for column in when.args["then"].this.expressions:
                column.set("table", None)
    sql = f"{translate.executable(session, statement)} returning merge_action"
    _begin_implicitly(session)
    done = _merge_counts(session, sql)
    return _counts({label: done.get(action, 0) for label, action in _MERGED if action in actions})


def result_columns(statement: exp.Expr) -> list[str]:
    """Names of the counts that a DML statement answers with."""
    if isinstance(statement, exp.Merge):
        actions = [_action(when) for when in statement.args["whens"].expressions]
        return [label for label, action in _MERGED if action in actions]
    if isinstance(statement, exp.Update):
        return [_UPDATED, _MULTI_JOINED]
    return [_INSERTED] if isinstance(statement, exp.Insert) else [_DELETED]


def _merge_counts(session: Session, sql: str) -> dict[str, int]:
    changed = run.query(session, sql).column(0)
    return {str(pair["values"]): int(pair["counts"]) for pair in changed.value_counts().to_pylist()}


def _action(when: exp.Expr) -> str:
    then = when.args["then"]
    if isinstance(then, exp.Update):
        return "UPDATE"
    return "INSERT" if isinstance(then, exp.Insert) else "DELETE"


def _unqualify(assignment: exp.Expr) -> None:
    """DuckDB names the changed column alone."""
    if isinstance(assignment, exp.EQ) and isinstance(assignment.this, exp.Column):
        for part in ("table", "db", "catalog"):
            assignment.this.set(part, None)


def _plain(table: exp.Expr) -> exp.Expr:
    bare = table.copy()
    bare.set("alias", None)
    return bare


def _begin_implicitly(session: Session) -> None:
    """Without autocommit the first change opens a transaction."""
    if str(session.parameters.get("AUTOCOMMIT", True)).lower() == "false":
        run.begin(session)


def _counts(counts: dict[str, int], affected: int | None = None) -> Result:
    table = pa.table({label: pa.array([value], pa.int64()) for label, value in counts.items()})
    return Result(table, rows_affected=sum(counts.values()) if affected is None else affected)
