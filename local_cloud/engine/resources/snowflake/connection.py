"""One connection to Snowflake for each provider resource, opened when the first statement is sent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from local_cloud.engine.values import Properties

# Input of the provider -> parameter of the connector, and the variable that stands in for a missing input.
_PARAMETERS = {
    "user": ("user", "SNOWFLAKE_USER"),
    "password": ("password", "SNOWFLAKE_PASSWORD"),
    "host": ("host", "SNOWFLAKE_HOST"),
    "port": ("port", "SNOWFLAKE_PORT"),
    "protocol": ("protocol", "SNOWFLAKE_PROTOCOL"),
    "role": ("role", "SNOWFLAKE_ROLE"),
    "warehouse": ("warehouse", "SNOWFLAKE_WAREHOUSE"),
    "authenticator": ("authenticator", "SNOWFLAKE_AUTHENTICATOR"),
    "token": ("token", "SNOWFLAKE_TOKEN"),
}

# https://docs.snowflake.com/en/user-guide/admin-account-identifier; errors 002003 and 002043.
_GONE = {2003, 2043}
ALREADY_EXISTS = 2002


def connection_parameters(provider: Properties, environment: Mapping[str, str]) -> dict[str, Any]:
    """What `snowflake.connector.connect` takes, from the provider's inputs and the environment."""
    found: dict[str, Any] = {}
    for key, (parameter, variable) in _PARAMETERS.items():
        value = provider.get(key) or environment.get(variable)
        if value:
            found[parameter] = int(value) if key == "port" else str(value)
    organization = provider.get("organizationName") or environment.get("SNOWFLAKE_ORGANIZATION_NAME")
    account = provider.get("accountName") or environment.get("SNOWFLAKE_ACCOUNT_NAME")
    found["account"] = f"{organization}-{account}" if organization else account
    return found


class SnowflakeConnection:
    """Sends statements one after the other; threads take turns.

    Args:
        provider: inputs of `pulumi:providers:snowflake`.
        environment: holds what the inputs leave out, under the provider's own SNOWFLAKE_* names.
    """

    def __init__(self, provider: Properties, environment: Mapping[str, str]) -> None:
        self._parameters = connection_parameters(provider, environment)
        self._lock = threading.Lock()
        self._connection: Any = None

    def execute(self, statement: str) -> list[dict[str, Any]]:
        """Rows by lower-case column name.

        Raises:
            snowflake.connector.errors.Error: the server's or the network's error.
        """
        return [{name.lower(): value for name, value in row.items()} for row in self.query(statement)]

    def query(self, statement: str) -> list[dict[str, Any]]:
        """Rows by column name as it is."""
        with self._lock, self._cursor() as cursor:
            cursor.execute(statement)
            names = [each.name for each in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _cursor(self) -> Any:
        if self._connection is None:
            # Half a second; a run that changes nothing in Snowflake does not pay for it.
            import snowflake.connector

            patience = {"backoff_policy": partial(_pauses, self._parameters)} if "host" in self._parameters else {}
            self._connection = snowflake.connector.connect(
                **self._parameters, **patience, application="pulumi", login_timeout=30
            )
        return self._connection.cursor()


def _pauses(parameters: Mapping[str, Any]) -> Iterator[int]:
    """Seconds between the connector's attempts at a request that failed.

    Left to itself the connector tries for ever when the endpoint dies under a statement: each pause first asks whether
    anybody is there.

    Raises:
        ConnectionError: nobody is.
    """
    address = (parameters["host"], parameters.get("port", 443))
    while True:
        try:
            socket.create_connection(address, timeout=5).close()
        except OSError as error:
            raise ConnectionError(f"nothing answers at {address[0]}:{address[1]} any more") from error
        yield 1


def number_of(error: BaseException) -> int | None:
    """Snowflake's number of an error that the server answered; None for trouble on the way."""
    number = getattr(error, "errno", None)
    is_answer = type(error).__name__ == "ProgrammingError"
    return int(number) if is_answer and isinstance(number, int) else None


def is_gone(error: BaseException) -> bool:
    """Whether the error says that the object does not exist."""
    return number_of(error) in _GONE
