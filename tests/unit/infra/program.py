"""The program's registrations, once for each stack, with questions that tests ask of them."""

from __future__ import annotations

import functools

from infra.offline import ACCOUNT_ID, IAM_USER, REPOSITORY, Registration, run_offline
from infra.offline import Program as Recorded

__all__ = ["ACCOUNT_ID", "IAM_USER", "REPOSITORY", "STACKS", "Program", "run"]

STACKS = ("local", "dev", "staging", "prod")


class Program(Recorded):
    def all(self, type_end: str) -> list[Registration]:
        return [one for one in self.resources.values() if one.type.endswith(":" + type_end)]

    def one(self, type_end: str, name: str | None = None) -> Registration:
        found = [one for one in self.all(type_end) if name in (None, one.name)]
        assert len(found) == 1, f"{len(found)} resources of type {type_end}, name {name}"
        return found[0]

    def needs(self, dependent: Registration) -> set[str]:
        """URNs of everything that must exist before `dependent`."""
        seen: set[str] = set()
        queue = list(dependent.dependencies)
        while queue:
            urn = queue.pop()
            if urn not in seen:
                seen.add(urn)
                queue.extend(self.resources[urn].dependencies)
        return seen


@functools.cache
def run(stack: str, preview: bool = False) -> Program:
    """Run the program once for a stack; the same object for every test that asks."""
    recorded = run_offline(stack, preview=preview)
    return Program(recorded.resources, recorded.exports)
