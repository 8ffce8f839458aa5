"""Stored procedures in Python and SQL: CREATE, ALTER, DROP, SHOW, DESCRIBE.

https://docs.snowflake.com/en/sql-reference/sql/create-procedure

In the catalog a `procedure` is named `DB.SCHEMA.P(VARCHAR, NUMBER)` and has NAME, ARGUMENTS (a list of NAME, TYPE and
DEFAULT), RETURNS (a type, or TABLE), LANGUAGE, BODY, EXECUTE_AS (OWNER or CALLER) and the options below.
"""

from __future__ import annotations

from typing import Any

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.objects import ddl, show, store
from local_cloud.snowflake.objects.ddl import Head, Option, Reader
from local_cloud.snowflake.objects.store import EXECUTED, Kind
from local_cloud.snowflake.results import Result, rows, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement
from local_cloud.snowflake.work import procedure_types, script

PROCEDURE = Kind("procedure", "Procedure", ("PROCEDURE",), made="Function")
OPTIONS: dict[str, Option] = {
    "RUNTIME_VERSION": Option(lambda reader, _: reader.scalar()),
    "PACKAGES": ddl.texts(),
    "IMPORTS": ddl.texts(),
    "HANDLER": ddl.text(None),
    "EXTERNAL_ACCESS_INTEGRATIONS": ddl.names(),
    "ARTIFACT_REPOSITORY": ddl.unsupported(),
    "SECRETS": ddl.unsupported(),
    "COMMENT": ddl.text("user-defined procedure"),
}
_RUNTIMES = ("3.9", "3.10", "3.11", "3.12", "3.13")
_COLUMNS = (
    "created_on name schema_name is_builtin is_aggregate is_ansi min_num_arguments max_num_arguments arguments "
    "description catalog_name is_table_function valid_for_clustering is_secure secrets external_access_integrations"
)


@registry.statement("CREATE PROCEDURE")
def create_procedure(session: Session, statement: Statement) -> Result:
    """Raises SnowflakeError 000002 for languages other than PYTHON and SQL, 001008 for an option that does not fit."""
    reader = Reader(statement)
    head = ddl.read_create(reader, "PROCEDURE")
    document: dict[str, Any] = {"NAME": head.name[-1], "ARGUMENTS": reader.many(lambda: _argument(reader))}
    document |= {"EXECUTE_AS": "OWNER", "LANGUAGE": "SQL", "SECURE": "SECURE" in head.modifiers} | ddl.defaults(OPTIONS)
    reader.accept("COPY", "GRANTS")
    reader.expect("RETURNS")
    document |= _returns(reader)
    while reader.word() != "AS" and not reader.at_end:
        _clause(reader, document)
    reader.expect("AS")
    document["BODY"] = _body(reader)
    _check(document)
    types = ", ".join(procedure_types.signature(argument["TYPE"]) for argument in document["ARGUMENTS"])
    full = (*head.name[:-1], f"{head.name[-1]}({types})")
    made = Head(full, head.or_replace, head.or_alter, head.if_not_exists)
    result = store.create(session, PROCEDURE, made, document)
    created = result.table.column(0)[0].as_py().endswith("successfully created.")
    return status(f"Function {head.name[-1]} successfully created.") if created else result


def _argument(reader: Reader) -> dict[str, Any]:
    name = reader.simple_name()
    reader.accept("IN")
    kind, default = procedure_types.read_type(reader), None
    if reader.accept("DEFAULT"):
        text = reader.is_string()
        value = reader.scalar()
        default = "'" + value.replace("'", "''") + "'" if text else value
    return {"NAME": name, "TYPE": kind, "DEFAULT": default}


def _returns(reader: Reader) -> dict[str, Any]:
    if reader.accept("TABLE"):
        columns = reader.many(lambda: {"NAME": reader.simple_name(), "TYPE": procedure_types.read_type(reader)})
        return {"RETURNS": "TABLE", "COLUMNS": columns}
    found = {"RETURNS": procedure_types.read_type(reader), "COLUMNS": []}
    if reader.accept("NOT"):
        reader.expect("NULL")
    return found


def _clause(reader: Reader, document: dict[str, Any]) -> None:
    if reader.accept("LANGUAGE"):
        document["LANGUAGE"] = reader.any_word()
    elif reader.accept("EXECUTE", "AS"):
        word = reader.accept_one("OWNER", "CALLER")
        if word is None:
            raise reader.unexpected()
        document["EXECUTE_AS"] = word
    elif reader.accept("STRICT") or reader.accept("RETURNS", "NULL", "ON", "NULL", "INPUT"):
        document["STRICT"] = True
    elif not (reader.accept("CALLED", "ON", "NULL", "INPUT") or reader.accept_one("VOLATILE", "IMMUTABLE")):
        stop = ("AS", "LANGUAGE", "EXECUTE", "STRICT", "RETURNS", "CALLED", "VOLATILE", "IMMUTABLE")
        document |= reader.properties(OPTIONS, "PROCEDURE", stop=stop)


def _body(reader: Reader) -> str:
    """Between `$$` or quotes; a SQL body may also stand as it is."""
    if not reader.is_string():
        return reader.rest()
    body = reader.string()
    reader.end()
    return body


def _check(document: dict[str, Any]) -> None:
    if document["LANGUAGE"] == "SQL":
        script.check(document["BODY"])
        return
    if document["LANGUAGE"] != "PYTHON":
        raise errors.not_supported(f"procedures in {document['LANGUAGE']}")
    if document["RUNTIME_VERSION"] not in _RUNTIMES:
        raise errors.invalid_value(str(document["RUNTIME_VERSION"]), "RUNTIME_VERSION", ", ".join(_RUNTIMES))
    if not document["HANDLER"]:
        raise errors.compilation_error(2029, "42601", "Missing option(s): HANDLER")
    if not any(package.split("=")[0].strip() == "snowflake-snowpark-python" for package in document["PACKAGES"]):
        raise errors.invalid_value(", ".join(document["PACKAGES"]), "PACKAGES", "a list with snowflake-snowpark-python")


def read_signature(session: Session, reader: Reader) -> str:
    """`name(VARCHAR, NUMBER)` as DROP, DESCRIBE and ALTER have it: the full name in the catalog."""
    name = reader.name()
    types = [procedure_types.signature(kind) for kind in reader.many(lambda: procedure_types.read_type(reader))]
    return session.qualify(*name[:-1], f"{name[-1]}({', '.join(types)})")


def _target(session: Session, reader: Reader, verb: str) -> Entry | None:
    if not (verb == "DESCRIBE" and reader.accept("DESC")):
        reader.expect(verb)
    reader.expect("PROCEDURE")
    if not reader.accept("IF", "EXISTS"):
        return named(session, reader)
    return session.account.catalog.get(PROCEDURE.key, read_signature(session, reader))


def named(session: Session, reader: Reader) -> Entry:
    """The procedure whose name and types come next, or 002003."""
    full = read_signature(session, reader)
    entry = session.account.catalog.get(PROCEDURE.key, full)
    if entry is None:
        raise errors.does_not_exist("Procedure", full)
    return entry


@registry.statement("ALTER PROCEDURE")
def alter_procedure(session: Session, statement: Statement) -> Result:
    """EXECUTE AS, RENAME TO, and SET or UNSET of the comment."""
    reader = Reader(statement)
    entry = _target(session, reader, "ALTER")
    if entry is None:
        return status(EXECUTED)
    if reader.accept("EXECUTE", "AS"):
        document = entry.document | {"EXECUTE_AS": reader.accept_one("OWNER", "CALLER") or _fail(reader)}
    elif reader.accept("RENAME", "TO"):
        name = reader.name()
        types = entry.name[entry.name.index("(") :]
        reader.end()
        result = store.rename(session, PROCEDURE, entry, (*name[:-1], name[-1] + types))
        full = session.qualify(*name[:-1], name[-1] + types)
        session.account.catalog.put(PROCEDURE.key, full, entry.document | {"NAME": name[-1]})
        return result
    else:
        document = ddl.altered(reader, {"COMMENT": OPTIONS["COMMENT"]}, "PROCEDURE", entry.document)
    reader.end()
    session.account.catalog.put(PROCEDURE.key, entry.name, document)
    return status(EXECUTED)


def _fail(reader: Reader) -> str:
    raise reader.unexpected()


@registry.statement("DROP PROCEDURE")
def drop_procedure(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    entry = _target(session, reader, "DROP")
    reader.end()
    if entry is None:
        return status("Drop statement executed successfully (procedure already dropped).")
    with session.account.catalog.transaction():
        store.remove(session, PROCEDURE, entry.name)
    return status(f"{entry.document['NAME']} successfully dropped.")


@registry.statement("SHOW PROCEDURES", "SHOW USER PROCEDURES")
def show_procedures(session: Session, statement: Statement) -> Result:
    """LIKE matches the name without the types."""
    kinds = statement.kind_words[1:3] if statement.kind_words[1] == "USER" else ("PROCEDURES",)
    request = show.read(Reader(statement), *kinds)
    found = session.account.catalog.list(PROCEDURE.key, show.prefix(session, request))
    chosen = show.chosen(request, ((entry.document["NAME"], entry) for entry in found))
    return show.table(_COLUMNS, [_row(entry) for entry in chosen])


def _row(entry: Entry) -> list[Any]:
    document = entry.document
    database, schema, _ = entry.name.split(".", 2)
    arguments = document["ARGUMENTS"]
    types = [
        f"DEFAULT {procedure_types.signature(item['TYPE'])}"
        if item["DEFAULT"] is not None
        else procedure_types.signature(item["TYPE"])
        for item in arguments
    ]
    required = sum(item["DEFAULT"] is None for item in arguments)
    return [
        entry.created_on,
        document["NAME"],
        schema,
        "N",
        "N",
        "N",
        required,
        len(arguments),
        f"{document['NAME']}({', '.join(types)}) RETURN {_returned(document)}",
        document["COMMENT"],
        database,
        show.flag(document["RETURNS"] == "TABLE"),
        "N",
        show.flag(document["SECURE"]),
        None,
        None,
    ]


def _returned(document: dict[str, Any]) -> str:
    if document["RETURNS"] != "TABLE":
        return procedure_types.signature(document["RETURNS"])
    columns = [f"{column['NAME']} {column['TYPE']}" for column in document["COLUMNS"]]
    return f"TABLE ({', '.join(columns)})"


@registry.statement("DESCRIBE PROCEDURE")
def describe_procedure(session: Session, statement: Statement) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/desc-procedure"""
    reader = Reader(statement)
    entry = _target(session, reader, "DESCRIBE")
    reader.end()
    assert entry is not None
    document = entry.document
    written = [f"{item['NAME']} {procedure_types.signature(item['TYPE'])}" for item in document["ARGUMENTS"]]
    values: list[list[Any]] = [
        ["signature", f"({', '.join(written)})"],
        ["returns", _returned(document)],
        ["language", document["LANGUAGE"]],
        ["null handling", "STRICT" if document.get("STRICT") else "CALLED ON NULL INPUT"],
        ["volatility", "VOLATILE"],
        ["execute as", document["EXECUTE_AS"]],
        ["body", document["BODY"]],
    ]
    if document["LANGUAGE"] == "PYTHON":
        values += [
            ["imports", f"[{', '.join(document['IMPORTS'])}]"],
            ["handler", document["HANDLER"]],
            ["runtime_version", document["RUNTIME_VERSION"]],
            ["packages", "[" + ",".join(f"'{package}'" for package in document["PACKAGES"]) + "]"],
            ["installed_packages", "[" + ",".join(f"'{package}'" for package in document["PACKAGES"]) + "]"],
        ]
    return rows(["property", "value"], values)
