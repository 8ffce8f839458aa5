"""Keys and references of the marts, as the tests of the dbt project state them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import GenericTestNode, ModelNode, SnapshotNode


@dataclass(frozen=True)
class Reference:
    """A column of one model whose values are keys of another."""

    child: str
    column: str
    parent: str
    field: str


def generic_tests(manifest: Manifest, model: ModelNode | SnapshotNode) -> list[GenericTestNode]:
    """The generic tests attached to a model, by name."""
    found = [
        node
        for node in manifest.nodes.values()
        if isinstance(node, GenericTestNode) and node.attached_node == model.unique_id
    ]
    return sorted(found, key=lambda test: str(test.name))


def key_of(manifest: Manifest, model: ModelNode | SnapshotNode) -> tuple[str, ...]:
    """The column, or else the combination of columns, that a test says is unique; none where no test does."""
    # A test of some rows says nothing of all.
    tests = [test for test in generic_tests(manifest, model) if not test.config.where]
    said = {test.test_metadata.name: test.test_metadata.kwargs for test in tests}
    if "unique" in said:
        return (str(said["unique"]["column_name"]),)
    if "no_repeats" in said:
        return (str(said["no_repeats"]["column"]),)
    return tuple(said["unique_combination"]["columns"]) if "unique_combination" in said else ()


def references(manifest: Manifest, models: list[ModelNode]) -> list[Reference]:
    """What the models' tests `keys_exist` and `no_orphans` tie together."""
    return [
        found for model in models for test in generic_tests(manifest, model) for found in _of(manifest, model, test)
    ]


def _of(manifest: Manifest, model: ModelNode, test: GenericTestNode) -> Iterator[Reference]:
    others = [manifest.nodes[node].name for node in test.depends_on.nodes if node != model.unique_id]
    said = test.test_metadata.kwargs
    if test.test_metadata.name == "keys_exist":
        yield Reference(model.name, said["column"], others[0], said["field"])
    elif test.test_metadata.name == "no_orphans":
        for child in others:
            yield Reference(child, said["column"], model.name, said["column"])
