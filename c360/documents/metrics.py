"""`docs/metrics.md`: what each metric means and how it is computed from facts, from `dbt/metrics.yml`."""

from __future__ import annotations

from typing import Any

import yaml
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode
from pydantic import BaseModel, ConfigDict

from c360.documents.project import PROJECT

_INTRODUCTION = """# Metrics

Made by `make docs` from `dbt/metrics.yml`; edit that. Read a metric where it stands; the statement says what it is. A
test runs each of them on generated data and compares every row.

Statements may use this query:

{description}

```sql
WITH approved AS (
{sql}
)
```
"""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Approved(_Strict):
    """The query that most metrics start from."""

    description: str
    sql: str


class Metric(_Strict):
    """One metric; `sql` gives the columns `keys` and then the metric."""

    name: str
    model: str
    column: str
    keys: tuple[str, ...]
    unit: str
    definition: str
    sql: str

    def statement(self, variables: dict[str, Any]) -> str:
        """Its SQL with the values of the dbt variables that it names."""
        return self.sql.format_map(variables).strip()


class Metrics(_Strict):
    """The file."""

    approved: Approved
    metrics: tuple[Metric, ...]

    @classmethod
    def read(cls) -> Metrics:
        return cls.model_validate(yaml.safe_load((PROJECT / "metrics.yml").read_text(encoding="utf-8")))

    def query(self, metric: Metric) -> str:
        """A whole statement that computes the metric."""
        return f"WITH approved AS (\n{self.approved.sql}) {metric.statement(project_variables())}"


def project_variables() -> dict[str, Any]:
    """The variables of the dbt project with their defaults."""
    found: dict[str, Any] = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    return found


def metrics_document(metrics: Metrics, manifest: Manifest) -> str:
    """The document.

    Raises:
        KeyError: a metric names a model or column that does not exist.
    """
    models = {model.name: model for model in manifest.nodes.values() if isinstance(model, ModelNode)}
    indented = "\n".join(f"  {line}" for line in metrics.approved.sql.strip().splitlines())
    lines = [_INTRODUCTION.format(description=metrics.approved.description, sql=indented)]
    lines += ["| metric | where | unit |", "| --- | --- | --- |"]
    lines += [f"| {each.name} | {_place(each, models[each.model])} | {each.unit} |" for each in metrics.metrics]
    for each in metrics.metrics:
        lines += [f"\n## {each.name}\n", f"{each.definition.strip()}\n"]
        lines += [
            f"{_place(each, models[each.model])}, by {', '.join(f'`{key}`' for key in each.keys)}; {each.unit}.\n"
        ]
        lines += ["```sql", each.statement(project_variables()), "```"]
    return "\n".join(lines) + "\n"


def _place(metric: Metric, model: ModelNode) -> str:
    return f"`{model.schema}.{model.name.upper()}.{model.columns[metric.column].name}`"
