"""An AWS for tests that need no local cloud: moto's server in this process, empty for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.core.base_backend import BackendDict
from moto.server import ThreadedMotoServer


@pytest.fixture(scope="session")
def _moto_server() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def moto_endpoint(_moto_server: str) -> Iterator[str]:
    """The endpoint's URL. moto keeps one state for the whole process, so it is emptied before and after."""
    BackendDict.reset()
    yield _moto_server
    BackendDict.reset()
