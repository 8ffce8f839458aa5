"""The process that is the local cloud: the AWS endpoint and the Snowflake endpoint, until a signal stops it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from local_cloud.aws import server as aws
from local_cloud.snowflake import loading, objects, work
from local_cloud.snowflake.account import Account, open_account
from local_cloud.snowflake.http.app import Endpoint

HOST = "127.0.0.1"


class CannotStart(Exception):  # noqa: N818 - reads as the sentence that it carries
    """Why the local cloud does not run, in one sentence for people."""


def serve(home: Path, aws_port: int, snowflake_port: int) -> None:
    """Run until SIGTERM or SIGINT.

    Args:
        home: folder of all state; `endpoints.json` appears in it once both endpoints answer.
        aws_port, snowflake_port: 0 takes any free port.

    Raises:
        CannotStart: the home is in use, or a port is.
    """
    home.mkdir(parents=True, exist_ok=True)
    with _exclusive(home), _listening(snowflake_port, "Snowflake") as listener:
        try:
            aws_endpoint = aws.start(home / "aws", aws_port)
        except OSError as error:
            raise _port_taken(aws_port, "AWS", error) from error
        try:
            _serve_snowflake(home, aws_endpoint.url, listener)
        finally:
            aws_endpoint.stop()


def _serve_snowflake(home: Path, aws_url: str, listener: socket.socket) -> None:
    account = open_account(home / "snowflake", aws_url)
    endpoint = Endpoint(account)
    server = uvicorn.Server(uvicorn.Config(endpoint.app, log_level="warning", access_log=False, lifespan="off"))
    # uvicorn would wait for idle keep-alive connections of clients that never close them.
    server.config.timeout_graceful_shutdown = 3
    _stop_on_signal(server)
    _hook(objects, "bootstrap", account)
    _hook(loading, "start", account)
    work.callback.offer(account, endpoint.sessions, HOST, listener.getsockname()[1])
    _hook(work, "start", account)
    announcement = threading.Thread(
        target=_announce, args=(home, aws_url, listener.getsockname()[1], server), name="announce", daemon=True
    )
    announcement.start()
    try:
        server.run(sockets=[listener])
    finally:
        (home / "endpoints.json").unlink(missing_ok=True)
        _hook(work, "stop", account)
        _hook(loading, "stop", account)
        endpoint.close()
        account.close()


def _hook(part: Any, name: str, account: Account) -> None:
    """Parts of the emulation that have something to do when the account opens or closes."""
    if function := getattr(part, name, None):
        function(account)


def _stop_on_signal(server: uvicorn.Server) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn installs its own handlers while it runs and raises the signal again afterwards: ours then ends cleanly.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _announce(home: Path, aws_url: str, port: int, server: uvicorn.Server) -> None:
    """Write `endpoints.json` when the Snowflake endpoint accepts requests; AWS answers already."""
    waiting = threading.Event()
    while not server.started:
        if server.should_exit:
            return
        waiting.wait(0.02)
    document = {
        "pid": os.getpid(),
        "aws_endpoint": aws_url,
        "snowflake": {"host": HOST, "port": port, "protocol": "http", "account": "LOCAL-C360"},
    }
    spool = home / ".endpoints.json"
    spool.write_text(json.dumps(document, indent=1))
    spool.replace(home / "endpoints.json")


@contextmanager
def _exclusive(home: Path) -> Iterator[None]:
    """One server for each home; the kernel drops the lock of a killed process."""
    with (home / ".lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStart(f"another local cloud runs on {home} already; stop it or choose another home") from error
        # Left by a process that was killed.
        with suppress(FileNotFoundError):
            (home / "endpoints.json").unlink()
        yield


@contextmanager
def _listening(port: int, name: str) -> Iterator[socket.socket]:
    # Named as TCP, else asyncio leaves Nagle on: each answer would wait 40 ms for an acknowledgement.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen(128)
        except OSError as error:
            raise _port_taken(port, name, error) from error
        yield listener


def _port_taken(port: int, name: str, error: OSError) -> CannotStart:
    return CannotStart(f"port {port} for the {name} endpoint cannot be used ({error.strerror}); choose another one")
