"""Project files, settings, and how the program is run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from local_cloud.engine import EngineError
from local_cloud.engine.project import read_project
from tests.unit.local_cloud.engine.conftest import Toy

DECLARED = """
name: play
main: infra
runtime: {name: python, options: {toolchain: pip}}
config:
  play:color: {type: string, default: red}
  size: {type: integer}
  plain: shorthand
"""


def test_settings_come_from_the_stack_the_project_and_the_caller(toy: Toy) -> None:
    toy.write("Pulumi.yaml", DECLARED)
    toy.write("Pulumi.test.yaml", "config: {size: 3, 'play:list': [a, {b: 1}], 'aws:region': eu-west-1, flag: true}\n")
    project = read_project(toy.folder, "test", {"play:size": "4"})
    assert project.config == {
        "play:color": "red",
        "play:size": "4",
        "play:plain": "shorthand",
        "play:list": '["a", {"b": 1}]',
        "play:flag": "true",
        "aws:region": "eu-west-1",
    }
    assert (project.name, project.folder) == ("play", toy.folder / "infra")


def test_secret_settings_stay_as_given_and_are_known_to_be_secret(toy: Toy) -> None:
    toy.write("Pulumi.test.yaml", "config: {'play:password': {secure: 'v1:abc'}}\n")
    project = read_project(toy.folder, "test", {})
    assert (project.config, project.secret_keys) == ({"play:password": "v1:abc"}, ("play:password",))


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("Pulumi.test.yaml", "config: {}", "stack test is missing the configuration value play:size"),
        ("Pulumi.test.yaml", "config: {size: big}", "value play:size is 'big', but Pulumi.yaml declares integer"),
        ("Pulumi.test.yaml", "config: [", r"Pulumi.test.yaml cannot be read: while parsing"),
        ("Pulumi.yaml", "name: play\nruntime: go\n", "must have a name and the runtime python, not 'go'"),
        ("Pulumi.yaml", "name: play\nmain: src\nruntime: python\n", "says main: src, which does not exist"),
    ],
)
def test_wrong_projects(toy: Toy, name: str, text: str, sentence: str) -> None:
    toy.write("Pulumi.yaml", DECLARED)
    toy.write(name, text)
    with pytest.raises(EngineError, match=sentence):
        read_project(toy.folder, "test", {})


def test_an_unknown_stack_names_the_known_ones(toy: Toy) -> None:
    with pytest.raises(EngineError, match=r"stack other has no Pulumi.other.yaml; there is one for: test"):
        read_project(toy.folder, "other", {})


def test_the_program_runs_where_pulumi_would_run_it_and_leaves_no_trace(toy: Toy) -> None:
    (toy.folder / "infra" / "helper.py").write_text("VALUE = 1\n")
    before = (Path.cwd(), list(sys.path), dict(os.environ))
    toy.up("""
        import os, sys, helper
        pulumi.export("seen", {
            "folder": os.getcwd(), "path": sys.path[0], "name": __name__, "cloud": os.environ["TOY_CLOUD"],
            "root": pulumi.get_root_directory(), "project": pulumi.get_project(), "stack": pulumi.get_stack(),
            "helper": helper.VALUE,
        })
    """)
    folder = str(toy.folder / "infra")
    assert toy.engine().outputs()["seen"] == {
        "folder": folder, "path": folder, "name": "__main__", "cloud": str(toy.cloud), "root": str(toy.folder),
        "project": "play", "stack": "test", "helper": 1,
    }  # fmt: skip
    assert (Path.cwd(), list(sys.path), dict(os.environ)) == before
    assert "helper" not in sys.modules
    (toy.folder / "infra" / "helper.py").write_text("VALUE = 12345\n")
    toy.up()
    assert toy.engine().outputs()["seen"]["helper"] == 12345


def test_a_main_that_is_a_file_sees_no_neighbours(toy: Toy) -> None:
    toy.write("Pulumi.yaml", "name: play\nmain: infra/__main__.py\nruntime: python\n")
    with pytest.raises(EngineError, match="ModuleNotFoundError: No module named 'toy'"):
        toy.up('Thing("a")')


def test_settings_of_the_caller_reach_the_program(toy: Toy) -> None:
    toy.program('pulumi.export("color", pulumi.Config().require("color"))')
    assert toy.engine(color="green").up().outputs == {"color": "green"}


def test_what_the_program_logs_is_an_event(toy: Toy) -> None:
    toy.up('pulumi.log.warn("careful")')
    assert [(event.kind, event.type, event.detail) for event in toy.events] == [("log", "warning", "careful")]
