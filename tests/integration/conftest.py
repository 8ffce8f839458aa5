"""A local cloud of their own for integration tests: a real process on free ports in a temporary folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import snowflake.connector

_STARTS_WITHIN_SECONDS = 40


class LocalCloud:
    """A running local cloud and ways to reach it.

    Attributes:
        home: its state; survives `kill()` and `restart()`.
        aws_endpoint, host, port: where it answers; ports stay the same after `restart()`.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.aws_endpoint = ""
        self.host = "127.0.0.1"
        self.port = 0
        self.log = home / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        aws_port = self.aws_endpoint.rsplit(":", 1)[-1] or "0"
        command = [sys.executable, "-m", "local_cloud", "serve", "--home", str(self.home)]
        command += ["--aws-port", aws_port, "--snowflake-port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ})
        endpoints = self._wait_for_endpoints()
        self.aws_endpoint = endpoints["aws_endpoint"]
        self.port = endpoints["snowflake"]["port"]

    def _wait_for_endpoints(self) -> dict[str, Any]:
        path = self.home / "endpoints.json"
        deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
        while time.monotonic() < deadline:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            if path.exists() and (found := json.loads(path.read_text()))["pid"] == self._process.pid:
                return dict(found)
            time.sleep(0.05)
        raise AssertionError(f"the local cloud did not start: {self.log.read_text()}")

    def kill(self) -> None:
        """kill -9: nothing is written any more."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Ends cleanly by SIGTERM; returns the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=30)

    def restart(self) -> None:
        """Start again on the same home and ports, whether it was killed, stopped, or runs."""
        if self._process is not None and self._process.poll() is None:
            self.stop()
        self.start()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def connect(self, **options: Any) -> snowflake.connector.SnowflakeConnection:
        """An unchanged snowflake.connector connection as C360; options override its parameters."""
        given = {
            "account": "LOCAL-C360",
            "host": self.host,
            "port": self.port,
            "protocol": "http",
            "user": "C360",
            "password": "local",
            # Streamlit changes the connector's default for the whole process.
            "paramstyle": "pyformat",
            **options,
        }
        return snowflake.connector.connect(**given)

    def client(self, name: str) -> Any:
        """A boto3 client of the local AWS."""
        return boto3.client(  # type: ignore[call-overload]  # the stubs know literal names only
            name,
            endpoint_url=self.aws_endpoint,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )


@pytest.fixture(scope="session")
def local_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """One local cloud for all tests of a worker; tests use databases and buckets of their own names."""
    cloud = LocalCloud(tmp_path_factory.mktemp("cloud"))
    cloud.start()
    yield cloud
    if cloud.running:
        cloud.stop()


@pytest.fixture
def fresh_cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    """An empty local cloud for one test, which may kill and restart it."""
    cloud = LocalCloud(tmp_path / "cloud")
    cloud.start()
    yield cloud
    if cloud.running:
        cloud.stop()
