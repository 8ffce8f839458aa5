"""Where a lake says which portfolio it holds."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from generators.files import TRUTH_FOLDER
from generators.settings import GeneratorSettings

MANIFEST = f"{TRUTH_FOLDER}/manifest.json"


def stored_settings(out: Path) -> GeneratorSettings | None:
    """The settings of the portfolio under a folder, or None if no complete run is recorded there."""
    try:
        parameters = json.loads((out / MANIFEST).read_text())["parameters"]
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    del parameters["version"]
    return GeneratorSettings(**parameters | {"as_of": date.fromisoformat(parameters["as_of"])})
