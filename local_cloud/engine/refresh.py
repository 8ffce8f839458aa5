"""Looks at what is really there, so that the state says so before anything is decided."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.base import Handler
from local_cloud.engine.state import ResourceState
from local_cloud.engine.values import Properties, Secret, reveal


def refreshed(resource: ResourceState, handler: Handler, connection: Any) -> ResourceState | None:
    """The resource as it is, or None if it is gone.

    Raises:
        EngineError: it could not be read.
    """
    inputs, outputs = reveal(resource.inputs), reveal(resource.outputs)
    try:
        live = handler.read(connection, resource.id, inputs, outputs)
    except Exception as error:
        raise EngineError(f"{resource.type} {resource.name}: cannot be read: {' '.join(str(error).split())}") from error
    if live is None:
        return None
    merged = _merged(handler, resource.inputs, live.inputs)
    return replace(resource, inputs=merged, outputs=resource.outputs | merged | live.outputs)


def drift(old: ResourceState, new: ResourceState) -> list[str]:
    """Inputs that others changed."""
    return sorted(key for key in old.inputs if new.inputs.get(key) != old.inputs[key])


def _merged(handler: Handler, recorded: Properties, live: Properties) -> Properties:
    """The recorded inputs with every value that really is another one."""
    merged = dict(recorded)
    for key, value in live.items():
        before = reveal(recorded.get(key))
        if value == before or (before is not None and value is not None and handler.same(key, before, value)):
            continue
        merged[key] = Secret(value) if isinstance(recorded.get(key), Secret) else value
    return {key: value for key, value in merged.items() if value is not None}
