"""System functions about trust: does an integration work, and what must a topic's policy say.

https://docs.snowflake.com/en/sql-reference/functions/system_validate_storage_integration,
https://docs.snowflake.com/en/sql-reference/functions/system_get_aws_sns_iam_policy
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.enforcement import privileges
from local_cloud.snowflake.objects import trust
from local_cloud.snowflake.session import Session

_ACTIONS = ("READ", "DELETE", "LIST", "WRITE")
_FAILED = "Some of the integration checks failed. Check the Snowflake documentation for more information."
_DENIED = "Access Denied (Status Code: 403; Error Code: AccessDenied)"


@registry.scalar_function("SYSTEM$VALIDATE_STORAGE_INTEGRATION")
def validate_storage_integration(session: Session, arguments: Sequence[Any]) -> str:
    """(integration, url, file, action) -> JSON; what fails is told in the JSON, never raised.

    `read` and `delete` need the file to exist, `write` fails if it does. Actions: read, write, list, delete, all.

    Raises:
        SnowflakeError: 000938 wrong number of arguments; 001008 unknown action; 002003 no such integration.
    """
    if len(arguments) != 4:
        raise errors.compilation_error(
            938,
            "22023",
            "not enough arguments for function [SYSTEM$VALIDATE_STORAGE_INTEGRATION], expected 4, "
            f"got {len(arguments)}",
        )
    name, url, file, action = (str(argument) for argument in arguments)
    if action.lower() not in {"read", "write", "list", "delete", "all"}:
        raise errors.invalid_value(action, "test_type", "read, write, list, delete, all")
    entry = trust.find(session.account, name)
    privileges.require(session, "INTEGRATION", entry.name, "USAGE")
    wanted = _ACTIONS if action.lower() == "all" else (action.upper(),)
    try:
        trust.require_allowed(entry, url)
        role = trust.assume(session.account, name)
    except errors.SnowflakeError as error:
        return json.dumps({"status": "failure", "actions": {}, "message": error.message})
    outcomes = {wish: _outcome(role, wish, url, file) for wish in wanted}
    good = all(outcome["status"] == "success" for outcome in outcomes.values())
    document: dict[str, Any] = {"status": "success" if good else "failure", "actions": outcomes}
    return json.dumps(document if good else {**document, "message": _FAILED})


def _outcome(role: trust.AssumedRole, action: str, url: str, file: str) -> dict[str, str]:
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    prefix = f"{prefix.rstrip('/')}/" if prefix else ""
    checks: dict[str, Callable[[trust.AssumedRole, str, str, str], None]] = {
        "READ": _read,
        "WRITE": _write,
        "LIST": _list,
        "DELETE": _delete,
    }
    try:
        checks[action](role, bucket, prefix, prefix + file)
    except errors.SnowflakeError:
        return {"status": "failure", "message": _DENIED}
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        text = error.response["Error"].get("Message", code)
        return {"status": "failure", "message": f"{text} (Status Code: {status}; Error Code: {code})"}
    except BotoCoreError as error:
        return {"status": "failure", "message": str(error)}
    return {"status": "success"}


def _read(role: trust.AssumedRole, bucket: str, _prefix: str, key: str) -> None:
    role.require("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
    role.s3.head_object(Bucket=bucket, Key=key)


def _list(role: trust.AssumedRole, bucket: str, prefix: str, _key: str) -> None:
    role.require("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": prefix})
    role.s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)


def _write(role: trust.AssumedRole, bucket: str, _prefix: str, key: str) -> None:
    role.require("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}")
    role.s3.put_object(Bucket=bucket, Key=key, Body=b"", IfNoneMatch="*")


def _delete(role: trust.AssumedRole, bucket: str, _prefix: str, key: str) -> None:
    role.require("s3:DeleteObject", f"arn:aws:s3:::{bucket}/{key}")
    role.s3.head_object(Bucket=bucket, Key=key)
    role.s3.delete_object(Bucket=bucket, Key=key)


@registry.scalar_function("SYSTEM$GET_AWS_SNS_IAM_POLICY")
def get_aws_sns_iam_policy(session: Session, arguments: Sequence[Any]) -> str:
    """The statement that lets Snowflake subscribe its queue to the topic; to be merged into the topic's policy."""
    (topic,) = arguments
    statement = {
        "Sid": "1",
        "Effect": "Allow",
        "Principal": {"AWS": trust.iam_user(session.account)},
        "Action": ["sns:Subscribe"],
        "Resource": [str(topic)],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
