"""Hygiene of the dbt project, from the manifest of one parse; no database is asked."""

from __future__ import annotations

import csv

from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode, SnapshotNode

from c360.documents.project import PROJECT
from c360.documents.relations import key_of
from generators.catalogue import CATEGORIES

PLANTED = {"source_segment", "source_decline_type"}
EXPECTED_MODELS = {
    "SILVER": {
        "stg_transactions", "stg_customers", "stg_campaign_assignments", "stg_merchant_categories",
        "int_transactions_deduplicated", "int_transactions_rejected", "int_transactions_duplicates",
        "int_customer_versions", "int_customer_monthly_spend",
    },
    "GOLD": {
        "dim_customer", "dim_date", "dim_merchant_category", "fct_transactions", "customer_segments",
        "customer_360_profile", "metric_customer_ltv", "metric_mom_spend_change", "metric_avg_transaction_value",
        "monthly_customer_spending", "segment_metrics", "campaign_performance", "campaign_results",
    },
    "ML": {"churn_labels", "churn_training_set", "churn_scoring_set", "churn_predictions"},
    "REPORTING": {"executive_dashboard", "operational_status", "job_monitoring"},
}  # fmt: skip


def _models(manifest: Manifest) -> list[ModelNode]:
    return [node for node in manifest.nodes.values() if isinstance(node, ModelNode)]


def _tables(manifest: Manifest) -> list[ModelNode | SnapshotNode]:
    return [node for node in manifest.nodes.values() if isinstance(node, ModelNode | SnapshotNode)]


def test_all_models_are_in_their_schemas(manifest: Manifest) -> None:
    found = {(model.schema, model.name) for model in _models(manifest)}
    expected = {(schema, name) for schema, names in EXPECTED_MODELS.items() for name in names}
    assert expected <= found


def test_every_model_says_what_it_is_and_its_grain(manifest: Manifest) -> None:
    lacking = [m.name for m in _tables(manifest) if not m.description or not m.config.meta.get("grain")]
    assert lacking == []


def test_every_model_says_where_it_is_built_and_why(manifest: Manifest) -> None:
    """What differs from the folder's warehouse says so: whoever reads the reason can find the setting."""
    for model in _tables(manifest):
        reason = model.config.meta["warehouse"]
        assert ("snowflake_warehouse" in model.config.extra) == reason.startswith("ML: "), model.name


def test_every_model_has_its_yml_beside_it(manifest: Manifest) -> None:
    lacking = [m.name for m in _tables(manifest) if not (PROJECT / m.original_file_path).with_suffix(".yml").is_file()]
    assert lacking == []


def test_marts_have_contracts_and_describe_every_column(manifest: Manifest) -> None:
    for model in _models(manifest):
        if model.schema == "GOLD":
            assert model.config.contract.enforced, model.name
            lacking = [c.name for c in model.columns.values() if not c.description or not c.data_type]
            assert lacking == [], model.name


def test_every_table_of_gold_has_a_key_that_is_tested(manifest: Manifest) -> None:
    assert [m.name for m in _models(manifest) if m.schema == "GOLD" and not key_of(manifest, m)] == []


def test_planted_columns_reach_no_mart(manifest: Manifest) -> None:
    """The generator's truth may be compared with results; it is never an input of one."""
    allowed = {"stg_customers", "int_customer_versions"}
    leaking = [m.name for m in _models(manifest) if m.name not in allowed and any(p in m.raw_code for p in PLANTED)]
    assert leaking == []


def test_categories_of_the_seed_are_those_of_the_files() -> None:
    with (PROJECT / "seeds/bronze_merchant_categories.csv").open() as file:
        seed = {(r["merchant_category"], r["category_group"], r["is_discretionary"]) for r in csv.DictReader(file)}
    made = {(c.name, c.group, str(c.is_discretionary).lower()) for c in CATEGORIES}
    assert seed == made | {("Uncategorized", "Other", "false")}
