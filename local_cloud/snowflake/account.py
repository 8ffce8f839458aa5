"""One Snowflake account: its catalog, its data and the AWS endpoint that it reaches."""

from __future__ import annotations

import itertools
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

from local_cloud.snowflake.catalog import Catalog
from local_cloud.snowflake.query.database import Databases
from local_cloud.snowflake.query.history import ResultStore
from local_cloud.snowflake.session import Session

# Snowflake runs in an AWS account of its own; its IAM user and queues live there.
SNOWFLAKE_AWS_ACCOUNT = "210987654321"


@dataclass
class Account:
    """Everything that outlives a session.

    Attributes:
        name: account identifier, e.g. `LOCAL-C360`.
        home: folder with `catalog.sqlite`, one DuckDB file per database, `stages/` and `spool/`.
        aws_endpoint: where S3, IAM, SNS and SQS answer.
        region: the account's AWS region.
        results: of the latest statements, for RESULT_SCAN and for clients that fetch in pieces.
    """

    name: str
    home: Path
    aws_endpoint: str
    region: str
    catalog: Catalog
    databases: Databases
    results: ResultStore = field(init=False)

    def __post_init__(self) -> None:
        self.results = ResultStore(self.home / "spool" / "results")
        # Session identifiers are large numbers in Snowflake, and never come again after a restart.
        self._session_ids = itertools.count(time.time_ns() // 1000)

    def open_session(
        self,
        user: str,
        role: str | None = None,
        warehouse: str | None = None,
        database: str | None = None,
        schema: str | None = None,
    ) -> Session:
        """A session in the given context, without a check of password or grants; end it by `Session.close()`."""
        connection = self.databases.connect()
        return Session(str(next(self._session_ids)), self, user, connection, role, warehouse, database, schema)

    def close(self) -> None:
        self.databases.close()
        self.catalog.close()


def open_account(
    home: Path, aws_endpoint: str, name: str = "LOCAL-C360", region: str = "us-east-1", memory_limit: str = "3.5GB"
) -> Account:
    """Open or create the account under a folder."""
    home.mkdir(parents=True, exist_ok=True)
    for folder in ("stages", "spool"):
        (home / folder).mkdir(exist_ok=True)
    catalog = Catalog(home / "catalog.sqlite")
    return Account(name, home, aws_endpoint, region, catalog, Databases(home, memory_limit))


def new_token() -> str:
    return secrets.token_urlsafe(32)
