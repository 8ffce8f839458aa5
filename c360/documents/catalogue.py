"""All documents made from the dbt project."""

from __future__ import annotations

from dbt.contracts.graph.manifest import Manifest

from c360.documents.dictionary import dictionary
from c360.documents.metrics import Metrics, metrics_document


def documents(manifest: Manifest) -> dict[str, str]:
    """Path in the repository -> text."""
    return {
        "docs/data-dictionary.md": dictionary(manifest),
        "docs/metrics.md": metrics_document(Metrics.read(), manifest),
    }
