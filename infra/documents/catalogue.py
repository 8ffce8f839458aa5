"""All generated documents."""

from __future__ import annotations

from collections.abc import Callable

from infra.documents.access import access_document
from infra.documents.settings import settings_document

DOCUMENTS: dict[str, Callable[[], str]] = {
    "docs/access.md": access_document,
    "docs/settings.md": settings_document,
}
"""Path in the repository -> what makes its text."""
