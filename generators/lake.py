"""Writes the whole lake under a folder: what is already there and belongs to the same settings stays."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from generators.campaign import PATH as CAMPAIGN_PATH
from generators.campaign import campaign_rows
from generators.customers import card_changes, change_rows, customers_table
from generators.files import remove_partial, write_csv_gz, write_json
from generators.history import HistoryFile, plan_history, write_file
from generators.manifest import MANIFEST
from generators.settings import GeneratorSettings
from generators.truth import CUSTOMERS as TRUTH_PATH
from generators.truth import write_truth
from generators.world import World, make_world

CUSTOMERS_PATH = "customers/customers.csv.gz"
_MEMORY_MB = 2_000
PARTS = ("customers", "changes", "campaign", "history")


@dataclass(frozen=True)
class Progress:
    """Where a run stands; rows of files that were there already count as done, but not for the speed."""

    rows_done: int
    rows_total: int
    files_done: int
    files_total: int
    rows_per_second: float
    seconds_left: float | None
    file: str


@dataclass
class Summary:
    """What is under the folder after a run: rows by file (path relative to it), and which files are new."""

    out: Path
    rows: dict[str, int] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def rows_under(self, prefix: str) -> int:
        return sum(rows for path, rows in self.rows.items() if path.startswith(prefix))

    @property
    def transactions(self) -> int:
        return self.rows_under("transactions/historical/")


def ignore_progress(_: Progress) -> None:
    """For callers who do not want to know."""


def generate(
    out: Path,
    settings: GeneratorSettings,
    progress: Callable[[Progress], None] = ignore_progress,
    *,
    workers: int | None = None,
    parts: tuple[str, ...] = PARTS,
) -> Summary:
    """Write the parts that are missing under `out`; the bytes do not depend on `workers` (default: `default_workers`).

    Files of other settings that an earlier run left there are removed first. Interrupted at any moment, only whole
    files remain, and the next run carries on. Raises OSError when the disk is full or the folder cannot be written.
    """
    started = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    remove_partial(out)
    manifest = _Manifest.open(out, settings)
    world = make_world(settings)
    history = plan_history(world) if "history" in parts else []
    summary = Summary(out)
    tracker = _Tracker(progress, summary, manifest, sum(file.rows for file in history), len(history))
    for path, write in _small_files(out, world, parts):
        tracker.small(path, write)
    missing = []
    for file in history:
        if manifest.has(file.path, file.rows):
            tracker.skip(file)
        else:
            missing.append(file)
    for file in _write_all(out, world, missing, workers or default_workers(settings.customers, os.cpu_count() or 1)):
        tracker.done(file)
    summary.seconds = time.monotonic() - started
    return summary


def default_workers(customers: int, cores: int) -> int:
    """One a core, at most 4, and no more than stay within 2 GB together: each holds all customers' parameters.

    Measured: 297 MB for the parent and 316 MB for a worker with 50,000 customers, 632 and 497 MB with 222,000.
    """
    thousands = customers / 1_000
    parent, worker = 200 + 1.95 * thousands, 270 + 1.05 * thousands
    return max(1, min(cores, 4, int((_MEMORY_MB - parent) / worker)))


def _small_files(out: Path, world: World, parts: tuple[str, ...]) -> Iterator[tuple[str, Callable[[], int]]]:
    """Everything but the history: path and how to write it (returns the number of rows)."""

    def truth() -> int:
        write_truth(out, world)
        return len(world.people)

    def table(path: str, make: Callable[[], Any]) -> int:
        rows = make()
        write_csv_gz(out / path, rows)
        return int(rows.num_rows)

    yield TRUTH_PATH, truth
    if "customers" in parts:
        yield CUSTOMERS_PATH, partial(table, CUSTOMERS_PATH, partial(customers_table, world.settings))
    if "changes" in parts:
        for changes in card_changes(world):
            yield changes.path, partial(table, changes.path, partial(change_rows, world, changes))
    if "campaign" in parts:
        yield CAMPAIGN_PATH, partial(table, CAMPAIGN_PATH, partial(campaign_rows, world))


def _write_all(out: Path, world: World, files: list[HistoryFile], workers: int) -> Iterator[HistoryFile]:
    """Yield each file when it is complete, in the order in which they become so."""
    if workers <= 1 or len(files) <= 1:
        for file in files:
            write_file(out, file, world)
            yield file
        return
    # Largest first, so that no worker is left alone with a large one at the end.
    ordered = sorted(files, key=lambda file: -file.rows)
    with _pool(min(workers, len(files)), world.settings) as pool:
        running: dict[Future[Path], HistoryFile] = {pool.submit(_work, out, file): file for file in ordered}
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                file = running.pop(future)
                future.result()
                yield file


@contextmanager
def _pool(workers: int, settings: GeneratorSettings) -> Iterator[ProcessPoolExecutor]:
    """Spawned, not forked: the caller may have threads. When it is interrupted, what was not begun is dropped."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(settings,))
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()


def _start_worker(settings: GeneratorSettings) -> None:
    # Ctrl-C reaches the whole process group: the parent decides, workers finish the file in hand.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker_world.append(make_world(settings))


_worker_world: list[World] = []


def _work(out: Path, file: HistoryFile) -> Path:
    return write_file(out, file, _worker_world[0])


class _Manifest:
    """Which files are complete, and for which settings; rewritten after each file."""

    def __init__(self, out: Path, parameters: dict[str, Any], files: dict[str, dict[str, int]]) -> None:
        self._out, self._parameters, self._files = out, parameters, files

    @classmethod
    def open(cls, out: Path, settings: GeneratorSettings) -> _Manifest:
        parameters = settings.parameters()
        try:
            stored = json.loads((out / MANIFEST).read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return cls(out, parameters, {})
        if stored["parameters"] == parameters:
            return cls(out, parameters, stored["files"])
        for path in stored["files"]:
            (out / path).unlink(missing_ok=True)
        return cls(out, parameters, {})

    def has(self, path: str, rows: int | None = None) -> bool:
        """Complete, of its old size, and of this many rows if that is known."""
        known = self._files.get(path)
        file = self._out / path
        if known is None or not file.is_file() or file.stat().st_size != known["bytes"]:
            return False
        return rows is None or known["rows"] == rows

    def rows(self, path: str) -> int:
        return self._files[path]["rows"]

    def add(self, path: str, rows: int) -> None:
        self._files[path] = {"rows": rows, "bytes": (self._out / path).stat().st_size}
        write_json(self._out / MANIFEST, {"parameters": self._parameters, "files": self._files})


class _Tracker:
    """Keeps summary, manifest and progress in step."""

    def __init__(
        self, report: Callable[[Progress], None], summary: Summary, manifest: _Manifest, rows: int, files: int
    ) -> None:
        self._report, self._summary, self._manifest = report, summary, manifest
        self._rows_total, self._files_total = rows, files
        self._rows = self._files = self._new_rows = 0
        self._started = time.monotonic()

    def small(self, path: str, write: Callable[[], int]) -> None:
        if self._manifest.has(path):
            self._summary.skipped.append(path)
        else:
            self._manifest.add(path, write())
            self._summary.written.append(path)
        self._summary.rows[path] = self._manifest.rows(path)
        self._tell(path)

    def skip(self, file: HistoryFile) -> None:
        self._summary.skipped.append(file.path)
        self._count(file)

    def done(self, file: HistoryFile) -> None:
        self._manifest.add(file.path, file.rows)
        self._summary.written.append(file.path)
        self._new_rows += file.rows
        self._count(file)

    def _count(self, file: HistoryFile) -> None:
        self._rows += file.rows
        self._files += 1
        self._summary.rows[file.path] = file.rows
        self._tell(file.path)

    def _tell(self, path: str) -> None:
        speed = self._new_rows / max(time.monotonic() - self._started, 1e-6)
        left = (self._rows_total - self._rows) / speed if speed > 0 else None
        self._report(Progress(self._rows, self._rows_total, self._files, self._files_total, speed, left, path))
