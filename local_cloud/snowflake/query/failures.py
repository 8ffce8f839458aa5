"""DuckDB's errors in Snowflake's numbers and words: a client never sees the engine behind the endpoint."""

from __future__ import annotations

import re

import duckdb
from sqlglot.errors import ParseError

from local_cloud.snowflake import errors
from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.session import Session

_MISSING_TABLE = re.compile(r"(?:Table|View) with name \"?(?P<name>.+?)\"? does not exist")
_MISSING_FUNCTION = re.compile(r"(?:Function|Macro) with name \"?(?P<name>[^\" ]+)\"? does not exist")
_MISSING_COLUMN = re.compile(r"Referenced column \"(?P<name>.+?)\" not found")
_MISSING_TARGET = re.compile(
    r"does not have a column with name \"(?P<name>.+?)\"|column \"(?P<other>.+?)\" not found", re.I
)
_MISSING_ALIAS = re.compile(r"Referenced table \"(?P<name>.+?)\" not found")
_AMBIGUOUS = re.compile(r"Ambiguous reference to column name \"(?P<name>.+?)\"")
_NOT_NULL = re.compile(r"NOT NULL constraint failed: (?:.*\.)?(?P<name>\S+)")
_NUMBER = re.compile(r"Could not convert string '(?P<value>.*)' to (?:U?INT\d+|DOUBLE|FLOAT|DECIMAL)", re.S)
_DECIMAL = re.compile(r"Could not convert string \"(?P<value>.*)\" to DECIMAL", re.S)
_BOOLEAN = re.compile(r"Could not convert string '(?P<value>.*)' to BOOL", re.S)
_MOMENT = re.compile(r"invalid (?P<kind>date|timestamp|time) field format: \"(?P<value>.*?)\"", re.S)
_MOMENT_RANGE = re.compile(r"(?P<kind>date|timestamp|time) field value out of range: \"(?P<value>.*?)\"", re.S)
_OUT_OF_RANGE = re.compile(r"Casting value \"(?P<value>.*?)\" to type (?P<type>\S+) failed: value is out of range")
_OTHER_KIND = re.compile(
    r"Existing object \"?(?P<name>.+?)\"? is of type (?P<found>\w+), "
    r"trying to (?P<verb>\w+) (?:with )?type (?P<asked>\w+)"
)
_GROUPING = re.compile(r"column \"(?P<name>.+?)\" must appear in the GROUP BY")


def from_duckdb(error: duckdb.Error) -> SnowflakeError:
    """What Snowflake would have said."""
    text = _first_paragraph(str(error))
    for known in (_missing, _conversion, _refused):
        if found := known(error, text):
            return found
    return SnowflakeError(603, "XX000", f"SQL execution error: {_without_prefix(text)}")


def from_parser(error: ParseError) -> SnowflakeError:
    """`001003` with line and position of the first unexpected word."""
    detail = error.errors[0] if error.errors else {}
    word = str(detail.get("highlight") or "") or "<EOF>"
    line, column = int(detail.get("line") or 1), int(detail.get("col") or 0)
    return errors.syntax_error(line, max(column - len(word), 0), word)


def is_conflict(error: duckdb.Error) -> bool:
    """Two transactions changed the same thing; the later one may try again."""
    text = str(error)
    return isinstance(error, duckdb.TransactionException) and "onflict" in text


def _missing(error: duckdb.Error, text: str) -> SnowflakeError | None:
    if match := _MISSING_FUNCTION.search(text):
        return errors.compilation_error(2140, "42601", f"Unknown function {match['name'].upper()}.")
    if isinstance(error, duckdb.CatalogException):
        if match := _OTHER_KIND.search(text):
            return _other_kind(match)
        if match := _MISSING_TABLE.search(text):
            return errors.does_not_exist("Object", match["name"])
        if "already exists" in text and (match := re.search(r"name \"?(.+?)\"? already exists", text)):
            return errors.already_exists(match[1])
    if match := _MISSING_COLUMN.search(text) or _MISSING_ALIAS.search(text):
        return errors.compilation_error(904, "42000", f"invalid identifier '{match['name']}'")
    if match := _MISSING_TARGET.search(text):
        return errors.compilation_error(904, "42000", f"invalid identifier '{match['name'] or match['other']}'")
    if match := _AMBIGUOUS.search(text):
        return errors.compilation_error(2039, "42601", f"ambiguous column name '{match['name']}'")
    if match := _GROUPING.search(text):
        return errors.compilation_error(979, "42601", f"[{match['name']}] is not a valid group by expression")
    return None


def _conversion(error: duckdb.Error, text: str) -> SnowflakeError | None:
    # First, since the division macro fails by a cast of this text.
    if "Division by zero" in text:
        return SnowflakeError(100051, "22012", "Division by zero")
    if match := _MOMENT.search(text) or _MOMENT_RANGE.search(text):
        kind = match["kind"].capitalize()
        return SnowflakeError(100035, "22007", f"{kind} '{match['value']}' is not recognized")
    if match := _BOOLEAN.search(text):
        return SnowflakeError(100037, "22018", f"Boolean value '{match['value']}' is not recognized")
    if match := _NUMBER.search(text) or _DECIMAL.search(text):
        return SnowflakeError(100038, "22018", f"Numeric value '{match['value']}' is not recognized")
    if match := _OUT_OF_RANGE.search(text):
        return SnowflakeError(100039, "22003", f"Numeric value '{match['value']}' is out of range")
    if isinstance(error, duckdb.OutOfRangeException) or "out of range" in text:
        return SnowflakeError(100039, "22003", "Numeric value is out of range")
    if isinstance(error, duckdb.ConversionException):
        return SnowflakeError(100038, "22018", _without_prefix(text))
    return None


def _refused(error: duckdb.Error, text: str) -> SnowflakeError | None:
    if match := _NOT_NULL.search(text):
        return SnowflakeError(100072, "22000", f"NULL result in a non-nullable column: {match['name']}")
    if isinstance(error, duckdb.InterruptException):
        return SnowflakeError(604, "57014", "SQL execution canceled")
    if isinstance(error, duckdb.TransactionException):
        return SnowflakeError(
            625, "57014", "Statement aborted because another transaction changed the same rows; run it again."
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return SnowflakeError(300005, "XX000", "The statement needs more memory than the local cloud has.")
    if isinstance(error, duckdb.ParserException):
        return SnowflakeError(1003, "42000", f"SQL compilation error:\n{_without_prefix(text)}")
    if "More than one row returned by a subquery" in text:
        return SnowflakeError(100132, "21000", "Single-row subquery returns more than one row.")
    if isinstance(error, duckdb.BinderException):
        return errors.compilation_error(2001, "42601", _without_prefix(text))
    return None


def _other_kind(match: re.Match[str]) -> SnowflakeError:
    found, asked = match["found"].upper(), match["asked"].upper()
    if match["verb"] == "replace":
        return errors.compilation_error(1998, "42710", f"Object '{match['name']}' already exists as {found}")
    return errors.compilation_error(2203, "02000", f"Object found is of type '{found}', not specified type '{asked}'.")


def _first_paragraph(text: str) -> str:
    return text.split("\n\n")[0].split("\nLINE ")[0].split("\n\tCandidate")[0].split("\nDid you mean")[0].strip()


def _without_prefix(text: str) -> str:
    return re.sub(r"^[A-Z]\w+(?: \w+)? Error: ", "", text)


def missing_object(error: duckdb.Error, asked: list[str], session: Session) -> SnowflakeError | None:
    """Name the missing database, schema, table or view in full, as Snowflake does."""
    match = _MISSING_TABLE.search(_first_paragraph(str(error)))
    if not match:
        return None
    for dotted in asked:
        database, schema, _ = dotted.split(".", 2)
        if dotted != match["name"] and not dotted.endswith(f".{match['name']}"):
            continue
        if not session.account.databases.exists(database):
            return errors.does_not_exist("Database", database)
        if not session.account.databases.schema_exists(database, schema):
            return errors.does_not_exist("Schema", f"{database}.{schema}")
        return errors.does_not_exist("Object", dotted)
    return None
