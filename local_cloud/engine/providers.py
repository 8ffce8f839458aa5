"""Which provider resource serves a resource: the one that the program names, or the package's default one."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pulumi.runtime.proto import resource_pb2

from local_cloud.engine.connections import Connections
from local_cloud.engine.goal import Goal
from local_cloud.engine.model import EngineError
from local_cloud.engine.project import Project
from local_cloud.engine.state import ResourceState
from local_cloud.engine.values import Properties, reveal, to_struct

DYNAMIC = "pulumi-python"
_DISABLED = "pulumi:disable-default-providers"


class Providers:
    """The provider resources of a run."""

    def __init__(self, project: Project, register: Callable[[Any], ResourceState]) -> None:
        self._project, self._register = project, register
        self._lock = threading.RLock()
        self._known: dict[str, ResourceState] = {}
        self._defaults: dict[str, str] = {}

    def add(self, provider: ResourceState) -> None:
        self._known[provider.urn] = provider

    def resolve(self, goal: Goal) -> tuple[Goal, Properties]:
        """The resource with its provider's URN, and that provider's inputs."""
        if goal.is_provider or goal.package == DYNAMIC:
            return goal, {}
        urn = goal.provider or self._default(goal.package, f"{goal.type} {goal.name}")
        return replace(goal, provider=urn), reveal(self.of(urn).inputs)

    def of(self, urn: str) -> ResourceState:
        return self._known[urn]

    def connection(self, goal: Goal, connections: Connections) -> Any:
        """The connection that serves a resource; None for one that needs none."""
        if goal.is_provider or not goal.provider:
            return None
        return connections.to(goal.provider, goal.package, reveal(self.of(goal.provider).inputs))

    def invoke_provider(self, token: str, reference: str) -> ResourceState:
        """The provider of an invoke.

        Args:
            reference: URN and id of a provider resource, or empty.
        """
        urn = reference.rsplit("::", 1)[0] if reference else self._default(token.split(":")[0], token)
        return self.of(urn)

    def _default(self, package: str, wanted_by: str) -> str:
        """The package's default provider, configured by `<package>:<key>` of the stack."""
        disabled = json.loads(self._project.config.get(_DISABLED, "[]"))
        if package in disabled or "*" in disabled:
            raise EngineError(
                f"{wanted_by}: the default provider of {package} is disabled by {_DISABLED}; name a provider explicitly"
            )
        with self._lock:
            if package not in self._defaults:
                prefix = f"{package}:"
                config = {k.removeprefix(prefix): v for k, v in self._project.config.items() if k.startswith(prefix)}
                request = resource_pb2.RegisterResourceRequest(
                    type=f"pulumi:providers:{package}", name="default", custom=True, object=to_struct(config)
                )
                self._defaults[package] = self._register(request).urn
            return self._defaults[package]
