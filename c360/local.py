"""Start, stop and look at the local cloud's process."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from c360.endpoints import check_reachable
from c360.errors import C360Error
from c360.workspace import Workspace

AWS_PORT = 5566
SNOWFLAKE_PORT = 8085
_START_TIMEOUT = 60.0
_STOP_TIMEOUT = 30.0


@dataclass(frozen=True)
class Endpoints:
    """Where a running local cloud answers."""

    pid: int
    aws: str
    host: str
    port: int

    @property
    def snowflake(self) -> str:
        return f"http://{self.host}:{self.port}"


def start(workspace: Workspace) -> Endpoints:
    """Start the local cloud in the background unless it runs; returns once both endpoints answer.

    Raises:
        C360Error: a port is taken, the state cannot be read, or it did not answer within a minute.
    """
    if running := status(workspace):
        return running
    workspace.cloud.mkdir(parents=True, exist_ok=True)
    log = workspace.logs() / "cloud.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(workspace), stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True
        )
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline:
        if (running := _read(workspace)) and running.pid == process.pid:
            return running
        if process.poll() is not None:
            raise C360Error(f"The local cloud did not start: {_last_line(log)}")
        time.sleep(0.05)
    process.kill()
    raise C360Error(f"The local cloud did not answer within {_START_TIMEOUT:.0f} s; its log is {log}.")


def stop(workspace: Workspace) -> bool:
    """Stop the local cloud; False when none runs. Its data stays."""
    running = _read(workspace)
    if running is None or not is_process(running.pid, "local_cloud"):
        return False
    process = psutil.Process(running.pid)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_TIMEOUT)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(_STOP_TIMEOUT)
    return True


def status(workspace: Workspace) -> Endpoints | None:
    """The running local cloud, or None."""
    running = _read(workspace)
    if running is None or not is_process(running.pid, "local_cloud"):
        return None
    try:
        check_reachable(running.aws)
        check_reachable(running.snowflake)
    except C360Error:
        return None
    return running


def reset(workspace: Workspace) -> None:
    """Stop the local cloud and delete its data and the state of the local stack."""
    stop(workspace)
    shutil.rmtree(workspace.cloud, ignore_errors=True)
    state = workspace.stack_state("local")
    for file in state.parent.glob(f"{state.stem}*") if state.parent.exists() else ():
        file.unlink()


def require(workspace: Workspace) -> Endpoints:
    """The running local cloud; an error sentence when none runs."""
    running = status(workspace)
    if running is None:
        raise C360Error("The local cloud is not running; `c360 local start` starts it, and nothing is lost.")
    return running


def is_process(pid: int, word: str) -> bool:
    """Whether the process lives and its command line contains the word (numbers are reused)."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and any(word in part for part in process.cmdline())
    except psutil.Error:
        return False


def _command(workspace: Workspace) -> list[str]:
    aws_port = os.environ.get("C360_AWS_PORT", str(AWS_PORT))
    snowflake_port = os.environ.get("C360_SNOWFLAKE_PORT", str(SNOWFLAKE_PORT))
    command = [sys.executable, "-m", "local_cloud", "serve", "--home", str(workspace.cloud)]
    return [*command, "--aws-port", aws_port, "--snowflake-port", snowflake_port]


def _read(workspace: Workspace) -> Endpoints | None:
    try:
        written: dict[str, Any] = json.loads((workspace.cloud / "endpoints.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    snowflake = written["snowflake"]
    return Endpoints(written["pid"], written["aws_endpoint"], snowflake["host"], snowflake["port"])


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else f"it wrote nothing to {log}."
