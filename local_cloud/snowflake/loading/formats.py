"""File formats: how a staged file is read or written.

https://docs.snowflake.com/en/sql-reference/sql/create-file-format
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import pyarrow as pa

from local_cloud.snowflake import errors
from local_cloud.snowflake.enforcement import privileges
from local_cloud.snowflake.session import Session

Kind = Literal["CSV", "PARQUET", "JSON"]
_ENDINGS = {".gz": "GZIP", ".gzip": "GZIP", ".zst": "ZSTD", ".zstd": "ZSTD"}
_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\\\": "\\"}


@dataclass(frozen=True)
class FileFormat:
    """Options as Snowflake names them; NONE is None. Defaults are those of Snowflake's CSV."""

    kind: Kind = "CSV"
    compression: str = "AUTO"
    field_delimiter: str = ","
    record_delimiter: str = "\n"
    skip_header: int = 0
    parse_header: bool = False
    enclosed_by: str | None = None
    null_if: tuple[str, ...] = ("\\N",)
    empty_field_as_null: bool = True
    trim_space: bool = False
    escape: str | None = None
    escape_unenclosed: str | None = "\\"
    error_on_column_count_mismatch: bool = True
    skip_blank_lines: bool = False
    replace_invalid_characters: bool = False
    strip_outer_array: bool = False
    date_format: str = "AUTO"
    timestamp_format: str = "AUTO"
    file_extension: str | None = None

    def compression_of(self, path: str) -> str:
        """GZIP, ZSTD or NONE; AUTO goes by the file's name."""
        if self.compression != "AUTO":
            return self.compression
        return next((kind for ending, kind in _ENDINGS.items() if path.lower().endswith(ending)), "NONE")


def resolve(session: Session, given: Mapping[str, Any] | None, stage: Mapping[str, Any]) -> FileFormat:
    """The format of a load: the statement's options, else the stage's, else CSV.

    Args:
        given: what FILE_FORMAT = (...) says, or None.
        stage: the stage's document.

    Raises:
        SnowflakeError: 002003 for a named format that does not exist; not supported: a type that is not
            CSV, PARQUET or JSON.
    """
    options = dict(given if given is not None else stage.get("FILE_FORMAT") or {})
    if name := options.pop("FORMAT_NAME", None):
        full = session.qualify(*str(name).split("."))
        entry = session.account.catalog.get("file_format", full)
        if entry is None:
            raise errors.does_not_exist("File format", full)
        privileges.require(session, "FILE FORMAT", full, "USAGE")
        options = {**entry.document, **options}
    return from_options(options)


def from_options(options: Mapping[str, Any]) -> FileFormat:
    """A format from Snowflake's option names; values may be text, numbers, booleans or lists."""
    kind = str(options.get("TYPE") or "CSV").upper()
    if kind not in {"CSV", "PARQUET", "JSON"}:
        raise errors.not_supported(f"file format TYPE = {kind}")
    chosen = FileFormat(cast("Kind", kind))
    values: dict[str, Any] = {}
    for name, field, read in _FIELDS:
        if options.get(name) is not None:
            values[field] = read(options[name], name)
    made = FileFormat(**{**vars(chosen), **values})
    _check(made, options)
    return made


def _check(made: FileFormat, options: Mapping[str, Any]) -> None:
    if made.parse_header and made.skip_header:
        raise errors.compilation_error(
            1008,
            "22023",
            'Invalid file format "PARSE_HEADER" is only allowed for CSV INFER_SCHEMA and '
            "MATCH_BY_COLUMN_NAME, without SKIP_HEADER.",
        )
    if made.kind == "CSV" and made.record_delimiter not in {"\n", "\r\n", "\r"}:
        raise errors.not_supported(f"RECORD_DELIMITER = {made.record_delimiter!r}")
    encoding = str(options.get("ENCODING") or "UTF8").upper().replace("-", "")
    if encoding not in {"UTF8", "AUTO"}:
        raise errors.not_supported(f"ENCODING = {encoding}")
    if made.compression not in {"AUTO", "GZIP", "ZSTD", "NONE", "SNAPPY"}:
        raise errors.not_supported(f"COMPRESSION = {made.compression}")


def _text(value: Any, _: str) -> str | None:
    """NONE is None; `\\t` and the like become what they stand for."""
    text = str(value)
    return None if text.upper() == "NONE" else _ESCAPES.get(text, text)


def _flag(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).upper() not in {"TRUE", "FALSE"}:
        raise errors.invalid_value(str(value), name, "TRUE, FALSE")
    return str(value).upper() == "TRUE"


def _number(value: Any, name: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise errors.invalid_value(str(value), name, "a number from 0") from None


def _texts(value: Any, _: str) -> tuple[str, ...]:
    values = value if isinstance(value, (list, tuple)) else [value]
    return tuple(_ESCAPES.get(str(text), str(text)) if str(text) != "\\\\N" else "\\N" for text in values)


def _upper(value: Any, _: str) -> str:
    return str(value).upper()


_FIELDS = (
    ("COMPRESSION", "compression", _upper),
    ("FIELD_DELIMITER", "field_delimiter", lambda value, name: _text(value, name) or "\0"),
    ("RECORD_DELIMITER", "record_delimiter", lambda value, name: _text(value, name) or "\n"),
    ("SKIP_HEADER", "skip_header", _number),
    ("PARSE_HEADER", "parse_header", _flag),
    ("FIELD_OPTIONALLY_ENCLOSED_BY", "enclosed_by", _text),
    ("NULL_IF", "null_if", _texts),
    ("EMPTY_FIELD_AS_NULL", "empty_field_as_null", _flag),
    ("TRIM_SPACE", "trim_space", _flag),
    ("ESCAPE", "escape", _text),
    ("ESCAPE_UNENCLOSED_FIELD", "escape_unenclosed", _text),
    ("ERROR_ON_COLUMN_COUNT_MISMATCH", "error_on_column_count_mismatch", _flag),
    ("SKIP_BLANK_LINES", "skip_blank_lines", _flag),
    ("REPLACE_INVALID_CHARACTERS", "replace_invalid_characters", _flag),
    ("STRIP_OUTER_ARRAY", "strip_outer_array", _flag),
    ("DATE_FORMAT", "date_format", _upper),
    ("TIMESTAMP_FORMAT", "timestamp_format", _upper),
    ("FILE_EXTENSION", "file_extension", _text),
)


def open_text(path: Path, compression: str) -> pa.NativeFile:
    """The file's bytes, decompressed while they are read."""
    named = {"GZIP": "gzip", "ZSTD": "zstd"}.get(compression)
    return pa.input_stream(str(path), compression=named)
