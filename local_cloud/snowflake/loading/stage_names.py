"""Stage references in SQL text: `@stage`, `@db.schema.stage/path`, `'@"Quoted".x/a b.csv'`.

https://docs.snowflake.com/en/sql-reference/sql/copy-into-table, parameter "internalStage | externalStage"

A path after a stage's name may hold nearly any character, which no SQL tokenizer reads. So references are put into
quotes first, which Snowflake accepts too, and then read as strings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from local_cloud.snowflake import errors

_PART = r'(?:"(?:[^"]|"")+"|[A-Za-z_][A-Za-z0-9_$]*)'
_REFERENCE = rf"@(?:~|%?{_PART}(?:\.%?{_PART}){{0,2}})(?:/[^\s'(),;]*)?"
# What is left alone: strings, quoted names and comments.
_TEXT = re.compile(
    rf"""('(?:''|\\.|[^'\\])*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/)|({_REFERENCE})""",
    re.DOTALL,
)
_WHOLE = re.compile(rf"@(~|%?{_PART}(?:\.%?{_PART}){{0,2}})(/.*)?", re.DOTALL)


@dataclass(frozen=True)
class StageName:
    """`parts`: one to three, as stored. `path`: what follows the stage's name, without the slash between them."""

    parts: tuple[str, ...]
    path: str = ""


def quoted(text: str) -> str:
    """The statement with each unquoted stage reference turned into a string literal."""
    return _TEXT.sub(lambda found: found[1] or "'" + found[2].replace("'", "''") + "'", text)


def parse(reference: str) -> StageName:
    """Read `@db.schema.stage/path`.

    Raises:
        SnowflakeError: 001003 for a text that is no stage; not supported: user and table stages.
    """
    found = _WHOLE.fullmatch(reference.strip())
    if not found:
        raise errors.syntax_error(1, 0, reference)
    if found[1] == "~" or "%" in found[1]:
        raise errors.not_supported("user and table stages (@~, @%table)")
    return StageName(tuple(_stored(part) for part in re.findall(_PART, found[1])), (found[2] or "").lstrip("/"))


def _stored(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part.upper()
