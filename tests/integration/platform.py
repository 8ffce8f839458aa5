"""The command line in a state of its own: what a person types, on free ports and in a temporary folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import psutil
import snowflake.connector
from botocore.config import Config
from snowflake.connector.connection import SnowflakeConnection

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Platform:
    """One state folder and its ports; `c360` runs a command in it, in `environment`."""

    def __init__(self, state: Path) -> None:
        self.state = state
        ports = {f"C360_{name}_PORT": str(free_port()) for name in ("AWS", "SNOWFLAKE", "APP")}
        self.environment = os.environ | ports | {"C360_STATE": str(state), "COLUMNS": "200"}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command without waiting for it."""
        command = [sys.executable, "-m", "c360", *arguments]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def fails(self, *arguments: str) -> str:
        """Run a command that must fail; its message."""
        process = self.start(*arguments)
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 1, f"{arguments} ended with {process.returncode}: {errors}"
        assert "Traceback" not in errors
        return errors

    def run(self, *arguments: str) -> str:
        """Run a command that must succeed; what it printed (results on stdout, progress on stderr)."""
        process = self.start(*arguments)
        out, errors = process.communicate(timeout=300)
        assert process.returncode == 0, f"{arguments} ended with {process.returncode}: {errors}{out}"
        return out + errors

    def sql(self, statement: str, role: str = "data_engineer") -> list[dict[str, Any]]:
        process = self.start("sql", statement, "--role", role, "--json")
        out, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        rows: list[dict[str, Any]] = json.loads(out)
        return rows

    def count(self, table: str) -> int:
        """Rows of a table, by a connection that stays open: the command line would import for seconds."""
        with self._reader.cursor() as cursor:
            return int(cursor.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # type: ignore[union-attr, index]  # one row

    @cached_property
    def _reader(self) -> SnowflakeConnection:
        return self.connect("data_engineer")

    @cached_property
    def outputs(self) -> dict[str, Any]:
        out: dict[str, Any] = json.loads(self.run("outputs"))
        return out

    @property
    def report(self) -> dict[str, Any]:
        written: dict[str, Any] = json.loads((self.state / "report.json").read_text())
        return written

    def client(self, service: str) -> Any:
        """A plain boto3 client of the local AWS."""
        return boto3.client(  # type: ignore[call-overload]  # the service is a variable here
            service,
            endpoint_url=f"http://127.0.0.1:{self.environment['C360_AWS_PORT']}",
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(s3={"addressing_style": "path"}),
        )

    def connect(self, role: str = "loader") -> SnowflakeConnection:
        """An unchanged connector's connection in one of the stack's roles."""
        outputs = self.outputs
        endpoint = {key: outputs["snowflake"][key] for key in ("account", "user", "host", "port", "protocol")}
        return snowflake.connector.connect(
            **endpoint,
            password="local",
            role=outputs["roles"][role],
            warehouse=outputs["warehouses"]["load"],
            database=outputs["database"],
        )

    def kill_cloud(self) -> None:
        """kill -9 of the local cloud's process."""
        pid = json.loads((self.state / "cloud" / "endpoints.json").read_text())["pid"]
        os.kill(pid, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
        self.__dict__.pop("_reader", None)

    def interrupt(self, seconds: float, *arguments: str) -> None:
        """Start a command, kill -9 the cloud under it after some seconds, and start the cloud again.

        The command must have failed with a sentence, or have been quicker than the blow.
        """
        process = self.start(*arguments)
        time.sleep(seconds)
        self.kill_cloud()
        _, errors = process.communicate(timeout=120)
        assert "Traceback" not in errors, errors
        self.run("local", "start")
