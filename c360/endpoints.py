"""Where the local cloud answers, and what it takes for credentials; without the clients, whose import costs seconds."""

from __future__ import annotations

import socket
from urllib.parse import urlparse

from c360.errors import C360Error

# What the local cloud accepts; a cloud stack takes its credentials from the environment as usual.
LOCAL_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "SNOWFLAKE_PASSWORD": "local",
}


def check_reachable(url: str) -> None:
    """Fail at once, and in one sentence, when a local endpoint is down."""
    parts = urlparse(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=5):
            pass
    except OSError as error:
        raise C360Error(
            f"The local cloud does not answer at {url}; `c360 local start` starts it, and nothing is lost."
        ) from error
