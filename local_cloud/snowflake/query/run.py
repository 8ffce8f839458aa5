"""The few ways in which statements reach DuckDB, with retries and Snowflake's errors."""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from local_cloud.snowflake.query import failures
from local_cloud.snowflake.query.database import identifier
from local_cloud.snowflake.session import Session

_TRIES = 8

# `execute` is the only way to run a statement of any kind; the copy that DuckDB warns about is of Arrow batches
# that are already small.
warnings.filterwarnings("ignore", message="Arrow output on a DB-API result", category=UserWarning)


def query(session: Session, sql: str, parameters: list[object] | None = None) -> pa.Table:
    """Rows of one DuckDB statement. Types that Arrow cannot tell apart are marked as `logicalType` of the field."""
    cursor = execute(session, sql, parameters)
    logical = {name: str(kind) for name, kind, *_ in cursor.description or []}
    table: pa.Table = cursor.to_arrow_table()
    fields = [
        field.with_metadata({"logicalType": "VARIANT"}) if logical.get(field.name) == "JSON" else field
        for field in table.schema
    ]
    return pa.Table.from_arrays(table.columns, schema=pa.schema(fields))


def execute(session: Session, sql: str, parameters: list[object] | None = None) -> duckdb.DuckDBPyConnection:
    """Run one DuckDB statement; outside a transaction it is tried again when another one was faster."""
    for tried in range(1, _TRIES + 1):
        try:
            return session.connection.execute(sql, parameters)
        except duckdb.TransactionException as error:
            if session.in_transaction or not failures.is_conflict(error) or tried == _TRIES:
                raise
            time.sleep(0.005 * 2**tried * random.random())  # noqa: S311 - spreads retries, guards nothing
    raise AssertionError("unreachable")


def register(session: Session, name: str, table: pa.Table) -> None:
    """Let the running statement read an Arrow table by a name; `forget_registered` ends that."""
    # DuckDB refuses while an earlier answer is not read to its end.
    session.connection.execute("select 1").fetchall()
    session.connection.register(name, table)
    session.registered.append(name)


def forget_registered(session: Session) -> None:
    for name in session.registered:
        session.connection.execute(f"drop view if exists temp.main.{identifier(name)}").fetchall()
    session.registered.clear()


def count(session: Session, sql: str) -> int:
    """Rows that one INSERT, UPDATE or DELETE changed."""
    row = execute(session, sql).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def atomic(session: Session) -> Iterator[None]:
    """All statements inside take effect, or none; joins a transaction that is open."""
    if session.in_transaction:
        yield
        return
    session.connection.begin()
    session.in_transaction = True
    try:
        yield
        session.connection.commit()
    except BaseException:
        _rollback(session)
        raise
    finally:
        session.in_transaction = False


def commit(session: Session) -> None:
    """End the open transaction, as Snowflake does before every DDL statement."""
    if session.in_transaction:
        session.in_transaction = False
        session.connection.commit()


def rollback(session: Session) -> None:
    if session.in_transaction:
        session.in_transaction = False
        _rollback(session)


def begin(session: Session) -> None:
    if not session.in_transaction:
        session.connection.begin()
        session.in_transaction = True


def _rollback(session: Session) -> None:
    try:
        session.connection.rollback()
    except duckdb.TransactionException:
        # A commit that failed has rolled back by itself.
        return
