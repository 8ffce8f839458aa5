"""Dynamic resources: the program brings its own create, read, update and delete, pickled into an input.

https://www.pulumi.com/docs/iac/concepts/resources/dynamic-providers/
Pulumi runs them in a process of its own (pulumi/dynamic/__main__.py, which this follows); here they run in this one.
"""

from __future__ import annotations

import base64
from typing import Any

import dill  # type: ignore[import-untyped]  # ships no types
from pulumi.dynamic import Config, ConfigureRequest, ResourceProvider
from pulumi.runtime._serialization import _deserialize  # as the SDK's own host; it restores captured secrets

from local_cloud.engine.diff import changed_keys
from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.base import Comparison, Handler, Live
from local_cloud.engine.values import UNKNOWN, Properties, Secret, has_unknown, reveal

_KEY = "__provider"


class DynamicHandler(Handler):
    """Calls the program's own provider."""

    is_checked = False

    def __init__(self, type_: str) -> None:
        self.type = type_  # type: ignore[misc]  # each dynamic type has a name of its own

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        if has_unknown(inputs):
            return inputs
        plain = reveal(inputs)
        result = _provider(plain).check({}, plain)
        if result.failures:
            first = result.failures[0]
            raise EngineError(f"{self.type} {name}: the input {first.property} is refused: {first.reason}")
        checked = result.inputs | {_KEY: plain[_KEY]}
        return {
            key: inputs[key] if checked[key] == plain.get(key) and key in inputs else checked[key] for key in checked
        }

    def compare(self, id_: str, old: Properties, outputs: Properties, new: Properties) -> Comparison:
        changed = changed_keys(old, new, self.same)
        if has_unknown({key: value for key, value in new.items() if key != _KEY}):
            return Comparison(changed, set(), bool(changed))
        plain = reveal(new)
        result = _provider(plain).diff(id_, reveal(outputs), plain)
        replacing = set(result.replaces or ())
        has_changes = bool(changed) if result.changes is None else result.changes or bool(replacing)
        return Comparison(changed - {_KEY}, replacing, has_changes, result.delete_before_replace)

    def replaced_by(self, old: Properties, new: Properties, changed: set[str]) -> set[str]:
        """What would be replaced is only known to `diff`, which is not asked about values that are not known."""
        if has_unknown(new):
            return set()
        return set(_provider(reveal(new)).diff("", reveal(old), reveal(new)).replaces or ())

    def identity(self, inputs: Properties) -> object:
        return object()

    def recomputed(self, changed: set[str]) -> set[str]:
        return changed

    def create(self, connection: Any, inputs: Properties) -> tuple[str, Properties]:
        result = _provider(inputs).create(_without(inputs))
        return str(result.id), _outputs(result.outs, inputs)

    def adopt(self, connection: Any, inputs: Properties) -> tuple[str, Properties] | None:
        """Without an id there is nothing to read: it is created again."""
        return None

    def read(self, connection: Any, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        result = _provider(inputs).read(id_, outputs)
        if not result.id:
            return None
        known = reveal(result.inputs if result.inputs is not None else result.outs or {})
        return Live({key: known[key] for key in inputs if key in known and key != _KEY}, _outputs(result.outs, inputs))

    def update(self, connection: Any, id_: str, old: Properties, new: Properties, outputs: Properties) -> Properties:
        return _outputs(_provider(new).update(id_, outputs, _without(new)).outs, new)

    def delete(self, connection: Any, id_: str, inputs: Properties, outputs: Properties) -> None:
        _provider(inputs).delete(id_, outputs)


def _without(inputs: Properties) -> Properties:
    return dict(inputs)


def _outputs(outs: Properties | None, inputs: Properties) -> Properties:
    return dict(outs or {}) | {_KEY: inputs[_KEY]}


def _provider(inputs: Properties) -> ResourceProvider:
    """The program's provider, unpickled and configured."""
    text = inputs[_KEY]
    if text is UNKNOWN:
        raise EngineError("a dynamic provider that depends on unknown values cannot be previewed")
    provider: ResourceProvider = _deserialize(lambda: dill.loads(base64.b64decode(text)))  # noqa: S301  # our program's
    provider.configure(ConfigureRequest(config=Config(raw_config={}, project_name="")))
    return provider


__all__ = ["DynamicHandler", "Secret"]
