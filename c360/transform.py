"""Run dbt on a stack: the connection comes from its outputs, progress from dbt's own log."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from c360.endpoints import LOCAL_CREDENTIALS, check_reachable
from c360.errors import C360Error
from c360.outputs import StackOutputs
from c360.workspace import Workspace

_NODE_DONE = "NodeFinished"


@dataclass(frozen=True)
class Summary:
    """How many nodes of each status dbt reports, e.g. success, pass, warn, error, skipped."""

    counts: dict[str, int]

    def __str__(self) -> str:
        return ", ".join(f"{count} {status}" for status, count in sorted(self.counts.items()))


def environment(outputs: StackOutputs) -> dict[str, str]:
    """The variables that dbt/profiles.yml reads."""
    endpoint = outputs.snowflake
    found = {
        "C360_SNOWFLAKE_ACCOUNT": endpoint.account,
        "C360_SNOWFLAKE_USER": endpoint.user,
        "C360_SNOWFLAKE_ROLE": outputs.roles.transformer,
        "C360_SNOWFLAKE_WAREHOUSE": outputs.warehouses.transform,
        "C360_SNOWFLAKE_ML_WAREHOUSE": outputs.warehouses.ml,
        "C360_SNOWFLAKE_DATABASE": outputs.database,
    }
    if endpoint.host is not None:
        found |= {
            "C360_SNOWFLAKE_HOST": endpoint.host,
            "C360_SNOWFLAKE_PORT": str(endpoint.port),
            "C360_SNOWFLAKE_PROTOCOL": str(endpoint.protocol),
            "C360_SNOWFLAKE_PASSWORD": LOCAL_CREDENTIALS["SNOWFLAKE_PASSWORD"],
        }
        return found
    for variable in ("PASSWORD", "PRIVATE_KEY_PATH", "PRIVATE_KEY_PASSPHRASE", "AUTHENTICATOR"):
        if value := os.environ.get(f"SNOWFLAKE_{variable}"):
            found[f"C360_SNOWFLAKE_{variable}"] = value
    return found


def exports(outputs: StackOutputs) -> str:
    """`environment` as lines for a shell, so that plain dbt finds the stack.

    A cloud stack's credentials are not written out: the lines refer to the variables that hold them.
    """
    lines = []
    for name, value in environment(outputs).items():
        kept = f"SNOWFLAKE_{name.removeprefix('C360_SNOWFLAKE_')}"
        from_environment = outputs.snowflake.host is None and os.environ.get(kept) == value
        lines.append(f'export {name}="${kept}"' if from_environment else f"export {name}={shlex.quote(value)}")
    return "\n".join(lines)


def build(
    workspace: Workspace,
    outputs: StackOutputs,
    say: Callable[[str], None],
    *,
    full_refresh: bool = False,
    select: str | None = None,
) -> Summary:
    """`dbt build`: seeds, models and tests.

    Raises:
        C360Error: a model or test failed; the message names the first ones, the log has the rest.
    """
    endpoint = outputs.snowflake.url
    if endpoint is not None:
        check_reachable(endpoint)
    project = workspace.root / "dbt"
    target = workspace.state / "dbt"
    command = [str(Path(sys.executable).parent / "dbt"), "--log-format", "json", "--log-level", "info", "build"]
    command += ["--project-dir", str(project), "--profiles-dir", str(project), "--target-path", str(target)]
    # Unit tests judge the models' text, not the data: `make test` runs them.
    command += ["--log-path", str(workspace.logs()), "--exclude-resource-type", "unit_test"]
    if full_refresh:
        command.append("--full-refresh")
    if select:
        command += ["--select", select]
    variables = (
        os.environ
        | environment(outputs)
        | {
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_USE_COLORS": "false",
        }
    )
    # A result of an earlier run must not pass for this one's.
    (target / "run_results.json").unlink(missing_ok=True)
    problems = _follow(command, variables, say, endpoint)
    return _summary(workspace, target, problems)


def _follow(
    command: list[str], variables: dict[str, str], say: Callable[[str], None], endpoint: str | None
) -> list[str]:
    """Run dbt, say each node as it ends, and collect what it logged as errors."""
    errors: list[str] = []
    with (
        subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as dbt,
        _Watch(dbt, endpoint) as watch,
    ):
        assert dbt.stdout is not None
        for line in dbt.stdout:
            try:
                event: dict[str, Any] = json.loads(line)
            except json.JSONDecodeError:
                errors.append(line.strip())
                continue
            info, data = event["info"], event.get("data", {})
            if info["name"] == _NODE_DONE or "index" in data:
                node = data.get("node_info", {}).get("node_name", "")
                say(f"{data.get('index', '?')} of {data.get('total', '?')} {node}")
            if info["level"] == "error":
                errors.append(" ".join(info["msg"].split()))
    if watch.gone:
        raise C360Error(
            f"The local cloud at {endpoint} went away while dbt ran; start it with `c360 local start` and run the same "
            "command again: finished models stay."
        )
    return errors


class _Watch:
    """Ends dbt when the local cloud dies under it; dbt's connector would wait for minutes."""

    def __init__(self, dbt: subprocess.Popen[str], endpoint: str | None) -> None:
        self.gone = False
        self._dbt, self._endpoint = dbt, endpoint
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while self._endpoint and not self._over.wait(1.0):
            try:
                check_reachable(self._endpoint)
            except C360Error:
                self.gone = True
                self._dbt.kill()
                return


def _summary(workspace: Workspace, target: Path, problems: list[str]) -> Summary:
    results = target / "run_results.json"
    if not results.exists():
        reason = next((p for p in problems if p), "it said nothing")
        raise C360Error(f"dbt did not run: {reason[:400]} (log: {workspace.logs() / 'dbt.log'})")
    counts: dict[str, int] = {}
    failed: list[str] = []
    for node in json.loads(results.read_text())["results"]:
        counts[node["status"]] = counts.get(node["status"], 0) + 1
        if node["status"] in {"error", "fail", "runtime error"}:
            message = " ".join(str(node.get("message") or "").split())
            failed.append(f"{node['unique_id'].split('.')[2]}: {message[:200]}")
    summary = Summary(counts)
    if failed:
        more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        raise C360Error(f"dbt: {summary}; {failed[0]}{more} (log: {workspace.logs() / 'dbt.log'}); nothing was lost.")
    return summary
