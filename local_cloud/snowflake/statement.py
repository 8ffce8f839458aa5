"""A statement as text and tokens, enough to find who handles it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from local_cloud.snowflake import errors

# Words between the verb and the kind that do not change who handles the statement.
_MODIFIERS = frozenset(
    {"OR", "REPLACE", "ALTER", "TEMPORARY", "TEMP", "TRANSIENT", "VOLATILE", "SECURE", "LOCAL", "GLOBAL", "TERSE"}
)


class _Dialect(Snowflake):
    """Snowflake's, with the arguments of CALL and EXECUTE as tokens: sqlglot makes one string of them."""

    class Tokenizer(Snowflake.Tokenizer):
        COMMANDS: ClassVar[set[TokenType]] = set()


_TRANSFER = re.compile(r"\s*(PUT|GET)\s.*file://", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Statement:
    """One SQL statement.

    Attributes:
        text: as the client sent it, without a trailing semicolon.
        bindings: values of `?` placeholders in order, or None.
    """

    text: str
    bindings: tuple[object, ...] | None = None

    @cached_property
    def tokens(self) -> list[Token]:
        # In `PUT file:///folder/*.py @stage` the path would begin a comment; whoever handles it reads the text.
        text = self.text.split(None, 1)[0] if _TRANSFER.match(self.text) else self.text
        try:
            return _Dialect().tokenize(text)
        except TokenError as error:
            raise errors.syntax_error(1, 0, str(error)) from error

    @cached_property
    def words(self) -> list[str]:
        """Upper-case texts of all tokens; quoted identifiers and strings keep their case."""
        return [t.text.upper() if t.token_type.name not in {"STRING", "IDENTIFIER"} else t.text for t in self.tokens]

    @cached_property
    def kind_words(self) -> tuple[str, ...]:
        """Verb and kind without modifiers: CREATE OR REPLACE TRANSIENT TABLE x -> (CREATE, TABLE, x...)."""
        # The tokenizer reads FILE FORMAT and STORAGE INTEGRATION as one token each.
        verb, rest = self.words[:1], [part for word in self.words[1:12] for part in word.split() or [word]]
        start = 0
        if verb in (["CREATE"], ["SHOW"], ["DESCRIBE"], ["DESC"]):
            while start < len(rest) and rest[start] in _MODIFIERS:
                start += 1
        if verb == ["DESC"]:
            verb = ["DESCRIBE"]
        return tuple(verb + rest[start : start + 4])
