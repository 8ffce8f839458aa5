"""A connection gives up on an endpoint that is gone, and on no other."""

from __future__ import annotations

import socket

import pytest

from local_cloud.engine.resources.snowflake.connection import _pauses


def test_tries_again_for_as_long_as_somebody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as endpoint:
        pauses = _pauses({"host": "127.0.0.1", "port": endpoint.getsockname()[1]})
        assert [next(pauses) for _ in range(3)] == [1, 1, 1]
    with pytest.raises(ConnectionError, match=r"nothing answers at 127\.0\.0\.1:\d+ any more"):
        next(pauses)
