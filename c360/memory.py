"""The largest resident memory that any one process of a run reached."""

from __future__ import annotations

import threading
from types import TracebackType

import psutil

_INTERVAL = 0.5


class MemoryWatch:
    """Samples this process, its children and further processes twice a second while it is open."""

    def __init__(self) -> None:
        self.peak_bytes = 0
        self._others: set[int] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)

    def include(self, pid: int) -> None:
        """Also watch a process that this one did not start, such as a local cloud found running."""
        self._others.add(pid)

    @property
    def peak_mb(self) -> int:
        return round(self.peak_bytes / 1e6)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_INTERVAL):
            self.peak_bytes = max([self.peak_bytes, *(_rss(pid) for pid in self._pids())])

    def _pids(self) -> set[int]:
        this = psutil.Process()
        return {this.pid, *(child.pid for child in this.children(recursive=True)), *self._others}


def _rss(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
