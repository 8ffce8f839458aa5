"""Every resource type that the engine knows, and how to connect to each package's service."""

from __future__ import annotations

from functools import lru_cache

from local_cloud.engine.connections import OpenConnection
from local_cloud.engine.dynamic import DynamicHandler
from local_cloud.engine.model import EngineError
from local_cloud.engine.providers import DYNAMIC
from local_cloud.engine.resources import aws, snowflake
from local_cloud.engine.resources.aws.connection import AwsConnection
from local_cloud.engine.resources.base import Handler
from local_cloud.engine.resources.provider import ProviderHandler
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection

OPENING: dict[str, OpenConnection] = {"aws": AwsConnection, "snowflake": SnowflakeConnection}


@lru_cache(maxsize=1)
def _handlers() -> dict[str, Handler]:
    known = [*aws.HANDLERS, *snowflake.HANDLERS, ProviderHandler("aws"), ProviderHandler("snowflake")]
    return {handler.type: handler for handler in known}


def known_types() -> list[str]:
    """Type tokens of all resources that the engine can make."""
    return sorted(_handlers())


def handler_of(type_: str, name: str) -> Handler:
    """The handler of a type.

    Args:
        name: of the resource, for the message.

    Raises:
        EngineError: the type is not known.
    """
    if type_.startswith(f"{DYNAMIC}:dynamic"):
        return DynamicHandler(type_)
    handler = _handlers().get(type_)
    if handler is None:
        package = type_.split(":")[0]
        similar = [known for known in known_types() if known.startswith(f"{package}:")]
        allowed = ", ".join(similar) if similar else "types of aws and snowflake, and dynamic resources"
        raise EngineError(f"{type_} {name}: the local engine does not know this type of resource; it knows {allowed}")
    return handler
