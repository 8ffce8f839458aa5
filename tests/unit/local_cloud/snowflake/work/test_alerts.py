"""Alerts: when they act, what their SQL may ask about their schedule, and how they fail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from local_cloud.snowflake.account import Account
from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.work import outbox, runs
from tests.unit.local_cloud.snowflake.conftest import Run
from tests.unit.local_cloud.snowflake.work.conftest import START, Advance

States = Callable[[str], list[str]]
_HOUR = timedelta(hours=1)
_END = START + timedelta(days=60)


@pytest.fixture
def states(account: Account) -> States:
    """States of an alert's runs in this test, the first one first."""
    before = len(runs.of(account).between("alert_runs", START, _END))

    def rows(name: str) -> list[str]:
        found = sorted(runs.of(account).between("alert_runs", START, _END), key=lambda row: row["id"])[before:]
        return [row["state"] for row in found if row["name"] == f"DB.PUBLIC.{name}"]

    return rows


def test_an_alert_sees_each_row_once_and_sends_mail(
    account: Account, run: Run, advance: Advance, states: States
) -> None:
    run("create table EVENTS (at timestamp_ltz, what varchar)")
    run(
        "create or replace notification integration OPS type = email enabled = true "
        "allowed_recipients = ('ops@example.com')"
    )
    run(
        """create alert LATE warehouse = WH schedule = 'USING CRON 0 * * * * UTC' comment = 'c'
        if (exists (select 1 from EVENTS
            where at between snowflake.alert.last_successful_scheduled_time() and snowflake.alert.scheduled_time()))
        then call system$send_email('OPS', 'ops@example.com', 'Late', 'Something is late')"""
    )
    run("alter alert LATE resume")
    advance(START + _HOUR)
    run("insert into EVENTS values (dateadd(minute, 5, current_timestamp()), 'load')")
    advance(START + 4 * _HOUR)
    assert states("LATE") == ["CONDITION_FALSE", "TRIGGERED", "CONDITION_FALSE", "CONDITION_FALSE"]
    (mail,) = outbox.messages(account.home)
    assert (mail["to"], mail["subject"], mail["body"]) == (["ops@example.com"], "Late", "Something is late")
    assert mail["sent_at"].startswith("2026-06-01T02:00:00")
    shown = run("select state, scheduled_time from table(information_schema.alert_history(alert_name => 'LATE'))")
    assert shown[0] == ("SCHEDULED", START + 5 * _HOUR)
    assert shown[3] == ("TRIGGERED", START + 2 * _HOUR)


def test_failures_of_condition_and_action_are_told_apart_and_may_suspend(
    run: Run, advance: Advance, states: States
) -> None:
    run(
        "create alert A warehouse = WH schedule = '60 MINUTES' suspend_alert_after_num_failures = 2 "
        "if (exists (select * from NOWHERE)) then select 1"
    )
    run(
        "create alert B warehouse = WH schedule = '60 MINUTES' "
        "if (exists (select 1)) then insert into NOWHERE values (1)"
    )
    for name in ("A", "B"):
        run(f"alter alert {name} resume")
    advance(START + 3 * _HOUR)
    assert states("A") == ["CONDITION_FAILED"] * 2
    assert states("B") == ["ACTION_FAILED"] * 3
    assert [row[8] for row in run("show alerts")] == ["suspended", "started"]
    found = run("select error_code, error_message from table(information_schema.alert_history(alert_name => 'A'))")
    assert found[0][0] == "002003"
    assert "NOWHERE" in found[0][1]
    run("alter alert B modify condition exists (select 1 where false)")
    advance(START + 4 * _HOUR)
    assert states("B")[-1] == "CONDITION_FALSE"


@pytest.mark.usefixtures("advance")
def test_show_describe_alter_and_drop(run: Run) -> None:
    run("create alert A warehouse = WH schedule = '60 MINUTES' if (exists (select f((1)) from T)) then select 2")
    run("alter alert A set schedule = '5 MINUTES' comment = 'new'")
    run("alter alert A modify action begin select 3; select 4; end")
    (shown,) = run("show alerts like 'a' in schema DB.PUBLIC")
    assert shown[1:] == (
        *("A", "DB", "PUBLIC", "ACCOUNTADMIN", "new", "WH", "5 MINUTES", "suspended"),
        *("select f((1)) from T", "begin select 3; select 4; end", "ROLE"),
    )
    assert run("describe alert A") == [shown]
    run("drop alert A")
    for statement, text in (
        ("alter alert A resume", "002003"),
        ("create alert B if (exists (select 1)) then select 1", "without SCHEDULE"),
        ("create alert B schedule = '5 MINUTES' if (select 1) then select 1", "001003"),
        ("create alert B schedule = '5 MINUTES' if (exists (select 1)) select 1", "001003"),
        ("create alert B warehouse = NONE_SUCH schedule = '5 MINUTES' if (exists (select 1)) then select 1", "002003"),
    ):
        with pytest.raises(SnowflakeError, match=text):
            run(statement)


@pytest.mark.usefixtures("advance")
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("'NOWHERE', 'ops@example.com', 's', 'b'", "002003.*Integration 'NOWHERE'"),
        ("'MAIL', 'ops@example.com, eve@example.com', 's', 'b'", r"indexes \[2\] are not allowed"),
        ("'MAIL', '', 's', 'b'", "e-mail addresses"),
        ("'MAIL', 'ops@example.com', 's', ''", "0 characters"),
        ("'MAIL', 'ops@example.com', 's', 'b', 'text/csv'", "text/plain, text/html"),
        ("'MAIL', 'ops@example.com', 's'", "not enough arguments"),
    ],
)
def test_mail_that_is_refused_is_not_sent(account: Account, run: Run, arguments: str, text: str) -> None:
    run(
        "create or replace notification integration MAIL type = email enabled = true "
        "allowed_recipients = ('ops@example.com')"
    )
    before = outbox.messages(account.home)
    with pytest.raises(SnowflakeError) as raised:
        run(f"call system$send_email({arguments})")
    assert raised.match(f"(?s){text}")
    assert outbox.messages(account.home) == before


def test_return_values_belong_to_runs(run: Run) -> None:
    with pytest.raises(SnowflakeError, match="must be called from within a task or an alert"):
        run("call system$set_return_value('x')")
    values: list[tuple[Any, ...]] = run("execute immediate $$begin let a := 2; a := a * 3; return a + 1; end$$")
    assert values == [("7",)]
