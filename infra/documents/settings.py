"""`docs/settings.md`: every key of a stack's settings, from the model that checks them."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from snowflake_objects.settings import Settings

_INTRODUCTION = """# Settings of a stack

Made by `make docs` from `snowflake_objects/settings.py` and `sections.py`; edit those. `Pulumi.<stack>.yaml` holds the
values, each key after `customer360:`, groups as mappings. Set one without editing the file:

```sh
pulumi config set --stack dev --path 'customer360:warehouses.ml.size' MEDIUM
```

A bad value, an unknown key within a group and a missing key are refused before anything is registered, in one sentence
each. Credentials are no settings: they come from the environment (`docs/deploy.md`).
"""
_KINDS = {str: "text", int: "whole number", float: "number", bool: "true or false"}


@dataclass(frozen=True)
class Key:
    """One setting, as its row says it."""

    path: str
    kind: str
    default: str
    allowed: str
    meaning: str

    def row(self) -> str:
        cells = (f"`{self.path}`", self.kind, self.default, self.allowed, self.meaning)
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def keys(model: type[BaseModel] = Settings, prefix: str = "", example: BaseModel | None = None) -> Iterator[Key]:
    """Every setting of a model and its groups, in the order of the model.

    Args:
        example: a group whose values are the defaults, where its owner says others than its class.
    """
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            group = getattr(example, name) if example else field.default
            yield from keys(field.annotation, f"{path}.", None if group is PydanticUndefined else group)
        else:
            default = getattr(example, name) if example else field.default
            yield Key(
                path, _kind(field), _default(default), _allowed(field), " ".join((field.description or "").split())
            )


def settings_document() -> str:
    """The document."""
    lines = [_INTRODUCTION]
    groups: dict[str, list[Key]] = {}
    for key in keys():
        groups.setdefault(key.path.split(".")[0] if "." in key.path else "", []).append(key)
    for group, rows in groups.items():
        lines.append(f"## {f'`{group}`' if group else 'The stack'}\n")
        if group:
            lines.append(_about(group) + "\n")
        lines += [
            "| key | type | default | allowed | meaning |",
            "|---|---|---|---|---|",
            *(row.row() for row in rows),
            "",
        ]
    return "\n".join(lines)


def _about(group: str) -> str:
    fields = {field.alias: field for field in Settings.model_fields.values()}
    return " ".join((fields[group].annotation.__doc__ or "").split()) if fields[group].annotation else ""


def _kind(field: FieldInfo) -> str:
    kinds = list(_plain(field.annotation))
    origin = typing.get_origin(kinds[0])
    if origin in (tuple, dict):
        return "list of texts" if origin is tuple else "texts by key"
    return "text" if origin is typing.Literal else _KINDS[kinds[0]]


def _plain(annotation: Any) -> Iterator[Any]:
    """The types behind `Annotated[...]` and `... | None`."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _plain(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for each in typing.get_args(annotation):
            yield from _plain(each)
    elif annotation is not type(None):
        yield annotation


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "must be set"
    if value is None:
        return "none"
    return f"`{json.dumps(value)}`"


def _allowed(field: FieldInfo) -> str:
    found = [text for each in [*field.metadata, *_constraints(field.annotation)] if (text := _constraint(each))]
    for each in _plain(field.annotation):
        if typing.get_origin(each) is typing.Literal:
            found.append(", ".join(f"`{value}`" for value in typing.get_args(each)))
    return "; ".join(found)


def _constraints(annotation: Any) -> Iterator[Any]:
    """What `Annotated` says of a type, or of the members of a list or union."""
    if typing.get_origin(annotation) is typing.Annotated:
        inner, *said = typing.get_args(annotation)
        yield from said
        yield from _constraints(inner)
    elif typing.get_origin(annotation) is not typing.Literal:
        for each in typing.get_args(annotation):
            yield from _constraints(each)


def _constraint(said: Any) -> str:
    if isinstance(said, FieldInfo):
        return "; ".join(filter(None, map(_constraint, said.metadata)))
    if isinstance(said, StringConstraints):
        longest = f", at most {said.max_length} characters" if said.max_length else ""
        return f"matches `{said.pattern}`{longest}"
    bounds = {
        Ge: ("ge", "{} or more"),
        Gt: ("gt", "more than {}"),
        Le: ("le", "{} or less"),
        Lt: ("lt", "less than {}"),
    }
    for kind, (attribute, text) in bounds.items():
        if isinstance(said, kind):
            return text.format(getattr(said, attribute))
    if isinstance(said, MinLen):
        return f"at least {said.min_length} entries"
    return f"at most {said.max_length} entries" if isinstance(said, MaxLen) else ""
