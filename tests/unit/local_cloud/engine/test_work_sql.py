"""Notifications, network policies, procedures, tasks and alerts as the statements that the provider sends."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.engine import EngineError
from local_cloud.engine.registry import handler_of

Inputs = dict[str, Any]
IN_SCHEMA: Inputs = {"database": "DB", "schema": "S"}
SNS: Inputs = {
    "name": "N",
    "enabled": True,
    "notificationProvider": "AWS_SNS",
    "awsSnsTopicArn": "arn:t",
    "awsSnsRoleArn": "arn:r",
}
TASK: Inputs = IN_SCHEMA | {
    "name": "T",
    "warehouse": "W",
    "schedule": {"usingCron": "0 5 * * * UTC"},
    "suspendTaskAfterNumFailures": 3,
    "sqlStatement": "CALL P()",
    "started": True,
}
ALERT: Inputs = IN_SCHEMA | {
    "name": "A",
    "warehouse": "W",
    "alertSchedule": {"interval": 15},
    "condition": "SELECT 1",
    "action": "CALL P()",
    "enabled": False,
}
PROCEDURE: Inputs = IN_SCHEMA | {
    "name": "P",
    "arguments": [{"argName": "DAYS", "argDataType": "NUMBER"}],
    "returnType": "VARCHAR",
    "runtimeVersion": "3.11",
    "snowparkPackage": "1.20.0",
    "handler": "main",
    "procedureDefinition": "def main(session, days):\n    return 'ok'",
    "executeAs": "OWNER",
}


def statements(name: str, kind: str, old: Inputs | None, new: Inputs | None) -> list[str]:
    return handler_of(f"snowflake:index/{name}:{name[0].upper()}{name[1:]}", "x").statements(kind, old, new)


@pytest.mark.parametrize(
    ("name", "inputs", "expected"),
    [
        (
            "notificationIntegration",
            SNS,
            [
                'CREATE NOTIFICATION INTEGRATION "N" TYPE = QUEUE DIRECTION = OUTBOUND NOTIFICATION_PROVIDER = AWS_SNS '
                "ENABLED = true AWS_SNS_TOPIC_ARN = 'arn:t' AWS_SNS_ROLE_ARN = 'arn:r'"
            ],
        ),
        (
            "emailNotificationIntegration",
            {"name": "E", "enabled": True, "allowedRecipients": ["a@b.c", "d@e.f"]},
            [
                'CREATE NOTIFICATION INTEGRATION "E" TYPE = EMAIL ENABLED = true '
                "ALLOWED_RECIPIENTS = ('a@b.c', 'd@e.f')"
            ],
        ),
        (
            "networkPolicy",
            {"name": "N", "allowedIpLists": ["203.0.113.0/24"], "comment": "c"},
            ["CREATE NETWORK POLICY \"N\" ALLOWED_IP_LIST = ('203.0.113.0/24') COMMENT = 'c'"],
        ),
        (
            "task",
            TASK,
            [
                'CREATE TASK "DB"."S"."T" WAREHOUSE = "W" SCHEDULE = \'USING CRON 0 5 * * * UTC\' '
                "SUSPEND_TASK_AFTER_NUM_FAILURES = 3 AS CALL P()",
                'ALTER TASK "DB"."S"."T" RESUME',
            ],
        ),
        (
            "task",
            IN_SCHEMA
            | {"name": "T", "afters": ["DB.S.A"], "when": "TRUE", "sqlStatement": "SELECT 1", "started": False},
            ['CREATE TASK "DB"."S"."T" AFTER "DB"."S"."A" WHEN TRUE AS SELECT 1'],
        ),
        (
            "alert",
            ALERT,
            ['CREATE ALERT "DB"."S"."A" WAREHOUSE = "W" SCHEDULE = \'15 MINUTE\' IF (EXISTS (SELECT 1)) THEN CALL P()'],
        ),
        (
            "procedurePython",
            PROCEDURE,
            [
                'CREATE PROCEDURE "DB"."S"."P" ("DAYS" NUMBER) RETURNS VARCHAR LANGUAGE PYTHON '
                "RUNTIME_VERSION = '3.11' PACKAGES = ('snowflake-snowpark-python==1.20.0') HANDLER = 'main' "
                "EXECUTE AS OWNER AS $$\ndef main(session, days):\n    return 'ok'\n$$"
            ],
        ),
    ],
)
def test_created(name: str, inputs: Inputs, expected: list[str]) -> None:
    assert statements(name, "create", None, inputs) == expected


@pytest.mark.parametrize(
    ("name", "old", "change", "expected"),
    [
        ("task", TASK, {"started": False}, ['ALTER TASK "DB"."S"."T" SUSPEND']),
        (
            "task",
            TASK,
            {"schedule": {"minutes": 5}},
            [
                'ALTER TASK "DB"."S"."T" SUSPEND',
                'ALTER TASK "DB"."S"."T" SET SCHEDULE = \'5 MINUTES\'',
                'ALTER TASK "DB"."S"."T" RESUME',
            ],
        ),
        (
            "task",
            TASK | {"started": False, "afters": ["DB.S.A"]},
            {"afters": ["DB.S.B"], "when": "TRUE", "sqlStatement": "SELECT 2"},
            [
                'ALTER TASK "DB"."S"."T" REMOVE AFTER "DB"."S"."A"',
                'ALTER TASK "DB"."S"."T" ADD AFTER "DB"."S"."B"',
                'ALTER TASK "DB"."S"."T" MODIFY WHEN TRUE',
                'ALTER TASK "DB"."S"."T" MODIFY AS SELECT 2',
            ],
        ),
        (
            "alert",
            ALERT,
            {"condition": "SELECT 2", "action": "CALL Q()", "enabled": True},
            [
                'ALTER ALERT "DB"."S"."A" MODIFY CONDITION EXISTS (SELECT 2)',
                'ALTER ALERT "DB"."S"."A" MODIFY ACTION CALL Q()',
                'ALTER ALERT "DB"."S"."A" RESUME',
            ],
        ),
        (
            "procedurePython",
            PROCEDURE,
            {"comment": "c"},
            ['ALTER PROCEDURE "DB"."S"."P"(NUMBER) SET COMMENT = \'c\''],
        ),
        (
            "emailNotificationIntegration",
            {"name": "E", "enabled": True, "allowedRecipients": ["a@b.c"]},
            {"allowedRecipients": ["d@e.f"]},
            ["ALTER NOTIFICATION INTEGRATION \"E\" SET ALLOWED_RECIPIENTS = ('d@e.f')"],
        ),
    ],
)
def test_changed(name: str, old: Inputs, change: Inputs, expected: list[str]) -> None:
    assert statements(name, "update", old, old | change) == expected


def test_dropped() -> None:
    assert statements("procedurePython", "delete", PROCEDURE, None) == ['DROP PROCEDURE IF EXISTS "DB"."S"."P"(NUMBER)']
    assert statements("notificationIntegration", "delete", SNS, None) == ['DROP NOTIFICATION INTEGRATION IF EXISTS "N"']


@pytest.mark.parametrize(
    ("name", "inputs", "said"),
    [
        ("alert", ALERT, "snowflake_alert_resource"),
        ("procedurePython", PROCEDURE | {"imports": []}, "does not support imports"),
        ("procedurePython", PROCEDURE | {"procedureDefinition": "$$"}, "holds $$"),
        ("notificationIntegration", {"name": "N"}, "awsSnsTopicArn is required"),
    ],
)
def test_refused(name: str, inputs: Inputs, said: str) -> None:
    handler = handler_of(f"snowflake:index/{name}:{name[0].upper()}{name[1:]}", "x")
    with pytest.raises(EngineError) as error:
        handler.check("x", inputs, {})
    assert said in str(error.value)
