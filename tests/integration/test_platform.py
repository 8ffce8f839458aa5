"""The whole platform as a person meets it: one demo at a small size, then everything that may go wrong."""

from __future__ import annotations

import gzip
import json
import statistics
import time
from collections.abc import Iterator

import pytest

from generators.stream import HEADER
from tests.integration.platform import Platform

pytestmark = pytest.mark.integration

SIZE = ("--customers", "300")
BRONZE = "BRONZE.BRONZE_TRANSACTIONS"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A finished demo of 300 customers and 81,000 transactions."""
    platform = Platform(tmp_path_factory.mktemp("platform"))
    platform.run("demo", "--no-app", *SIZE)
    yield platform
    platform.run("local", "stop")


def transaction(number: int, **changes: str) -> str:
    fields = {
        "id": f"TEST{number:06d}",
        "customer": "CUST00000001",
        "date": "2026-07-02 10:00:00",
        "amount": "12.50",
        "rest": "Shop,Groceries,Online,approved",
    }
    return ",".join((fields | changes).values())


def put(platform: Platform, name: str, *lines: str) -> str:
    """Put a file under the streaming prefix with plain boto3; its key."""
    key = f"transactions/streaming/2026/07/02/10/{name}.csv"
    body = "\n".join([HEADER, *lines]) + "\n"
    platform.client("s3").put_object(Bucket=platform.outputs["bucket"], Key=key, Body=body.encode())
    return key


def wait_for(platform: Platform, condition: str, expected: int, seconds: float = 30) -> int:
    """Rows of bronze that meet a condition, once there are as many as expected or the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        found = platform.count(f"{BRONZE} WHERE {condition}")
        if found >= expected or time.monotonic() > deadline:
            return found


def test_rows_reconcile_and_the_report_says_so(platform: Platform) -> None:
    report = platform.report
    rows = report["rows"]
    assert report["ok"] is True
    assert [step["name"] for step in report["steps"]] == [
        "local cloud",
        "up",
        "generate",
        "upload",
        "load",
        "stream",
        "transform",
        "count",
    ]
    assert rows["bronze_transactions"] == (
        rows["silver_transactions"] + rows["duplicate_transactions"] + rows["rejected_transactions"]
    )
    assert rows["bronze_transactions"] > 81_000
    assert rows["customer_360_profile"] == 300


def test_changes_of_customers_come_by_their_pipe_and_once(platform: Platform) -> None:
    customers = "BRONZE.BRONZE_CUSTOMERS"
    before = platform.count(customers)
    assert before > 300
    key = f"{platform.outputs['prefixes']['customer_changes']}2031-01-31.csv.gz"
    header = (
        "customer_id,first_name,last_name,email,age,state,city,employment_status,card_type,credit_limit,"
        "account_open_date,customer_segment,decline_type,effective_date"
    )
    row = "CUST00000001,Ann,Lee,ann@example.com,40,NY,Albany,Retired,Premium,30000,2020-01-01,Declining,,2031-01-15"
    body = gzip.compress(f"{header}\n{row}\n".encode())
    platform.client("s3").put_object(Bucket=platform.outputs["bucket"], Key=key, Body=body)
    deadline = time.monotonic() + 60
    while platform.count(f"{customers} WHERE SOURCE_FILE = '{key}'") == 0 and time.monotonic() < deadline:
        time.sleep(0.2)
    platform.run("load")
    assert platform.count(f"{customers} WHERE SOURCE_FILE = '{key}' AND EFFECTIVE_DATE = '2031-01-15'") == 1
    assert platform.count(customers) == before + 1


def test_faults_found_are_the_faults_planted(platform: Platform) -> None:
    planted: dict[str, int] = {}
    for file in (platform.state / "lake" / "truth" / "streaming").glob("20260701*.json"):
        for kind, number in json.loads(file.read_text())["faults"].items():
            planted[kind] = planted.get(kind, 0) + number
    rows = platform.report["rows"]
    assert rows["duplicate_transactions"] == planted["exact_duplicate"] + planted["resent_later"] > 0
    rejected = sum(planted[kind] for kind in ("negative_amount", "bad_date", "bad_amount", "short_row"))
    assert rows["rejected_transactions"] == rejected > 0


def test_a_second_up_changes_nothing_and_preview_says_so(platform: Platform) -> None:
    assert "Nothing would change." in platform.run("preview")
    assert "created" not in platform.run("up").rsplit("Done:", 1)[1]


def test_a_broken_trust_policy_stops_the_next_copy_and_refresh_mends_it(platform: Platform) -> None:
    iam = platform.client("iam")
    role = platform.outputs["role_arn"].rsplit("/", 1)[1]
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"] = "somebody-elses"
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))

    assert "Error assuming AWS_ROLE" in platform.fails("load")
    assert "1 updated" in platform.run("up", "--refresh")
    platform.run("load")


def test_a_file_announced_twice_is_loaded_once_and_malformed_rows_cost_only_themselves(platform: Platform) -> None:
    lines = [transaction(1), transaction(2, amount="much"), "short,row", transaction(3, date="soon")]
    key = put(platform, "twice", *lines)
    condition = f"SOURCE_FILE = '{key}'"
    assert wait_for(platform, condition, 4) == 4, "bronze keeps malformed rows as text"
    put(platform, "twice", *lines)
    put(platform, "after", transaction(4))
    assert wait_for(platform, "TRANSACTION_ID = 'TEST000004'", 1) == 1, "the pipe went on"
    assert platform.count(f"{BRONZE} WHERE {condition}") == 4


def test_streamed_files_are_in_bronze_within_two_seconds(platform: Platform) -> None:
    """The 95th percentile of 50 files: a behaviour that the platform promises, ten times slower than it is."""
    waits = []
    for number in range(50):
        started = time.monotonic()
        key = put(platform, f"quick_{number}", transaction(1000 + number))
        while platform.count(f"{BRONZE} WHERE SOURCE_FILE = '{key}'") < 1:
            assert time.monotonic() - started < 30, f"{key} was not loaded"
            time.sleep(0.02)
        waits.append(time.monotonic() - started)
    assert statistics.quantiles(waits, n=20)[-1] < 2.0


def test_a_repeated_demo_adds_nothing(platform: Platform) -> None:
    before = platform.count(BRONZE)
    platform.run("load")
    platform.run("upload")
    assert platform.count(BRONZE) == before


def test_errors_are_one_sentence(platform: Platform, tmp_path: object) -> None:
    assert "does not exist or not authorized" in platform.fails("sql", "SELECT * FROM GOLD.NOTHING")
    assert "holds a portfolio of 300 customers" in platform.fails("demo", "--no-app", "--customers", "400")
    assert "needs the Pulumi CLI" in platform.fails("outputs", "--stack", "dev")
    for message in (
        platform.fails("sql", "SELEC 1"),
        platform.fails("generate", "--customers", "30", "--transactions", "500"),
    ):
        assert len(message.strip().splitlines()) == 1 or "✗" in message


def test_destroy_refuses_what_is_protected_and_then_leaves_nothing(tmp_path: object, platform: Platform) -> None:
    message = platform.fails("destroy", "--yes")
    assert "protect" in message
    platform.run("destroy", "--yes", "--unprotect")
    assert platform.client("s3").list_buckets()["Buckets"] == []
    assert platform.client("sns").list_topics()["Topics"] == []
    roles = [r["RoleName"] for r in platform.client("iam").list_roles()["Roles"]]
    assert roles == []
    assert "has no" in platform.fails("outputs") or "up" in platform.fails("outputs")
