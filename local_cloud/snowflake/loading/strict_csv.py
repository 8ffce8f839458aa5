"""A CSV parser that says what is wrong with which line, for the files that DuckDB's reader refuses.

https://docs.snowflake.com/en/sql-reference/sql/create-file-format, section "TYPE = CSV"

About 250,000 rows a second, a twentieth of DuckDB's reader: only files with an error in them come here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local_cloud.snowflake.loading.formats import FileFormat, open_text

# A quote that is never closed must not swallow the file: Snowflake's limit is 16 MB a row, ours is in lines.
_MAX_LINES = 1000
_BATCH = 64 * 1024


@dataclass(frozen=True)
class Fault:
    """Why a line is no record; `character` counts from 1."""

    code: int
    message: str
    character: int


@dataclass(frozen=True)
class Record:
    """One record: `line` counts physical lines from 1, header included. With a fault, `fields` are empty."""

    line: int
    fields: list[str | None]
    text: str
    fault: Fault | None = None


class _UnterminatedError(Exception):
    pass


class _MalformedError(Exception):
    def __init__(self, position: int, found: str) -> None:
        super().__init__(found)
        self.position = position
        self.found = found


def records(path: Path, compression: str, form: FileFormat, skip: int) -> Iterator[Record]:
    """The file's records after `skip` lines.

    Raises:
        OSError: the compressed stream is damaged.
    """
    with open_text(path, compression) as raw:
        buffered = io.BufferedReader(raw, 1024 * 1024)
        text = io.TextIOWrapper(buffered, encoding="utf-8-sig", errors="surrogateescape", newline="")
        yield from _records(_lines(text), form, skip)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    for line in text:
        # `newline=""` keeps the ends of lines; a lone carriage return ends one too.
        yield line.rstrip("\r\n")


def _records(lines: Iterator[str], form: FileFormat, skip: int) -> Iterator[Record]:
    waiting: list[str] = []
    number = 0

    def following() -> str | None:
        return waiting.pop(0) if waiting else next(lines, None)

    while (line := following()) is not None:
        number += 1
        if number <= skip or (form.skip_blank_lines and not line.strip()):
            continue
        record, used = _record(line, number, form, waiting, lines)
        del waiting[:used]
        number += used
        yield record


def _record(line: str, number: int, form: FileFormat, waiting: list[str], lines: Iterator[str]) -> tuple[Record, int]:
    """A record that begins with this line, and how many of the following lines it took."""
    whole, used = line, 0
    while True:
        try:
            fields = split(whole, form)
        except _UnterminatedError:
            if used == len(waiting) and (used >= _MAX_LINES or not _more(waiting, lines)):
                fault = Fault(100068, "End of file reached while a field's closing quote was expected", len(line) + 1)
                return Record(number, [], line, fault), 0
            whole += "\n" + waiting[used]
            used += 1
        except _MalformedError as error:
            message = f"Found character '{error.found}' instead of field delimiter '{form.field_delimiter}'"
            # The lines that an open quote ran into are records of their own.
            return Record(number, [], line, Fault(100066, message, min(error.position, len(line)) + 1)), 0
        else:
            return Record(number, fields, whole, _encoding_fault(whole, fields)), used


def _more(waiting: list[str], lines: Iterator[str]) -> bool:
    line = next(lines, None)
    if line is None:
        return False
    waiting.append(line)
    return True


def _encoding_fault(whole: str, fields: list[str | None]) -> Fault | None:
    for field in fields:
        if field is not None and not field.isascii():
            try:
                field.encode()
            except UnicodeEncodeError as error:
                raw = field.encode(errors="surrogateescape")
                shown = f"0x{raw[:20].hex().upper()}"
                position = whole.find(field) + error.start + 1
                return Fault(100144, f"Invalid UTF8 detected in string '{shown}'", max(position, 1))
    return None


def split(line: str, form: FileFormat) -> list[str | None]:
    """The fields of one record, NULL_IF and EMPTY_FIELD_AS_NULL applied."""
    quote, delimiter = form.enclosed_by, form.field_delimiter
    if not form.trim_space and (quote is None or quote not in line) and not _escaped(line, form):
        return [_null(field, False, form) for field in line.split(delimiter)]
    fields: list[str | None] = []
    position = 0
    while True:
        if form.trim_space:
            position += len(line[position:]) - len(line[position:].lstrip(" "))
        if quote is not None and line.startswith(quote, position):
            value, position = _enclosed(line, position + 1, quote, form.escape)
            fields.append(_null(value, True, form))
            if form.trim_space:
                position += len(line[position:]) - len(line[position:].lstrip(" "))
        else:
            value, position = _plain(line, position, form)
            fields.append(_null(value.strip(" ") if form.trim_space else value, False, form))
        if position >= len(line):
            return fields
        if not line.startswith(delimiter, position):
            raise _MalformedError(position, line[position])
        position += len(delimiter)


def _escaped(line: str, form: FileFormat) -> bool:
    return any(mark is not None and mark in line for mark in (form.escape, form.escape_unenclosed))


def _enclosed(line: str, start: int, quote: str, escape: str | None) -> tuple[str, int]:
    """The value between quotes and the position after the closing one."""
    parts: list[str] = []
    position = start
    while True:
        at = line.find(quote, position)
        mark = line.find(escape, position) if escape is not None and escape != quote else -1
        if mark != -1 and (at == -1 or mark < at):
            parts.append(line[position:mark] + _unescaped(line[mark + 1 : mark + 2]))
            position = mark + 2
        elif at == -1:
            raise _UnterminatedError
        elif line.startswith(quote, at + 1):
            parts.append(line[position : at + 1])
            position = at + 2
        else:
            return "".join(parts) + line[position:at], at + 1


def _plain(line: str, start: int, form: FileFormat) -> tuple[str, int]:
    """An unenclosed value and the position of the delimiter after it."""
    escape = form.escape_unenclosed or form.escape
    end = line.find(form.field_delimiter, start)
    end = len(line) if end == -1 else end
    if escape is None or escape not in line[start:end]:
        return line[start:end], end
    parts: list[str] = []
    position = start
    while position < len(line) and not line.startswith(form.field_delimiter, position):
        if line.startswith(escape, position) and position + 1 < len(line):
            # `\N` is left for NULL_IF.
            following = line[position + 1]
            parts.append(escape + "N" if following == "N" else _unescaped(following))
            position += 2
        else:
            parts.append(line[position])
            position += 1
    return "".join(parts), position


def _unescaped(char: str) -> str:
    return {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}.get(char, char)


def _null(value: str, enclosed: bool, form: FileFormat) -> str | None:
    if (not enclosed and value == "" and form.empty_field_as_null) or value in form.null_if:
        return None
    return value
