"""What changed between two sets of inputs, property by property."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from local_cloud.engine.model import PropertyDiff
from local_cloud.engine.values import Properties, Secret, reveal, shown

SameValue = Callable[[str, Any, Any], bool]


def changed_keys(old: Properties, new: Properties, same: SameValue) -> set[str]:
    """Top-level inputs that differ; a value that is unknown now may have changed, so it has."""
    return {key for key in old.keys() | new.keys() if not _equal(key, old.get(key), new.get(key), same)}


def _equal(key: str, old: Any, new: Any, same: SameValue) -> bool:
    plain_old, plain_new = reveal(old), reveal(new)
    if plain_old == plain_new:
        return True
    if plain_old is None or plain_new is None:
        return False
    return same(key, plain_old, plain_new)


def describe(
    old: Properties, new: Properties, keys: Iterable[str], replacing: Iterable[str] = ()
) -> list[PropertyDiff]:
    """The differences of some top-level inputs, nested values apart."""
    replaced, found = set(replacing), []
    for key in sorted(keys):
        for path, before, after in _leaves(key, old.get(key), new.get(key)):
            found.append(PropertyDiff(path, shown(before), shown(after), key in replaced))
    return found


def _leaves(path: str, old: Any, new: Any) -> Iterable[tuple[str, Any, Any]]:
    if isinstance(old, Secret) or isinstance(new, Secret):
        old, new = (Secret(value) if value is not None else None for value in (old, new))
        yield path, old, new
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) != new.get(key):
                yield from _leaves(f"{path}.{key}", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            if before != after:
                yield from _leaves(f"{path}[{index}]", before, after)
    else:
        yield path, old, new


def path_parts(path: str) -> list[str]:
    """`a.b[0]["c d"]` -> a, b, 0, `c d`. https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/"""
    return [
        plain or index or quoted
        for plain, index, quoted in re.findall(r'([^.\[\]"]+)|\[(\d+|\*)\]|\["([^"]*)"\]', path)
    ]


def with_ignored(old: Properties, new: Properties, paths: Iterable[str]) -> Properties:
    """The new inputs, keeping the old value of every path in `ignore_changes`; `*` stands for all of a level."""
    result: Any = new
    for path in paths:
        result = _keep(path_parts(path), old, result)
    return dict(result)


def _keep(parts: list[str], old: Any, new: Any) -> Any:
    if not parts:
        return old
    head, rest = parts[0], parts[1:]
    if isinstance(new, list) and isinstance(old, list):
        places = range(len(new)) if head == "*" else [int(head)] if head.isdigit() else []
        return [
            _keep(rest, old[place], value) if place in places and place < len(old) else value
            for place, value in enumerate(new)
        ]
    if not isinstance(new, dict) or not isinstance(old, dict):
        return new
    names = old.keys() | new.keys() if head == "*" else {head}
    kept = {name: _keep(rest, old.get(name), new.get(name)) for name in names}
    return {key: value for key, value in {**new, **kept}.items() if value is not None}


def touches(path: str, old: Properties, new: Properties, keys: set[str]) -> bool:
    """Whether a path of `replace_on_changes` changed; `*` matches everything."""
    parts = path_parts(path)
    if not parts or parts[0] == "*":
        return bool(keys)
    return parts[0] in keys and _at(parts, old) != _at(parts, new)


def _at(parts: list[str], value: Any) -> Any:
    for part in parts:
        if part == "*":
            return value
        if isinstance(value, list) and part.isdigit():
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value
