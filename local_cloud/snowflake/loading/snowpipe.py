"""Snowpipe: two threads that hear of new files and load them.

https://docs.snowflake.com/en/user-guide/data-load-snowpipe-intro

The listener takes messages from the queue, writes each announced file down as pending (committed) and only then deletes
the message. The loader loads pending files; rows, history and the end of pending are one transaction. So a process
killed anywhere loads each file exactly once. A paused pipe's files stay pending.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import duckdb
from botocore.exceptions import BotoCoreError, ClientError

from local_cloud.snowflake import errors
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.loading import copy_into, copy_statement, history, notifications, stages
from local_cloud.snowflake.loading.copy_into import PipeLoad
from local_cloud.snowflake.loading.copy_statement import OnError
from local_cloud.snowflake.loading.history import FileLoad, Pending
from local_cloud.snowflake.loading.notifications import Created
from local_cloud.snowflake.loading.stages import StageFile
from local_cloud.snowflake.results import Result, rows
from local_cloud.snowflake.session import Session

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_LOG = logging.getLogger(__name__)

_POLL_SECONDS = 2
# A message that was received by a process that was killed shows up again after this.
_VISIBILITY_SECONDS = 5
# Messages taken together when many are there.
_MOST_MESSAGES = 200
# Files of one transaction: more would delay the first ones' rows.
_MOST_FILES = 128
_RETRY_SECONDS = 2.0
_REFRESH_DAYS = 7


@dataclass
class PipeState:
    """What SYSTEM$PIPE_STATUS tells of a pipe's work since the start."""

    last_received: datetime | None = None
    last_forwarded: datetime | None = None
    last_forwarded_path: str | None = None
    last_pulled: datetime | None = None
    error: errors.SnowflakeError | None = None
    error_at: datetime | None = None
    retry_at: float = 0.0


@dataclass
class Worker:
    """One account's Snowpipe."""

    account: Account
    states: defaultdict[str, PipeState] = field(default_factory=lambda: defaultdict(PipeState))
    _stopping: threading.Event = field(default_factory=threading.Event)
    _work: threading.Event = field(default_factory=threading.Event)
    _listen: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for name, target in (("snowpipe-listener", self._run_listener), ("snowpipe-loader", self._run_loader)):
            thread = threading.Thread(target=target, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        self.wake()

    def stop(self) -> None:
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join(timeout=_POLL_SECONDS + 8)

    def wake(self) -> None:
        """Pipes or pending files have changed."""
        self._work.set()
        self._listen.set()

    def pipes(self) -> list[Entry]:
        return self.account.catalog.list("pipe")

    # -- listener

    def _run_listener(self) -> None:
        while not self._stopping.is_set():
            if not any(pipe.document["AUTO_INGEST"] for pipe in self.pipes()):
                self._listen.wait()
                self._listen.clear()
                continue
            try:
                self._take_messages()
            except (ClientError, BotoCoreError) as error:
                _LOG.warning("Snowpipe's queue does not answer: %s", error)
                self._stopping.wait(_RETRY_SECONDS)
            except Exception:
                _LOG.exception("Snowpipe could not take messages")
                self._stopping.wait(_RETRY_SECONDS)

    def _take_messages(self) -> None:
        client = notifications.sqs(self.account)
        url = client.get_queue_url(QueueName=notifications.queue_name(self.account))["QueueUrl"]
        messages: list[MessageTypeDef] = []
        wait = _POLL_SECONDS
        while len(messages) < _MOST_MESSAGES:
            found = client.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=wait, VisibilityTimeout=_VISIBILITY_SECONDS
            ).get("Messages", [])
            messages += found
            if len(found) < 10:
                break
            wait = 0
        if not messages:
            return
        self._accept([created for message in messages for created in notifications.created_objects(message["Body"])])
        for start in range(0, len(messages), 10):
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages[start : start + 10])
            ]
            client.delete_message_batch(QueueUrl=url, Entries=entries)  # type: ignore[arg-type]  # plain dictionaries

    def _accept(self, created: Sequence[Created]) -> None:
        """Write down which pipe has to load which of the new objects."""
        now = datetime.now(UTC)
        by_database: defaultdict[str, list[Pending]] = defaultdict(list)
        for pipe in self.pipes():
            if not pipe.document["AUTO_INGEST"]:
                continue
            state = self.states[pipe.name]
            state.last_pulled = now
            for item, path in _wanted(self.account, pipe, created):
                state.last_received = state.last_forwarded = now
                state.last_forwarded_path = f"{item.bucket}/{item.key}"
                database = pipe.document["TARGET"].split(".")[0]
                by_database[database].append(Pending(pipe.name, path, item.etag, item.size, item.modified, now))
        for database, files in by_database.items():
            with closing(self.account.databases.connect()) as connection:
                history.prepare(connection, database)
                history.announce(connection, database, files)
        self._work.set()

    # -- loader

    def _run_loader(self) -> None:
        while not self._stopping.is_set():
            self._work.clear()
            waiting = False
            for pipe in self.pipes():
                if self._stopping.is_set():
                    return
                waiting |= self._load(pipe)
            # Files that could not be loaded are tried again; else there is nothing to do until something happens.
            self._work.wait(_RETRY_SECONDS if waiting else None)

    def _load(self, pipe: Entry) -> bool:
        """Load what waits for a pipe; True when some of it has to be tried again."""
        state = self.states[pipe.name]
        database = pipe.document["TARGET"].split(".")[0]
        if pipe.document["PAUSED"] or not self.account.databases.exists(database):
            return False
        if time.monotonic() < state.retry_at:
            return True
        try:
            while not self._stopping.is_set() and load_pending(self.account, pipe):
                state.error = None
        except (errors.SnowflakeError, duckdb.Error) as error:
            state.error = error if isinstance(error, errors.SnowflakeError) else _internal(error)
            state.error_at = datetime.now(UTC)
            state.retry_at = time.monotonic() + _RETRY_SECONDS
            _LOG.warning("pipe %s cannot load: %s", pipe.name, error)
            return True
        except Exception:
            state.retry_at = time.monotonic() + _RETRY_SECONDS
            _LOG.exception("pipe %s cannot load", pipe.name)
            return True
        return False


def _internal(error: duckdb.Error) -> errors.SnowflakeError:
    return errors.SnowflakeError(300002, "XX000", f"Internal error while loading: {error}")


def _wanted(account: Account, pipe: Entry, created: Sequence[Created]) -> list[tuple[Created, str]]:
    """The new objects that lie under the pipe's path and match its PATTERN, with their paths in the stage."""
    stage = account.catalog.get("stage", pipe.document["STAGE"])
    if stage is None or not stage.document["URL"]:
        return []
    copy = copy_statement.parse(pipe.document["DEFINITION"])
    location = stage.document["URL"] if stage.document["URL"].endswith("/") else f"{stage.document['URL']}/"
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    found: list[tuple[Created, str]] = []
    for item in created:
        path = item.key.removeprefix(prefix)
        if item.bucket != bucket or not item.key.startswith(prefix + copy.stage.path) or item.key.endswith("/"):
            continue
        file = StageFile(path, item.key, location + path, item.size, item.etag, item.modified)
        if stages.chosen([file], pipe.document["PATTERN"]):
            found.append((item, path))
    return found


def load_pending(account: Account, pipe: Entry) -> list[FileLoad]:
    """Load one batch of a pipe's pending files, as its owner; empty when none are left.

    Raises:
        SnowflakeError: the pipe as a whole cannot load: table or stage missing, role not trusted, S3 out of reach.
    """
    database = pipe.document["TARGET"].split(".")[0]
    with closing(account.databases.connect()) as connection:
        history.prepare(connection, database)
        waiting = history.pending(connection, database, pipe.name)[:_MOST_FILES]
        if not waiting:
            return []
        session = _session(account, pipe, connection)
        copy = copy_statement.parse(pipe.document["DEFINITION"])
        plan, stage = copy_into.prepare(session, copy, OnError("SKIP_FILE"))
        with copy_into.table_lock(plan.target):
            done = history.piped(connection, database, pipe.name)
            fresh = [file for file in waiting if file.path not in done]
            if len(fresh) < len(waiting):
                history.settle(connection, database, pipe.name, [file.path for file in waiting if file.path in done])
            if not fresh:
                return load_pending(account, pipe)
            files = [
                StageFile(
                    file.path,
                    _name(stage, file.path),
                    stage.location + file.path,
                    file.size,
                    file.etag,
                    file.modified_at,
                )
                for file in fresh
            ]
            received = {file.path: file.received_at for file in fresh}
            loads = copy_into.load(session, plan, stage, files, PipeLoad(pipe.name, received))
    failed = [item for item in loads if item.status == history.FAILED or item.errors_seen]
    for notify in error_listeners:
        notify(account, pipe, failed)
    return loads


# Called with the account, the pipe and the files that failed; ERROR_INTEGRATION hooks in here.
error_listeners: list[Any] = []


def _name(stage: stages.Stage, path: str) -> str:
    return stage.prefix + path if isinstance(stage, stages.S3Stage) else path


def _session(account: Account, pipe: Entry, connection: duckdb.DuckDBPyConnection) -> Session:
    database, schema = pipe.document["CONTEXT"]
    return Session("snowpipe", account, "SYSTEM", connection, role=pipe.owner, database=database, schema=schema)


def refresh(session: Session, pipe: Entry, prefix: str, modified_after: str | None) -> Result:
    """ALTER PIPE ... REFRESH: queue staged files that neither the pipe nor a COPY into the table has loaded.

    https://docs.snowflake.com/en/sql-reference/sql/alter-pipe
    """
    account, database = session.account, pipe.document["TARGET"].split(".")[0]
    since = datetime.now(UTC) - timedelta(days=_REFRESH_DAYS)
    if modified_after:
        moment = datetime.fromisoformat(modified_after)
        since = max(since, moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    with closing(account.databases.connect()) as connection:
        history.prepare(connection, database)
        own = _session(account, pipe, connection)
        copy = copy_statement.parse(pipe.document["DEFINITION"])
        plan, stage = copy_into.prepare(own, copy, OnError("SKIP_FILE"))
        copied = history.copied(connection, plan.target)
        piped = history.piped(connection, database, pipe.name)
        now = datetime.now(UTC)
        found = stages.chosen(stage.files(copy.stage.path + prefix), pipe.document["PATTERN"])
        fresh = [
            Pending(pipe.name, file.path, file.etag, file.size, file.modified, now)
            for file in found
            if file.modified >= since
            and file.path not in piped
            and (stage.location + file.path, file.etag) not in copied
        ]
        history.announce(connection, database, fresh)
    wake(account)
    return rows(["File", "Status"], [[f"{file.path}", "SENT"] for file in fresh])


_workers: dict[str, Worker] = {}


def start(account: Account) -> None:
    """Begin to listen and load for an account."""
    # What a killed process was about to load; the load itself left nothing behind.
    shutil.rmtree(account.home / "spool" / "loads", ignore_errors=True)
    worker = Worker(account)
    _workers[str(account.home)] = worker
    worker.start()


def stop(account: Account) -> None:
    """End both threads; what was not loaded stays pending."""
    if worker := _workers.pop(str(account.home), None):
        worker.stop()


def wake(account: Account) -> None:
    if worker := _workers.get(str(account.home)):
        worker.wake()


def state_of(account: Account, pipe: str) -> PipeState:
    worker = _workers.get(str(account.home))
    return worker.states[pipe] if worker else PipeState()
