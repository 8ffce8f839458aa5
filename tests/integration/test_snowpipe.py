from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from snowflake.connector import ProgrammingError

from tests.integration.conftest import LocalCloud
from tests.integration.lake import Lake

pytestmark = pytest.mark.integration

DEFINITION = (
    "copy into streamed (A, B, F, N, D) from (select $1, $2, metadata$filename, metadata$file_row_number, "
    "metadata$start_scan_time from @lake_stage/in/)"
)
ROWS = 750
BODY = "a,b\n" + "".join(f"{i},text {i}\n" for i in range(ROWS))


def prepared(cloud: LocalCloud, options: str = "") -> Lake:
    lake = Lake(cloud)
    lake.sql("create table streamed (A number, B varchar, F varchar, N number, D timestamp_ltz)")
    topic = lake.announce("t/in/")
    lake.sql(f"create pipe streamed_pipe auto_ingest = true aws_sns_topic = '{topic}' as {DEFINITION} {options}")
    return lake


@pytest.fixture
def lake(local_cloud: LocalCloud) -> Iterator[Lake]:
    made = prepared(local_cloud)
    yield made
    made.sql("drop pipe if exists streamed_pipe")


def status(lake: Lake) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lake.values("select system$pipe_status('streamed_pipe')")[0][0])
    return found


def wait_until(lake: Lake, query: str, expected: list[tuple[Any, ...]], seconds: float = 20) -> float:
    """Seconds until the query answers as expected; fails with what it answered last."""
    started = time.monotonic()
    while (found := lake.values(query)) != expected:
        assert time.monotonic() - started < seconds, f"{query} still answers {found}"
        time.sleep(0.01)
    return time.monotonic() - started


def history(lake: Lake) -> list[tuple[Any, ...]]:
    return lake.values(
        "select FILE_NAME, STATUS, ROW_COUNT, ROW_PARSED, FIRST_ERROR_MESSAGE, PIPE_NAME from table("
        "information_schema.copy_history(table_name => 'STREAMED', "
        "start_time => dateadd(hours, -1, current_timestamp())))"
        " order by LAST_LOAD_TIME, FILE_NAME"
    )


def test_a_file_is_queryable_soon_after_it_arrives(lake: Lake) -> None:
    waits = []
    for number in range(20):
        lake.put(f"t/in/2025/03/14/x {number}.csv", BODY)
        waits.append(wait_until(lake, f"select count(*) from streamed where F like '%/x {number}.csv'", [(ROWS,)]))
    assert sorted(waits)[18] < 2
    assert lake.values("select min(N), max(N), count(distinct N) from streamed") == [(1, ROWS, ROWS)]


def test_an_announcement_that_comes_twice_loads_once(lake: Lake) -> None:
    lake.put("t/in/a+b c.csv", BODY)
    wait_until(lake, "select count(*) from streamed", [(ROWS,)])
    lake.put("t/in/a+b c.csv", BODY + "1,changed\n")
    lake.put("t/in/last.csv", "a,b\n1,x\n")
    wait_until(lake, "select count(*) from streamed where F = 't/in/last.csv'", [(1,)])
    assert lake.values("select count(*) from streamed") == [(ROWS + 1,)]
    assert [row[0] for row in history(lake)] == ["in/a+b c.csv", "in/last.csv"]


def test_malformed_rows_skip_the_file_by_default_and_are_recorded(lake: Lake) -> None:
    lake.put("t/in/bad.csv", "a,b\n1,x\noops,y\n")
    lake.put("t/in/good.csv", "a,b\n1,x\n")
    wait_until(lake, "select count(*) from streamed", [(1,)])
    assert sorted(history(lake)) == [
        ("in/bad.csv", "Load failed", 0, 2, "Numeric value 'oops' is not recognized", "STREAMED_PIPE"),
        ("in/good.csv", "Loaded", 1, 1, None, "STREAMED_PIPE"),
    ]
    found = lake.values(
        "select ERROR, FILE, LINE from table(information_schema.validate_pipe_load(pipe_name => 'streamed_pipe', "
        "start_time => dateadd(hours, -1, current_timestamp())))"
    )
    assert found == [("Numeric value 'oops' is not recognized", "in/bad.csv", 3)]


def test_with_continue_the_good_rows_of_a_bad_file_are_loaded(local_cloud: LocalCloud) -> None:
    lake = prepared(local_cloud, "on_error = continue")
    lake.put("t/in/bad.csv", 'a,b\n1,x\noops,y\n2\n3,"open\n4,z,too,many\n')
    wait_until(lake, "select count(*) from streamed", [(3,)])
    assert lake.values("select A, B from streamed order by A") == [(1, "x"), (2, None), (4, "z")]
    ((_, state, loaded, parsed, *_),) = history(lake)
    assert (state, loaded, parsed) == ("Partially loaded", 3, 5)
    lake.sql("drop pipe streamed_pipe")


def test_a_paused_pipe_keeps_what_arrives(lake: Lake) -> None:
    lake.sql("alter pipe streamed_pipe set pipe_execution_paused = true")
    for number in range(30):
        lake.put(f"t/in/{number:02d}.csv", "a,b\n1,x\n")
    deadline = time.monotonic() + 15
    while (found := status(lake))["pendingFileCount"] < 30:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    assert (found["executionState"], found["oldestPendingFilePath"]) == ("PAUSED", "in/00.csv")
    assert lake.values("select count(*) from streamed") == [(0,)]
    lake.sql("alter pipe streamed_pipe set pipe_execution_paused = false")
    wait_until(lake, "select count(*) from streamed", [(30,)])
    found = status(lake)
    assert (found["executionState"], found["pendingFileCount"]) == ("RUNNING", 0)
    assert found["notificationChannelName"].startswith("arn:aws:sqs:us-east-1:210987654321:sf-snowpipe-")


def test_refresh_loads_what_was_never_announced(lake: Lake) -> None:
    lake.s3.put_bucket_notification_configuration(Bucket=lake.bucket, NotificationConfiguration={})
    lake.put("t/in/silent/a.csv", "a,b\n1,x\n")
    lake.put("t/in/other/b.csv", "a,b\n1,x\n")
    assert lake.values("alter pipe streamed_pipe refresh prefix = 'silent/'") == [("in/silent/a.csv", "SENT")]
    wait_until(lake, "select count(*) from streamed", [(1,)])
    assert lake.values("alter pipe streamed_pipe refresh prefix = 'silent/'") == []


def test_a_topic_that_does_not_let_snowflake_subscribe_is_refused(lake: Lake) -> None:
    topic = lake.sns.create_topic(Name=f"closed-{lake.name.lower()}")["TopicArn"]
    with pytest.raises(ProgrammingError, match="is not authorized to perform: SNS:Subscribe on resource"):
        lake.sql(f"create pipe closed auto_ingest = true aws_sns_topic = '{topic}' as {DEFINITION}")
    lake.iam.update_assume_role_policy(RoleName=lake.role, PolicyDocument=json.dumps(lake.trust("other")))
    with pytest.raises(ProgrammingError, match="Error assuming AWS_ROLE"):
        lake.sql(f"create pipe closed auto_ingest = true as {DEFINITION}")
    assert [row["name"] for row in lake.sql("show pipes")] == ["STREAMED_PIPE"]


@pytest.mark.parametrize("option", ["on_error = abort_statement", "force = true", "purge = true", "files = ('a')"])
def test_options_that_pipes_do_not_have_are_refused(lake: Lake, option: str) -> None:
    with pytest.raises(ProgrammingError, match="not supported in a pipe's definition"):
        lake.sql(f"create pipe other as {DEFINITION} {option}")


def test_show_and_describe_and_the_end_of_a_subscription(lake: Lake) -> None:
    (shown,) = lake.sql("show pipes")
    assert shown["definition"] == DEFINITION
    assert shown["notification_channel"].startswith("arn:aws:sqs:")
    assert lake.sql("describe pipe streamed_pipe") == [shown]
    topic = lake.sns.create_topic(Name=f"topic-{lake.name.lower()}")["TopicArn"]
    assert len(lake.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]) == 1
    lake.sql("drop pipe streamed_pipe")
    assert lake.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_every_file_is_loaded_exactly_once_across_kills(fresh_cloud: LocalCloud) -> None:
    lake = prepared(fresh_cloud)
    for number in range(60):
        lake.put(f"t/in/{number:02d}.csv", BODY)
        if number in {20, 45}:
            fresh_cloud.kill()
            fresh_cloud.restart()
            lake.reconnect()
    wait_until(lake, "select count(distinct F), count(*) from streamed", [(60, 60 * ROWS)], seconds=30)
    assert lake.values("select count(*) from streamed") == [(60 * ROWS,)]
