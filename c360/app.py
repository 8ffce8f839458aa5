"""Start and stop the Streamlit app on this machine, connected to a stack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil

from c360.connections import snowflake_parameters
from c360.errors import C360Error
from c360.local import is_process
from c360.outputs import StackOutputs
from c360.workspace import Workspace

APP_PORT = 8501
_START_TIMEOUT = 60.0


@dataclass(frozen=True)
class RunningApp:
    """A Streamlit server on this machine."""

    pid: int
    url: str


def start(workspace: Workspace, outputs: StackOutputs) -> RunningApp:
    """Start the app in the background unless it runs; returns once it answers.

    Raises:
        C360Error: the port is taken, or it did not answer within a minute.
    """
    if running := status(workspace):
        return running
    port = int(os.environ.get("C360_APP_PORT", APP_PORT))
    secrets = _write_secrets(workspace, outputs)
    log = workspace.logs() / "app.log"
    script = workspace.root / "streamlit_app" / "streamlit_app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--secrets.files", str(secrets)]
    command += ["--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=script.parent, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True
        )
    app = RunningApp(process.pid, f"http://127.0.0.1:{port}")
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise C360Error(f"The app did not start on port {port}: {_last_line(log)}")
        if _answers(app.url):
            _record(workspace).write_text(json.dumps({"pid": app.pid, "url": app.url}))
            return app
        time.sleep(0.1)
    process.kill()
    raise C360Error(f"The app did not answer within {_START_TIMEOUT:.0f} s; its log is {log}.")


def status(workspace: Workspace) -> RunningApp | None:
    """The running app, or None."""
    try:
        written = json.loads(_record(workspace).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    app = RunningApp(written["pid"], written["url"])
    return app if is_process(app.pid, "streamlit") and _answers(app.url) else None


def stop(workspace: Workspace) -> bool:
    """Stop the app; False when none runs."""
    running = status(workspace)
    if running is None:
        return False
    process = psutil.Process(running.pid)
    process.terminate()
    try:
        process.wait(10)
    except psutil.TimeoutExpired:
        process.kill()
    _record(workspace).unlink(missing_ok=True)
    return True


def _record(workspace: Workspace) -> Path:
    workspace.app.mkdir(parents=True, exist_ok=True)
    return workspace.app / "app.json"


def _write_secrets(workspace: Workspace, outputs: StackOutputs) -> Path:
    """The connection that `st.connection("snowflake")` reads; readable by this user alone."""
    parameters = snowflake_parameters(outputs, outputs.roles.app_owner, outputs.warehouses.analytics)
    parameters["schema"] = outputs.schemas["gold"]
    lines = ["[connections.snowflake]", *(f"{key} = {json.dumps(value)}" for key, value in parameters.items())]
    path = _record(workspace).parent / "secrets.toml"
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n")
    return path


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:  # noqa: S310  # our own http address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else f"it wrote nothing to {log}."
