"""AWS on this machine: moto's server on 127.0.0.1 with state that survives the process.

S3 events reach SNS and SQS inside moto as they do on AWS; STS and IAM hold roles and policies but enforce nothing by
themselves (https://docs.getmoto.org/en/latest/docs/server_mode.html). The local Snowflake checks trust and policies.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Reads before moto is imported: an object's body stays in memory up to this size, then in a temporary file.
os.environ.setdefault("MOTO_S3_DEFAULT_KEY_BUFFER_SIZE", str(1024 * 1024))

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local_cloud.aws.bucket_policies import requests_count_as_secure
from local_cloud.aws.delivery import deliver_to_the_queues_account
from local_cloud.aws.durability import SERVICES, DurableState
from local_cloud.aws.queue_attributes import tell_the_redrive_allow_policy

HOST = "127.0.0.1"
_SERVICE = re.compile(r"/(s3|sns|sqs|iam|sts)/aws4_request")
# These change nothing that must survive: an undeleted message is simply delivered again.
_READS = re.compile(r"\.(Get|List|Receive|ChangeMessageVisibility)")


@dataclass
class AwsEndpoint:
    """A running endpoint: `url` answers until `stop()`."""

    url: str
    _server: BaseWSGIServer
    _thread: threading.Thread

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def start(home: Path, port: int) -> AwsEndpoint:
    """Restore the state under `home` and serve it in a background thread.

    Raises:
        OSError: the port is taken (0 picks a free one).
        StateError: the stored state cannot be used.
    """
    state = DurableState(home)
    state.restore()
    deliver_to_the_queues_account()
    requests_count_as_secure()
    tell_the_redrive_allow_policy()
    moto_app = DomainDispatcherApplication(create_backend_app)
    server = make_server(HOST, port, _Durable(moto_app, state), threaded=True, request_handler=_QuietHandler)
    os.environ["MOTO_PORT"] = str(server.server_port)
    thread = threading.Thread(target=server.serve_forever, name="aws", daemon=True)
    thread.start()
    return AwsEndpoint(f"http://{HOST}:{server.server_port}", server, thread)


class _Durable:
    """WSGI middleware: the answer to a change leaves after the change is on disk."""

    def __init__(self, app: Callable[..., Iterable[bytes]], state: DurableState) -> None:
        self._app = app
        self._state = state

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with self._state.changing(_touched(environ)):
            return self._app(environ, start_response)


def _touched(environ: dict[str, Any]) -> tuple[str, ...]:
    """The services whose state a request may have changed."""
    if environ["REQUEST_METHOD"] in {"GET", "HEAD", "OPTIONS"}:
        return ()
    if _READS.search(environ.get("HTTP_X_AMZ_TARGET", "")):
        return ()
    found = _SERVICE.search(environ.get("HTTP_AUTHORIZATION", "") + environ.get("QUERY_STRING", "").replace("%2F", "/"))
    service = found.group(1) if found else "s3"
    # An object put is announced by SNS to SQS; a message published lands in SQS.
    return {"s3": SERVICES, "sns": ("sns", "sqs")}.get(service, (service,))


class _QuietHandler(WSGIRequestHandler):
    """Keeps connections open between requests, as AWS does, and logs nothing per request."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """One line a request would drown what matters in the server's log."""
