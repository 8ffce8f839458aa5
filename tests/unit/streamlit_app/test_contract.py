"""The gold layer of these tests has only columns that the marts promise: what works here works on the marts."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.unit.streamlit_app.gold import Gold

MARTS = Path(__file__).parents[3] / "dbt" / "models" / "marts"


@pytest.mark.parametrize("table", list(Gold.__annotations__))
def test_columns_are_those_of_the_mart(rows: Gold, table: str) -> None:
    (description,) = MARTS.rglob(f"{table}.yml")
    (model,) = yaml.safe_load(description.read_text())["models"]
    promised = {column["name"].lower() for column in model["columns"]}
    assert set(getattr(rows, table).columns) <= promised
