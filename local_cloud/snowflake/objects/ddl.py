"""Reading property DDL: `CREATE | ALTER | DROP | DESCRIBE <kind> <name> KEY = value ...`, token by token.

https://docs.snowflake.com/en/sql-reference/ddl-database, https://docs.snowflake.com/en/sql-reference/identifiers-syntax

A handler makes a `Reader` of its statement, reads the head, then the properties by a table of `Option`s, then says
`end()`: whatever is left over is Snowflake's syntax error with its line and position.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.snowflake import errors
from local_cloud.snowflake.objects.tokens import Piece, pieces
from local_cloud.snowflake.statement import Statement


@dataclass(frozen=True)
class Head:
    """What stands before a CREATE's properties. `name` has one to three parts, as stored."""

    name: tuple[str, ...]
    or_replace: bool = False
    or_alter: bool = False
    if_not_exists: bool = False
    modifiers: frozenset[str] = frozenset()


class Reader:
    """A cursor over a statement's tokens; every method that reads moves on past what it read."""

    def __init__(self, statement: Statement) -> None:
        self.text = statement.text
        self._pieces = pieces(statement)
        self._next = 0

    # -- words

    def word(self, ahead: int = 0) -> str:
        """The keyword that comes (upper case), or the symbol; empty for strings, quoted names and the end."""
        at = self._next + ahead
        piece = self._pieces[at] if at < len(self._pieces) else None
        return piece.text.upper() if piece and piece.kind in {"word", "symbol"} else ""

    def accept(self, *words: str) -> bool:
        """Read these words if they come next, all of them."""
        if all(self.word(ahead) == word for ahead, word in enumerate(words)):
            self._next += len(words)
            return True
        return False

    def accept_one(self, *words: str) -> str | None:
        """Read and return whichever of the words comes next."""
        return next((word for word in words if self.accept(word)), None)

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.accept(word):
                raise self.unexpected()

    def any_word(self) -> str:
        """Whatever keyword comes, upper case."""
        if self._kind() != "word":
            raise self.unexpected()
        return self._take().text.upper()

    # -- values

    def name(self, parts: int = 3) -> tuple[str, ...]:
        """A dotted identifier of at most `parts` parts: unquoted ones become upper case, quoted ones stay."""
        if self.accept("IDENTIFIER", "("):
            inner = Reader(Statement(self.string()))
            self.expect(")")
            found = inner.name(parts)
            inner.end()
            return found
        found = (self._part(),)
        while self.word() == ".":
            if len(found) == parts:
                raise self.unexpected()
            self._next += 1
            found += (self._part(),)
        return found

    def simple_name(self) -> str:
        return self.name(1)[0]

    def string(self) -> str:
        if self._kind() != "string":
            raise self.unexpected()
        return self._take().text

    def is_string(self) -> bool:
        return self._kind() == "string"

    def scalar(self) -> str:
        """A string, number, word or quoted name, as text; words keep their case."""
        sign = "-" if self.accept("-") else ""
        if self._kind() in {"", "symbol"}:
            raise self.unexpected()
        return sign + self._take().text

    def many(self, read_one: Callable[[], Any]) -> list[Any]:
        """`( a , b ... )`, possibly empty."""
        self.expect("(")
        found: list[Any] = []
        while not self.accept(")"):
            if found:
                self.accept(",")
            found.append(read_one())
        return found

    def properties(self, options: Mapping[str, Option], kind: str, stop: tuple[str, ...] = (")",)) -> dict[str, Any]:
        """`KEY = value` pairs, with or without commas, up to the end or a word of `stop`; only those given.

        Raises:
            SnowflakeError: 001420 unknown property, 001421 given twice, 001008 a value that is not allowed.
        """
        found: dict[str, Any] = {}
        while not self.at_end and self.word() not in stop:
            if found:
                self.accept(",")
            key = self.any_word()
            if key not in options:
                raise errors.compilation_error(1420, "22023", f"invalid property '{key}' for '{kind}'")
            if key in found:
                raise errors.compilation_error(
                    1421, "22023", f"duplicate property '{key}'; only one definition allowed"
                )
            self.accept("=")
            found[key] = options[key].read(self, key)
        return found

    def keys(self, options: Mapping[str, Option], kind: str) -> list[str]:
        """The property names of an UNSET."""
        found: list[str] = []
        while not self.at_end:
            key = self.any_word()
            if key not in options:
                raise errors.compilation_error(1420, "22023", f"invalid property '{key}' for '{kind}'")
            found.append(key)
            self.accept(",")
        return found

    # -- the end

    @property
    def at_end(self) -> bool:
        return self._next >= len(self._pieces)

    def rest(self) -> str:
        """The text from here to the last token, as written: a pipe's COPY, a task's SQL.

        A comment after it is no part of it: the provider ends each statement with one that differs by operation.
        """
        if self.at_end:
            return ""
        start, end = self._pieces[self._next].start, self._pieces[-1].end
        self._next = len(self._pieces)
        return self.text[start:end]

    def end(self) -> None:
        if not self.at_end:
            raise self.unexpected()

    def unexpected(self) -> errors.SnowflakeError:
        """001003 at the token that comes next."""
        start = len(self.text) if self.at_end else self._pieces[self._next].start
        shown = "<EOF>" if self.at_end else self.text[start : self._pieces[self._next].end]
        before = self.text[:start]
        return errors.syntax_error(before.count("\n") + 1, start - (before.rfind("\n") + 1), shown)

    def _kind(self) -> str:
        return "" if self.at_end else self._pieces[self._next].kind

    def _take(self) -> Piece:
        piece = self._pieces[self._next]
        self._next += 1
        return piece

    def _part(self) -> str:
        if self._kind() not in {"word", "quoted"}:
            raise self.unexpected()
        piece = self._take()
        if piece.kind == "quoted" and ("." in piece.text or not piece.text):
            raise errors.not_supported(f'the identifier "{piece.text}" (empty, or with a dot in it)')
        return piece.text.upper() if piece.kind == "word" else piece.text


@dataclass(frozen=True)
class Option:
    """How one property's value is read, and what it is when it was not given."""

    read: Callable[[Reader, str], Any]
    default: Any = None


def defaults(options: Mapping[str, Option]) -> dict[str, Any]:
    return {key: option.default for key, option in options.items()}


def text(default: str | None = "") -> Option:
    return Option(lambda reader, _: reader.string(), default)


def text_or(*words: str, default: str | None = None) -> Option:
    """A string, or one of a few bare words such as NONE."""

    def read(reader: Reader, _: str) -> str:
        return reader.accept_one(*words) or reader.string()

    return Option(read, default)


def integer(default: int | None = None, minimum: int = 0, maximum: int = 2**31 - 1) -> Option:
    def read(reader: Reader, key: str) -> int | None:
        if reader.accept("NULL"):
            return default
        value = reader.scalar()
        if not re.fullmatch(r"-?\d+", value) or not minimum <= int(value) <= maximum:
            raise errors.invalid_value(value, key, f"whole numbers from {minimum} to {maximum}")
        return int(value)

    return Option(read, default)


def boolean(default: bool | None = False) -> Option:
    def read(reader: Reader, key: str) -> bool:
        value = reader.scalar()
        if value.upper() not in {"TRUE", "FALSE"}:
            raise errors.invalid_value(value, key, "TRUE, FALSE")
        return value.upper() == "TRUE"

    return Option(read, default)


def choice(*allowed: str, default: str | None = None, synonyms: Mapping[str, str] | None = None) -> Option:
    """One of a few words, quoted or not, whatever their case; synonyms become the word they stand for."""
    known = {**{value: value for value in allowed}, **(synonyms or {})}

    def read(reader: Reader, key: str) -> str:
        value = reader.scalar()
        if value.upper() not in known:
            raise errors.invalid_value(value, key, ", ".join(allowed))
        return known[value.upper()]

    return Option(read, default)


def identifier(parts: int = 1) -> Option:
    """A name, dotted if `parts` allows; also in quotes, as in DEFAULT_ROLE = 'X'. NULL means none."""

    def read(reader: Reader, _: str) -> str | None:
        if reader.accept("NULL"):
            return None
        if reader.is_string():
            inner = Reader(Statement(reader.string()))
            found = ".".join(inner.name(parts)) if not inner.at_end else None
            inner.end()
            return found
        return ".".join(reader.name(parts))

    return Option(read)


def texts(default: list[str] | None = None) -> Option:
    """`('a', 'b')`; a single value may stand without parentheses."""

    def read(reader: Reader, _: str) -> list[str]:
        return [reader.string()] if reader.is_string() else list(reader.many(reader.string))

    return Option(read, default if default is not None else [])


def names(parts: int = 1) -> Option:
    """`(A, "b")`, as stored."""

    def read(reader: Reader, key: str) -> list[str]:
        return list(reader.many(lambda: identifier(parts).read(reader, key)))

    return Option(read, [])


def group(options: Mapping[str, Option], default: Mapping[str, Any] | None = None) -> Option:
    """`(KEY = value ...)`: a document of what was given."""

    def read(reader: Reader, key: str) -> dict[str, Any]:
        reader.expect("(")
        found = reader.properties(options, key)
        reader.expect(")")
        return found

    return Option(read, dict(default or {}))


def unsupported() -> Option:
    """An option of Snowflake's that means something this emulation does not have."""

    def read(_: Reader, key: str) -> None:
        raise errors.not_supported(f"the option {key}")

    return Option(read)


def read_create(reader: Reader, *kind: str, parts: int = 3) -> Head:
    """`CREATE [OR REPLACE | OR ALTER] [modifiers] <kind> [IF NOT EXISTS] <name>`."""
    reader.expect("CREATE")
    replace, alter = reader.accept("OR", "REPLACE"), False
    if not replace:
        alter = reader.accept("OR", "ALTER")
    modifiers: set[str] = set()
    while modifier := reader.accept_one("TEMPORARY", "TEMP", "TRANSIENT", "VOLATILE", "SECURE"):
        modifiers.add(modifier)
    reader.expect(*kind)
    lenient = reader.accept("IF", "NOT", "EXISTS")
    return Head(reader.name(parts), replace, alter, lenient, frozenset(modifiers))


def read_target(reader: Reader, verb: str, *kind: str, parts: int = 3) -> tuple[tuple[str, ...], bool]:
    """`<verb> <kind> [IF EXISTS] <name>` of ALTER, DROP and DESCRIBE: the name, and whether it may be missing."""
    if not (verb == "DESCRIBE" and reader.accept("DESC")):
        reader.expect(verb)
    reader.expect(*kind)
    lenient = reader.accept("IF", "EXISTS")
    return reader.name(parts), lenient


def missing(given: Mapping[str, Any], *required: str) -> None:
    """002029 naming the required properties that were not given."""
    if absent := [key for key in required if key not in given]:
        raise errors.compilation_error(2029, "42601", f"Missing option(s): {', '.join(absent)}")


def altered(reader: Reader, options: Mapping[str, Option], kind: str, document: dict[str, Any]) -> dict[str, Any]:
    """The document after `SET KEY = value ...` or `UNSET KEY, ...`; anything else is a syntax error."""
    if reader.accept("SET"):
        if reader.word() == "TAG":
            raise errors.not_supported(f"ALTER {kind} SET TAG")
        found = reader.properties(options, kind)
        if not found:
            raise reader.unexpected()
        reader.end()
        return document | found
    if reader.accept("UNSET"):
        if reader.word() == "TAG":
            raise errors.not_supported(f"ALTER {kind} UNSET TAG")
        reset = reader.keys(options, kind)
        if not reset:
            raise reader.unexpected()
        return document | {key: options[key].default for key in reset}
    raise reader.unexpected()
