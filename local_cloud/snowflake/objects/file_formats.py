"""File formats: named sets of options for reading and writing files; stages and COPY take the same options inline.

https://docs.snowflake.com/en/sql-reference/sql/create-file-format

In the catalog a `file_format` is all options of its type, upper case, with Snowflake's defaults, and TYPE and COMMENT.
"""

from __future__ import annotations

import json
from typing import Any

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.objects import show, store
from local_cloud.snowflake.objects.ddl import (
    Option,
    Reader,
    boolean,
    choice,
    defaults,
    identifier,
    integer,
    missing,
    read_create,
    read_target,
    text,
    text_or,
    texts,
)
from local_cloud.snowflake.objects.store import EXECUTED, Kind
from local_cloud.snowflake.results import Result, rows, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

FILE_FORMAT = Kind("file_format", "File format", ("FILE", "FORMAT"))

_COMPRESSION = choice("AUTO", "GZIP", "BZ2", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE", "NONE", default="AUTO")
_BINARY = choice("HEX", "BASE64", "UTF8", default="HEX")
_MOMENTS = {f"{kind}_FORMAT": text_or("AUTO", default="AUTO") for kind in ("DATE", "TIME", "TIMESTAMP")}

# Options of each type with Snowflake's defaults, in the order in which DESCRIBE shows them.
OPTIONS: dict[str, dict[str, Option]] = {
    "CSV": {
        "RECORD_DELIMITER": text_or("NONE", default="\n"),
        "FIELD_DELIMITER": text_or("NONE", default=","),
        "FILE_EXTENSION": text(None),
        "SKIP_HEADER": integer(0),
        "PARSE_HEADER": boolean(False),
        **_MOMENTS,
        "BINARY_FORMAT": _BINARY,
        "ESCAPE": text_or("NONE", default="NONE"),
        "ESCAPE_UNENCLOSED_FIELD": text_or("NONE", default="\\"),
        "TRIM_SPACE": boolean(False),
        "FIELD_OPTIONALLY_ENCLOSED_BY": text_or("NONE", default="NONE"),
        "NULL_IF": texts(["\\N"]),
        "COMPRESSION": _COMPRESSION,
        "ERROR_ON_COLUMN_COUNT_MISMATCH": boolean(True),
        "VALIDATE_UTF8": boolean(True),
        "SKIP_BLANK_LINES": boolean(False),
        "REPLACE_INVALID_CHARACTERS": boolean(False),
        "EMPTY_FIELD_AS_NULL": boolean(True),
        "SKIP_BYTE_ORDER_MARK": boolean(True),
        "ENCODING": text_or("UTF8", default="UTF8"),
        "MULTI_LINE": boolean(True),
    },
    "JSON": {
        "FILE_EXTENSION": text(None),
        **_MOMENTS,
        "BINARY_FORMAT": _BINARY,
        "TRIM_SPACE": boolean(False),
        "NULL_IF": texts([]),
        "COMPRESSION": _COMPRESSION,
        "ENABLE_OCTAL": boolean(False),
        "ALLOW_DUPLICATE": boolean(False),
        "STRIP_OUTER_ARRAY": boolean(False),
        "STRIP_NULL_VALUES": boolean(False),
        "IGNORE_UTF8_ERRORS": boolean(False),
        "REPLACE_INVALID_CHARACTERS": boolean(False),
        "SKIP_BYTE_ORDER_MARK": boolean(True),
        "MULTI_LINE": boolean(True),
    },
    "PARQUET": {
        "TRIM_SPACE": boolean(False),
        "NULL_IF": texts([]),
        # The documentation leaves GZIP out, but write_pandas of snowflake-connector-python creates its stage with it.
        "COMPRESSION": choice("AUTO", "SNAPPY", "LZO", "GZIP", "NONE", default="AUTO"),
        "BINARY_AS_TEXT": boolean(True),
        "REPLACE_INVALID_CHARACTERS": boolean(False),
        "USE_LOGICAL_TYPE": boolean(False),
        "USE_VECTORIZED_SCANNER": boolean(False),
        "SNAPPY_COMPRESSION": boolean(None),
    },
}
_ANY = {name: option for options in OPTIONS.values() for name, option in options.items()}


def read_options(reader: Reader, extra: dict[str, Option], stop: tuple[str, ...] = (")",)) -> dict[str, Any]:
    """The options of one format, only those given, TYPE among them; each must belong to the type (CSV by default).

    Values are read again by the type's own rules, since COMPRESSION differs between types.
    """
    loose = {"TYPE": choice(*OPTIONS, default="CSV"), **_loose(), **extra}
    given = reader.properties(loose, "FILE FORMAT", stop)
    own = OPTIONS[given.get("TYPE", "CSV")]
    for key, value in given.items():
        if key not in own and key not in extra and key != "TYPE":
            raise errors.compilation_error(1420, "22023", f"invalid property '{key}' for 'FILE FORMAT'")
        if key == "COMPRESSION":
            given[key] = own[key].read(Reader(Statement(f"'{value}'")), key)
    return given


def _loose() -> dict[str, Option]:
    return {**_ANY, "COMPRESSION": Option(lambda reader, _: reader.scalar().upper())}


def inline() -> Option:
    """FILE_FORMAT = ( FORMAT_NAME = x | TYPE = CSV ... ) of a stage or COPY: the given options, FORMAT_NAME as written.

    Also FILE_FORMAT = 'name' and FILE_FORMAT = name.
    """

    def read(reader: Reader, key: str) -> dict[str, Any]:
        if not reader.accept("("):
            return {"FORMAT_NAME": identifier(3).read(reader, key)}
        given = read_options(reader, {"FORMAT_NAME": identifier(3)})
        reader.expect(")")
        if "FORMAT_NAME" in given and "TYPE" in given:
            raise errors.compilation_error(1420, "22023", "FORMAT_NAME and TYPE are mutually exclusive")
        return given

    return Option(read, {})


def check(document: dict[str, Any]) -> None:
    """Options that exclude each other."""
    if document["TYPE"] == "CSV" and document["PARSE_HEADER"] and document["SKIP_HEADER"]:
        raise errors.compilation_error(1421, "22023", "SKIP_HEADER cannot be set when PARSE_HEADER is TRUE")


@registry.statement("CREATE FILE FORMAT")
def create_file_format(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    head = read_create(reader, "FILE", "FORMAT")
    given = read_options(reader, {"COMMENT": text()}, ())
    reader.end()
    missing(given, "TYPE")
    document = {"TYPE": given["TYPE"], **defaults(OPTIONS[given["TYPE"]]), "COMMENT": "", **given}
    check(document)
    return store.create(session, FILE_FORMAT, head, document)


@registry.statement("ALTER FILE FORMAT")
def alter_file_format(session: Session, statement: Statement) -> Result:
    """SET takes options of the format's own type; the type itself stays."""
    reader = Reader(statement)
    entry = store.alter_target(session, FILE_FORMAT, reader)
    if entry is None:
        return status(EXECUTED)
    if reader.accept("RENAME", "TO"):
        target = reader.name()
        reader.end()
        return store.rename(session, FILE_FORMAT, entry, target)
    reader.expect("SET")
    options = {**OPTIONS[entry.document["TYPE"]], "COMMENT": text()}
    document = entry.document | reader.properties(options, "FILE FORMAT", ())
    check(document)
    session.account.catalog.put("file_format", entry.name, document)
    return status(EXECUTED)


@registry.statement("DROP FILE FORMAT")
def drop_file_format(session: Session, statement: Statement) -> Result:
    return store.drop(session, FILE_FORMAT, statement)


@registry.statement("SHOW FILE FORMATS")
def show_file_formats(session: Session, statement: Statement) -> Result:
    request = show.read(Reader(statement), "FILE", "FORMATS")
    found = show.entries(session, request, "file_format", show.prefix(session, request))
    values = [
        [
            entry.created_on,
            entry.short_name,
            *entry.name.split(".")[:2],
            entry.document["TYPE"],
            entry.owner,
            entry.document["COMMENT"],
            json.dumps({key: value for key, value in entry.document.items() if key != "COMMENT"}),
            "ROLE",
        ]
        for entry in found
    ]
    return show.table(
        "created_on name database_name schema_name type owner comment format_options owner_role_type", values
    )


@registry.statement("DESCRIBE FILE FORMAT")
def describe_file_format(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    name, _ = read_target(reader, "DESCRIBE", "FILE", "FORMAT")
    reader.end()
    entry: Entry = store.get(session, FILE_FORMAT, name)
    return rows(["property", "property_type", "property_value", "property_default"], describe_rows(entry.document))


def describe_rows(document: dict[str, Any]) -> list[list[Any]]:
    """(property, type, value, default) of every option of the document's type."""
    kind = document["TYPE"]
    shown = [["TYPE", "String", kind, "CSV"]]
    for key, option in OPTIONS[kind].items():
        value = document.get(key, option.default)
        shown.append([key, _type_of(option.default), printed(value), printed(option.default)])
    return shown


def _type_of(default: Any) -> str:
    if isinstance(default, bool):
        return "Boolean"
    if isinstance(default, int):
        return "Integer"
    return "List" if isinstance(default, list) else "String"


def printed(value: Any) -> str:
    """As DESCRIBE prints an option: control characters escaped, lists in brackets."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(printed(item) for item in value) + "]"
    return str(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
