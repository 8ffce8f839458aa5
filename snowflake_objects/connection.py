"""A connection to Snowflake for what no Pulumi resource can do: moving files to a stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization

# What the connector needs and the state must not hold: its parameter for each environment variable.
_CREDENTIALS = {
    "SNOWFLAKE_PASSWORD": "password",
    "SNOWFLAKE_TOKEN": "token",
    "SNOWFLAKE_PRIVATE_KEY_PATH": "private_key_file",
    "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE": "private_key_file_pwd",
}
# Seconds; without them the connector tries again for ever when the other end is gone. Statements here take few.
_PATIENCE = {"login_timeout": 30, "network_timeout": 60}


def connection_parameters(connection: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Parameters of `snowflake.connector.connect`.

    Args:
        connection: fields of `SnowflakeSettings`, unset ones left out. Numbers that travelled through Pulumi's state
            are floats.
        environment: holds the credentials, under the names that the Pulumi provider reads too.
    """
    parameters: dict[str, Any] = {
        "account": f"{connection['organization']}-{connection['account']}",
        "user": connection["user"],
        "role": connection["role"],
        **_PATIENCE,
    }
    parameters |= {key: connection[key] for key in ("host", "protocol") if connection.get(key)}
    if connection.get("port"):
        parameters["port"] = int(connection["port"])
    if connection["authenticator"] != "SNOWFLAKE":
        parameters["authenticator"] = connection["authenticator"]
    parameters |= {name: environment[key] for key, name in _CREDENTIALS.items() if environment.get(key)}
    if environment.get("SNOWFLAKE_PRIVATE_KEY"):
        passphrase = parameters.pop("private_key_file_pwd", None)
        parameters["private_key"] = _unencrypted(environment["SNOWFLAKE_PRIVATE_KEY"], passphrase)
    return parameters


def _unencrypted(pem: str, passphrase: str | None) -> bytes:
    """A PEM key in DER without encryption, which is how the connector takes a key that is not in a file."""
    key = serialization.load_pem_private_key(pem.encode(), passphrase.encode() if passphrase else None)
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
