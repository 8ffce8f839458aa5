"""The histories of tasks and alerts: one row for each run, in a SQLite file of their own.

Not in the catalog: a catalog's commit waits for the disk, which is right for objects and too slow for a run every
minute of a simulated month. Here a run that had just ended may be missing after the machine (not the process) died.
"""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local_cloud.snowflake.account import Account

_TASK_RUNS = (
    "query_id, name, query_text, condition_text, state, error_code, error_message, scheduled_time, query_start_time, "
    "completed_time, root_task, root_task_id, graph_version, run_id, return_value, scheduled_from, attempt_number, "
    "config, graph_run_group_id"
)
_ALERT_RUNS = (
    "name, condition, condition_query_id, action, action_query_id, error_code, error_message, state, scheduled_time, "
    "query_start_time, completed_time, scheduled_from"
)
_TABLES = {"task_runs": _TASK_RUNS, "alert_runs": _ALERT_RUNS}


class Runs:
    """Rows as dictionaries with lower-case column names; moments are ISO texts in UTC that sort.

    Safe to share between threads.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=normal")
        for table, columns in _TABLES.items():
            self._db.execute(f"create table if not exists {table} (id integer primary key, {columns})")
            self._db.execute(f"create index if not exists {table}_by_time on {table} (scheduled_time)")
            # What ran when the process was killed: its statements were rolled back.
            self._db.execute(
                f"update {table} set state = 'FAILED', error_message = 'The local cloud ended during this run.' "
                "where state = 'EXECUTING'"
            )

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def add(self, table: str, row: dict[str, Any]) -> int:
        columns, holes = ", ".join(row), ", ".join("?" * len(row))
        with self._lock:
            done = self._db.execute(f"insert into {table} ({columns}) values ({holes})", list(row.values()))
        return int(done.lastrowid or 0)

    def change(self, table: str, number: int, changes: dict[str, Any]) -> None:
        settings = ", ".join(f"{column} = ?" for column in changes)
        with self._lock:
            self._db.execute(f"update {table} set {settings} where id = ?", [*changes.values(), number])

    def row(self, table: str, number: int) -> dict[str, Any]:
        """One row by the number that `add` gave."""
        with self._lock:
            return dict(self._db.execute(f"select * from {table} where id = ?", [number]).fetchone())

    def between(self, table: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
        """Rows scheduled from `start` to `end`, the latest first."""
        with self._lock:
            found = self._db.execute(
                f"select * from {table} where scheduled_time between ? and ? order by scheduled_time desc, id desc",
                [moment(start), moment(end)],
            ).fetchall()
        return [dict(row) for row in found]

    def latest(self, table: str, column: str, value: str, states: tuple[str, ...] = ()) -> dict[str, Any] | None:
        """The latest row with that value in a column, and with one of the states if any are given."""
        chosen = f"and state in ({', '.join('?' * len(states))})" if states else ""
        with self._lock:
            row = self._db.execute(
                f"select * from {table} where {column} = ? {chosen} order by id desc limit 1",
                [value, *states],
            ).fetchone()
        return dict(row) if row else None

    def of_group(self, group: str) -> list[dict[str, Any]]:
        """All task runs of one run of a graph with its retries, in the order in which they started."""
        with self._lock:
            found = self._db.execute(
                "select * from task_runs where graph_run_group_id = ? order by id", [group]
            ).fetchall()
        return [dict(row) for row in found]


def moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


_opened: dict[str, Runs] = {}
_lock = threading.Lock()


def of(account: Account) -> Runs:
    """The account's histories; the file appears with the first use."""
    key = str(account.home)
    with _lock:
        if key not in _opened:
            _opened[key] = Runs(account.home / "work.sqlite")
        return _opened[key]


def close(account: Account) -> None:
    with _lock:
        opened = _opened.pop(str(account.home), None)
    if opened:
        opened.close()
