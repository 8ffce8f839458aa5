"""Which tests notice a mistake: dbt's unit tests first, else all of pytest's tests of dbt on small generated data."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from c360.documents.project import REPOSITORY
from tests.integration.dbt_project import DbtDatabase
from tests.mutations.mutation import Mutation

# What unit tests miss is mostly of many runs: these first.
_TESTS = ("tests/integration/test_dbt_arrivals.py", "tests/integration/test_dbt_build.py")


def caught_by_unit_tests(mutation: Mutation, database: DbtDatabase) -> list[str]:
    """Names of dbt's unit tests that fail on the mistake; `database` has been built without it.

    Raises:
        RuntimeError: the mutated model does not run at all, which any test would notice and which proves nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        results = database.unit_tests(mutation.project(Path(folder)))
    broken = [result.message for result in results if result.status == "error"]
    if broken:
        raise RuntimeError(f"'{mutation.name}' breaks the model instead of making it wrong: {broken[0]}")
    return [result.name for result in results if result.status == "fail"]


def caught_by_pytest(mutation: Mutation) -> list[str]:
    """Names of dbt's data tests, or else of pytest's, that fail on the mistake."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"C360_TEST_DBT_PROJECT": str(mutation.project(Path(folder)))}
        command = [sys.executable, "-m", "pytest", *_TESTS, "-x", "-rfE", "--tb=short", "-W", "ignore"]
        done = subprocess.run(
            command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    if done.returncode == 0:
        return []
    if done.returncode != 1:
        raise RuntimeError(f"pytest could not judge '{mutation.name}': {done.stdout[-2000:]}")
    if "status='error'" in done.stdout:
        raise RuntimeError(f"'{mutation.name}' breaks a model instead of making it wrong: {done.stdout[-2000:]}")
    data_tests = re.findall(r"NodeResult\(name='(\w+)', status='fail'", done.stdout)
    return sorted(set(data_tests)) or re.findall(r"^(?:FAILED|ERROR) \S+::(\S+)", done.stdout, re.MULTILINE)
