"""What a first `up` of each stack would create, as text that shows in review what a change does."""

from __future__ import annotations

from pathlib import Path

from c360 import stacks
from c360.blueprint import render
from c360.workspace import Workspace

FOLDER = Path(__file__).resolve().parent
STACKS = ("local", "dev", "staging", "prod")


def golden_file(stack: str) -> Path:
    return FOLDER / f"plan-{stack}.txt"


def plan_text(stack: str) -> str:
    """The stack's plan as `c360 preview --offline` shows it."""
    return render(stacks.blueprint(Workspace(FOLDER.parents[1], FOLDER), stack), f"Stack {stack}")
