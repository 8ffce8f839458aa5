"""Provider resources: no more than their inputs; the connection is opened when a resource needs it."""

from __future__ import annotations

import uuid
from typing import Any

from local_cloud.engine import schema
from local_cloud.engine.resources.base import Handler, Live
from local_cloud.engine.values import Properties, Secret

_SECRETS = {"password", "token", "privateKey", "privateKeyPassphrase", "passcode", "secretKey", "accessKey"}


class ProviderHandler(Handler):
    """An explicit (or the default) provider of a package."""

    def __init__(self, package: str) -> None:
        self.type = f"pulumi:providers:{package}"  # type: ignore[misc]  # one class serves every package

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        known = {key: value for key, value in inputs.items() if key not in ("version", "pluginDownloadURL")}
        decoded = schema.from_provider_text(self.type, known)
        schema.check(self.type, name, decoded)
        return {
            key: Secret(value) if key in _SECRETS and not isinstance(value, Secret) else value
            for key, value in decoded.items()
        }

    def identity(self, inputs: Properties) -> object:
        return object()

    def create(self, connection: Any, inputs: Properties) -> tuple[str, Properties]:
        return str(uuid.uuid4()), {}

    def adopt(self, connection: Any, inputs: Properties) -> tuple[str, Properties] | None:
        return None

    def read(self, connection: Any, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        return Live({})

    def update(self, connection: Any, id_: str, old: Properties, new: Properties, outputs: Properties) -> Properties:
        return {}

    def delete(self, connection: Any, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Nothing exists."""
