"""A statement's tokens in the five kinds that property DDL tells apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from local_cloud.snowflake.statement import Statement

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_STRINGS = frozenset({"STRING", "RAW_STRING", "HEREDOC_STRING"})


@dataclass(frozen=True)
class Piece:
    """One token: `kind` is word, quoted, string, number or symbol; `start` and `end` are offsets in the text."""

    kind: str
    text: str
    start: int
    end: int


def pieces(statement: Statement) -> list[Piece]:
    return [piece for token in statement.tokens for piece in _pieces(token)]


def _pieces(token: Any) -> list[Piece]:
    """Nearly always one; the tokenizer joins the words of FILE FORMAT and STORAGE INTEGRATION."""
    kind, end = token.token_type.name, token.end + 1
    if kind in _STRINGS:
        return [Piece("string", token.text, token.start, end)]
    if kind == "IDENTIFIER":
        return [Piece("quoted", token.text, token.start, end)]
    if kind == "NUMBER":
        return [Piece("number", token.text, token.start, end)]
    if kind == "SEMICOLON":
        return []
    if not _WORD.match(token.text):
        return [Piece("symbol", token.text, token.start, end)]
    words = token.text.split()
    return [Piece("word", word, token.start, end) for word in words]
