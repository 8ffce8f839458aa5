"""Stored procedures, e-mail and SNS notifications through the unchanged connector, against a running local cloud."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector
from snowflake.connector import SnowflakeConnection

from tests.integration.conftest import LocalCloud

Sql = Callable[..., list[tuple[Any, ...]]]
_PYTHON = "language python runtime_version = '3.11' packages = ('snowflake-snowpark-python') handler = 'main'"


@pytest.fixture(scope="module")
def connection(local_cloud: LocalCloud) -> Iterator[SnowflakeConnection]:
    with local_cloud.connect(role="ACCOUNTADMIN") as opened:
        cursor = opened.cursor()
        cursor.execute("create or replace database PROC_TESTS")
        cursor.execute("create table NUMBERS (n number, name varchar)")
        cursor.execute("insert into NUMBERS values (1, 'one'), (2, 'two')")
        yield opened
        cursor.execute("drop database PROC_TESTS")


@pytest.fixture
def sql(connection: SnowflakeConnection) -> Sql:
    def run(text: str, *values: Any) -> list[tuple[Any, ...]]:
        cursor = connection.cursor()
        cursor.execute(text, values or None)
        return [tuple(row) for row in cursor.fetchall()]

    return run


def test_a_python_procedure_reads_and_writes_with_its_session(sql: Sql) -> None:
    sql(
        f"""create procedure DOUBLE_ALL(factor number, label varchar default 'doubled') returns varchar {_PYTHON} as $$
from snowflake.snowpark.functions import col

def main(session, factor, label):
    made = session.table("NUMBERS").with_column("N", col("N") * factor)
    made.write.mode("overwrite").save_as_table("MADE")
    return f"{{label}} {{session.table('MADE').count()}} by {{type(factor).__name__}}"
$$"""
    )
    assert sql("call DOUBLE_ALL(10)") == [("doubled 2 by int",)]
    assert sql("select n, name from MADE order by 1") == [(10, "one"), (20, "two")]
    assert sql("call PROC_TESTS.PUBLIC.DOUBLE_ALL(factor => 3, label => 'x')") == [("x 2 by int",)]
    assert sql("call DOUBLE_ALL(%s, %s)", 2, "it's") == [("it's 2 by int",)]


def test_a_procedure_may_return_rows(sql: Sql) -> None:
    sql(
        f"""create procedure LARGE() returns table (N number, NAME varchar) {_PYTHON} as $$
def main(session):
    return session.sql("select n, name from NUMBERS where n > 1")
$$"""
    )
    assert sql("call LARGE()") == [(2, "two")]


def test_errors_of_python_are_shown_as_snowflake_shows_them(sql: Sql) -> None:
    sql(
        f"""create procedure BROKEN() returns varchar {_PYTHON} as $$
def helper():
    raise ValueError("no training data")

def main(session):
    helper()
$$"""
    )
    with pytest.raises(snowflake.connector.errors.ProgrammingError) as raised:
        sql("call BROKEN()")
    text = str(raised.value)
    assert "100357 (P0000)" in text
    assert "Python Interpreter Error:\nTraceback (most recent call last):\n" in text
    assert '  File "_udf_code.py", line 6, in main\n  File "_udf_code.py", line 3, in helper\n' in text
    assert "ValueError: no training data\n in function BROKEN with handler main" in text


def test_rights_of_owner_and_caller_differ(local_cloud: LocalCloud, sql: Sql) -> None:
    sql("create or replace role PROC_CALLER")
    sql("grant role PROC_CALLER to user C360")
    sql("grant usage on database PROC_TESTS to role PROC_CALLER")
    sql("grant usage on schema PROC_TESTS.PUBLIC to role PROC_CALLER")
    body = "$$\ndef main(session):\n    return session.get_current_role().strip('\"')\n$$"
    for right in ("OWNER", "CALLER"):
        sql(f"create procedure ROLE_OF_{right}() returns varchar {_PYTHON} execute as {right} as {body}")
        sql(f"grant usage on procedure ROLE_OF_{right}() to role PROC_CALLER")
    sql(f"create procedure HIDDEN() returns varchar {_PYTHON} as {body}")
    with local_cloud.connect(role="PROC_CALLER", database="PROC_TESTS", schema="PUBLIC") as other:
        cursor = other.cursor()
        cursor.execute("call ROLE_OF_OWNER()")
        assert cursor.fetchall() == [("ACCOUNTADMIN",)]
        cursor.execute("call ROLE_OF_CALLER()")
        assert cursor.fetchall() == [("PROC_CALLER",)]
        with pytest.raises(snowflake.connector.errors.ProgrammingError, match="002141"):
            cursor.execute("call HIDDEN()")


def test_temporary_tables_and_transactions_are_shared_with_the_caller(sql: Sql) -> None:
    sql("create temporary table SCRATCH (n number)")
    sql(
        f"""create procedure FILL() returns number {_PYTHON} execute as caller as $$
def main(session):
    session.sql("insert into SCRATCH values (7)").collect()
    return session.sql("select sum(n) from SCRATCH").collect()[0][0]
$$"""
    )
    sql("begin")
    assert sql("call FILL()") == [(7,)]
    assert sql("select n from SCRATCH") == [(7,)]
    sql("rollback")
    assert sql("select n from SCRATCH") == []


def test_imports_come_from_a_stage(connection: SnowflakeConnection, sql: Sql, tmp_path: Path) -> None:
    (tmp_path / "scoring_code.py").write_text("def main(session, n):\n    return n + 1\n")
    sql("create stage CODE")
    sql(f"put file://{tmp_path}/scoring_code.py @CODE/v1 auto_compress = false")
    sql(
        """create procedure SCORED(n number) returns number language python runtime_version = 3.11
        packages = ('snowflake-snowpark-python', 'pandas') imports = ('@CODE/v1/scoring_code.py')
        handler = 'scoring_code.main' as ''"""
    )
    assert sql("call SCORED(41)") == [(42,)]


def test_a_task_calls_a_procedure_and_sets_its_return_value(sql: Sql) -> None:
    sql(
        f"""create procedure RETURNING() returns varchar {_PYTHON} execute as caller as $$
def main(session):
    session.call("SYSTEM$SET_RETURN_VALUE", "from python")
    return "done"
$$"""
    )
    sql("create task CALLER_TASK schedule = '1 HOUR' as call RETURNING()")
    sql("execute task CALLER_TASK")
    source = "table(information_schema.task_history(task_name => 'CALLER_TASK'))"
    history = f"select state, return_value, error_message from {source}"
    deadline = time.monotonic() + 15
    while (found := sql(history)) in ([], [("EXECUTING", None, None)]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert found == [("SUCCEEDED", "from python", None)]


def test_email_lands_in_the_outbox_if_its_recipients_are_allowed(local_cloud: LocalCloud, sql: Sql) -> None:
    sql(
        "create or replace notification integration MAILER type = email enabled = true "
        "allowed_recipients = ('ops@example.com', 'data@example.com')"
    )
    assert sql("call system$send_email('MAILER', 'ops@example.com, data@example.com', 'Late', 'Rows: 0')") == [(True,)]
    with pytest.raises(snowflake.connector.errors.ProgrammingError, match="not allowed by the integration 'MAILER'"):
        sql("call system$send_email('MAILER', 'eve@example.com', 'Late', 'Rows: 0')")
    sql(
        "call system$send_snowflake_notification(snowflake.notification.text_html('<b>late</b>'), "
        "snowflake.notification.email_integration_config('mailer', 'Later', array_construct('ops@example.com')))"
    )
    sent = [json.loads(path.read_text()) for path in sorted((local_cloud.home / "snowflake/outbox").glob("*.json"))]
    shown = [(mail["to"], mail["subject"], mail["body"], mail["mime_type"]) for mail in sent]
    assert shown[-2:] == [
        (["ops@example.com", "data@example.com"], "Late", "Rows: 0", "text/plain"),
        (["ops@example.com"], "Later", "<b>late</b>", "text/html"),
    ]


def test_sns_is_published_only_under_a_role_that_trusts_and_may(local_cloud: LocalCloud, sql: Sql) -> None:
    iam, sns, sqs = (local_cloud.client(name) for name in ("iam", "sns", "sqs"))
    topic = sns.create_topic(Name="work-errors")["TopicArn"]
    queue = sqs.create_queue(QueueName="work-errors")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    role = "arn:aws:iam::123456789012:role/work-errors"
    sql(
        "create or replace notification integration ERRORS type = queue enabled = true direction = outbound "
        f"notification_provider = aws_sns aws_sns_topic_arn = '{topic}' aws_sns_role_arn = '{role}'"
    )
    send = (
        "call system$send_snowflake_notification("
        """'{"application/json": "{\\\\"late\\\\": true}"}', '{"ERRORS": {}}')"""
    )
    with pytest.raises(snowflake.connector.errors.ProgrammingError, match="Error assuming AWS_ROLE"):
        sql(send)
    described = {name: value for name, _, value, _ in sql("describe integration ERRORS")}
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": described["SF_AWS_IAM_USER_ARN"]},
        "Condition": {"StringEquals": {"sts:ExternalId": described["SF_AWS_EXTERNAL_ID"]}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="work-errors", AssumeRolePolicyDocument=document)
    with pytest.raises(snowflake.connector.errors.ProgrammingError, match="not authorized to perform: sns:Publish"):
        sql(send)
    allow = {"Effect": "Allow", "Action": "sns:Publish", "Resource": topic}
    iam.put_role_policy(
        RoleName="work-errors",
        PolicyName="publish",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )
    sql(send)
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert json.loads(json.loads(message["Body"])["Message"]) == {"late": True}

    sql("create task FAILING schedule = '1 HOUR' error_integration = ERRORS as select 1 / 0")
    sql("execute task FAILING")
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    notice = json.loads(json.loads(message["Body"])["Message"])
    assert (notice["messageType"], notice["taskName"]) == ("USER_TASK_FAILED", "PROC_TESTS.PUBLIC.FAILING")
    assert notice["messages"][0]["errorMessage"] == "Division by zero"
