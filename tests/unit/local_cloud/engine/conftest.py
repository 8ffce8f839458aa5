"""Small Pulumi projects over a toy cloud: dynamic resources whose provider keeps a folder of files and a log."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from local_cloud.engine import Engine, Event

_TOY = '''
import os
from pathlib import Path

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

CLOUD = "TOY_CLOUD"


def _log(line):
    with (Path(os.environ[CLOUD]) / "log").open("a") as log:
        log.write(line + "\\n")


def _object(label):
    return Path(os.environ[CLOUD]) / "objects" / label


def _maybe_fail(label, operation):
    failures = Path(os.environ[CLOUD]) / f"fail-{operation}-{label}"
    if failures.exists():
        left = int(failures.read_text())
        if left > 0:
            failures.write_text(str(left - 1))
            raise RuntimeError(f"the toy cloud is not ready for {label}")


class ThingProvider(ResourceProvider):
    """`label` and `size` replace, `color` is changed in place."""

    def diff(self, _id, _olds, _news):
        replaces = [key for key in ("label", "size") if _olds.get(key) != _news.get(key)]
        changes = bool(replaces) or any(_olds.get(key) != _news.get(key) for key in ("color", "tags", "password"))
        return DiffResult(changes=changes, replaces=replaces, delete_before_replace=_news.get("first"))

    def create(self, props):
        _log(f"create {props['label']}")
        _maybe_fail(props["label"], "create")
        _object(props["label"]).write_text(props.get("color", ""))
        return CreateResult(f"id-{props['label']}", {**props, "address": f"toy://{props['label']}"})

    def read(self, id_, props):
        file = _object(props["label"])
        if not file.exists():
            return ReadResult()
        live = {**props, "color": file.read_text()}
        return ReadResult(id_, live, live)

    def update(self, _id, _olds, _news):
        _log(f"update {_news['label']}")
        _maybe_fail(_news["label"], "update")
        _object(_news["label"]).write_text(_news.get("color", ""))
        return UpdateResult({**_news, "address": f"toy://{_news['label']}"})

    def delete(self, _id, _props):
        _log(f"delete {_props['label']}")
        _maybe_fail(_props["label"], "delete")
        _object(_props["label"]).unlink(missing_ok=True)


class Thing(Resource, module="toy", name="Thing"):
    address: pulumi.Output[str]
    color: pulumi.Output[str]
    label: pulumi.Output[str]

    def __init__(self, name, opts=None, **props):
        super().__init__(ThingProvider(), name, {"label": name, "address": None, **props}, opts)
'''


class Toy:
    """A project and its toy cloud."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.cloud = folder, folder / "cloud"
        (self.cloud / "objects").mkdir(parents=True)
        (folder / "infra").mkdir()
        (folder / "infra" / "toy.py").write_text(_TOY)
        self.write("Pulumi.yaml", "name: play\nmain: infra\nruntime: python\n")
        self.write("Pulumi.test.yaml", "config: {}\n")
        self.state = folder / "state" / "test.json"
        self.events: list[Event] = []

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def program(self, source: str) -> None:
        """The program; `pulumi` and `Thing` are imported already."""
        imports = "import pulumi\nfrom pulumi import ResourceOptions as Opts\nfrom toy import Thing\n"
        self.write("infra/__main__.py", imports + dedent(source))

    def engine(self, **config: str) -> Engine:
        full = {f"play:{key}": value for key, value in config.items()}
        return Engine(self.folder, "test", self.state, config=full, environment={"TOY_CLOUD": str(self.cloud)})

    def up(self, source: str | None = None, *, refresh: bool = False) -> dict[str, int]:
        """Counts without components."""
        if source is not None:
            self.program(source)
        self.forget()
        outcome = self.engine().up(refresh=refresh, on_event=self.events.append)
        return outcome.counts

    def forget(self) -> None:
        self.events.clear()
        (self.cloud / "log").unlink(missing_ok=True)

    @property
    def log(self) -> list[str]:
        """What the toy cloud was asked since the last `forget`."""
        file = self.cloud / "log"
        return file.read_text().splitlines() if file.exists() else []

    @property
    def objects(self) -> set[str]:
        return {path.name for path in (self.cloud / "objects").iterdir()}

    def fail(self, label: str, times: int, operation: str = "create") -> None:
        """Let the next operations on an object fail."""
        (self.cloud / f"fail-{operation}-{label}").write_text(str(times))

    def stored(self) -> dict[str, Any]:
        """The state as it is on disk."""
        found: dict[str, Any] = json.loads(self.state.read_text())
        return found

    def resource(self, name: str) -> dict[str, Any]:
        """One resource of the state on disk."""
        return next(dict(each) for each in self.stored()["resources"] if each["name"] == name)


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """An empty project over an empty toy cloud."""
    return Toy(tmp_path)
