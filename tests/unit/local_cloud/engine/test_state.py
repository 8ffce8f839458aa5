"""The state on disk: secrets, permissions, damage."""

from __future__ import annotations

import json
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.engine import EngineError
from local_cloud.engine.values import Secret, from_struct, has_secret, masked, reveal, shown, to_struct
from tests.unit.local_cloud.engine.conftest import Toy

HUSH = """
    a = Thing("a", password=pulumi.Output.secret("hunter2"), nested={"key": pulumi.Output.secret("hunter2")})
    Thing("b", color=a.address, opts=Opts(additional_secret_outputs=["address"]))
    pulumi.export("password", pulumi.Output.secret("hunter2"))
"""


def test_secrets_are_never_stored_in_clear(toy: Toy) -> None:
    toy.up(HUSH)
    assert "hunter2" not in toy.state.read_text()
    assert toy.engine().outputs() == {"password": "hunter2"}
    assert set(toy.resource("b")["outputs"]["address"]) == {"$secret"}
    assert toy.up() == {"same": 2}


def test_a_changed_secret_is_a_change_but_is_not_shown(toy: Toy) -> None:
    toy.up(HUSH)
    toy.program(HUSH.replace('secret("hunter2"), nested', 'secret("other"), nested'))
    plan = toy.engine().preview()
    lines = [line for step in plan.steps for line in step.diff]
    assert lines == ["~ password: '[secret]' => '[secret]'"]
    assert "other" not in repr(plan)


def test_only_the_owner_may_read_the_state_and_its_key(toy: Toy) -> None:
    toy.up(HUSH)
    key = toy.state.with_name("test.json.key")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (toy.state, key)] == [0o600, 0o600]


def test_a_lost_key_is_one_sentence(toy: Toy) -> None:
    toy.up(HUSH)
    toy.state.with_name("test.json.key").unlink()
    with pytest.raises(EngineError, match=r"their key .*test.json.key is gone; restore that file"):
        toy.up()


@pytest.mark.parametrize(
    ("text", "sentence"), [("{", "cannot be read"), (json.dumps({"version": 99}), "has version 99; expected 1")]
)
def test_a_damaged_state_is_one_sentence(toy: Toy, text: str, sentence: str) -> None:
    toy.up(HUSH)
    toy.state.write_text(text)
    with pytest.raises(EngineError, match=sentence):
        toy.up()


_SCALARS = st.one_of(st.booleans(), st.integers(-(2**50), 2**50), st.text(max_size=5))
_VALUES = st.recursive(
    _SCALARS | st.builds(Secret, _SCALARS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=4), _VALUES, max_size=4))
def test_values_survive_the_wire(properties: dict[str, object]) -> None:
    assert from_struct(to_struct(properties)) == properties


@given(_VALUES)
def test_no_view_of_a_value_keeps_its_secrets(value: object) -> None:
    assert not has_secret(reveal(value))
    assert not has_secret(shown(value))
    assert not has_secret(masked(value))
