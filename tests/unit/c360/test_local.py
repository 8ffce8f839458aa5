"""Finding, and not finding, a running local cloud."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from c360 import local
from c360.endpoints import check_reachable
from c360.errors import C360Error
from c360.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(Path(__file__).parents[3], tmp_path)


def write_endpoints(workspace: Workspace, pid: int) -> None:
    workspace.cloud.mkdir(parents=True)
    (workspace.cloud / "endpoints.json").write_text(
        json.dumps(
            {
                "pid": pid,
                "aws_endpoint": "http://127.0.0.1:1",
                "snowflake": {"host": "127.0.0.1", "port": 1, "protocol": "http", "account": "LOCAL-C360"},
            }
        )
    )


def test_no_file_means_not_running(workspace: Workspace) -> None:
    assert local.status(workspace) is None
    assert local.stop(workspace) is False


def test_the_file_of_a_killed_cloud_is_not_believed_though_its_number_is_in_use(workspace: Workspace) -> None:
    write_endpoints(workspace, os.getpid())
    assert local.status(workspace) is None


def test_commands_that_need_it_say_how_to_start_it(workspace: Workspace) -> None:
    with pytest.raises(C360Error, match="c360 local start"):
        local.require(workspace)


def test_a_closed_port_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(C360Error, match=rf"does not answer at http://127\.0\.0\.1:{port};"):
        check_reachable(f"http://127.0.0.1:{port}")


def test_reset_deletes_data_and_stack_state_and_keeps_generated_files(workspace: Workspace) -> None:
    for folder in (workspace.cloud, workspace.lake, workspace.state / "stacks"):
        folder.mkdir(parents=True)
        (folder / "local.json").write_text("{}")
    local.reset(workspace)
    assert not workspace.cloud.exists()
    assert not workspace.stack_state("local").exists()
    assert (workspace.lake / "local.json").exists()
