"""Results that clients may still ask for: RESULT_SCAN, further chunks, asynchronous queries.

Small ones stay in memory; large ones are Arrow files under the spool folder, mapped back into memory, so that the
process does not grow with what it serves.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

import pyarrow as pa

from local_cloud.snowflake import errors

# Snowflake keeps results for 24 hours; the latest thousand are a generous day of work here.
_KEPT = 1000
_IN_MEMORY_BYTES = 1_000_000


class ResultStore:
    """The latest results by query id; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob("*.arrow"):
            left.unlink()
        self._lock = threading.Lock()
        self._tables: OrderedDict[str, pa.Table] = OrderedDict()

    def save(self, query_id: str, table: pa.Table) -> pa.Table:
        """Keep a result; returns the same rows, backed by a file when they are many."""
        if table.nbytes > _IN_MEMORY_BYTES:
            table = self._spool(query_id, table)
        with self._lock:
            self._tables[query_id] = table
            oldest = self._tables.popitem(last=False)[0] if len(self._tables) > _KEPT else None
        if oldest:
            self._path(oldest).unlink(missing_ok=True)
        return table

    def get(self, query_id: str) -> pa.Table:
        """Raises SnowflakeError 000709 when the result is not kept."""
        with self._lock:
            if query_id not in self._tables:
                raise errors.SnowflakeError(709, "02000", f"Statement {query_id} not found")
            return self._tables[query_id]

    def _spool(self, query_id: str, table: pa.Table) -> pa.Table:
        path = self._path(query_id)
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=65_536)
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_file(source).read_all()

    def _path(self, query_id: str) -> Path:
        return self._folder / f"{query_id}.arrow"
