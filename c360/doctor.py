"""What a machine or a stack lacks, and how to mend it."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import boto3
import psutil
from botocore.exceptions import BotoCoreError, ClientError

from c360 import app, local
from c360.workspace import LOCAL_STACK, Workspace

# The demo at full size leaves about 4 GB behind and its largest process takes about as much memory.
_DISK_GB = 8
_MEMORY_GB = 8
_PACKAGES = ("pulumi", "pulumi-aws", "pulumi-snowflake", "dbt-core", "dbt-snowflake", "duckdb", "moto", "streamlit")


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `mend` says what to do when it is not `ok`."""

    what: str
    ok: bool
    found: str
    mend: str = ""


def examine(workspace: Workspace, stack: str) -> Iterator[Finding]:
    """Everything that the commands for a stack need, cheapest first."""
    yield _python()
    yield from (_package(name) for name in _PACKAGES)
    yield _disk(workspace)
    if stack == LOCAL_STACK:
        yield _memory()
        yield from _ports(workspace)
        return
    yield _pulumi()
    yield _aws()
    yield _snowflake()


def _python() -> Finding:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("Python", sys.version_info[:2] == (3, 11), found, "Install Python 3.11 and run `make clean setup`.")


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, "missing", "Run `make setup`.")


def _disk(workspace: Workspace) -> Finding:
    folder = workspace.state if workspace.state.exists() else workspace.root
    free = shutil.disk_usage(folder).free / 1e9
    return Finding("disk", free >= _DISK_GB, f"{free:.0f} GB free", f"Free {_DISK_GB} GB on the disk of {folder}.")


def _memory() -> Finding:
    total = psutil.virtual_memory().total / 1e9
    mend = f"At full size the demo wants {_MEMORY_GB} GB; say `--customers 5000` on this machine."
    return Finding("memory", total >= _MEMORY_GB, f"{total:.0f} GB", mend)


def _ports(workspace: Workspace) -> Iterator[Finding]:
    running = local.status(workspace)
    if running:
        yield Finding("local cloud", True, f"runs: AWS {running.aws}, Snowflake {running.snowflake}")
    else:
        yield _port("AWS port", "C360_AWS_PORT", local.AWS_PORT)
        yield _port("Snowflake port", "C360_SNOWFLAKE_PORT", local.SNOWFLAKE_PORT)
    streamlit = app.status(workspace)
    if streamlit:
        yield Finding("app", True, f"runs: {streamlit.url}")
    else:
        yield _port("app port", "C360_APP_PORT", app.APP_PORT)


def _port(what: str, variable: str, default: int) -> Finding:
    port = int(os.environ.get(variable, default))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return Finding(what, False, f"{port} is taken", f"Stop what listens on {port}, or set {variable}.")
    return Finding(what, True, f"{port} is free")


def _pulumi() -> Finding:
    path = shutil.which("pulumi")
    return Finding("Pulumi CLI", path is not None, path or "missing", "https://www.pulumi.com/docs/install/")


def _aws() -> Finding:
    mend = "Configure credentials: https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-authentication.html"
    return _ask("AWS credentials", lambda: str(boto3.client("sts").get_caller_identity()["Arn"]), mend)


def _ask(what: str, question: Callable[[], str], mend: str) -> Finding:
    try:
        return Finding(what, True, question())
    except (BotoCoreError, ClientError) as error:
        return Finding(what, False, str(error), mend)


def _snowflake() -> Finding:
    names = ("SNOWFLAKE_PRIVATE_KEY", "SNOWFLAKE_PRIVATE_KEY_PATH", "SNOWFLAKE_PASSWORD", "SNOWFLAKE_AUTHENTICATOR")
    given = [name for name in names if os.environ.get(name)]
    mend = f"Set one of {', '.join(names)}; the connector documents each."
    return Finding("Snowflake credentials", bool(given), ", ".join(given) or "none in the environment", mend)
