"""Clients for a stack's AWS and Snowflake, made from its outputs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import Any

import boto3
import snowflake.connector
from botocore.config import Config
from snowflake.connector.connection import SnowflakeConnection

from c360.endpoints import LOCAL_CREDENTIALS, check_reachable
from c360.errors import C360Error
from c360.outputs import StackOutputs


def aws_client(outputs: StackOutputs, service: str) -> Any:
    """A boto3 client; Any because the service is a variable."""
    credentials: dict[str, str] = {}
    if outputs.aws_endpoint:
        check_reachable(outputs.aws_endpoint)
        credentials = {
            "aws_access_key_id": LOCAL_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": LOCAL_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        }
    return boto3.client(  # type: ignore[call-overload]  # the stubs want a literal service name
        service,
        endpoint_url=outputs.aws_endpoint,
        region_name=outputs.region,
        config=Config(
            s3={"addressing_style": "path" if outputs.aws_endpoint else "auto"}, retries={"mode": "standard"}
        ),
        **credentials,
    )


def snowflake_parameters(outputs: StackOutputs, role: str, warehouse: str) -> dict[str, Any]:
    """Arguments of `snowflake.connector.connect` for one role and warehouse.

    A cloud stack logs in with SNOWFLAKE_PASSWORD (a password or programmatic access token), with the key file named by
    SNOWFLAKE_PRIVATE_KEY_PATH, or as SNOWFLAKE_AUTHENTICATOR says.
    """
    endpoint = outputs.snowflake
    parameters: dict[str, Any] = {
        "account": endpoint.account,
        "user": os.environ.get("SNOWFLAKE_USER", endpoint.user) if endpoint.host is None else endpoint.user,
        "role": role,
        "warehouse": warehouse,
        "database": outputs.database,
    }
    if endpoint.host is not None:
        local = {"host": endpoint.host, "port": endpoint.port, "protocol": endpoint.protocol}
        return parameters | local | {"password": LOCAL_CREDENTIALS["SNOWFLAKE_PASSWORD"]}
    for key, variable in (
        ("password", "SNOWFLAKE_PASSWORD"),
        ("private_key_file", "SNOWFLAKE_PRIVATE_KEY_PATH"),
        ("private_key_file_pwd", "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE"),
        ("authenticator", "SNOWFLAKE_AUTHENTICATOR"),
    ):
        if value := os.environ.get(variable):
            parameters[key] = value
    return parameters


def connect(outputs: StackOutputs, role: str, warehouse: str) -> SnowflakeConnection:
    """Log in; the caller closes the connection.

    Raises:
        C360Error: nothing answers, or Snowflake refuses the login.
    """
    endpoint = outputs.snowflake
    patience = {}
    if endpoint.url is not None:
        check_reachable(endpoint.url)
        patience = {"backoff_policy": partial(_pauses, endpoint.url)}
    try:
        return snowflake.connector.connect(
            **snowflake_parameters(outputs, role, warehouse),
            **patience,
            paramstyle="qmark",
            session_parameters={"QUERY_TAG": "c360"},
            login_timeout=30,
        )
    except snowflake.connector.errors.Error as error:
        raise C360Error(f"Snowflake refused the login of {endpoint.user} as {role}: {error.msg}") from error


def _pauses(url: str) -> Iterator[int]:
    """Seconds between the connector's attempts at a request that failed.

    Left to itself the connector tries for ever when the local cloud dies under a statement, and its `network_timeout`
    would also end statements that merely take long. So each pause first asks whether anybody is there.
    """
    while True:
        check_reachable(url)
        yield 1


def query(connection: SnowflakeConnection, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """All rows of one statement; values are bound to its `?` in order.

    Raises:
        C360Error: Snowflake's own message, or that the local cloud went away.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return [tuple(row) for row in cursor.fetchall()]
    except snowflake.connector.errors.Error as error:
        raise C360Error(" ".join(str(error.msg or error).split())) from error
