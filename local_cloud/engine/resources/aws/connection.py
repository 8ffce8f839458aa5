"""boto3 clients as a provider resource configures them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from local_cloud.engine.model import EngineError
from local_cloud.engine.values import Properties


class AwsConnection:
    """Clients for one provider resource, made when first used.

    Args:
        provider: inputs of `pulumi:providers:aws`.
        environment: credentials, as AWS_* variables; those of the process count too.
    """

    def __init__(self, provider: Properties, environment: Mapping[str, str]) -> None:
        self._provider, self._environment = provider, environment
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}

    @cached_property
    def region(self) -> str:
        region = self._provider.get("region") or self._environment.get("AWS_REGION")
        if not region:
            raise EngineError("pulumi:providers:aws has no region; give it one, or set aws:region or AWS_REGION")
        return str(region)

    @property
    def partition(self) -> str:
        starts = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
        return next((partition for start, partition in starts.items() if self.region.startswith(start)), "aws")

    @cached_property
    def account_id(self) -> str:
        return str(self.client("sts").get_caller_identity()["Account"])

    def client(self, service: str) -> Any:
        """The client of `s3`, `iam`, `sns`, `sqs` or `sts`."""
        # 40 ms; only what talks to AWS needs it.
        import boto3
        from botocore.config import Config

        with self._lock:
            if service not in self._clients:
                style: Any = {"addressing_style": "path"} if self._provider.get("s3UsePathStyle") else {}
                credentials = {
                    "aws_access_key_id": self._provider.get("accessKey"),
                    "aws_secret_access_key": self._provider.get("secretKey"),
                    "aws_session_token": self._provider.get("token"),
                }
                session: Any = boto3.Session(region_name=self.region, **{k: v for k, v in credentials.items() if v})
                self._clients[service] = session.client(
                    service,
                    endpoint_url=self._endpoint(service),
                    config=Config(s3=style, retries={"max_attempts": 2, "mode": "standard"}, connect_timeout=5),
                )
            return self._clients[service]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _endpoint(self, service: str) -> str | None:
        endpoints: list[Mapping[str, str]] = self._provider.get("endpoints") or []
        return next((each[service] for each in endpoints if each.get(service)), None)
