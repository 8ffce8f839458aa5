"""Tasks that run after each other: roots, children, finalizers, and the order in which they run.

https://docs.snowflake.com/en/user-guide/tasks-graphs
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.snowflake import errors
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry

MOST_RELATIVES, MOST_TASKS = 100, 1000
SUCCEEDED, FAILED, SKIPPED = "SUCCEEDED", "FAILED", "SKIPPED"


@dataclass(frozen=True)
class Graph:
    """One root with everything that follows it. `children` are in an order in which they can run."""

    root: Entry
    children: list[Entry]
    finalizer: Entry | None


def graph_of(account: Account, root: Entry) -> Graph:
    tasks = _tasks(account, root.name)
    finalizer = next((task for task in tasks.values() if task.document["FINALIZE"] == root.name), None)
    return Graph(root, [tasks[name] for name in ordered(tasks, root.name)[1:]], finalizer)


def ordered(tasks: Mapping[str, Entry], root: str) -> list[str]:
    """The root and its descendants, each after all of its predecessors that descend from the root too."""
    reached, waiting = {root}, [root]
    while waiting:
        current = waiting.pop()
        for name, task in tasks.items():
            if current in task.document["AFTER"] and name not in reached:
                reached.add(name)
                waiting.append(name)
    done, left = [root], sorted(reached - {root})
    while left:
        ready = [name for name in left if all(p in done or p not in reached for p in tasks[name].document["AFTER"])]
        done += ready
        left = [name for name in left if name not in ready]
    return done


def roots_of(account: Account, task: Entry) -> list[Entry]:
    """The roots above a task; a root's own is itself."""
    tasks, found, waiting, seen = _tasks(account, task.name), {}, [task.name], set()
    while waiting:
        name = waiting.pop()
        above = _above(tasks[name]) if name in tasks else []
        if name in seen or name not in tasks:
            continue
        seen.add(name)
        waiting += above
        if not any(parent in tasks for parent in above):
            found[name] = tasks[name]
    return list(found.values())


def is_root(task: Entry) -> bool:
    return not _above(task)


def outcome(task: Entry, tasks: Mapping[str, Entry], states: Mapping[str, str]) -> str | None:
    """What becomes of a child before it is asked for its condition: SKIPPED, or None when it may run.

    A suspended predecessor counts as if it had succeeded, unless all are suspended: https://docs.snowflake.com/en/
    user-guide/tasks-graphs#skip-or-suspend-a-child-task
    """
    resumed = [name for name in task.document["AFTER"] if name in tasks and _runs(tasks[name], states)]
    if not resumed:
        return SKIPPED
    return None if all(states.get(name) == SUCCEEDED for name in resumed) else SKIPPED


def _runs(task: Entry, states: Mapping[str, str]) -> bool:
    """The root runs when its graph does, also by EXECUTE TASK while it is suspended."""
    return is_root(task) or task.document["STATE"] == "started" or task.name in states


def check_links(account: Account, name: str, document: Mapping[str, Any]) -> None:
    """Refuse predecessors that are missing, in another schema, too many, or would close a circle.

    Raises:
        SnowflakeError: 002003 missing; 091422 to 091425 (numbers ours) the others.
    """
    tasks = _tasks(account, name)
    above = [*document["AFTER"], *([document["FINALIZE"]] if document["FINALIZE"] else [])]
    for parent in above:
        if parent.rpartition(".")[0] != name.rpartition(".")[0]:
            raise _wrong(91422, f"Task {name} and its predecessor {parent} must be in the same schema.")
        if parent not in tasks:
            raise errors.does_not_exist("Task", parent)
        siblings = [task for task in tasks.values() if parent in task.document["AFTER"] and task.name != name]
        if len(siblings) >= MOST_RELATIVES or len(document["AFTER"]) > MOST_RELATIVES:
            raise _wrong(91423, f"A task may have at most {MOST_RELATIVES} predecessors and {MOST_RELATIVES} children.")
        if name in (_ancestors(tasks, parent) | {parent}):
            raise _wrong(91424, f"Task {name} cannot run after {parent}, which runs after it.")
    if document["SCHEDULE"] and above:
        raise _wrong(91425, f"Task {name} cannot have both a schedule and predecessors.")


def _ancestors(tasks: Mapping[str, Entry], name: str) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        fresh = set(_above(tasks[current])) - found if current in tasks else set()
        found |= fresh
        waiting += fresh
    return found


def require_suspended(account: Account, task: Entry) -> None:
    """Raise 091421 when a root above the task (or the task itself) is started: its graph cannot change now."""
    for root in roots_of(account, task):
        if root.document["STATE"] == "started":
            raise errors.SnowflakeError(
                91421,
                "22000",
                f"Unable to update graph with root task {root.name} since that root task is not suspended.",
            )


def _wrong(number: int, sentence: str) -> errors.SnowflakeError:
    return errors.SnowflakeError(number, "22000", sentence)


def _above(task: Entry) -> list[str]:
    finalized = task.document["FINALIZE"]
    return [*task.document["AFTER"], *([finalized] if finalized else [])]


def _tasks(account: Account, name: str) -> dict[str, Entry]:
    """All tasks of a task's schema: a graph never leaves it."""
    return {task.name: task for task in account.catalog.list("task", f"{name.rpartition('.')[0]}.")}
