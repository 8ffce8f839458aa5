"""Error hooks: functions of the program that decide whether a failed operation is tried again.

https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
The SDK serves them as callbacks; the engine calls them with the errors so far, newest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import grpc  # type: ignore[import-untyped]  # ships no types
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from local_cloud.engine.goal import Goal
from local_cloud.engine.model import EngineError
from local_cloud.engine.state import ResourceState
from local_cloud.engine.values import to_struct

MAX_RETRIES = 100


class Hooks:
    """The hooks that the program registered, by name."""

    def __init__(self) -> None:
        self._callbacks: dict[str, Any] = {}

    def register(self, request: Any) -> None:
        if request.name in self._callbacks:
            raise EngineError(f"the error hook {request.name} is registered twice; hooks need names of their own")
        self._callbacks[request.name] = request.callback

    def should_retry(
        self, names: Iterable[str], goal: Goal, old: ResourceState | None, operation: str, errors: Sequence[str]
    ) -> bool:
        """Ask every hook; one that wants another attempt is enough."""
        if len(errors) > MAX_RETRIES:
            return False
        request = resource_pb2.ErrorHookRequest(
            urn=goal.urn,
            id=old.id if old else "",
            name=goal.name,
            type=goal.type,
            new_inputs=to_struct(goal.inputs),
            old_inputs=to_struct(old.inputs) if old else None,
            old_outputs=to_struct(old.outputs) if old else None,
            failed_operation=operation,
            errors=errors,
        )
        answers = [self._ask(name, goal, request) for name in names]
        return any(answers)

    def _ask(self, name: str, goal: Goal, request: Any) -> bool:
        callback = self._callbacks.get(name)
        if callback is None:
            raise EngineError(f"{goal.type} {goal.name}: the error hook {name} is not registered")
        try:
            with grpc.insecure_channel(callback.target) as channel:
                answer = callback_pb2_grpc.CallbacksStub(channel).Invoke(
                    callback_pb2.CallbackInvokeRequest(token=callback.token, request=request.SerializeToString())
                )
        except grpc.RpcError:
            # The program has ended, and its callbacks with it.
            return False
        response = resource_pb2.ErrorHookResponse.FromString(answer.response)
        if response.error:
            raise EngineError(f"{goal.type} {goal.name}: the error hook {name} failed: {response.error}")
        return bool(response.retry)
