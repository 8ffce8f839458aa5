"""File formats, as objects and inside stages.

https://docs.snowflake.com/en/sql-reference/sql/create-file-format
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import COMMENT, Property, SqlObject, boolean_text
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection
from local_cloud.engine.values import Properties

Render = Callable[[Any], str]

_ANY = ("AUTO", "GZIP", "BZ2", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE", "NONE")


def _option(name: str, keyword: str, render: Render = sql.text_or_none) -> Property:
    return Property(name, keyword, render)


_SHARED_TEXT = (
    _option("dateFormat", "DATE_FORMAT", sql.text),
    _option("timeFormat", "TIME_FORMAT", sql.text),
    _option("timestampFormat", "TIMESTAMP_FORMAT", sql.text),
    _option("binaryFormat", "BINARY_FORMAT", sql.word),
    _option("trimSpace", "TRIM_SPACE", sql.flag),
)
_NULLS = (
    _option("nullIfs", "NULL_IF", sql.texts),
    _option("replaceInvalidCharacters", "REPLACE_INVALID_CHARACTERS", sql.flag),
)

OPTIONS: dict[str, tuple[Property, ...]] = {
    "CSV": (
        _option("compression", "COMPRESSION", sql.word),
        _option("recordDelimiter", "RECORD_DELIMITER"),
        _option("fieldDelimiter", "FIELD_DELIMITER"),
        _option("multiLine", "MULTI_LINE", sql.flag),
        _option("fileExtension", "FILE_EXTENSION"),
        _option("parseHeader", "PARSE_HEADER", sql.flag),
        _option("skipHeader", "SKIP_HEADER", sql.word),
        _option("skipBlankLines", "SKIP_BLANK_LINES", sql.flag),
        *_SHARED_TEXT[:4],
        _option("escape", "ESCAPE"),
        _option("escapeUnenclosedField", "ESCAPE_UNENCLOSED_FIELD"),
        _SHARED_TEXT[4],
        _option("fieldOptionallyEnclosedBy", "FIELD_OPTIONALLY_ENCLOSED_BY"),
        _NULLS[0],
        _option("errorOnColumnCountMismatch", "ERROR_ON_COLUMN_COUNT_MISMATCH", sql.flag),
        _NULLS[1],
        _option("emptyFieldAsNull", "EMPTY_FIELD_AS_NULL", sql.flag),
        _option("skipByteOrderMark", "SKIP_BYTE_ORDER_MARK", sql.flag),
        _option("encoding", "ENCODING", sql.text),
    ),
    "JSON": (
        _option("compression", "COMPRESSION", sql.word),
        *_SHARED_TEXT,
        _option("multiLine", "MULTI_LINE", sql.flag),
        _NULLS[0],
        _option("fileExtension", "FILE_EXTENSION"),
        _option("enableOctal", "ENABLE_OCTAL", sql.flag),
        _option("allowDuplicate", "ALLOW_DUPLICATE", sql.flag),
        _option("stripOuterArray", "STRIP_OUTER_ARRAY", sql.flag),
        _option("stripNullValues", "STRIP_NULL_VALUES", sql.flag),
        _NULLS[1],
        _option("ignoreUtf8Errors", "IGNORE_UTF8_ERRORS", sql.flag),
        _option("skipByteOrderMark", "SKIP_BYTE_ORDER_MARK", sql.flag),
    ),
    "PARQUET": (
        _option("compression", "COMPRESSION", sql.word),
        _option("binaryAsText", "BINARY_AS_TEXT", sql.flag),
        _option("useLogicalType", "USE_LOGICAL_TYPE", sql.flag),
        _option("trimSpace", "TRIM_SPACE", sql.flag),
        _option("useVectorizedScanner", "USE_VECTORIZED_SCANNER", sql.flag),
        _NULLS[1],
        _NULLS[0],
    ),
}
"""Options of each type, in the order in which the provider writes them."""


def options(kind: str, inputs: Properties) -> list[str]:
    """`TYPE = CSV SKIP_HEADER = 1 ...`"""
    given = [each for each in OPTIONS[kind] if inputs.get(each.input) is not None]
    return [f"TYPE = {kind}", *(f"{each.keyword} = {each.render(inputs[each.input])}" for each in given)]


class FileFormat(SqlObject):
    """Base of the formats; its options are its properties."""

    format_type: ClassVar[str]
    kind = "FILE FORMAT"
    scope = ("database", "schema")

    def clauses(self, inputs: Properties) -> list[str]:
        return [f"TYPE = {self.format_type}", *super().clauses(inputs)]

    def predicted(self, inputs: Properties) -> Properties:
        return super().predicted(inputs) | {"type": self.format_type}

    def read_more(self, connection: SnowflakeConnection, inputs: Properties, row: Mapping[str, Any]) -> Properties:
        described = self.described(connection, inputs)
        return {
            each.input: _parsed(described[each.keyword], inputs[each.input])
            for each in self.properties
            if each.input in inputs and each.keyword in described
        }


def _parsed(value: Any, like: Any) -> Any:
    """A described option with the type of the recorded input."""
    if isinstance(like, list):
        return _list(str(value))
    if isinstance(like, int):
        return int(value)
    return boolean_text(value) if like in ("true", "false") else value


def _list(value: str) -> list[str]:
    """DESCRIBE FILE FORMAT shows lists as `[\\N, NULL]` or as JSON."""
    try:
        found = json.loads(value)
        return [str(each) for each in found] if isinstance(found, list) else [value]
    except ValueError:
        return [each.strip() for each in value.strip("[]").split(",") if each.strip()]


class FileFormatCsv(FileFormat):
    type = "snowflake:index/fileFormatCsv:FileFormatCsv"
    format_type = "CSV"
    properties = (*OPTIONS["CSV"], COMMENT)
    allowed = {"compression": _ANY, "binaryFormat": ("HEX", "BASE64", "UTF8")}
    tristate = frozenset(each.input for each in OPTIONS["CSV"] if each.render is sql.flag)


class FileFormatJson(FileFormat):
    type = "snowflake:index/fileFormatJson:FileFormatJson"
    format_type = "JSON"
    properties = (*OPTIONS["JSON"], COMMENT)
    allowed = {"compression": _ANY, "binaryFormat": ("HEX", "BASE64", "UTF8")}
    tristate = frozenset(each.input for each in OPTIONS["JSON"] if each.render is sql.flag)


class FileFormatParquet(FileFormat):
    type = "snowflake:index/fileFormatParquet:FileFormatParquet"
    format_type = "PARQUET"
    properties = (*OPTIONS["PARQUET"], COMMENT)
    allowed = {"compression": ("AUTO", "LZO", "SNAPPY", "NONE")}
    tristate = frozenset(each.input for each in OPTIONS["PARQUET"] if each.render is sql.flag)


HANDLERS = [FileFormatCsv(), FileFormatJson(), FileFormatParquet()]
