"""The app as a reader meets it: a server of its own, a small gold layer, a real browser."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import open_browser
from tests.integration.conftest import LocalCloud
from tests.unit.streamlit_app import gold
from tests.unit.streamlit_app.conftest import APP, cloud_parameters

_STARTS_WITHIN_SECONDS = 60


@pytest.fixture(scope="session")
def rows() -> gold.Gold:
    """The rows behind the app."""
    return gold.build()


@pytest.fixture(scope="module")
def app_url(rows: gold.Gold, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app over a warehouse that holds `rows`."""
    cloud = LocalCloud(tmp_path_factory.mktemp("cloud"))
    cloud.start()
    with cloud.connect() as connection:
        gold.load(connection, rows)
    with serve_app(cloud_parameters(cloud), tmp_path_factory.mktemp("app")) as url:
        yield url
    cloud.stop()


@contextmanager
def serve_app(connection: dict[str, Any], folder: Path) -> Iterator[str]:
    """Run the app's own server with this connection; gives its address."""
    secrets = folder / "secrets.toml"
    lines = ["[connections.snowflake]", *(f"{name} = {json.dumps(value)}" for name, value in connection.items())]
    secrets.write_text("\n".join(lines))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--secrets.files", str(secrets)]
    command += ["--server.fileWatcherType", "none"]
    log = folder / "app.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, process, log)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()  # noqa: S310 - our own http address
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the app did not start: {log.read_text()}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module's tests; not longer, as Playwright keeps the thread's event loop while it is open."""
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of the pages go: the folder that C360_SCREENSHOTS names, or a temporary one."""
    folder = Path(os.environ.get("C360_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
