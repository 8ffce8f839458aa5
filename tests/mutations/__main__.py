"""`make mutations`: make each mistake of the list in a copy of the dbt project and say which test notices it.

Ends with 1 if one is not noticed. ARGS="lift recent" takes those whose names contain a word.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.integration.conftest import LocalCloud
from tests.integration.dbt_project import DbtDatabase, failures
from tests.mutations.checks import caught_by_pytest, caught_by_unit_tests
from tests.mutations.mutation import Mutation, mutations


def main(words: list[str]) -> int:
    console = Console(width=160, highlight=False)
    chosen = [each for each in mutations() if not words or any(word in each.name for word in words)]
    survivors = []
    with tempfile.TemporaryDirectory() as folder:
        cloud = LocalCloud(Path(folder) / "cloud")
        cloud.start()
        try:
            database = DbtDatabase(cloud, "MUTATIONS", Path(folder))
            bad = failures(database.dbt("build", "--exclude-resource-type", "test"))
            if bad:
                console.print(f"The project fails as it is: {bad}")
                return 1
            for mutation in chosen:
                found = _caught(mutation, database)
                console.print(f"{'caught ' if found else '[red]MISSED[/]'}  {mutation.name}: {', '.join(found[:3])}")
                survivors += [] if found else [mutation]
        finally:
            cloud.stop()
    console.print(f"{len(chosen) - len(survivors)} of {len(chosen)} mistakes are noticed.")
    return 1 if survivors else 0


def _caught(mutation: Mutation, database: DbtDatabase) -> list[str]:
    return [f"unit test {name}" for name in caught_by_unit_tests(mutation, database)] or caught_by_pytest(mutation)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
