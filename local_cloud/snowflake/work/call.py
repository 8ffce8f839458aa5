"""CALL: which procedure, with which arguments, under whose rights.

https://docs.snowflake.com/en/sql-reference/sql/call,
https://docs.snowflake.com/en/developer-guide/stored-procedure/stored-procedures-rights
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from sqlglot import exp

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.enforcement import privileges
from local_cloud.snowflake.objects.ddl import Reader
from local_cloud.snowflake.query import execute, translate
from local_cloud.snowflake.results import Result
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement
from local_cloud.snowflake.work import callback, procedure_types, script

Arguments = dict[str, Any]


@registry.statement("CALL")
def call(session: Session, statement: Statement) -> Result:
    """One row with the result, or the rows of a procedure that RETURNS TABLE.

    Raises:
        SnowflakeError: 002141 no procedure of that name takes these arguments; what the procedure raises.
    """
    reader = Reader(statement)
    reader.expect("CALL")
    name = reader.name()
    rest = reader.rest()
    if not rest.startswith("("):
        raise errors.not_supported("CALL of a method of an object (name!METHOD)")
    if name[-1].startswith("SYSTEM$"):
        return _system(session, name[-1], rest)
    given = translate.parse(f"select f{rest}").expressions[0]
    if not isinstance(given, exp.Anonymous):
        raise errors.syntax_error(1, len(statement.text), rest)
    entry = find(session, name, given.expressions)
    arguments = _arguments(session, entry, given.expressions)
    return run(session, entry, arguments)


def _system(session: Session, function: str, rest: str) -> Result:
    """System procedures are functions that are called; the column has the function's name."""
    result = execute.execute(session, f"select {function}{rest}")
    return Result(result.table.rename_columns([function]))


def find(session: Session, name: tuple[str, ...], given: list[exp.Expr]) -> Entry:
    """The procedure that takes so many arguments; its role needs USAGE or OWNERSHIP to see it.

    Raises:
        SnowflakeError: 002141 when there is none.
    """
    prefix = session.qualify(*name) + "("
    found = [entry for entry in session.account.catalog.list("procedure", prefix) if _takes(entry, given)]
    visible = [entry for entry in found if _may_call(session, entry)]
    if not visible:
        raise errors.compilation_error(
            2141, "42601", f"Unknown user-defined function {'.'.join(name)}, or the role may not use it."
        )
    return max(visible, key=lambda entry: len(entry.document["ARGUMENTS"]) == len(given))


def _takes(entry: Entry, given: list[exp.Expr]) -> bool:
    declared = entry.document["ARGUMENTS"]
    named = {item.this.name.upper() for item in given if isinstance(item, exp.Kwarg)}
    required = [item["NAME"] for item in declared[len(given) - len(named) :] if item["DEFAULT"] is None]
    return len(given) <= len(declared) and named <= {item["NAME"] for item in declared} and named >= set(required)


def _may_call(session: Session, entry: Entry) -> bool:
    return privileges.may(session, "PROCEDURE", entry.name, "USAGE")


def _arguments(session: Session, entry: Entry, given: list[exp.Expr]) -> Arguments:
    """Values by name, in the order of the declaration."""
    by_name = {item.this.name.upper(): item.expression for item in given if isinstance(item, exp.Kwarg)}
    by_place = [item for item in given if not isinstance(item, exp.Kwarg)]
    found: Arguments = {}
    for place, declared in enumerate(entry.document["ARGUMENTS"]):
        written = by_place[place] if place < len(by_place) else by_name.get(declared["NAME"])
        if written is None:
            written = translate.parse(f"select {declared['DEFAULT']}").expressions[0].unalias()
        value = translate.evaluate(session, procedure_types.cast(written.copy(), declared["TYPE"]))
        found[declared["NAME"]] = procedure_types.to_python(value, declared["TYPE"])
    return found


def run(session: Session, entry: Entry, arguments: Arguments) -> Result:
    """Run a procedure under its owner's or its caller's rights."""
    document = entry.document
    owners = document["EXECUTE_AS"] == "OWNER"
    home = ".".join(entry.name.split(".")[:2]) if owners else None
    with callback.beside(session, entry.owner if owners else None, home) as inner:
        if document.get("STRICT") and None in arguments.values():
            return Result(procedure_types.result(document["NAME"], None, document["RETURNS"]))
        if document["LANGUAGE"] == "SQL":
            return _sql(inner, document, arguments)
        from local_cloud.snowflake.work import python_handler  # takes a second to import

        table = python_handler.run(inner, entry, list(arguments.values()))
    return Result(table)


def _sql(session: Session, document: dict[str, Any], arguments: Arguments) -> Result:
    """What the block returns, as the declared type."""
    body = document["BODY"].strip().rstrip(";")
    result = script.run(session, body, arguments)
    if not script.is_block(body) or document["RETURNS"] == "TABLE":
        return result
    name = document["NAME"]
    value = result.table.column(0)[0].as_py()
    if value is None:
        return Result(pa.table({name: pa.nulls(1, pa.string())}))
    return Result(procedure_types.result(name, _converted(value, document["RETURNS"]), document["RETURNS"]))


def _converted(value: Any, written: str) -> Any:
    """A block's value arrives as text."""
    kind = procedure_types.signature(written)
    if kind == "FLOAT":
        return float(value)
    if kind == "BOOLEAN":
        return str(value).lower() == "true"
    if kind == "NUMBER":
        return int(value) if str(value).lstrip("-").isdigit() else value
    return value


@registry.statement("EXECUTE IMMEDIATE")
def execute_immediate(session: Session, statement: Statement) -> Result:
    """A statement or block in a string. https://docs.snowflake.com/en/sql-reference/sql/execute-immediate"""
    reader = Reader(statement)
    reader.expect("EXECUTE", "IMMEDIATE")
    if not reader.is_string():
        raise errors.not_supported("EXECUTE IMMEDIATE of anything but a string")
    text = reader.string()
    reader.end()
    return script.run(session, text)
