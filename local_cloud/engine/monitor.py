"""What the SDK calls: Pulumi's ResourceMonitor and Engine services, as objects in this process.

https://github.com/pulumi/pulumi/blob/master/proto/pulumi/resource.proto
A feature that is not announced is refused by the SDK itself with a message of its own (transforms, other hooks).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf import empty_pb2  # type: ignore[import-untyped]  # ships no types
from pulumi.runtime.proto import engine_pb2, resource_pb2

from local_cloud.engine.deployment import Deployment
from local_cloud.engine.invokes import invoke
from local_cloud.engine.model import EngineError, Event, OnEvent
from local_cloud.engine.operations import Operations
from local_cloud.engine.values import from_struct, has_unknown, reveal, to_struct

_FEATURES = [
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
]


class Monitor:
    """The ResourceMonitor service of one run. Method names are the service's."""

    def __init__(self, deployment: Deployment, operations: Operations) -> None:
        self._deployment, self._operations = deployment, operations

    def GetDeploymentInfo(self, request: Any) -> Any:  # noqa: N802
        return resource_pb2.DeploymentInfo(supportedFeatures=_FEATURES)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        state = self._deployment.register(request)
        # A component's outputs are its program's own business: sent back, they would meet attributes of other types.
        outputs = state.outputs if state.custom else state.inputs
        known = {key: value for key, value in outputs.items() if value is not None}
        return resource_pb2.RegisterResourceResponse(urn=state.urn, id=state.id, object=to_struct(known))

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        self._deployment.register_outputs(request.urn, from_struct(request.outputs))
        return empty_pb2.Empty()

    def RegisterErrorHook(self, request: Any) -> Any:  # noqa: N802
        self._deployment.hooks.register(request)
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        arguments = reveal(from_struct(request.args))
        if has_unknown(arguments):
            raise EngineError(f"{request.tok}: the arguments are not known in a preview")
        found = invoke(
            request.tok,
            arguments,
            lambda: self._deployment.providers.invoke_provider(request.tok, request.provider),
            self._operations.connections,
        )
        return resource_pb2.ResourceInvokeResponse(**{"return": to_struct(found)})

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        what = "a StackReference" if request.type == "pulumi:pulumi:StackReference" else "reading existing resources"
        raise EngineError(f"{request.type} {request.name}: the local engine does not support {what}")

    def Call(self, request: Any) -> Any:  # noqa: N802
        raise EngineError(f"{request.tok}: the local engine does not support methods of resources")

    def SignalAndWaitForShutdown(self, request: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()


class ProgramLog:
    """The Engine service, of which the SDK uses the log."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event: Callable[[Event], None] = on_event

    def Log(self, request: Any) -> Any:  # noqa: N802
        if request.severity != engine_pb2.DEBUG:
            type_ = engine_pb2.LogSeverity.Name(request.severity).lower()
            self._on_event(Event("log", request.urn, type_, "", request.message.rstrip()))
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, request: Any) -> Any:  # noqa: N802
        return engine_pb2.RequirePulumiVersionResponse()
