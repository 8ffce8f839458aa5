"""How code inside the server reaches the server's own endpoint as a client: a procedure's Snowpark session.

The client uses a session that stands beside the caller's: it shares the caller's connection to the data (and with it
temporary tables and an open transaction), which the caller does not use while it waits, but has a lock of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol

from local_cloud.snowflake import errors
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.session import Session

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection


class Lender(Protocol):
    """The endpoint's register of sessions."""

    def lend(self, session: Session) -> tuple[str, str]: ...

    def take_back(self, session: Session) -> None: ...


@dataclass(frozen=True)
class _Offer:
    lender: Lender
    host: str
    port: int


_offers: dict[str, _Offer] = {}


def offer(account: Account, lender: Lender, host: str, port: int) -> None:
    """Let code of this account's procedures connect; call once the endpoint knows its port."""
    _offers[str(account.home)] = _Offer(lender, host, port)


def withdraw(account: Account) -> None:
    _offers.pop(str(account.home), None)


class _Beside(Session):
    """A session on a borrowed connection, which closing it leaves open."""

    def close(self) -> None:
        return


@contextmanager
def beside(session: Session, owner: str | None = None, home: str | None = None) -> Iterator[Session]:
    """A session for a procedure's statements.

    Args:
        owner: the role of a procedure with its owner's rights, which also has no access to the caller's variables and
            leaves the caller's context as it was. None: the caller's rights and context.
        home: `DB.SCHEMA` of such a procedure, in which its names are looked up.
    """
    given: dict[str, Any] = {field.name: getattr(session, field.name) for field in fields(session)}
    given |= {"lock": threading.RLock(), "registered": [], "queries": []}
    if owner is not None:
        given |= {"role": owner, "variables": {}, "parameters": dict(session.parameters)}
    if home is not None:
        given["database"], given["schema"] = home.split(".")
    inner = _Beside(**given)
    try:
        yield inner
    finally:
        session.in_transaction = inner.in_transaction
        session.queries.extend(inner.queries)
        if owner is None:
            session.role, session.warehouse = inner.role, inner.warehouse
            session.database, session.schema = inner.database, inner.schema


@contextmanager
def connection(session: Session) -> Iterator[SnowflakeConnection]:
    """A client's connection to this account's endpoint that acts in the given session.

    Raises:
        SnowflakeError: 000002 when no endpoint is running.
    """
    import snowflake.connector  # takes a second, which only procedures need

    found = _offers.get(str(session.account.home))
    if found is None:
        raise errors.not_supported("a Python procedure without a running endpoint")
    token, master = found.lender.lend(session)
    try:
        client = snowflake.connector.connect(
            session_token=token,
            master_token=master,
            session_id=session.id,
            account=session.account.name,
            # Inside Snowflake a procedure binds values to question marks.
            paramstyle="qmark",
            user=session.user,
            host=found.host,
            port=found.port,
            protocol="http",
            database=session.database,
            schema=session.schema,
            warehouse=session.warehouse,
            role=session.role,
        )
        try:
            yield client
        finally:
            client.close(retry=False)
    finally:
        found.lender.take_back(session)
