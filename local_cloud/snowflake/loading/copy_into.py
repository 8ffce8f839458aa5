"""COPY INTO <table>: which files, how they come here, and what the statement answers.

https://docs.snowflake.com/en/sql-reference/sql/copy-into-table
"""

from __future__ import annotations

import itertools
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.enforcement import relations, warehouse
from local_cloud.snowflake.loading import copy_statement, formats, history, ingest, projection, scan, stages, unload
from local_cloud.snowflake.loading.copy_statement import CopyIntoTable, OnError
from local_cloud.snowflake.loading.history import FileLoad, Target
from local_cloud.snowflake.loading.ingest import Outcome, Plan
from local_cloud.snowflake.loading.scan import LocalFile
from local_cloud.snowflake.loading.stages import Stage, StageFile
from local_cloud.snowflake.query import run
from local_cloud.snowflake.results import Result, rows, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

# Small files are read together; more would not be faster and would redo more when one of them is bad.
_BATCH_FILES = 64
_BATCH_BYTES = 32 * 1024 * 1024
# Large Parquet files are inserted several at once: one of 35 MB does not keep all cores busy to its end.
_DIRECT_FILES = 6
_DIRECT_BYTES = 256 * 1024 * 1024
# While one file is being inserted the next ones are on their way.
_DOWNLOADS = 2
_COLUMNS = [
    "file",
    "status",
    "rows_parsed",
    "rows_loaded",
    "error_limit",
    "errors_seen",
    "first_error",
    "first_error_line",
    "first_error_character",
    "first_error_column_name",
]
_STATUSES = {history.LOADED: "LOADED", history.PARTIAL: "PARTIALLY_LOADED", history.FAILED: "LOAD_FAILED"}

# One load at a time for each table, so that two COPYs never load the same file.
_locks: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
_locks_guard = threading.Lock()


@contextmanager
def table_lock(target: Target) -> Iterator[None]:
    with _locks_guard:
        lock = _locks[target.name]
    with lock:
        yield


@registry.statement("COPY INTO")
def copy_into(session: Session, statement: Statement) -> Result:
    """Both directions; the target of an unload is a stage."""
    if unload.is_unload(statement.text):
        return unload.run_unload(session, statement)
    copy = copy_statement.parse(statement.text)
    check(copy)
    plan, stage = prepare(session, copy, OnError("ABORT_STATEMENT"))
    warehouse.require(session)
    with table_lock(plan.target):
        loads = load(session, plan, stage, _files(copy, stage))
    if copy.option("PURGE"):
        _purge(stage, loads)
    return _answer(copy, stage, loads)


def check(copy: CopyIntoTable) -> None:
    if copy.option("VALIDATION_MODE"):
        raise errors.not_supported("COPY INTO with VALIDATION_MODE")
    if copy.select is not None and copy.option("MATCH_BY_COLUMN_NAME", "NONE") != "NONE":
        raise errors.compilation_error(2, "0A000", "match_by_column_name is not supported with copy transform.")
    if copy.option("INCLUDE_METADATA") and copy.option("MATCH_BY_COLUMN_NAME", "NONE") == "NONE":
        raise errors.compilation_error(2, "0A000", "INCLUDE_METADATA is only supported with MATCH_BY_COLUMN_NAME.")


def prepare(session: Session, copy: CopyIntoTable, on_error: OnError) -> tuple[Plan, Stage]:
    """Resolve everything that a COPY names.

    Args:
        on_error: what counts when the statement does not say.

    Raises:
        SnowflakeError: 002003 for a table, stage or file format that does not exist; 003167 for a broken trust.
    """
    target = Target(*session.qualify(*copy.table).split("."))
    table = projection.columns_of(session.connection, target)
    if not table:
        raise errors.does_not_exist("Table", target.name)
    relations.require(session, target.name, "INSERT")
    stage = stages.find(session, copy.stage)
    form = formats.resolve(session, copy.option("FILE_FORMAT"), stage.document)
    columns = projection.targets(copy, table)
    return Plan(copy, form, target, columns, copy.on_error or on_error), stage


def _files(copy: CopyIntoTable, stage: Stage) -> list[StageFile]:
    if named := copy.option("FILES"):
        prefix = copy.stage.path
        joined = [f"{prefix.rstrip('/')}/{name}" if prefix else name for name in named]
        found = [(path, stage.file(path)) for path in joined]
        if missing := [path for path, file in found if file is None]:
            raise errors.SnowflakeError(
                91016,
                "22000",
                f"Remote file '{stage.location}{missing[0]}' was not found. There are several potential "
                "causes. The file might not exist. The required credentials may be missing or invalid.",
            )
        return [file for _, file in found if file is not None]
    return stages.chosen(stage.files(copy.stage.path), copy.option("PATTERN"))


def load(
    session: Session, plan: Plan, stage: Stage, files: Sequence[StageFile], pipe: PipeLoad | None = None
) -> list[FileLoad]:
    """Load files that are not loaded yet, and record them, in one transaction.

    Raises:
        SnowflakeError: an error in a file under ABORT_STATEMENT; nothing is loaded then.
    """
    if not session.in_transaction:
        history.prepare(session.connection, plan.target.database)
    if pipe is None and not plan.copy.option("FORCE"):
        done = history.copied(session.connection, plan.target)
        files = [file for file in files if (stage.location + file.path, file.etag) not in done]
    if limit := plan.copy.option("SIZE_LIMIT"):
        files = _limited(files, limit)
    if not files:
        return []
    careful = session.in_transaction
    while True:
        try:
            with run.atomic(session):
                return _Loading(session, plan, stage, pipe, careful).run(files)
        except ingest.DirectError:
            # The transaction was ours and is rolled back: once more, converting before inserting.
            careful = True


def _limited(files: Sequence[StageFile], limit: int) -> list[StageFile]:
    """Files until their sizes exceed SIZE_LIMIT, at least one."""
    chosen: list[StageFile] = []
    for file in files:
        if chosen and sum(f.size for f in chosen) >= limit:
            break
        chosen.append(file)
    return chosen


@dataclass(frozen=True)
class PipeLoad:
    """A load by a pipe: its full name and when each path was announced."""

    name: str
    received: dict[str, datetime]


class _Loading:
    """One pass over the files of a COPY, inside a transaction."""

    def __init__(self, session: Session, plan: Plan, stage: Stage, pipe: PipeLoad | None, careful: bool) -> None:
        self._session = session
        self._plan = plan
        self._stage = stage
        self._pipe = pipe
        self._careful = careful
        self._spool = session.account.home / "spool" / "loads" / uuid.uuid4().hex
        self._loads: list[FileLoad] = []

    def run(self, files: Sequence[StageFile]) -> list[FileLoad]:
        self._spool.mkdir(parents=True)
        side = self._session.connection.cursor()
        try:
            with ThreadPoolExecutor(_DOWNLOADS, thread_name_prefix="download") as pool:
                self._run(files, side, pool)
            database = self._plan.target.database
            history.record(self._session.connection, database, self._loads)
            if self._pipe:
                history.settle(self._session.connection, database, self._pipe.name, [file.path for file in files])
            return self._loads
        finally:
            side.close()
            _remove_folder(self._spool)

    def _run(self, files: Sequence[StageFile], side: duckdb.DuckDBPyConnection, pool: ThreadPoolExecutor) -> None:
        batches = _batches(files, self._plan.form.kind, self._careful)
        waiting: list[tuple[bool, list[Future[LocalFile | Outcome]]]] = []
        upcoming = iter(batches)
        try:
            while True:
                while len(waiting) < _DOWNLOADS + 1 and (batch := next(upcoming, None)) is not None:
                    direct, members = batch
                    waiting.append((direct, [pool.submit(self._fetch, file) for file in members]))
                if not waiting:
                    return
                direct, futures = waiting.pop(0)
                fetched = [file for future in futures if (file := self._fetched(future.result()))]
                if fetched:
                    self._ingest(side, fetched, direct)
        finally:
            for _, futures in waiting:
                for future in futures:
                    future.cancel()

    def _fetch(self, file: StageFile) -> LocalFile | Outcome:
        """The file on this machine; for a pipe, a file that has gone since it was announced is a failed load."""
        started = datetime.now(UTC)
        spool = self._spool / uuid.uuid4().hex
        try:
            return LocalFile(file, self._stage.local_copy(file, spool), started)
        except errors.SnowflakeError as error:
            if self._pipe is None or error.errno != stages.NOT_FOUND:
                raise
            gone = ingest.FirstError(error.errno, error.message)
            return Outcome(LocalFile(file, spool, started), 0, 0, 1, gone)

    def _fetched(self, found: LocalFile | Outcome) -> LocalFile | None:
        if isinstance(found, Outcome):
            self._note(found)
            return None
        return found

    def _ingest(self, side: duckdb.DuckDBPyConnection, files: list[LocalFile], direct: bool) -> None:
        try:
            if direct and self._ingest_directly(side, files):
                return
            for staged in ingest.stage(side, files, self._plan, self._spool):
                self._accept(staged)
        finally:
            for file in files:
                if file.path.is_relative_to(self._spool):
                    file.path.unlink(missing_ok=True)

    def _ingest_directly(self, side: duckdb.DuckDBPyConnection, files: list[LocalFile]) -> bool:
        """False when the files must be looked at more carefully; the transaction is untouched then."""
        form = self._plan.form
        try:
            described = [(file, scan.describe(side, file, form)) for file in files]
        except scan.UnreadableError:
            return False
        if form.kind == "CSV" and any(self._needs_care(file, fields) for file, fields in described):
            return False
        for fields, group in itertools.groupby(described, key=lambda pair: pair[1]):
            alike = [file for file, _ in group]
            counts = [scan.parquet_rows(side, file) for file in alike] if form.kind == "PARQUET" else ()
            for outcome in ingest.load_directly(self._session.connection, alike, fields, self._plan, counts):
                self._note(outcome)
        return True

    def _needs_care(self, file: LocalFile, fields: scan.Fields) -> bool:
        plan = self._plan
        return scan.needs_strict(file, plan.form) or ingest.is_miscounted(fields, plan) or fields.count == 0

    def _accept(self, staged: ingest.Staged) -> None:
        """Insert what may be inserted under ON_ERROR."""
        mode = self._plan.on_error
        for outcome in staged.outcomes:
            if outcome.errors_seen and mode.mode == "ABORT_STATEMENT":
                raise ingest.aborting(outcome, self._plan)
        first = staged.outcomes[0]
        if not mode.skips(first.errors_seen, first.parsed) or not first.errors_seen:
            ingest.insert_staged(self._session.connection, staged, self._plan)
        if staged.rows is not None:
            staged.rows.unlink()
        for outcome in staged.outcomes:
            self._note(outcome)

    def _note(self, outcome: Outcome) -> None:
        mode = self._plan.on_error
        skipped = bool(outcome.errors_seen) and mode.skips(outcome.errors_seen, outcome.parsed)
        loaded = 0 if skipped else outcome.loaded
        state = history.LOADED if not outcome.errors_seen else history.PARTIAL if loaded else history.FAILED
        limit = outcome.parsed if mode.mode == "CONTINUE" else mode.limit
        first, file = outcome.first, outcome.file.staged
        self._loads.append(
            FileLoad(
                schema_name=self._plan.target.schema,
                table_name=self._plan.target.table,
                pipe=self._pipe.name if self._pipe else None,
                stage_location=self._stage.location,
                path=file.path,
                etag=file.etag,
                size=file.size,
                status=state,
                rows_parsed=outcome.parsed,
                rows_loaded=loaded,
                errors_seen=outcome.errors_seen,
                error_limit=limit,
                first_error=first.message if first else None,
                line=first.line if first else None,
                character=first.character if first else None,
                column_name=_column_name(self._plan, first),
                received_at=self._pipe.received.get(file.path) if self._pipe else None,
                loaded_at=datetime.now(UTC),
            )
        )


def _column_name(plan: Plan, first: ingest.FirstError | None) -> str | None:
    """`"TABLE"["COLUMN":position]`, as Snowflake names a column in load errors."""
    if first is None or first.column is None:
        return None
    return f'"{plan.target.table}"["{first.column}":{first.position}]'


def _batches(files: Sequence[StageFile], kind: str, careful: bool) -> list[tuple[bool, list[StageFile]]]:
    """Large files directly (unless `careful`), small ones by conversion; several at once where the format allows it."""
    limits = {
        ("CSV", False): (_BATCH_FILES, _BATCH_BYTES),
        ("PARQUET", True): (_DIRECT_FILES, _DIRECT_BYTES),
    }
    found: list[tuple[bool, list[StageFile]]] = []
    size = 0
    for file in files:
        direct = not careful and file.size >= ingest.DIRECT_FROM
        most_files, most_bytes = limits.get((kind, direct), (1, 0))
        joins = found and found[-1][0] == direct and len(found[-1][1]) < most_files
        if joins and size + file.size <= most_bytes:
            found[-1][1].append(file)
            size += file.size
        else:
            found.append((direct, [file]))
            size = file.size
    return found


def _answer(copy: CopyIntoTable, stage: Stage, loads: Sequence[FileLoad]) -> Result:
    if not loads:
        return status("Copy executed with 0 files processed.")
    shown = [item for item in loads if not copy.option("RETURN_FAILED_ONLY") or item.status != history.LOADED]
    values = [
        [
            _shown(stage, item),
            _STATUSES[item.status],
            item.rows_parsed,
            item.rows_loaded,
            item.error_limit,
            item.errors_seen,
            item.first_error,
            item.line,
            item.character,
            item.column_name,
        ]
        for item in shown
    ]
    number, text = pa.int64(), pa.string()
    types = [text, text, number, number, number, number, text, number, number, text]
    answer = rows(_COLUMNS, values, types)
    return Result(answer.table, rows_affected=sum(item.rows_loaded for item in loads))


def _shown(stage: Stage, item: FileLoad) -> str:
    if stage.location.startswith("s3://"):
        return stage.location + item.path
    return f"{stage.full_name.rpartition('.')[2].lower()}/{item.path}"


def _purge(stage: Stage, loads: Sequence[FileLoad]) -> None:
    """Removing the loaded files is tried once and never fails the statement, as Snowflake says."""
    for item in loads:
        if item.status == history.LOADED and (file := stage.file(item.path)):
            with suppress(errors.SnowflakeError):
                stage.remove(file)


def _remove_folder(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink(missing_ok=True)
    folder.rmdir()
