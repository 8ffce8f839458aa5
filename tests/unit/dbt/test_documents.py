"""Documents made from the dbt project are those of the project as it is, and say all there is to say."""

from __future__ import annotations

import pytest
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode, SeedNode, SnapshotNode

from c360.documents.catalogue import documents
from c360.documents.metrics import Metrics
from c360.documents.project import REPOSITORY
from c360.documents.relations import Reference, key_of, references


@pytest.mark.parametrize("path", ["docs/data-dictionary.md", "docs/metrics.md"])
def test_is_not_stale(manifest: Manifest, path: str) -> None:
    written = (REPOSITORY / path).read_text(encoding="utf-8")
    assert written == documents(manifest)[path], f"{path} is stale; run `make docs`"


def test_the_dictionary_has_every_model_and_source(manifest: Manifest) -> None:
    text = documents(manifest)["docs/data-dictionary.md"]
    models = [node.name for node in manifest.nodes.values() if isinstance(node, ModelNode | SeedNode | SnapshotNode)]
    names = [*models, *(source.name for source in manifest.sources.values())]
    assert [name for name in names if f"\n### {name}\n" not in text] == []


def test_the_diagram_ties_marts_as_their_tests_do(manifest: Manifest) -> None:
    models = {node.name: node for node in manifest.nodes.values() if isinstance(node, ModelNode)}
    found = references(manifest, list(models.values()))
    assert Reference("fct_transactions", "customer_key", "dim_customer", "customer_key") in found
    assert Reference("customer_segments", "customer_id", "customer_360_profile", "customer_id") in found
    assert key_of(manifest, models["dim_customer"]) == ("customer_key",)
    assert key_of(manifest, models["segment_metrics"]) == ("customer_segment", "month_start")


def test_what_is_unique_among_some_rows_is_no_key(manifest: Manifest) -> None:
    (history,) = (node for node in manifest.nodes.values() if isinstance(node, SnapshotNode))
    assert key_of(manifest, history) == ("customer_id", "dbt_valid_from")


def test_metrics_cover_every_metric_mart() -> None:
    described = {metric.model for metric in Metrics.read().metrics}
    assert {
        "metric_customer_ltv", "metric_mom_spend_change", "metric_avg_transaction_value", "monthly_customer_spending",
        "segment_metrics", "campaign_results", "churn_labels", "executive_dashboard",
    } <= described  # fmt: skip
