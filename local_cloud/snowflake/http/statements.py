"""Statements in flight: running, polled, aborted, and answered."""

from __future__ import annotations

import threading
import uuid
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.http import rowtype, wire
from local_cloud.snowflake.query import batches, execute
from local_cloud.snowflake.results import Result
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

# Rows in the answer itself; the rest is fetched in chunks, several at once. Measured on 1 M rows of 10 columns:
# larger chunks are not faster and cost the server their size in memory for each fetching thread.
_INLINE_ROWS = 2_000
_CHUNK_ROWS = 50_000
_KEPT = 2_000

# https://github.com/snowflakedb/snowflake-jdbc, SFStatementType: clients count rows and fetch by these.
_SELECT, _DDL = 0x1000, 0x6000
_STATEMENT_TYPES = {
    "SELECT": _SELECT,
    "WITH": _SELECT,
    "INSERT": 0x3100,
    "UPDATE": 0x3200,
    "DELETE": 0x3300,
    "MERGE": 0x3400,
    "COPY": 0x3600,
    "USE": 0x4300,
    "SHOW": 0x4400,
    "DESCRIBE": 0x4500,
    "DESC": 0x4500,
    "BEGIN": 0x5000,
    "COMMIT": 0x5000,
    "ROLLBACK": 0x5000,
    "CREATE": _DDL,
    "ALTER": _DDL,
    "DROP": _DDL,
    "TRUNCATE": _DDL,
    "GRANT": _DDL,
    "REVOKE": _DDL,
}
_COUNTED = frozenset({0x3100, 0x3200, 0x3300, 0x3400})


@dataclass
class Asked:
    """One statement as a client sent it.

    Attributes:
        batch: rows of bound values when the client binds arrays, else None.
        json: whether the client wants JSON rowsets instead of Arrow.
        answer: the finished result, or the error.
    """

    query_id: str
    session: Session
    statement: Statement
    batch: list[tuple[object, ...]] | None
    json: bool
    describe_only: bool
    answer: Future[Result] = field(default_factory=Future)

    @property
    def statement_type(self) -> int:
        words = self.statement.text.lstrip("( \t\r\n").split(None, 1)
        return _STATEMENT_TYPES.get(words[0].upper(), 0) if words else 0

    def run(self) -> Result:
        if self.describe_only:
            return batches.describe(self.session, self.statement)
        if self.batch is not None:
            return batches.run(self.session, self.statement, self.batch, self.query_id)
        return execute.run_statement(self.session, self.statement, self.query_id)


class Desk:
    """Runs statements on threads, so that clients may poll, abort and fetch while they run."""

    def __init__(self, workers: int = 32) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="statement")
        self._lock = threading.Lock()
        self._asked: OrderedDict[str, Asked] = OrderedDict()
        self._requests: dict[str, str] = {}

    def submit(self, asked: Asked, request_id: str | None) -> Asked:
        """Start a statement; a request that a client repeats after a lost answer is the first one again."""
        with self._lock:
            if request_id and (known := self._requests.get(request_id)) and known in self._asked:
                return self._asked[known]
            self._asked[asked.query_id] = asked
            if request_id:
                self._requests[request_id] = asked.query_id
            self._forget_old()
        self._pool.submit(self._run, asked)
        return asked

    def find(self, query_id: str) -> Asked | None:
        with self._lock:
            return self._asked.get(query_id)

    def abort(self, request_id: str) -> bool:
        """Interrupt a running statement; False when it is unknown or over."""
        with self._lock:
            asked = self._asked.get(self._requests.get(request_id, ""))
        return asked is not None and self.interrupt(asked)

    def interrupt(self, asked: Asked) -> bool:
        if asked.answer.done():
            return False
        asked.session.connection.interrupt()
        return True

    def close(self) -> None:
        with self._lock:
            running = [asked for asked in self._asked.values() if not asked.answer.done()]
        for asked in running:
            asked.session.connection.interrupt()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, asked: Asked) -> None:
        try:
            asked.answer.set_result(asked.run())
        except BaseException as error:  # the waiting request raises it again
            asked.answer.set_exception(error)

    def _forget_old(self) -> None:
        while len(self._asked) > _KEPT:
            old = next(iter(self._asked))
            if not self._asked[old].answer.done():
                return
            del self._asked[old]
            self._requests = {request: query for request, query in self._requests.items() if query != old}


def new_query_id() -> str:
    return str(uuid.uuid4())


def answer(asked: Asked, base_url: str) -> dict[str, Any]:
    """The response document of a finished statement; `base_url` is where the client reaches this server."""
    try:
        result = asked.answer.result(timeout=0)
    except SnowflakeError as error:
        return failure(error, asked.query_id)
    session = asked.session
    data: dict[str, Any] = {
        "parameters": [{"name": "TIMEZONE", "value": session.parameters.get("TIMEZONE", "UTC")}],
        "queryId": asked.query_id,
        "statementTypeId": asked.statement_type,
        "finalDatabaseName": session.database,
        "finalSchemaName": session.schema,
        "finalWarehouseName": session.warehouse,
        "finalRoleName": session.role,
        "sqlState": "00000",
    }
    if result.payload is not None:
        data |= _payload(result.payload, base_url)
    else:
        data |= _rows(asked, result, base_url)
    return {"data": data, "code": None, "message": None, "success": True}


def failure(error: SnowflakeError, query_id: str | None = None) -> dict[str, Any]:
    code = f"{error.errno:06d}"
    data = {"errorCode": code, "sqlState": error.sqlstate, "queryId": query_id, "internalError": False}
    return {"data": data, "code": code, "message": error.message, "success": False}


def chunk(table: pa.Table, number: int, json: bool) -> bytes | list[list[str | None]]:
    """Rows of one chunk after the inline ones, by number from 0."""
    rows = wire.normal(table.slice(_INLINE_ROWS + number * _CHUNK_ROWS, _CHUNK_ROWS))
    return wire.to_rowset(rows) if json else wire.to_arrow(rows, rowtype.describe(rows.schema))


def _rows(asked: Asked, result: Result, base_url: str) -> dict[str, Any]:
    counted = asked.statement_type in _COUNTED
    first = wire.normal(result.table.slice(0, _INLINE_ROWS))
    columns = rowtype.describe(first.schema)
    as_json = asked.json or counted
    total = result.table.num_rows
    document: dict[str, Any] = {
        "rowtype": columns,
        "total": total,
        "returned": total,
        "queryResultFormat": "json" if as_json else "arrow",
    }
    if as_json:
        document["rowset"] = wire.to_rowset(first)
    else:
        # An empty string, not an empty stream, is how the service says that there are no rows.
        document["rowsetBase64"] = b64encode(wire.to_arrow(first, columns)).decode() if first.num_rows else ""
    if asked.describe_only:
        holders = [t for t in asked.statement.tokens if t.token_type.name == "PLACEHOLDER"]
        document |= {"numberOfBinds": len(holders), "arrayBindSupported": asked.statement_type == 0x3100}
    if total > _INLINE_ROWS:
        document |= _chunks(asked, result.table, "json" if as_json else "arrow", base_url)
    return document


def _chunks(asked: Asked, table: pa.Table, kind: str, base_url: str) -> dict[str, Any]:
    rest = table.num_rows - _INLINE_ROWS
    chunks = []
    for number, start in enumerate(range(0, rest, _CHUNK_ROWS)):
        count = min(_CHUNK_ROWS, rest - start)
        # Sizes steer a driver's memory, not correctness.
        size = max(1, table.nbytes * count // table.num_rows)
        url = f"{base_url}/results/{asked.query_id}/{kind}/{number}"
        chunks.append({"url": url, "rowCount": count, "uncompressedSize": size, "compressedSize": size})
    return {"chunks": chunks, "chunkHeaders": {}}


def _payload(payload: Any, base_url: str) -> dict[str, Any]:
    """A PUT's or GET's document; addresses on this server become absolute."""
    document = dict(payload)
    stage = dict(document.get("stageInfo") or {})
    for key in ("presignedUrl",):
        if str(stage.get(key) or "").startswith("/"):
            stage[key] = base_url + stage[key]
    if stage:
        document["stageInfo"] = stage
    urls: Sequence[str] = document.get("presignedUrls") or []
    if urls:
        document["presignedUrls"] = [base_url + url if url.startswith("/") else url for url in urls]
    return document
