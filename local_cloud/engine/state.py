"""The state: one JSON file that is true at every moment.

It is written to a temporary file, synced and moved into place after every operation. Before a resource is created, a
record of the intention is written: if the process dies before the result is, the next `up` finds the intention and
adopts what it left behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from local_cloud.engine.model import EngineError
from local_cloud.engine.values import Properties
from local_cloud.engine.vault import Vault

VERSION = 1


@dataclass(frozen=True)
class ResourceState:
    """One resource as it was last seen.

    Attributes:
        inputs: checked inputs, defaults filled in.
        outputs: what the program sees, inputs included.
        provider: URN of the provider resource; empty for components and providers.
        dependencies: URNs that must outlive it.
        property_dependencies: input name -> URNs that its value came from.
        is_replaced: a newer resource has its URN; only its deletion is left.
    """

    urn: str
    type: str
    name: str
    custom: bool
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    replace_with: tuple[str, ...] = ()
    deleted_with: str = ""
    replacement_trigger: Any = None
    protect: bool = False
    retain_on_delete: bool = False
    is_replaced: bool = False

    def needs(self) -> set[str]:
        """Every URN that must not be deleted before this resource."""
        found = {*self.dependencies, *(urn for urns in self.property_dependencies.values() for urn in urns)}
        return (found | {self.parent, self.provider, self.deleted_with}) - {""}

    def renamed(self, old: str, new: str) -> ResourceState:
        """The same with every reference to one URN changed."""

        def change(urn: str) -> str:
            return new if urn == old else urn

        return replace(
            self,
            parent=change(self.parent),
            provider=change(self.provider),
            deleted_with=change(self.deleted_with),
            dependencies=tuple(map(change, self.dependencies)),
            replace_with=tuple(map(change, self.replace_with)),
            property_dependencies={k: tuple(map(change, v)) for k, v in self.property_dependencies.items()},
        )


_TUPLES = ("dependencies", "replace_with")
_FIELDS = {each.name for each in fields(ResourceState)}


class State:
    """The resources of a stack, in the order of their creation. Every change is on disk when its method returns."""

    def __init__(self, path: Path, project: str, stack: str) -> None:
        self._path = path
        self._vault = Vault(path.with_name(path.name + ".key"))
        self._lock = threading.RLock()
        self._header: dict[str, Any] = {"version": VERSION, "project": project, "stack": stack}
        self._packed: dict[int, tuple[ResourceState, str]] = {}
        self.resources: dict[str, ResourceState] = {}
        self.replaced: list[ResourceState] = []
        self.pending: dict[str, Properties] = {}
        self.outputs: Properties | None = None
        if path.exists():
            self._load()

    def put(self, resource: ResourceState) -> None:
        """Record a resource; whatever was intended for it is done."""
        with self._lock:
            self.resources[resource.urn] = resource
            self.pending.pop(resource.urn, None)
            self._save()

    def remove(self, resource: ResourceState) -> None:
        """Forget a resource that is gone."""
        with self._lock:
            if resource.is_replaced:
                self.replaced = [other for other in self.replaced if other is not resource]
            else:
                self.resources.pop(resource.urn, None)
            self._save()

    def succeed(self, old: ResourceState, new: ResourceState) -> None:
        """Record the successor of a resource that is still there; the old one remains to be deleted."""
        with self._lock:
            self.replaced.append(replace(old, is_replaced=True))
            self.put(new)

    def intend(self, urn: str, inputs: Properties) -> None:
        """Record that a resource is about to be created."""
        with self._lock:
            self.pending[urn] = inputs
            self._save()

    def give_up(self, urn: str) -> None:
        """Nothing was created after all."""
        with self._lock:
            if self.pending.pop(urn, None) is not None:
                self._save()

    def rename(self, old: str, new: str) -> None:
        """A resource goes by another URN from now on, in every reference to it too."""
        with self._lock:
            moved = replace(self.resources.pop(old), urn=new, name=new.rsplit("::", 1)[1])
            self.resources[new] = moved
            self.resources = {urn: each.renamed(old, new) for urn, each in self.resources.items()}
            self.replaced = [each.renamed(old, new) for each in self.replaced]
            self._save()

    def set_outputs(self, outputs: Properties | None) -> None:
        """Record the stack's outputs; None when there is no stack any more."""
        with self._lock:
            if self.outputs != outputs:
                self.outputs = outputs
                self._save()

    def _load(self) -> None:
        try:
            stored = json.loads(self._path.read_text())
        except (OSError, ValueError) as error:
            raise EngineError(f"the state {self._path} cannot be read: {error}") from error
        for key, value in self._header.items():
            if stored.get(key) != value:
                raise EngineError(f"the state {self._path} has {key} {stored.get(key)!r}; expected {value!r}")
        unpack = self._vault.unpack
        everything = [_resource(unpack(each)) for each in stored["resources"]]
        # A secret encrypted again would be another text.
        texts = zip(everything, stored["resources"], strict=True)
        self._packed = {id(each): (each, json.dumps(text)) for each, text in texts}
        self.resources = {each.urn: each for each in everything if not each.is_replaced}
        self.replaced = [each for each in everything if each.is_replaced]
        self.pending = {urn: unpack(inputs) for urn, inputs in stored["pending"].items()}
        self.outputs = unpack(stored["outputs"])

    def _save(self) -> None:
        everything = [*self.resources.values(), *self.replaced]
        # Of some 200 resources one has changed: encoding all of them each time took 25 ms, the rest of a write 2 ms.
        self._packed = {id(each): self._packed.get(id(each)) or (each, self._pack(each)) for each in everything}
        header = json.dumps(self._header)[1:-1]
        rest = json.dumps({"pending": self._vault.pack(self.pending), "outputs": self._vault.pack(self.outputs)})[1:-1]
        resources = ",\n".join(self._packed[id(each)][1] for each in everything)
        write_atomically(self._path, f'{{{header},\n{rest},\n"resources": [\n{resources}\n]}}\n')

    def _pack(self, resource: ResourceState) -> str:
        default = ResourceState("", "", "", custom=False)
        plain = {key: value for key, value in _as_dict(resource).items() if value != getattr(default, key)}
        return json.dumps(self._vault.pack(plain | {"custom": resource.custom}))


def _as_dict(resource: ResourceState) -> dict[str, Any]:
    return {name: getattr(resource, name) for name in _FIELDS}


def _resource(stored: dict[str, Any]) -> ResourceState:
    tuples = {key: tuple(stored[key]) for key in _TUPLES if key in stored}
    by_property = {key: tuple(urns) for key, urns in stored.get("property_dependencies", {}).items()}
    return ResourceState(**(stored | tuples | {"property_dependencies": by_property}))


def write_atomically(path: Path, text: str) -> None:
    """Replace a file by one that only its owner may read; after a crash it holds the old or the new text.

    Raises:
        EngineError: the disk is full, or the folder may not be written.
    """
    temporary = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise EngineError(f"the state {path} cannot be written: {error.strerror}; the one before it is kept") from error


@contextlib.contextmanager
def locked(path: Path, stack: str) -> Iterator[None]:
    """Hold the state; the lock goes with the process, however that ends.

    Raises:
        EngineError: another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise EngineError(
                f"stack {stack} is being changed by process {file.read().strip()}; wait until it has ended"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
