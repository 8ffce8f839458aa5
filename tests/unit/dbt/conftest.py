"""The project as dbt reads it, parsed once for all tests of a worker."""

from __future__ import annotations

import pytest
from dbt.contracts.graph.manifest import Manifest

from c360.documents import project


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    return project.manifest()
