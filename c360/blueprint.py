"""A plan of everything as text to review: by component, each object with what it needs, its inputs, DDL and policies.

The text depends on the program and its settings alone: the same plan is always the same text, so that a golden file's
diff shows what a change to the program does to a stack.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from local_cloud.engine import Plan, Step

_MOST_NAMES = 6
_NOISE = {"__provider", "tagsAll"}
_DIGEST = re.compile(r"^[0-9a-f]{64}$")


def render(plan: Plan, title: str) -> str:
    """The whole plan, ending in a line feed."""
    steps = {step.urn: step for step in plan.steps}
    groups: dict[str, list[Step]] = defaultdict(list)
    for step in plan.steps:
        if not _is_component(step):
            groups[_component(step.urn)].append(step)
    objects = sum(map(len, groups.values()))
    lines = [f"# {title}: {objects} objects in {len(groups)} groups", ""]
    for name in sorted(groups):
        lines.append(f"## {name}")
        for step in sorted(groups[name], key=lambda each: (each.type, each.name)):
            lines += _object(step, steps)
        lines.append("")
    lines.append("## Outputs")
    lines += [f"{key}: {_text(value)}" for key, value in sorted(plan.outputs.items())]
    return "\n".join(lines) + "\n"


def _is_component(step: Step) -> bool:
    return step.type.startswith("customer360:")


def _component(urn: str) -> str:
    """The component around an object, such as `DataLake`."""
    parents = urn.split("::")[2].split("$")[:-1]
    return parents[-1].split(":")[-1] if parents else "The stack itself"


def _object(step: Step, steps: Mapping[str, Step]) -> Iterator[str]:
    if len(step.sql) == 1 and step.sql[0].startswith("GRANT "):
        yield f"+ {step.sql[0]};"
        return
    package, *_, kind = step.type.split(":")
    protected = ", protected" if step.protect else ""
    yield f"+ {package.removeprefix('pulumi-')} {kind} {step.name}{protected}"
    needs = list(_needs(step, steps))
    if needs:
        yield f"    needs: {', '.join(needs)}"
    if step.replace_with:
        yield f"    replaced with: {', '.join(sorted(urn.split('::')[3] for urn in step.replace_with))}"
    if step.sql:
        yield from (f"    {line}" for statement in step.sql for line in f"{statement};".splitlines())
    else:
        yield from _inputs(step)


def _inputs(step: Step) -> Iterator[str]:
    for change in sorted(step.changes, key=lambda each: each.path):
        if change.path in step.documents:
            yield f"    {change.path}:"
            yield from (f"      {line}" for line in _document(step.documents[change.path]))
        elif isinstance(change.new, list) and any(isinstance(each, Mapping) for each in change.new):
            yield f"    {change.path}:"
            yield from (f"      - {_text(each)}" for each in change.new)
        elif isinstance(change.new, Mapping) and any(isinstance(each, list) for each in change.new.values()):
            yield f"    {change.path}:"
            yield from (f"      {key}: {_text(each)}" for key, each in sorted(change.new.items()))
        elif change.path not in _NOISE:
            yield f"    {change.path}: {_text(change.new)}"


def _document(text: str) -> list[str]:
    """A policy, one statement after the other; every key on a line of its own."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return [text]
    found = parsed.get("Statement")
    if found is None:
        return [f"{key}: {_text(value)}" for key, value in sorted(parsed.items())]
    lines = []
    for statement in found if isinstance(found, list) else [found]:
        lines.append(f"{statement['Effect']} {statement.get('Sid', '')}".rstrip())
        for key, value in sorted(statement.items()):
            if key not in ("Effect", "Sid"):
                lines += [f"  {key}: {_text(each)}" for each in (value if isinstance(value, list) else [value])]
    return lines


def _text(value: Any) -> str:
    """A value in one line; digests of files, which change with every edit, as their number."""
    if isinstance(value, Mapping) and value and all(_DIGEST.match(str(each)) for each in value.values()):
        return "the files' digests"
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) and "\n" not in value else json.dumps(value, sort_keys=True, default=str)


def _needs(step: Step, steps: Mapping[str, Step]) -> Iterator[str]:
    """What comes right before: needs of needs are left out, many of one component are summed up."""
    direct = {urn for urn in step.dependencies if urn in steps and not _is_component(steps[urn])}
    nearest = direct - {urn for each in direct for urn in _reachable(each, steps)}
    by_component = Counter(map(_component, nearest))
    summed = {component for component, count in by_component.items() if count > _MOST_NAMES}
    yield from sorted(urn.split("::")[3] for urn in nearest if _component(urn) not in summed)
    yield from (f"{by_component[component]} of {component}" for component in sorted(summed))


def _reachable(urn: str, steps: Mapping[str, Step]) -> set[str]:
    seen: set[str] = set()
    queue = [each for each in steps[urn].dependencies if each in steps]
    while queue:
        each = queue.pop()
        if each not in seen:
            seen.add(each)
            queue += [other for other in steps[each].dependencies if other in steps]
    return seen
