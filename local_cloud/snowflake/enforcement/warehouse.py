"""Which statements need a warehouse, and which warehouse a session may use.

https://docs.snowflake.com/en/user-guide/warehouses-overview
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.snowflake import errors
from local_cloud.snowflake.enforcement import privileges, roles
from local_cloud.snowflake.objects.access import OWNERSHIP
from local_cloud.snowflake.session import Session

# Snowpipe and tasks without a warehouse compute on Snowflake's own.
_SERVERLESS_USER = "SYSTEM"
_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


def is_usable(session: Session, warehouse: str) -> bool:
    """Whether it exists and a role of the session has USAGE on it, or owns it."""
    if privileges.is_free(session):
        return session.account.catalog.get("warehouse", warehouse) is not None
    has = privileges.held(session.account, roles.active(session), "WAREHOUSE", warehouse)
    return bool(has & {"USAGE", OWNERSHIP})


def require(session: Session) -> None:
    """Note that the running statement computes; raise unless its session has a warehouse that its roles may use.

    Raises:
        SnowflakeError: 000606.
    """
    session.computed_in = session.warehouse
    if privileges.is_free(session) or (session.user == _SERVERLESS_USER and session.warehouse is None):
        return
    if session.warehouse is None or not is_usable(session, session.warehouse):
        raise errors.SnowflakeError(
            606,
            "57P03",
            "No active warehouse selected in the current session.  Select an active warehouse with the "
            "'use warehouse' command.",
        )


def is_needed(statement: exp.Expr) -> bool:
    """Whether a statement computes: it changes rows, or reads a table in a way that metadata cannot answer.

    `statement` is as parsed; its tables need not be qualified.
    """
    if isinstance(statement, _CHANGES):
        return True
    if not isinstance(statement, exp.Query) or _is_plain_count(statement):
        return False
    own = {cte.alias.upper() for cte in statement.find_all(exp.CTE)}
    return any(_is_stored(table, own) for table in statement.find_all(exp.Table))


def _is_stored(table: exp.Table, own: set[str]) -> bool:
    if not isinstance(table.this, exp.Identifier) or table.db.upper() == "INFORMATION_SCHEMA":
        return False
    return bool(table.db) or table.name.upper() not in own


def _is_plain_count(statement: exp.Expr) -> bool:
    """`SELECT COUNT(*) FROM t` is answered from metadata."""
    if not isinstance(statement, exp.Select) or len(statement.expressions) != 1:
        return False
    counted = statement.expressions[0].unalias()
    clauses = ("where", "group", "joins", "having", "with_", "qualify", "distinct")
    return (
        isinstance(counted, exp.Count)
        and isinstance(counted.this, exp.Star)
        and not any(statement.args.get(clause) for clause in clauses)
    )
