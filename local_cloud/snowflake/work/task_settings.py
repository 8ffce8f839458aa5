"""Parameters of tasks as they count for a task: its own setting, or that of its schema, database or account.

https://docs.snowflake.com/en/sql-reference/parameters
"""

from __future__ import annotations

from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.objects.parameters import PARAMETERS, Levels, above


def levels(account: Account, task: Entry) -> Levels:
    """(level, what is set there), the task first."""
    return [("TASK", {**task.document["PARAMETERS"], **task.document}), *above(account, task.name)]


def number(account: Account, task: Entry, name: str) -> int:
    """The value of a parameter that is a number."""
    found = (values.get(name) for _, values in levels(account, task))
    return int(next((value for value in found if value is not None), PARAMETERS[name].default))
