"""What a task, an alert or a SQL procedure runs: one statement, or a block of simple ones.

https://docs.snowflake.com/en/developer-guide/snowflake-scripting/blocks

A block is `[DECLARE ...] BEGIN <statement>; ... END`. Statements are SQL, `LET x [type] := e`, `x := e` and `RETURN e`;
`:x` in a statement is a variable's value. Branches, loops, cursors and exception handlers are refused by name.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.tokenizer_core import Token

from local_cloud.snowflake import errors, results
from local_cloud.snowflake.query import bindings, execute, translate
from local_cloud.snowflake.results import Result
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

_REFUSED = ("IF", "FOR", "WHILE", "LOOP", "REPEAT", "CASE", "EXCEPTION", "CURSOR", "OPEN", "FETCH", "RAISE", "ELSEIF")
_TRANSACTION = ("TRANSACTION", "WORK", "NAME", "")
_LET = re.compile(
    r"(?:LET\s+)?(?P<name>\w+)(?:\s+(?P<type>[A-Z]\w*(?:\s*\([\d\s,]*\))?))?\s*(?::=|DEFAULT)\s*(?P<value>.+)",
    re.IGNORECASE | re.DOTALL,
)
_DECLARED = re.compile(r"(?P<name>\w+)\s+[A-Z]\w*(?:\s*\([\d\s,]*\))?", re.IGNORECASE)

Variables = dict[str, Any]
# Runs one statement of SQL; callers may watch or wrap it.
Run = Callable[[Session, str], Result]


def is_block(text: str) -> bool:
    """BEGIN opens a block, unless it stands alone or begins a transaction."""
    words = Statement(text).words
    first, second = [*words, "", ""][:2]
    return first == "DECLARE" or (first == "BEGIN" and second not in {*_TRANSACTION, ";"})


def check(text: str) -> None:
    """Refuse a block that could not run.

    Raises:
        SnowflakeError: 001003 no END; 000002 a construct of Snowflake Scripting that is not supported.
    """
    if is_block(text):
        declared, body = _parts(text)
        for statement in [*declared, *body]:
            _refuse(statement)


def run(session: Session, text: str, variables: Variables | None = None, one: Run = execute.execute) -> Result:
    """Run a statement or a block; a block answers with what it returns, in the column `anonymous block`."""
    known: Variables = {name.upper(): value for name, value in (variables or {}).items()}
    if not is_block(text):
        return one(session, _filled(text, known))
    declared, body = _parts(text)
    for statement in declared:
        _declare(session, statement, known)
    for statement in body:
        _refuse(statement)
        returned = _step(session, statement, known, one)
        if returned is not None:
            return returned
    return results.rows(["anonymous block"], [[None]])


def _step(session: Session, statement: str, known: Variables, one: Run) -> Result | None:
    """Run one statement of a block; a result when it was RETURN."""
    first = Statement(statement).words[0]
    if first == "RETURN":
        value = statement[len("RETURN") :].strip()
        if value.upper().startswith("TABLE"):
            raise errors.not_supported("RETURN TABLE(...) in a block; use a Python procedure")
        return results.rows(["anonymous block"], [[_value(session, value, known)]])
    if match := _LET.fullmatch(statement):
        name = match["name"].upper()
        if first != "LET" and name not in known:
            raise errors.compilation_error(904, "42000", f"error line 1 at position 0\ninvalid identifier '{name}'")
        known[name] = _value(session, match["value"], known)
        return None
    result = one(session, _filled(statement, known))
    known["SQLROWCOUNT"] = result.rows_affected
    return None


def _declare(session: Session, statement: str, known: Variables) -> None:
    _refuse(statement)
    if match := _LET.fullmatch(statement):
        known[match["name"].upper()] = _value(session, match["value"], known)
    elif match := _DECLARED.fullmatch(statement):
        known[match["name"].upper()] = None
    else:
        raise errors.syntax_error(1, 0, statement.split()[0])


def _value(session: Session, expression: str, known: Variables) -> Any:
    """A scalar expression: variables stand in it with or without a colon."""
    filled = _filled(expression, known)
    tree = translate.parse(f"select {filled}")

    def place(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and not node.table and node.name.upper() in known:
            return sqlglot.parse_one(bindings.literal(known[node.name.upper()]), read="snowflake")
        return node

    result = execute.execute(session, tree.transform(place).sql(dialect="snowflake"))
    return result.table.column(0)[0].as_py()


def _filled(text: str, known: Variables) -> str:
    """The text with `:name` replaced by a literal of the variable's value."""
    if not known:
        return text
    found, end, tokens = [], 0, Statement(text).tokens
    for colon, name in itertools.pairwise(tokens):
        touching = colon.text == ":" and name.start == colon.end + 1 and not _path(text, colon)
        if touching and name.text.upper() in known:
            found += [text[end : colon.start], bindings.literal(known[name.text.upper()])]
            end = name.end + 1
    return "".join([*found, text[end:]])


def _path(text: str, colon: Token) -> bool:
    """`column:field` reads a VARIANT; a variable's colon follows a blank or an operator."""
    before = text[colon.start - 1] if colon.start else " "
    return before.isalnum() or before in '_")]:'


def _refuse(statement: str) -> None:
    first = Statement(statement).words[0]
    if first in _REFUSED or (first == "LET" and " CURSOR " in statement.upper()):
        raise errors.not_supported(f"{first} in a block of Snowflake Scripting")
    if first == "BEGIN" and is_block(statement):
        raise errors.not_supported("a block inside a block of Snowflake Scripting")


def _parts(text: str) -> tuple[list[str], list[str]]:
    """The declarations and the statements of a block."""
    tokens = Statement(text).tokens
    begin = next((t for t in tokens if t.text.upper() == "BEGIN"), None)
    while tokens and tokens[-1].text == ";":
        tokens = tokens[:-1]
    if begin is None or tokens[-1].text.upper() != "END":
        raise errors.syntax_error(text.count("\n") + 1, len(text) - text.rfind("\n") - 1, "<EOF>")
    declared = text[tokens[0].end + 1 : begin.start] if tokens[0].text.upper() == "DECLARE" else ""
    return statements(declared), statements(text[begin.end + 1 : tokens[-1].start])


def statements(text: str) -> list[str]:
    """Statements between semicolons; those inside strings and comments do not count."""
    if not text.strip():
        return []
    ends = [
        token.start for token in Statement(text).tokens if token.text == ";" and token.token_type.name == "SEMICOLON"
    ]
    pieces = [
        text[start:end].strip() for start, end in zip([0, *[end + 1 for end in ends]], [*ends, len(text)], strict=True)
    ]
    return [piece for piece in pieces if piece]


def split_at(text: str, word: str) -> tuple[str, str]:
    """The text before and after the first `word` outside of parentheses, as in `WHEN <condition> AS <body>`.

    Raises:
        SnowflakeError: 001003 when the word does not come.
    """
    depth = 0
    for token in Statement(text).tokens:
        name = token.token_type.name
        depth += {"L_PAREN": 1, "R_PAREN": -1}.get(name, 0)
        if depth == 0 and name not in {"STRING", "IDENTIFIER"} and token.text.upper() == word:
            return text[: token.start].strip(), text[token.end + 1 :].strip()
    raise errors.syntax_error(text.count("\n") + 1, len(text) - text.rfind("\n") - 1, "<EOF>")


def parenthesised(text: str) -> tuple[str, str]:
    """What stands in the parentheses with which the text begins, and what follows them.

    Raises:
        SnowflakeError: 001003 when it does not begin with one, or they do not end.
    """
    depth, opened = 0, 0
    for token in Statement(text).tokens:
        name = token.token_type.name
        if depth == 0 and name != "L_PAREN":
            raise errors.syntax_error(1, token.start, token.text)
        if name == "L_PAREN" and depth == 0:
            opened = token.end + 1
        depth += {"L_PAREN": 1, "R_PAREN": -1}.get(name, 0)
        if depth == 0:
            return text[opened : token.start].strip(), text[token.end + 1 :].strip()
    raise errors.syntax_error(text.count("\n") + 1, len(text) - text.rfind("\n") - 1, "<EOF>")
