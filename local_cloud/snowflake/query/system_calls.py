"""Functions about the session and the account: answered before a statement reaches DuckDB.

Context functions (https://docs.snowflake.com/en/sql-reference/functions-context) and registered scalar functions become
literals; registered table functions and RESULT_SCAN become Arrow tables that DuckDB reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Any

import pyarrow as pa
import sqlglot
from sqlglot import exp

from local_cloud.snowflake import clock, errors, registry
from local_cloud.snowflake.enforcement import roles
from local_cloud.snowflake.objects.access import ROLE, Grantee
from local_cloud.snowflake.objects.ddl import Reader
from local_cloud.snowflake.query import run
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

# What Snowflake's CURRENT_VERSION would answer; clients refuse servers that they believe too old.
SERVER_VERSION = "10.0.0"

_CONTEXT: dict[str, Callable[[Session], str | None]] = {
    "CURRENT_WAREHOUSE": lambda s: s.warehouse,
    "CURRENT_ROLE": lambda s: s.role,
    "CURRENT_USER": lambda s: s.user,
    "CURRENT_DATABASE": lambda s: s.database,
    "CURRENT_SCHEMA": lambda s: s.schema,
    "CURRENT_SCHEMAS": lambda s: json.dumps([f"{s.database}.{s.schema}"] if s.schema else []),
    "CURRENT_ACCOUNT": lambda s: s.account.name.split("-")[-1],
    "CURRENT_ACCOUNT_NAME": lambda s: s.account.name.split("-")[-1],
    "CURRENT_ORGANIZATION_NAME": lambda s: s.account.name.split("-")[0],
    "CURRENT_SESSION": lambda s: s.id,
    "CURRENT_REGION": lambda s: f"AWS_{s.account.region.upper().replace('-', '_')}",
    "CURRENT_VERSION": lambda _: SERVER_VERSION,
    "CURRENT_CLIENT": lambda s: str(s.parameters.get("CLIENT_APP_ID", "")),
    "CURRENT_IP_ADDRESS": lambda _: "127.0.0.1",
    "CURRENT_SECONDARY_ROLES": lambda s: json.dumps(roles.secondary(s), separators=(",", ":")),
    "CURRENT_TRANSACTION": lambda s: s.id if s.in_transaction else None,
}


@registry.scalar_function("IS_ROLE_IN_SESSION")
def is_role_in_session(session: Session, arguments: Sequence[Any]) -> bool:
    """https://docs.snowflake.com/en/sql-reference/functions/is_role_in_session"""
    (name,) = arguments
    return Grantee(ROLE, Reader(Statement(str(name))).simple_name()) in roles.active(session)


# The Python value of a constant argument.
Evaluate = Callable[[Session, exp.Expr], Any]


def replace(session: Session, statement: exp.Expr, evaluate: Evaluate) -> exp.Expr:
    """The statement with all such calls answered; registered tables end with `Session.registered`."""
    # A default of a column stays a function: it is worked out for each row.
    if not isinstance(statement, exp.Create) and clock.of(session.account).held:
        statement = statement.transform(lambda node: _held_moment(session, node), copy=False)
    statement = statement.transform(lambda node: _table_call(session, node, evaluate), copy=False)
    return statement.transform(lambda node: _scalar_call(session, node, evaluate), copy=False)


def _scalar_call(session: Session, node: exp.Expr, evaluate: Evaluate) -> exp.Expr:
    if isinstance(node, exp.Parameter):
        return _variable(session, node)
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Anonymous):
        # SNOWFLAKE.ALERT.SCHEDULED_TIME()
        return _scalar_call(session, node.expression, evaluate) if _is_registered(node.expression) else node
    if not isinstance(node, exp.Func):
        return node
    name = _name(node)
    if name == "LAST_QUERY_ID":
        return exp.Literal.string(_last_query(session, [evaluate(session, a) for a in node.expressions]))
    if function := registry.scalar_functions().get(name):
        arguments = [evaluate(session, argument) for argument in _arguments(node)]
        return exp.convert(function(session, arguments))
    if context := _CONTEXT.get(name):
        value = context(session)
        return exp.null() if value is None else exp.Literal.string(value)
    return node


def _is_registered(call: exp.Anonymous) -> bool:
    return call.name.upper() in registry.scalar_functions()


def _held_moment(session: Session, node: exp.Expr) -> exp.Expr:
    """The current moment is the account's clock's while that is held."""
    if isinstance(node, exp.CurrentTimestamp | exp.Localtimestamp):
        now = clock.of(session.account).now()
        if node.args.get("sysdate"):
            # In UTC and without a zone: https://docs.snowflake.com/en/sql-reference/functions/sysdate
            utc = now.astimezone(UTC).replace(tzinfo=None)
            return exp.cast(exp.Literal.string(utc.isoformat(sep=" ")), exp.DataType.Type.TIMESTAMPNTZ)
        return exp.cast(exp.Literal.string(now.isoformat(sep=" ")), exp.DataType.Type.TIMESTAMPTZ)
    if isinstance(node, exp.CurrentDate):
        return exp.cast(exp.Literal.string(clock.of(session.account).now().date().isoformat()), exp.DataType.Type.DATE)
    return node


def _table_call(session: Session, node: exp.Expr, evaluate: Evaluate) -> exp.Expr:
    if not isinstance(node, exp.TableFromRows):
        return node
    call: exp.Expr = node.this
    while isinstance(call, exp.Dot):
        call = call.expression
    if not isinstance(call, exp.Anonymous):
        return node
    if call.name.upper() == "RESULT_SCAN":
        table = session.account.results.get(str(evaluate(session, call.expressions[0])))
    elif function := registry.table_functions().get(call.name.upper()):
        positional = [evaluate(session, a) for a in call.expressions if not isinstance(a, exp.Kwarg)]
        keyed = [a for a in call.expressions if isinstance(a, exp.Kwarg)]
        named = {a.this.name.upper(): evaluate(session, a.expression) for a in keyed}
        table = function(session, positional, named)
    else:
        return node
    return _registered(session, call.name.lower(), table, node.args.get("alias"))


def _registered(session: Session, name: str, table: pa.Table, alias: exp.TableAlias | None) -> exp.Expr:
    # One name per function and statement position: registering again replaces the earlier table.
    registered = f"_{name}_{id(table)}"
    run.register(session, registered, table)
    source = exp.Subquery(this=exp.select("*").from_(exp.Table(this=exp.to_identifier(registered, quoted=True))))
    source.set("alias", alias or exp.TableAlias(this=exp.to_identifier(name.upper(), quoted=True)))
    # The name must not be looked up in Snowflake's databases.
    source.this.args["from_"].this.set("db", exp.to_identifier("main", quoted=True))
    source.this.args["from_"].this.set("catalog", exp.to_identifier("temp", quoted=True))
    return source


def _variable(session: Session, node: exp.Parameter) -> exp.Expr:
    name = node.this.name.upper()
    if name.isdigit():
        return node
    if name not in session.variables:
        raise errors.SnowflakeError(2211, "02000", f"SQL compilation error:\nSession variable '${name}' does not exist")
    return sqlglot.parse_one(session.variables[name], read="snowflake")


def _last_query(session: Session, arguments: list[Any]) -> str:
    """Negative and absent positions count from the latest statement, positive ones from the first."""
    position = int(arguments[0]) if arguments else -1
    try:
        return session.queries[position if position < 0 else position - 1]
    except IndexError as error:
        raise errors.SnowflakeError(709, "02000", f"Statement {position} of this session not found") from error


def _name(node: exp.Func) -> str:
    return node.name.upper() if isinstance(node, exp.Anonymous) else node.sql_name()


def _arguments(node: exp.Func) -> list[exp.Expr]:
    if isinstance(node, exp.Anonymous):
        return list(node.expressions)
    return [value for value in node.args.values() if isinstance(value, exp.Expr)]
