"""When what runs: a thread that sleeps until the next task or alert is due, or until something changes.

It starts with the first task or alert that is resumed or executed, so that an account without any costs nothing. While
the clock is held it does nothing by itself; `advance` then runs what is due, in the order of the schedules.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from local_cloud.snowflake import clock
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.work import alert_runs, schedule, task_graph, task_runs, task_settings

_LOG = logging.getLogger(__name__)

# Runs at the same time, of different graphs or alerts.
_WORKERS = 4
# Wall clocks jump and machines sleep: look again at least so often.
_LONGEST_SLEEP_SECONDS = 60.0


@dataclass
class Planned:
    """`key` changes when a schedule does, or when its task is suspended and resumed; `due` is then worked out anew."""

    key: tuple[str, str]
    due: datetime


class Scheduler:
    """One account's schedules."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.clock = clock.of(account)
        self._lock = threading.RLock()
        self._advancing = threading.Lock()
        self._plan: dict[tuple[str, str], Planned] = {}
        self._changed = threading.Event()
        self._stopping = False
        self._queue: deque[Callable[[], object]] = deque()
        self._running: set[str] = set()
        self._thread: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None

    # -- life

    def wake(self) -> None:
        """Something changed: look at all schedules again."""
        with self._lock:
            if self._stopping:
                return
            self._changed.set()
            if self._thread is None and (self._queue or self._entries()):
                self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="task")
                self._thread = threading.Thread(target=self._run, name="task-scheduler", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Start nothing more and wait for what runs."""
        with self._lock:
            self._stopping = True
            self._changed.set()
        if self._thread:
            self._thread.join(timeout=10)
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, work: Callable[[], object]) -> None:
        """Run something as soon as a worker is free, also while the clock is held."""
        self._queue.append(work)
        self.wake()

    # -- plan

    def _entries(self) -> dict[tuple[str, str], Entry]:
        """All started root tasks and alerts with a schedule or a condition on a stream."""
        catalog = self.account.catalog
        found = {
            ("task", task.name): task
            for task in catalog.list("task")
            if task.document["STATE"] == "started"
            and task_graph.is_root(task)
            and (task.document["SCHEDULE"] or task.document["WHEN"])
        }
        alerts = [alert for alert in catalog.list("alert") if alert.document["STATE"] == "started"]
        return found | {("alert", alert.name): alert for alert in alerts if alert.document["SCHEDULE"]}

    def _replan(self) -> dict[tuple[str, str], Entry]:
        entries, now = self._entries(), self.clock.now()
        with self._lock:
            self._plan = {name: plan for name, plan in self._plan.items() if name in entries}
            for name, entry in entries.items():
                key = (str(entry.document["SCHEDULE"]), str(entry.document["RESUMED_ON"]))
                known = self._plan.get(name)
                if (known is None or known.key != key) and (due := _first(self.account, entry, now)):
                    self._plan[name] = Planned(key, due)
            if self.clock.held:
                self._plan = {name: plan for name, plan in self._plan.items() if entries[name].document["SCHEDULE"]}
        return entries

    def _take_due(self, until: datetime) -> tuple[datetime, list[Entry]] | None:
        """The earliest moment up to `until` at which something is due, with all that is; they are planned again."""
        entries = self._replan()
        with self._lock:
            due = min((plan.due for plan in self._plan.values()), default=None)
            if due is None or due > until:
                return None
            taken = [entries[name] for name, plan in sorted(self._plan.items()) if plan.due == due]
            now = self.clock.now()
            for entry in taken:
                if after := _following(self.account, entry, due, now):
                    self._plan[entry.kind, entry.name].due = after
                else:
                    del self._plan[entry.kind, entry.name]
        return due, taken

    def next_runs(self) -> dict[tuple[str, str], datetime]:
        """When what runs next, by kind and full name."""
        self._replan()
        with self._lock:
            return {name: plan.due for name, plan in self._plan.items()}

    # -- real time

    def _run(self) -> None:
        while not self._stopping:
            self._changed.clear()
            try:
                self._start_due()
                pause = self._pause()
            except Exception:
                _LOG.exception("the scheduler could not look at its schedules")
                pause = 1.0
            if not self._queue and not self._stopping:
                self._changed.wait(pause)

    def _start_due(self) -> None:
        assert self._pool is not None
        while self._queue and not self._stopping:
            self._pool.submit(_logged, self._queue.popleft())
        while not self.clock.held and not self._stopping and (found := self._take_due(self.clock.now())):
            for entry in found[1]:
                self._pool.submit(_logged, partial(self.run, entry, found[0]))

    def _pause(self) -> float | None:
        """Seconds until the next run; None when only a change can bring one."""
        if self.clock.held:
            return None
        with self._lock:
            due = min((plan.due for plan in self._plan.values()), default=None)
        if due is None:
            return None
        return min(max((due - self.clock.now()).total_seconds(), 0.0), _LONGEST_SLEEP_SECONDS)

    # -- runs

    def run(self, entry: Entry, due: datetime) -> None:
        """One scheduled run. A task that still runs is left out unless it may overlap."""
        if entry.kind == "alert":
            with self._only_one(entry, overlap=False) as free:
                if free:
                    alert_runs.run(self.account, entry, due, alert_runs.SCHEDULE)
            return
        triggered = not entry.document["SCHEDULE"]
        if triggered and not task_runs.is_triggered(self.account, entry):
            return
        source = task_runs.TRIGGER if triggered else task_runs.SCHEDULE
        with self._only_one(entry, overlap=entry.document["ALLOW_OVERLAPPING_EXECUTION"]) as free:
            if free:
                task_runs.run_graph(self.account, entry, due, source)

    @contextmanager
    def _only_one(self, entry: Entry, *, overlap: bool) -> Iterator[bool]:
        """Holds the one place in which a task or alert runs; False when it is taken and may not be shared."""
        name = f"{entry.kind}|{entry.name}"
        with self._lock:
            free = name not in self._running
            self._running.add(name)
        try:
            yield free or overlap
        finally:
            if free:
                with self._lock:
                    self._running.discard(name)

    def alone(self, entry: Entry, work: Callable[[], object]) -> None:
        """Run something in the place of a task, so that no scheduled run of it begins meanwhile."""
        with self._only_one(entry, overlap=True):
            work()

    def advance(self, to: datetime) -> int:
        """Move a held clock to a moment, running all that is due until then in order; how many runs there were.

        Tasks without a schedule, which run when their stream has rows, are asked after each run and at the end.
        """
        count = 0
        with self._advancing:
            self.clock.hold()
            while found := self._take_due(to):
                due, entries = found
                self.clock.hold(max(due, self.clock.now()))
                for entry in entries:
                    self.run(entry, due)
                count += len(entries)
                self._run_triggered()
            self.clock.hold(max(to, self.clock.now()))
            self._run_triggered()
        return count

    def _run_triggered(self) -> None:
        for entry in self._entries().values():
            if not entry.document["SCHEDULE"]:
                self.run(entry, self.clock.now())


def _first(account: Account, entry: Entry, now: datetime) -> datetime | None:
    """The next run of what was started or found started: intervals count from the moment at which it was resumed."""
    return _following(account, entry, min(datetime.fromisoformat(entry.document["RESUMED_ON"]), now), now)


def _following(account: Account, entry: Entry, due: datetime, now: datetime) -> datetime | None:
    """The run after `due`. Those that were missed meanwhile, as by a machine that slept, are left out."""
    after = _next(account, entry, due)
    if after is None or after > now:
        return after
    if (text := entry.document["SCHEDULE"]) and (interval := schedule.parse(text).interval):
        return now + interval - (now - due) % interval
    return _next(account, entry, now)


def _next(account: Account, entry: Entry, after: datetime) -> datetime | None:
    if text := entry.document["SCHEDULE"]:
        return schedule.parse(text).next(after)
    seconds = task_settings.number(account, entry, "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS")
    return after + timedelta(seconds=seconds)


def _logged(work: Callable[[], object]) -> None:
    try:
        work()
    except Exception:
        _LOG.exception("a scheduled run failed inside the local cloud")


_schedulers: dict[str, Scheduler] = {}
_lock = threading.Lock()


def of(account: Account) -> Scheduler:
    with _lock:
        key = str(account.home)
        if key not in _schedulers:
            _schedulers[key] = Scheduler(account)
        return _schedulers[key]


def forget(account: Account) -> None:
    """Stop the account's scheduler."""
    with _lock:
        found = _schedulers.pop(str(account.home), None)
    if found:
        found.stop()


def wake(account: Account) -> None:
    of(account).wake()


def execute_task(account: Account, root: Entry, *, retry: bool, config: str | None) -> None:
    """Queue a run of a root; with `retry` its last run goes on where it failed. Schedules do not overlap it.

    Raises:
        SnowflakeError: 091429 (number ours) `retry` of a run that did not fail.
    """
    now = clock.of(account).now()
    if retry:
        task_runs.failed_run(account, root)
        of(account).submit(lambda: of(account).alone(root, lambda: task_runs.retry_last(account, root)))
    else:
        work = partial(task_runs.run_graph, account, root, now, task_runs.EXECUTED, config)
        of(account).submit(lambda: of(account).alone(root, work))


def execute_alert(account: Account, alert: Entry) -> None:
    now = clock.of(account).now()
    of(account).submit(lambda: alert_runs.run(account, alert, now, alert_runs.EXECUTED))
