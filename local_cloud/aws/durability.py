"""Makes moto's state outlive the process, even `kill -9`.

moto keeps everything in Python objects. After each request that may have changed something, and before its answer
leaves, the objects of each service are pickled to `<home>/<service>.pickle` (written beside and renamed, so the file is
always whole). Bodies of S3 objects go to `<home>/bodies/` once and are only referred to, which keeps a save of 500
objects at about 5 ms. Concurrent requests share a save: whoever waits while another saves is covered by the next one.
"""

from __future__ import annotations

import contextlib
import io
import pickle  # own state of this machine's user, never data from elsewhere
import resource
import threading
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import moto
from moto.backends import get_backend
from moto.s3.models import FakeKey

# Causes before effects: an object is on disk before the message that announces it.
SERVICES = ("s3", "iam", "sts", "sns", "sqs")
# Bodies from this size on are read from their file when asked for; smaller ones come back into memory.
_KEEP_ON_DISK = 1024 * 1024
_RLOCK = type(threading.RLock())
# A snapshot may meet a dictionary that another request is changing; the next try sees it whole.
_TRIES = 50


class StateError(Exception):
    """The stored state cannot be used; the message says why and what to do."""


class DurableState:
    """Stores and restores moto's backends under one folder."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._bodies = home / "bodies"
        self._bodies.mkdir(parents=True, exist_ok=True)
        self._saving = threading.Lock()
        self._counting = threading.Lock()
        self._s3_in_flight = 0
        self._requested = 0
        self._saved: dict[str, int] = dict.fromkeys(SERVICES, 0)
        self._allow_many_open_bodies()

    def restore(self) -> None:
        """Put the stored state into moto; a fresh folder leaves moto empty.

        Raises:
            StateError: when the state was written by another version of moto or is damaged.
        """
        self._check_version()
        for service in SERVICES:
            path = self._home / f"{service}.pickle"
            backends = get_backend(service)  # type: ignore[call-overload]  # names are checked by the tests
            backends.clear()
            if not path.exists():
                continue
            try:
                with path.open("rb") as file:
                    backends.update(_Unpickler(file, self._bodies).load())
            except Exception as error:
                raise StateError(
                    f"The stored AWS state {path} cannot be read ({error}); `c360 local reset` starts afresh."
                ) from error
        self._index_buckets()
        self._drop_unused_bodies()

    @contextmanager
    def changing(self, services: Collection[str]) -> Iterator[None]:
        """Around a request that may change some services: they are on disk when the block is left."""
        if not services:
            yield
            return
        with self._counting:
            self._s3_in_flight += "s3" in services
        try:
            yield
            self._save(services)
        finally:
            with self._counting:
                self._s3_in_flight -= "s3" in services

    def _save(self, services: Collection[str]) -> None:
        with self._counting:
            self._requested += 1
            ticket = self._requested
        with self._saving:
            wanted = [s for s in SERVICES if s in services and self._saved[s] < ticket]
            # Another request's message may be among these while its object is not on disk yet. Without the object a
            # restarted Snowpipe would write the file off as missing, for good.
            if self._s3_in_flight and "s3" not in wanted and {"sns", "sqs"} & set(wanted):
                wanted.insert(0, "s3")
            covered = self._requested
            # Taken effects first and written causes first, so that no message is stored without its object.
            taken = {service: self._snapshot(service) for service in reversed(wanted)}
            for service in wanted:
                self._write(service, taken[service])
                self._saved[service] = covered

    def _write(self, service: str, data: bytes) -> None:
        path = self._home / f"{service}.pickle"
        part = path.with_suffix(".part")
        part.write_bytes(data)
        part.replace(path)

    def _snapshot(self, service: str) -> bytes:
        for attempt in range(_TRIES):
            buffer = io.BytesIO()
            try:
                backends = get_backend(service)  # type: ignore[call-overload]  # names are checked by the tests
                _Pickler(buffer, self._bodies).dump(dict(backends))
            except RuntimeError:
                if attempt == _TRIES - 1:
                    raise
            else:
                return buffer.getvalue()
        raise AssertionError("unreachable")

    def _check_version(self) -> None:
        stamp = self._home / "moto-version"
        written = stamp.read_text().strip() if stamp.exists() else moto.__version__
        if written != moto.__version__:
            raise StateError(
                f"The stored AWS state in {self._home} was written by moto {written}, this is {moto.__version__}; "
                "`c360 local reset` starts afresh."
            )
        stamp.write_text(moto.__version__)

    @staticmethod
    def _index_buckets() -> None:
        """moto finds another account's bucket, and refuses a name twice, by an index beside the backends."""
        backends: Any = get_backend("s3")
        backends.bucket_accounts.clear()
        for account_id, partition, backend in backends.iter_backends():
            for name in backend.buckets:
                backends.bucket_accounts[name] = (partition, account_id)

    def _drop_unused_bodies(self) -> None:
        used = set()
        backends: Any = get_backend("s3")
        for _, _, backend in backends.iter_backends():
            for bucket in backend.buckets.values():
                for key in _all_keys(bucket):
                    used.add(getattr(key, "_durable_body", None))
        for file in self._bodies.iterdir():
            if file.name not in used:
                file.unlink()

    @staticmethod
    def _allow_many_open_bodies() -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _all_keys(bucket: Any) -> Iterable[Any]:
    for _, versions in bucket.keys.lists():
        yield from versions
    for upload in bucket.multiparts.values():
        yield from upload.parts.values()


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, bodies: Path) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._bodies = bodies

    def persistent_id(self, obj: Any) -> Any:
        """Locks are made anew on restore; the folder of bodies may have moved."""
        if type(obj) is _RLOCK:
            return "rlock"
        return "bodies" if obj is _BODY_FOLDER else None

    def reducer_override(self, obj: Any) -> Any:
        """S3 objects without their body, conditions without who waits; everything else as pickle does by default."""
        if type(obj) is threading.Condition:
            # A client that polls a queue with a waiting time waits on the queue's condition.
            return threading.Condition, ()
        if type(obj) is not FakeKey or obj.disposed:
            return NotImplemented
        state = {k: v for k, v in obj.__dict__.items() if k not in {"_value_buffer", "lock"}}
        # The parts of a finished upload repeat the body; only GetObjectAttributes could still ask for them.
        state["multipart"] = None
        state["_durable_body"] = self._body_of(obj)
        return _restore_key, (_BODY_FOLDER, state)

    def _body_of(self, key: Any) -> str:
        mark = (key.contentsize, key.etag)
        if getattr(key, "_durable_mark", None) != mark:
            name = uuid.uuid4().hex
            part = self._bodies / f"{name}.part"
            part.write_bytes(key.value)
            part.replace(self._bodies / name)
            key._durable_body, key._durable_mark = name, mark
        return str(key._durable_body)


# Stands in the pickle for the folder of bodies.
_BODY_FOLDER = object()


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: Any, bodies: Path) -> None:
        super().__init__(file)
        self._bodies = bodies

    def persistent_load(self, pid: Any) -> Any:
        return threading.RLock() if pid == "rlock" else self._bodies


def _restore_key(bodies: Path, state: dict[str, Any]) -> Any:
    key: Any = FakeKey.__new__(FakeKey)
    key.__dict__.update(state)
    key.lock = threading.Lock()
    path = bodies / state["_durable_body"]
    if key.contentsize >= _KEEP_ON_DISK:
        key._value_buffer = path.open("rb+")
    else:
        key._value_buffer = io.BytesIO(path.read_bytes())
    return key
