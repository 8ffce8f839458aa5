"""One logged-in client."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_cloud.snowflake import errors

if TYPE_CHECKING:
    import duckdb

    from local_cloud.snowflake.account import Account

# The session's parameter that says which secondary roles are active: `ALL`, `NONE` or names with commas between.
SECONDARY_ROLES = "SECONDARY_ROLES"


@dataclass
class Session:
    """Who asks, and in which context. Names are as stored (upper case unless they were quoted).

    Attributes:
        connection: this session's own DuckDB connection to the account's databases.
        parameters: what ALTER SESSION and the login set, by upper-case name.
        lock: held while a statement of this session runs; clients may send from several threads.
        variables: session variables (SET x = ...) as SQL literals, by upper-case name.
        temporary: temporary tables and views: `DB.SCHEMA.NAME` -> `TABLE` or `VIEW`. They live in the connection's
            own temporary catalog under their qualified name, so that they vanish with it.
        queries: identifiers of this session's statements, the latest last.
        registered: Arrow tables that the running statement reads, by their names in the connection.
        computed_in: the warehouse that the running statement uses, once it is known to need one.
        in_transaction: between BEGIN and COMMIT or ROLLBACK.
    """

    id: str
    account: Account
    user: str
    connection: duckdb.DuckDBPyConnection
    role: str | None = None
    warehouse: str | None = None
    database: str | None = None
    schema: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    variables: dict[str, str] = field(default_factory=dict)
    temporary: dict[str, str] = field(default_factory=dict)
    queries: list[str] = field(default_factory=list)
    registered: list[str] = field(default_factory=list)
    computed_in: str | None = None
    in_transaction: bool = False

    def qualify(self, *parts: str) -> str:
        """`DB.SCHEMA.NAME` from one to three given parts and the session's context.

        Raises:
            SnowflakeError: 090105 or 090106 when a part is missing and the session has none.
        """
        return ".".join(self.qualified(*parts))

    def qualified(self, *parts: str) -> tuple[str, str, str]:
        """The same as three parts."""
        if len(parts) == 3:
            return parts[0], parts[1], parts[2]
        if self.database is None:
            raise errors.SnowflakeError(
                90105,
                "22000",
                "Cannot perform operation. This session does not have a current database. "
                "Call 'USE DATABASE', or use a qualified name.",
            )
        if len(parts) == 2:
            return self.database, parts[0], parts[1]
        if self.schema is None:
            raise errors.SnowflakeError(
                90106,
                "22000",
                "Cannot perform operation. This session does not have a current schema. "
                "Call 'USE SCHEMA', or use a qualified name.",
            )
        return self.database, self.schema, parts[0]

    def close(self) -> None:
        """Forget temporary tables and roll back what was not committed."""
        self.connection.interrupt()
        with self.lock:
            self.connection.close()
