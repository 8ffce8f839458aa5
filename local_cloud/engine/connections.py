"""Connections to the services behind provider resources, opened when first used and kept for the run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from local_cloud.engine.resources.base import Connection
from local_cloud.engine.values import Properties

OpenConnection = Callable[[Properties, Mapping[str, str]], Connection]


class Connections:
    """One connection for each provider resource.

    Args:
        opening: package -> how to connect with a provider's inputs and the environment.
    """

    def __init__(self, opening: Mapping[str, OpenConnection], environment: Mapping[str, str]) -> None:
        self._opening, self._environment = opening, environment
        self._lock = threading.Lock()
        self._open: dict[str, Connection] = {}

    def to(self, urn: str, package: str, inputs: Properties) -> Connection:
        """The connection of the provider resource with this URN."""
        with self._lock:
            if urn not in self._open:
                self._open[urn] = self._opening[package](inputs, self._environment)
            return self._open[urn]

    def close(self) -> None:
        for connection in self._open.values():
            connection.close()
        self._open.clear()
