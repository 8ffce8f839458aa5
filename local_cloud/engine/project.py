"""A project folder: Pulumi.yaml, Pulumi.<stack>.yaml and the program that they lead to.

https://www.pulumi.com/docs/iac/concepts/projects/project-file/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local_cloud.engine.model import EngineError


@dataclass(frozen=True)
class Project:
    """What a run needs to know of its project and stack.

    Attributes:
        root: the folder of Pulumi.yaml.
        name: the project's name, which is also the namespace of its configuration.
        folder: the program's working directory.
        entry: what is run: a folder with `__main__.py`, or a file.
        config: full key (`project:key`) -> text; objects and lists as JSON.
        secret_keys: keys whose values must not be shown.
    """

    root: Path
    name: str
    stack: str
    folder: Path
    entry: Path
    config: dict[str, str]
    secret_keys: tuple[str, ...]


def read_project(root: Path, stack: str, overrides: Mapping[str, str]) -> Project:
    """Read a project.

    Raises:
        EngineError: a file is missing or unreadable, the runtime is not Python, or a declared setting has no value.
    """
    described = _yaml(root / "Pulumi.yaml")
    name = described.get("name")
    runtime = described.get("runtime")
    language = runtime.get("name") if isinstance(runtime, dict) else runtime
    if not isinstance(name, str) or language != "python":
        raise EngineError(f"{root / 'Pulumi.yaml'} must have a name and the runtime python, not {language!r}")
    main = root / str(described.get("main", "."))
    if not main.exists():
        raise EngineError(f"{root / 'Pulumi.yaml'} says main: {described['main']}, which does not exist")
    stack_file = root / f"Pulumi.{stack}.yaml"
    if not stack_file.exists():
        known = sorted(path.name.split(".")[1] for path in root.glob("Pulumi.*.yaml"))
        raise EngineError(f"stack {stack} has no {stack_file.name}; there is one for: {', '.join(known) or 'none'}")
    values = {_full_key(name, key): value for key, value in (_yaml(stack_file).get("config") or {}).items()}
    values |= overrides
    _add_declared(name, stack, described.get("config") or {}, values)
    return Project(
        root=root,
        name=name,
        stack=stack,
        folder=main if main.is_dir() else main.parent,
        entry=main,
        config={key: _text(value) for key, value in values.items()},
        secret_keys=tuple(key for key, value in values.items() if _is_secure(value)),
    )


def _yaml(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text()) or {}
    except (OSError, yaml.YAMLError) as error:
        raise EngineError(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict):
        raise EngineError(f"{path} must be a mapping")
    return found


def _full_key(project: str, key: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _add_declared(project: str, stack: str, declared: Mapping[str, Any], values: dict[str, Any]) -> None:
    """Check the values that Pulumi.yaml declares against their types; fill in its defaults."""
    for key, schema in declared.items():
        full = _full_key(project, key)
        if not isinstance(schema, dict):
            values.setdefault(full, schema)
            continue
        default = schema.get("value", schema.get("default"))
        if full not in values and default is None:
            raise EngineError(f"stack {stack} is missing the configuration value {full}, which Pulumi.yaml declares")
        values.setdefault(full, default)
        _check_type(stack, full, schema.get("type"), values[full])


def _check_type(stack: str, key: str, kind: object, value: object) -> None:
    text = _text(value)
    is_valid = {
        "integer": text.lstrip("-").isdigit(),
        "boolean": text in {"true", "false"},
        "array": text.startswith("["),
    }
    if isinstance(kind, str) and not is_valid.get(kind, True):
        raise EngineError(f"stack {stack}: the configuration value {key} is {text!r}, but Pulumi.yaml declares {kind}")


def _text(value: object) -> str:
    """A value as Pulumi hands it to the program."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict) and set(value) == {"secure"}:
        return str(value["secure"])
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _is_secure(value: object) -> bool:
    if isinstance(value, dict):
        return "secure" in value or any(_is_secure(item) for item in value.values())
    return isinstance(value, list) and any(_is_secure(item) for item in value)
