"""Procedures: what they decide, and that each is deployed as it is."""

from __future__ import annotations

import ast

import pytest

from snowflake_objects.operations import WORK, Work, source
from snowflake_objects.procedures.retrain_churn_model import verdict


@pytest.mark.parametrize(
    ("rows", "churned", "status"),
    [
        (999, 500, "skipped"),
        (1000, 9, "skipped"),
        (1000, 10, "success"),
        (1000, 990, "success"),
        (1000, 991, "skipped"),
    ],
)
def test_a_model_is_trained_on_enough_of_both_classes_alone(rows: int, churned: int, status: str) -> None:
    assert verdict(rows, churned)[0] == status


@pytest.mark.parametrize("work", WORK, ids=lambda work: work.procedure)
def test_the_code_stands_alone_and_takes_what_the_task_gives(work: Work) -> None:
    tree = ast.parse(source(work))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"__future__", "snowflake.snowpark"}
    (main,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "main")
    taken = [each.arg.upper() for each in main.args.args[1:]]
    assert taken == ([work.argument[0]] if work.argument else [])
    assert "$$" not in source(work)
