"""`python -m infra.rules [stack ...]`: plan stacks offline (all of them by default) and apply every rule.

Exit code 1 and one line for each breach, or 0.
"""

from __future__ import annotations

import sys
import warnings

from infra.offline import Program, run_offline, stacks
from infra.rules.catalogue import rules_of
from infra.rules.model import Breach, Resource, breaches


def stack_breaches(stack: str, program: Program) -> list[Breach]:
    """What breaks a rule among the registrations of a stack."""
    resources = [
        Resource(each.type, each.name, each.inputs, each.protect, each.urn)
        for each in program.resources.values()
        if each.custom
    ]
    return breaches(rules_of(stack), resources)


def main(chosen: list[str]) -> int:
    # Importing the SDK's S3 module warns about its own old resource names.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    lines = [
        f"{stack}: {breach}" for stack in chosen or stacks() for breach in stack_breaches(stack, run_offline(stack))
    ]
    for line in lines:
        sys.stderr.write(line + "\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
