"""Create, update, replace, delete, and the options that steer them."""

from __future__ import annotations

import pytest

from local_cloud.engine import EngineError
from tests.unit.local_cloud.engine.conftest import Toy

CHAIN = """
    a = Thing("a", color="red")
    b = Thing("b", color=a.address)
    c = Thing("c", opts=Opts(depends_on=[b]))
    pulumi.export("where", b.address)
    pulumi.export("nested", {"colors": [a.color, b.color]})
"""


def test_creates_in_the_order_of_dependencies_and_exports(toy: Toy) -> None:
    assert toy.up(CHAIN) == {"create": 3}
    assert toy.log == ["create a", "create b", "create c"]
    assert toy.engine().outputs() == {"where": "toy://b", "nested": {"colors": ["red", "toy://a"]}}


def test_a_second_up_touches_nothing(toy: Toy) -> None:
    toy.up(CHAIN)
    before = toy.state.read_bytes()
    assert toy.up() == {"same": 3}
    assert toy.log == []
    assert toy.state.read_bytes() == before


def test_a_changed_input_is_updated_and_flows_on(toy: Toy) -> None:
    toy.up(CHAIN)
    assert toy.up(CHAIN.replace("red", "blue")) == {"update": 1, "same": 2}
    assert toy.log == ["update a"]
    assert toy.engine().outputs()["nested"] == {"colors": ["blue", "toy://a"]}
    assert [(event.kind, event.name, event.detail) for event in toy.events if event.kind == "update"] == [
        ("update", "a", "color")
    ]


def test_what_the_program_no_longer_asks_for_goes_dependents_first(toy: Toy) -> None:
    toy.up(CHAIN)
    assert toy.up("") == {"delete": 3}
    assert toy.log == ["delete c", "delete b", "delete a"]
    assert toy.stored()["resources"] == []


def test_destroy_deletes_everything_without_running_the_program(toy: Toy) -> None:
    toy.up(CHAIN)
    toy.program("raise RuntimeError('must not run')")
    toy.forget()
    assert toy.engine().destroy().counts == {"delete": 3}
    assert toy.log == ["delete c", "delete b", "delete a"]
    with pytest.raises(EngineError, match="stack test has no outputs yet; run `up` first"):
        toy.engine().outputs()


def test_a_replacement_comes_before_its_predecessor_goes(toy: Toy) -> None:
    toy.up('Thing("a", label="one")')
    assert toy.up('Thing("a", label="two")') == {"replace": 1}
    assert toy.log == ["create two", "delete one"]
    assert toy.objects == {"two"}


def test_delete_before_replace_takes_along_what_must_be_replaced_too(toy: Toy) -> None:
    source = """
        a = Thing("a", label="{label}", opts=Opts(delete_before_replace=True))
        b = Thing("b", color=a.address)
        c = Thing("c", opts=Opts(replace_with=[a], depends_on=[a]))
        Thing("d", color=c.address, opts=Opts(replace_with=[c]))
    """
    toy.up(source.format(label="one"))
    assert toy.up(source.format(label="two")) == {"replace": 3, "update": 1}
    assert toy.log[:3] == ["delete d", "delete c", "delete one"]
    assert toy.log[3] == "create two"
    assert sorted(toy.log[4:]) == ["create c", "create d", "update b"]


@pytest.mark.parametrize(
    ("options", "change", "counts"),
    [
        ('ignore_changes=["color"]', ('"red"', '"blue"'), {"same": 1}),
        ('ignore_changes=["tags.a"]', ('"x"', '"y"'), {"same": 1}),
        ('ignore_changes=["tags.b"]', ('"x"', '"y"'), {"update": 1}),
        ('replace_on_changes=["color"]', ('"red"', '"blue"'), {"replace": 1}),
        ('replace_on_changes=["tags.a"]', ('"red"', '"blue"'), {"update": 1}),
        ('replace_on_changes=["*"]', ('"x"', '"y"'), {"replace": 1}),
        ('replacement_trigger="1"', ('"1"', '"2"'), {"replace": 1}),
        ('replacement_trigger="1"', ('"1"', '"1"'), {"same": 1}),
    ],
)
def test_options_about_changes(toy: Toy, options: str, change: tuple[str, str], counts: dict[str, int]) -> None:
    source = f'Thing("a", color="red", tags={{"a": "x"}}, opts=Opts({options}))'
    toy.up(source)
    assert toy.up(source.replace(*change)) == counts


def test_protect_refuses_replacement_removal_and_destroy(toy: Toy) -> None:
    toy.up('Thing("a", label="one", opts=Opts(protect=True))')
    for source in ('Thing("a", label="two", opts=Opts(protect=True))', ""):
        with pytest.raises(EngineError, match=r"dynamic/toy:Thing a is protected, so it can be neither replaced nor"):
            toy.up(source)
    with pytest.raises(EngineError, match=r"protected, so nothing was deleted .*: pulumi-python:dynamic/toy:Thing a"):
        toy.engine().destroy()
    assert toy.objects == {"one"}
    toy.engine().destroy(unprotect=True)
    assert toy.objects == set()


def test_protect_can_be_taken_away(toy: Toy) -> None:
    toy.up('Thing("a", opts=Opts(protect=True))')
    assert toy.up('Thing("a")') == {"same": 1}
    assert toy.up("") == {"delete": 1}


def test_retained_and_deleted_with(toy: Toy) -> None:
    toy.up("""
        a = Thing("a")
        Thing("kept", opts=Opts(retain_on_delete=True))
        Thing("inside", opts=Opts(deleted_with=a))
    """)
    assert toy.up("") == {"delete": 3}
    assert toy.log == ["delete a"]
    assert toy.objects == {"kept", "inside"}


def test_an_alias_keeps_the_resource_and_its_children(toy: Toy) -> None:
    source = """
        class Group(pulumi.ComponentResource):
            def __init__(self, name, opts=None):
                super().__init__("play:index:Group", name, None, opts)
                self.thing = Thing("a", opts=Opts(parent=self))
                self.register_outputs({"address": self.thing.address})
        group = Group("{name}", Opts({options}))
        Thing("b", color=group.thing.address, opts=Opts(depends_on=[group]))
    """
    toy.up(source.replace("{name}", "old").replace("{options}", ""))
    renamed = source.replace("{name}", "new").replace("{options}", 'aliases=[pulumi.Alias(name="old")]')
    assert toy.up(renamed) == {"same": 3}
    assert toy.log == []
    assert toy.up(renamed) == {"same": 3}
    assert toy.resource("new")["outputs"] == {"address": "toy://a"}


def test_refresh_mends_drift_and_makes_lost_resources_again(toy: Toy) -> None:
    toy.up('Thing("a", color="red")\nThing("b", color="red")')
    (toy.cloud / "objects" / "a").write_text("green")
    (toy.cloud / "objects" / "b").unlink()
    assert toy.up() == {"same": 2}
    assert toy.up(refresh=True) == {"update": 1, "create": 1}
    assert sorted(toy.log) == ["create b", "update a"]
    assert {event.detail for event in toy.events if event.kind == "log"} == {
        "was changed by others: color",
        "is gone and will be made again",
    }
    assert toy.up(refresh=True) == {"same": 2}


def test_names_are_unique(toy: Toy) -> None:
    with pytest.raises(EngineError, match="Thing a is registered twice"):
        toy.up('Thing("a")\nThing("a")')
