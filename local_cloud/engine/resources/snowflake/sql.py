"""Pieces of statements, as the provider writes them: identifiers always quoted."""

from __future__ import annotations

from typing import Any


def ident(name: Any) -> str:
    """`"NAME"`; a name that is quoted already stays as it is."""
    plain = str(name)
    if len(plain) > 1 and plain.startswith('"') and plain.endswith('"'):
        return plain
    return '"' + plain.replace('"', '""') + '"'


def parts(qualified: Any) -> list[str]:
    """The names in `"DB"."SCHEMA"."OBJECT"` or `DB.SCHEMA.OBJECT`, unquoted."""
    found, current, quoted = [], "", False
    for character in str(qualified):
        if character == '"':
            quoted = not quoted
        elif character == "." and not quoted:
            found.append(current)
            current = ""
        else:
            current += character
    return [*found, current]


def qualified(*names: Any) -> str:
    """`"DB"."SCHEMA"."OBJECT"` from bare or qualified names, of which only the last part counts except in the last."""
    *outer, last = names
    return ".".join([*(ident(parts(name)[-1]) for name in outer), ident(last)])


def requalified(name: Any) -> str:
    """Any qualified name with every part quoted."""
    return ".".join(ident(part) for part in parts(name))


def text(value: Any) -> str:
    """`'text'`. https://docs.snowflake.com/en/sql-reference/data-types-text#single-quoted-string-constants"""
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"


def flag(value: Any) -> str:
    """true or false, from a boolean or from the provider's texts "true" and "false"."""
    return str(value).lower()


def word(value: Any) -> str:
    """A keyword or number."""
    return str(value)


def quoted_word(value: Any) -> str:
    """A keyword in upper case as a text: `'XSMALL'`."""
    return text(str(value).upper())


def text_or_none(value: Any) -> str:
    """A text, but the keyword NONE for "NONE"."""
    return "NONE" if str(value).upper() == "NONE" else text(value)


def texts(values: Any) -> str:
    """`('a', 'b')`."""
    return "(" + ", ".join(text(value) for value in values) + ")" if isinstance(values, list) else f"({text(values)})"


def idents(values: Any) -> str:
    """`("A", "B")`."""
    return "(" + ", ".join(ident(value) for value in values) + ")" if isinstance(values, list) else f"({ident(values)})"
