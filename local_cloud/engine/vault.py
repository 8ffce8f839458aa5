"""Secrets in the state: encrypted with a key in a file beside it, which only its owner may read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from local_cloud.engine.model import EngineError
from local_cloud.engine.values import UNKNOWN, Asset, Secret

_SECRET = "$secret"  # noqa: S105  # a marker
_ASSET = "$asset"


class Vault:
    """Turns property values into JSON and back, secrets encrypted.

    The key is made when the first secret is stored; losing the file loses the stored secrets.
    """

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._fernet: Fernet | None = None

    def pack(self, value: Any) -> Any:
        """The value as JSON can hold it."""
        if isinstance(value, Secret):
            return {_SECRET: self._cipher().encrypt(json.dumps(self.pack(value.value)).encode()).decode()}
        if isinstance(value, Asset):
            return {_ASSET: [value.path, value.text, value.sha256]}
        if isinstance(value, dict):
            return {key: self.pack(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.pack(item) for item in value]
        if value is UNKNOWN:
            raise AssertionError("an unknown value must never reach the state")
        return value

    def unpack(self, value: Any) -> Any:
        """The inverse of `pack`.

        Raises:
            EngineError: the key file is gone or another one.
        """
        if isinstance(value, list):
            return [self.unpack(item) for item in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {_SECRET}:
            return Secret(self.unpack(json.loads(self._decrypt(value[_SECRET]))))
        if set(value) == {_ASSET}:
            return Asset(*value[_ASSET])
        return {key: self.unpack(item) for key, item in value.items()}

    def _decrypt(self, token: str) -> bytes:
        if not self._key_file.exists():
            raise EngineError(f"the state holds secrets, but their key {self._key_file} is gone; restore that file")
        try:
            return self._cipher().decrypt(token.encode())
        except InvalidToken as error:
            raise EngineError(f"the key {self._key_file} does not open the state's secrets") from error

    def _cipher(self) -> Fernet:
        if self._fernet is None:
            if not self._key_file.exists():
                descriptor = os.open(self._key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(Fernet.generate_key())
                    file.flush()
                    os.fsync(file.fileno())
            self._fernet = Fernet(self._key_file.read_bytes())
        return self._fernet
