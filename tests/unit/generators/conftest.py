from __future__ import annotations

from pathlib import Path

import pytest

from generators.lake import Summary, generate
from generators.settings import GeneratorSettings

SETTINGS = GeneratorSettings(customers=5_000, transactions=1_350_000, seed=7)


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """5,000 customers, the smallest portfolio that must meet every band."""
    return generate(tmp_path_factory.mktemp("lake"), SETTINGS, workers=1)


@pytest.fixture
def small() -> GeneratorSettings:
    return GeneratorSettings(customers=300, transactions=81_000, seed=3)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "lake"
