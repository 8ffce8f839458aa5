"""A preview changes nothing and says what would change."""

from __future__ import annotations

import pytest

from local_cloud.engine import EngineError
from tests.unit.local_cloud.engine.conftest import Toy

SOURCE = """
    config = pulumi.Config()
    a = Thing("a", color=config.get("color") or "red", secret=pulumi.Output.secret("hush"))
    b = Thing("b", color=a.address)
    pulumi.export("where", b.address)
    pulumi.export("color", a.color)
"""


def test_the_first_preview_knows_inputs_but_not_outputs(toy: Toy) -> None:
    toy.program(SOURCE)
    plan = toy.engine().preview()
    assert plan.counts == {"create": 2}
    assert plan.outputs == {"where": "<unknown>", "color": "red"}
    changes = {step.name: {change.path: change.new for change in step.changes} for step in plan.steps}
    assert changes["b"]["color"] == "<unknown>"
    assert changes["a"]["secret"] == "[secret]"
    assert toy.log == []
    assert not toy.state.exists()


def test_a_preview_of_nothing(toy: Toy) -> None:
    toy.up(SOURCE)
    assert toy.engine().preview().counts == {"same": 2}


def test_differences_property_by_property(toy: Toy) -> None:
    toy.up('Thing("a", color="red", tags={"x": 1, "y": [1, 2]})\nThing("gone")')
    before = toy.state.read_bytes()
    toy.forget()
    toy.program('Thing("a", color="blue", tags={"x": 1, "y": [1, 3]}, size=2)\nThing("new")')
    plan = toy.engine().preview()
    steps = {step.name: step for step in plan.steps}
    assert {name: step.kind for name, step in steps.items()} == {"a": "replace", "new": "create", "gone": "delete"}
    assert sorted(steps["a"].diff) == [
        "+ size: 2 (replaces)",
        "~ color: 'red' => 'blue'",
        "~ tags.y[1]: 2 => 3",
    ]
    assert toy.log == []
    assert toy.state.read_bytes() == before


def test_replacements_that_follow_from_others_are_planned(toy: Toy) -> None:
    source = """
        a = Thing("a", label="{label}", opts=Opts(delete_before_replace=True))
        Thing("b", opts=Opts(replace_with=[a]))
    """
    toy.up(source.format(label="one"))
    toy.program(source.format(label="two"))
    assert toy.engine().preview().counts == {"replace": 2}


def test_a_preview_refuses_what_up_would(toy: Toy) -> None:
    toy.up('Thing("a", label="one", opts=Opts(protect=True))')
    toy.program('Thing("a", label="two", opts=Opts(protect=True))')
    with pytest.raises(EngineError, match="is protected"):
        toy.engine().preview()
