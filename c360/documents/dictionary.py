"""`docs/data-dictionary.md`: every table, its grain, keys and columns, and how the marts belong together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode, SeedNode, SnapshotNode, SourceDefinition

from c360.documents.relations import Reference, generic_tests, key_of, references
from snowflake_objects.tables import BRONZE_TABLES, OBSERVABILITY_TABLES

_INTRODUCTION = """# Data dictionary

Made by `make docs` from the dbt project (the yml beside each model); edit that. Marts (GOLD) have enforced contracts:
their types are guaranteed. All times are UTC. What a metric means: `docs/metrics.md`.
"""
_LAYERS = {
    "BRONZE": "Raw rows as they came from the lake, all text, append-only.",
    "SILVER": "Typed, checked and deduplicated; an account of every row of bronze.",
    "GOLD": "Dimensions, facts, profiles and metrics, for people and for the app.",
    "ML": "What the churn model learns from, what it scores, and its scores.",
    "REPORTING": "Views for dashboards and operations.",
    "OBSERVABILITY": "What each run did and found.",
}
_COLUMNS = ["| column | type | meaning | tests |", "| --- | --- | --- | --- |"]


def dictionary(manifest: Manifest) -> str:
    """The document."""
    built = (node for node in manifest.nodes.values() if isinstance(node, ModelNode | SnapshotNode))
    models = sorted(built, key=lambda model: model.name)
    gold = [model for model in models if isinstance(model, ModelNode) and model.schema == "GOLD"]
    lines = [_INTRODUCTION, "## How the marts belong together\n", *_diagram(manifest, gold), ""]
    for schema, meaning in _LAYERS.items():
        lines += [f"## {schema}\n", f"{meaning}\n"]
        for source in sorted(manifest.sources.values(), key=lambda source: source.name):
            if source.schema == schema:
                lines += _source(source)
        for seed in (n for n in manifest.nodes.values() if isinstance(n, SeedNode) and n.schema == schema):
            lines += [f"### {seed.name}\n", f"{_cell(seed.description)} Loaded from `{seed.original_file_path}`.\n"]
        for model in models:
            if model.schema == schema:
                lines += _model(manifest, model)
    return "\n".join(lines)


def _diagram(manifest: Manifest, models: list[ModelNode]) -> Iterator[str]:
    """A Mermaid entity diagram: keys, and the references that tests check."""
    ties, by_name = references(manifest, models), {model.name: model for model in models}
    yield "Lines are references that a test checks on every build; only keys are shown.\n"
    yield "```mermaid\nerDiagram"
    for tie in ties:
        one = "||" if key_of(manifest, by_name[tie.parent]) == (tie.field,) else "}|"
        many = "o|" if key_of(manifest, by_name[tie.child]) == (tie.column,) else "o{"
        yield f"    {tie.parent} {one}--{many} {tie.child} : {tie.column}"
    for model in models:
        yield f"    {model.name} {{"
        yield from _keys(manifest, model, ties)
        yield "    }"
    yield "```"


def _keys(manifest: Manifest, model: ModelNode, ties: Iterable[Reference]) -> Iterator[str]:
    own = key_of(manifest, model)
    foreign = {tie.column for tie in ties if tie.child == model.name}
    for column in model.columns.values():
        marks = [mark for mark, given in (("PK", column.name in own), ("FK", column.name in foreign)) if given]
        if marks:
            yield f"        {str(column.data_type).split('(')[0]} {column.name} {', '.join(marks)}"


def _source(source: SourceDefinition) -> Iterator[str]:
    columns = {table.name: table.columns for table in (*BRONZE_TABLES, *OBSERVABILITY_TABLES)}[source.name.upper()]
    yield f"### {source.name}\n"
    yield f"{_cell(source.description)}\n"
    yield f"- Grain: {source.config.meta['grain']}\n- Made by: the Pulumi program\n"
    yield "| column | type |\n| --- | --- |"
    for name, kind in columns:
        yield f"| {name.lower()} | {kind.lower().removesuffix('(16777216)')} |"
    yield ""


def _model(manifest: Manifest, model: ModelNode | SnapshotNode) -> Iterator[str]:
    yield f"### {model.name}\n"
    yield f"{_cell(model.description)}\n"
    yield f"- Grain: {model.config.meta['grain']}"
    if key := key_of(manifest, model):
        yield f"- Key: {', '.join(f'`{column}`' for column in key)}"
    yield f"- Kind: {model.config.materialized}; built on: {model.config.meta['warehouse']}"
    if read := _names(model.depends_on.nodes):
        yield f"- From: {read}"
    if readers := _names(manifest.child_map.get(model.unique_id, [])):
        yield f"- Read by: {readers}"
    yield ""
    if model.columns:
        yield from _COLUMNS
        tests = _tests_by_column(manifest, model)
        for column in model.columns.values():
            said = sorted(tests.get(column.name, set()) | {str(rule.type.value) for rule in column.constraints})
            cells = (column.name, column.data_type or "", _cell(column.description), ", ".join(said))
            yield f"| {' | '.join(cells)} |"
        yield ""


def _tests_by_column(manifest: Manifest, model: ModelNode | SnapshotNode) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for test in generic_tests(manifest, model):
        if test.column_name:
            found.setdefault(test.column_name, set()).add(test.test_metadata.name)
    return found


def _names(nodes: Iterable[str]) -> str:
    """Models, snapshots, sources, seeds and exposures among nodes, by name."""
    kinds = ("model", "snapshot", "source", "seed", "exposure")
    return ", ".join(f"`{node.split('.')[-1]}`" for node in sorted(set(nodes)) if node.split(".")[0] in kinds)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
