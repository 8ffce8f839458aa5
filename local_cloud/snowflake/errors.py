"""The errors that Snowflake reports, with its numbers, SQL states and words.

Sources: https://docs.snowflake.com/en/user-guide/security-access-control-considerations and the texts that
public projects quote from the service.
"""

from __future__ import annotations


class SnowflakeError(Exception):
    """One failed statement, as a client sees it.

    Attributes:
        errno: Snowflake's error number; shown to people as six digits.
        sqlstate: the five-character SQL state.
        message: the text after the number, which may span lines.
    """

    def __init__(self, errno: int, sqlstate: str, message: str) -> None:
        super().__init__(f"{errno:06d} ({sqlstate}): {message}")
        self.errno = errno
        self.sqlstate = sqlstate
        self.message = message


def compilation_error(errno: int, sqlstate: str, detail: str) -> SnowflakeError:
    """A statement that does not compile: Snowflake puts the detail on a line of its own."""
    return SnowflakeError(errno, sqlstate, f"SQL compilation error:\n{detail}")


def does_not_exist(kind: str, name: str) -> SnowflakeError:
    """`002003`: the same answer for an object that is missing and one that the role may not see."""
    sqlstate = "42S02" if kind in {"Table", "View", "Object"} else "02000"
    return compilation_error(2003, sqlstate, f"{kind} '{name}' does not exist or not authorized.")


def already_exists(name: str) -> SnowflakeError:
    """`002002`: CREATE without OR REPLACE or IF NOT EXISTS of a name that is taken."""
    return compilation_error(2002, "42710", f"Object '{name}' already exists.")


def insufficient_privileges(kind: str, name: str) -> SnowflakeError:
    """`003001`: the role sees the object but may not do this to it."""
    return SnowflakeError(
        3001, "42501", f"SQL access control error:\nInsufficient privileges to operate on {kind.lower()} '{name}'"
    )


def syntax_error(line: int, position: int, unexpected: str) -> SnowflakeError:
    """`001003`: text that is no statement of Snowflake's."""
    return compilation_error(
        1003, "42000", f"syntax error line {line} at position {position} unexpected '{unexpected}'."
    )


def invalid_value(value: str, option: str, allowed: str) -> SnowflakeError:
    """`001008`: an option's value that Snowflake refuses."""
    return compilation_error(1008, "22023", f"invalid value [{value}] for parameter '{option}'. Allowed: {allowed}.")


def not_supported(what: str) -> SnowflakeError:
    """A statement that Snowflake may know and this emulation does not: it never pretends."""
    return SnowflakeError(2, "0A000", f"local cloud does not support: {what}")
