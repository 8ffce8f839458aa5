"""The dbt project as dbt reads it: its manifest, from a parse that asks no database."""

from __future__ import annotations

import os
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = REPOSITORY / "dbt"
_NOWHERE = {f"C360_SNOWFLAKE_{name}": "nowhere" for name in ("ACCOUNT", "USER", "ROLE", "WAREHOUSE", "DATABASE")}


def manifest() -> Manifest:
    """Parse the project; takes about 5 s.

    Raises:
        Exception: what dbt says is wrong; a warning counts as an error.
    """
    with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, _NOWHERE), redirect_stdout(StringIO()):
        command = ["--warn-error", "parse", "--no-partial-parse", "--project-dir", str(PROJECT)]
        command += ["--profiles-dir", str(PROJECT), "--target-path", folder, "--log-path", folder]
        outcome = dbtRunner().invoke(command)
    if outcome.exception is not None:
        raise outcome.exception
    assert isinstance(outcome.result, Manifest)
    return outcome.result
