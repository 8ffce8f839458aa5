"""Two environments in one Snowflake account and one AWS account: neither meets nor sees the other."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from snowflake.connector.errors import Error

from generators.stream import HEADER
from infra.offline import REPOSITORY
from local_cloud.engine import Engine
from tests.integration.conftest import LocalCloud

# The SDK deprecates old resources of its own when it is imported.
pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_aws")]

_LOADED_WITHIN_SECONDS = 60
# Not seen, no privilege, not usable, no such procedure.
_REFUSED = {2003, 3001, 2043, 2141}
# What a role of one environment might try with the names of the other.
_TRIED = (
    "select * from {database}.BRONZE.BRONZE_TRANSACTIONS",
    "insert into {database}.BRONZE.BRONZE_TRANSACTIONS (TRANSACTION_ID) values ('x')",
    "select * from {database}.OBSERVABILITY.PIPELINE_RUN_METADATA",
    "create table {database}.GOLD.MINE (A int)",
    "create view {database}.REPORTING.MINE as select 1 as A",
    "list @{stages[customers]}",
    "list @{stages[app]}",
    "select system$pipe_status('{pipes[transactions]}')",
    "describe integration {storage_integration}",
    "describe streamlit {app[name]}",
    "use schema {database}.GOLD",
    "use warehouse {warehouses[load]}",
    "use warehouse {warehouses[analytics]}",
    "execute task {database}.OBSERVABILITY.CLEAN_UP",
    "call {database}.OBSERVABILITY.CLEAN_UP(1)",
)


class Environments:
    """The stacks `local` and `dev`, deployed into one local cloud; `outputs` by stack."""

    def __init__(self, folder: Path, cloud: LocalCloud) -> None:
        self.cloud, self._folder = cloud, folder
        self.outputs: dict[str, dict[str, Any]] = {}

    def engine(self, stack: str) -> Engine:
        endpoint = {"organization": "LOCAL", "account": "C360", "user": "C360", "protocol": "http"}
        return Engine(
            REPOSITORY,
            stack,
            self._folder / f"{stack}.json",
            config={
                "customer360:aws": json.dumps({"endpoint": self.cloud.aws_endpoint}),
                "customer360:snowflake": json.dumps(endpoint | {"host": self.cloud.host, "port": self.cloud.port}),
            },
            environment={
                "AWS_ACCESS_KEY_ID": "local",
                "AWS_SECRET_ACCESS_KEY": "local",
                "SNOWFLAKE_PASSWORD": "local",
            },
        )

    def up(self, stack: str, *, refresh: bool = False) -> dict[str, int]:
        counts = self.engine(stack).up(refresh=refresh).counts
        self.outputs[stack] = self.engine(stack).outputs()
        return counts

    def rows(self, statement: str, role: str = "ACCOUNTADMIN", **options: Any) -> list[Any]:
        with self.cloud.connect(role=role, **options) as connection, connection.cursor() as cursor:
            return list(cursor.execute(statement).fetchall())  # type: ignore[union-attr]  # execute returns the cursor

    def put(self, stack: str, transaction: str) -> None:
        """One streamed file with one transaction."""
        line = f"{transaction},CUST00000001,2026-07-02 10:00:00,12.50,Shop,Groceries,Online,approved"
        self.cloud.client("s3").put_object(
            Bucket=self.outputs[stack]["bucket"],
            Key=f"transactions/streaming/2026/07/02/10/{transaction}.csv",
            Body=f"{HEADER}\n{line}\n".encode(),
        )

    def loaded(self, stack: str, expected: int) -> set[str]:
        """Ids of the transactions in bronze, once there are as many as expected or the time is over."""
        deadline = time.monotonic() + _LOADED_WITHIN_SECONDS
        while True:
            rows = self.rows(f"select TRANSACTION_ID from {self.outputs[stack]['tables']['bronze_transactions']}")
            if len(rows) >= expected or time.monotonic() > deadline:
                return {str(row[0]) for row in rows}
            time.sleep(0.2)


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environments]:
    folder = tmp_path_factory.mktemp("environments")
    cloud = LocalCloud(folder / "cloud")
    cloud.start()
    try:
        deployed = Environments(folder, cloud)
        assert set(deployed.up("local")) == set(deployed.up("dev")) == {"create"}
        yield deployed
    finally:
        cloud.stop()


def test_the_second_leaves_the_first_as_it_was(environments: Environments) -> None:
    assert environments.up("local", refresh=True).keys() == {"same"}
    assert {outputs["trust"]["status"] for outputs in environments.outputs.values()} == {"success"}


@pytest.mark.parametrize(("stack", "other"), [("local", "dev"), ("dev", "local")])
def test_no_role_of_one_can_do_anything_in_the_other(environments: Environments, stack: str, other: str) -> None:
    own, foreign = environments.outputs[stack], environments.outputs[other]
    for role in own["roles"].values():
        with environments.cloud.connect(role=role) as connection, connection.cursor() as cursor:
            shown = {str(row[1]) for row in cursor.execute("show databases").fetchall()}  # type: ignore[union-attr]  # the cursor
            assert own["database"] in shown
            assert foreign["database"] not in shown
            for text in _TRIED:
                with pytest.raises(Error) as refused:
                    cursor.execute(text.format(**foreign))
                assert refused.value.errno in _REFUSED, (role, text, refused.value)


def test_no_integration_reads_the_lake_of_the_other(environments: Environments) -> None:
    own, foreign = environments.outputs["dev"], environments.outputs["local"]
    with pytest.raises(Error, match="is not allowed by integration"):
        environments.rows(
            f"create stage {own['database']}.BRONZE.STOLEN url = 's3://{foreign['bucket']}/customers/' "
            f"storage_integration = {own['storage_integration']}"
        )


def test_each_loads_its_own_files(environments: Environments) -> None:
    for stack in ("local", "dev"):
        environments.put(stack, f"OF-{stack}")
    for stack in ("local", "dev"):
        assert environments.loaded(stack, 1) == {f"OF-{stack}"}


def test_destroying_one_leaves_the_other(environments: Environments) -> None:
    # Runs last: what the tests before it need is gone afterwards.
    dev = environments.outputs["dev"]
    before = environments.loaded("local", 0)
    assert environments.engine("dev").destroy(unprotect=True).counts.keys() == {"delete"}
    for kind, name in (("databases", dev["database"]), ("warehouses", "C360_DEV_%"), ("roles", "C360_DEV_%")):
        assert environments.rows(f"show {kind} like '{name}'") == []
    assert len(environments.rows("show roles like 'C360_LOCAL_%'")) == len(environments.outputs["local"]["roles"])
    environments.put("local", "AFTERWARDS")
    assert environments.loaded("local", len(before) + 1) == before | {"AFTERWARDS"}
