"""Create, update and delete one resource, with retries, and record each on disk before anything else happens."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from local_cloud.engine import urns
from local_cloud.engine.connections import Connections
from local_cloud.engine.goal import Goal
from local_cloud.engine.hooks import Hooks
from local_cloud.engine.model import EngineError, Event, OnEvent
from local_cloud.engine.registry import handler_of
from local_cloud.engine.resources.base import Handler, NotCreatedError
from local_cloud.engine.state import ResourceState, State
from local_cloud.engine.values import Properties, Secret, reveal, with_secrets_of

T = TypeVar("T")
Done = Callable[[float], None]


class Operations:
    """Acts on resources and keeps the state true."""

    def __init__(self, state: State, connections: Connections, hooks: Hooks, on_event: OnEvent) -> None:
        self._state, self.connections, self.hooks, self._on_event = state, connections, hooks, on_event

    def create(
        self,
        goal: Goal,
        handler: Handler,
        connection: Any,
        predecessor: ResourceState | None,
        inputs: Properties,
        done: Done,
    ) -> ResourceState:
        """Create a resource; a predecessor that still exists is kept for later deletion."""
        started, plain = time.perf_counter(), reveal(inputs)
        # An intention that is recorded already is one whose result is not known: the run that had it was cut off.
        uncertain = goal.urn in self._state.pending
        if not uncertain:
            self._state.intend(
                goal.urn, {"type": goal.type, "name": goal.name, "provider": goal.provider, "inputs": inputs}
            )

        def attempt() -> tuple[str, Properties]:
            nonlocal uncertain
            adopted = handler.adopt(connection, plain) if uncertain else None
            uncertain = True
            try:
                return adopted or handler.create(connection, plain)
            except NotCreatedError:
                uncertain = False
                raise

        try:
            id_, computed = self._retried(goal, None, "create", attempt)
        except BaseException:
            if not uncertain:
                self._state.give_up(goal.urn)
            raise
        state = goal.state(id_, inputs, _outputs(goal, inputs, computed))
        if predecessor is not None:
            self._state.succeed(predecessor, state)
        else:
            self._state.put(state)
        done(time.perf_counter() - started)
        return state

    def update(
        self, goal: Goal, handler: Handler, connection: Any, old: ResourceState, inputs: Properties, done: Done
    ) -> ResourceState:
        """Change a resource in place."""
        started = time.perf_counter()
        before, after, outputs = reveal(old.inputs), reveal(inputs), reveal(old.outputs)
        computed = self._retried(
            goal, old, "update", lambda: handler.update(connection, old.id, before, after, outputs)
        )
        state = goal.state(handler.renamed_id(old.id, after), inputs, _outputs(goal, inputs, computed))
        self._state.put(state)
        done(time.perf_counter() - started)
        return state

    def delete(self, resource: ResourceState, provider: ResourceState | None, *, skip: bool = False) -> float:
        """Delete a resource, unless it is to be kept or goes with another; seconds that it took."""
        started = time.perf_counter()
        if not (skip or resource.retain_on_delete or not resource.custom):
            handler = handler_of(resource.type, resource.name)
            connection = self._connection(resource.type, provider)
            try:
                handler.delete(connection, resource.id, reveal(resource.inputs), reveal(resource.outputs))
            except Exception as error:
                raise EngineError(f"{resource.type} {resource.name}: delete failed: {_message(error)}") from error
        self._state.remove(resource)
        return time.perf_counter() - started

    def forget(self, resource: ResourceState) -> float:
        """Take a resource without a counterpart in the cloud out of the state."""
        self._state.remove(resource)
        return 0.0

    def clean_up(self, urn: str, provider: ResourceState | None) -> None:
        """Delete what a cut-off create left of a resource that the program no longer asks for."""
        intended = self._state.pending[urn]
        handler = handler_of(intended["type"], intended["name"])
        connection, inputs = self._connection(intended["type"], provider), reveal(intended["inputs"])
        try:
            left = handler.adopt(connection, inputs)
            if left is not None:
                handler.delete(connection, left[0], inputs, inputs | left[1])
        except Exception as error:
            raise EngineError(f"{urns.describe(urn)}: cleaning up failed: {_message(error)}") from error
        self._state.give_up(urn)

    def _connection(self, type_: str, provider: ResourceState | None) -> Any:
        if provider is None:
            return None
        return self.connections.to(provider.urn, type_.split(":")[0], reveal(provider.inputs))

    def _retried(self, goal: Goal, old: ResourceState | None, operation: str, attempt: Callable[[], T]) -> T:
        errors: list[str] = []
        while True:
            try:
                return attempt()
            except EngineError:
                raise
            except Exception as error:
                errors.insert(0, _message(error))
                if not self.hooks.should_retry(goal.hooks, goal, old, operation, errors):
                    raise EngineError(f"{goal.type} {goal.name}: {operation} failed: {errors[0]}") from error
                self._on_event(Event("retry", goal.urn, goal.type, goal.name, errors[0]))


def _outputs(goal: Goal, inputs: Properties, computed: Properties) -> Properties:
    secret = {key: Secret(computed[key]) for key in goal.request.additionalSecretOutputs if key in computed}
    return inputs | {key: with_secrets_of(value, inputs.get(key)) for key, value in computed.items()} | secret


def _message(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
