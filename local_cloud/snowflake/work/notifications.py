"""Messages that leave the account: e-mail through e-mail integrations, SNS through queue integrations.

https://docs.snowflake.com/en/sql-reference/stored-procedures/system_send_email,
https://docs.snowflake.com/en/sql-reference/stored-procedures/system_send_snowflake_notification
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_cloud.snowflake import errors
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.enforcement import privileges
from local_cloud.snowflake.loading import notifications as queues
from local_cloud.snowflake.objects import trust
from local_cloud.snowflake.registry import scalar_function
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.work import outbox

_MIME_TYPES = ("text/plain", "text/html")
_CONTENT = {"text/plain", "text/html", "application/json"}
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MOST_CHARACTERS = 128_000
_DEFAULT_SUBJECT = "Snowflake Email Notification"


@scalar_function("SYSTEM$SEND_EMAIL")
def send_email(session: Session, arguments: Sequence[Any]) -> bool:
    """(integration, 'a@x, b@x', subject, body[, mime type]); nothing is sent unless all recipients are allowed.

    Raises:
        SnowflakeError: 002003 no such integration, or no USAGE on it; 001008 a recipient that is not allowed, a body of
            no or more than 128 000 characters, another mime type; 003171 the integration is not enabled.
    """
    if not 4 <= len(arguments) <= 5:
        raise errors.compilation_error(
            938, "22023", f"not enough arguments for function [SYSTEM$SEND_EMAIL], expected 4, got {len(arguments)}"
        )
    name, recipients, subject, body = (str(argument) for argument in arguments[:4])
    mime_type = str(arguments[4]) if len(arguments) == 5 else "text/plain"
    if mime_type not in _MIME_TYPES:
        raise errors.invalid_value(mime_type, "mime_type", ", ".join(_MIME_TYPES))
    entry = _usable(session, name, "EMAIL")
    _mail(session.account, entry, _addresses(recipients), subject, body, mime_type)
    return True


@scalar_function("SYSTEM$SEND_SNOWFLAKE_NOTIFICATION")
def send_snowflake_notification(session: Session, arguments: Sequence[Any]) -> str:
    """(message or messages, integration or integrations): `{"text/plain": "..."}` and `{"<integration>": {}}` in JSON.

    E-mail settings are `{"<integration>": {"subject", "toAddress": [...], "ccAddress": [...], "bccAddress": [...]}}`.
    An SNS integration publishes `application/json` before `text/plain`.
    """
    if len(arguments) != 2:
        raise errors.compilation_error(
            938,
            "22023",
            f"not enough arguments for function [SYSTEM$SEND_SNOWFLAKE_NOTIFICATION], expected 2, got {len(arguments)}",
        )
    messages = _merged(arguments[0])
    if not messages or set(messages) - _CONTENT:
        raise errors.invalid_value(", ".join(messages), "message", ", ".join(sorted(_CONTENT)))
    for name, settings in _merged(arguments[1]).items():
        _notify(session, name, settings or {}, messages)
    return "Enqueued notifications."


def _notify(session: Session, name: str, settings: dict[str, Any], messages: dict[str, Any]) -> None:
    entry = _usable(session, name.upper())
    if entry.document["TYPE"] == "EMAIL":
        kind = next((kind for kind in ("text/html", "text/plain") if kind in messages), None)
        if kind is None:
            raise errors.invalid_value(", ".join(messages), "message", "text/html, text/plain (for e-mail)")
        keys = ("toAddress", "ccAddress", "bccAddress")
        to = [address for key in keys for address in settings.get(key) or []] or entry.document["DEFAULT_RECIPIENTS"]
        subject = settings.get("subject") or entry.document["DEFAULT_SUBJECT"] or _DEFAULT_SUBJECT
        _mail(session.account, entry, to, subject, str(messages[kind]), kind)
        return
    value = messages.get("application/json", messages.get("text/plain"))
    if value is None:
        raise errors.invalid_value(", ".join(messages), "message", "application/json, text/plain (for SNS)")
    publish(session.account, entry, value if isinstance(value, str) else json.dumps(value))


def _mail(account: Account, entry: Entry, to: list[str], subject: str, body: str, mime_type: str) -> None:
    allowed = {address.lower() for address in entry.document["ALLOWED_RECIPIENTS"]}
    if not to or any(not _ADDRESS.fullmatch(address) for address in to):
        raise errors.invalid_value(", ".join(to), "recipients", "e-mail addresses with commas between")
    refused = [str(place) for place, address in enumerate(to, 1) if allowed and address.lower() not in allowed]
    if refused:
        raise errors.SnowflakeError(
            1008,
            "22023",
            f"Email recipients in the given list at indexes [{', '.join(refused)}] are not allowed by the integration "
            f"'{entry.name}'. Allowed: {', '.join(entry.document['ALLOWED_RECIPIENTS'])}.",
        )
    if not 1 <= len(body) <= _MOST_CHARACTERS:
        raise errors.invalid_value(f"{len(body)} characters", "body", f"1 to {_MOST_CHARACTERS} characters")
    outbox.send(account, entry.name, to, subject, body, mime_type)


def publish(account: Account, entry: Entry, message: str) -> None:
    """Publish on the topic of an SNS integration under its role, as Snowflake does.

    Raises:
        SnowflakeError: 003167 the role does not trust Snowflake; 003187 (number ours) it may not publish, or SNS
            refuses.
    """
    topic = entry.document["AWS_SNS_TOPIC_ARN"]
    role = trust.assume_role(
        account, entry.name, entry.document["AWS_SNS_ROLE_ARN"], entry.document["SF_AWS_EXTERNAL_ID"]
    )
    if not role.allows("sns:Publish", topic):
        raise errors.SnowflakeError(
            3187, "22000", f"Role '{role.arn}' is not authorized to perform: sns:Publish on resource: {topic}"
        )
    try:
        queues.sns(account, topic).publish(TopicArn=topic, Message=message)
    except (ClientError, BotoCoreError) as error:
        raise errors.SnowflakeError(3187, "22000", f"Publishing to topic '{topic}' failed: {error}") from error


def _usable(session: Session, name: str, family: str | None = None) -> Entry:
    """The notification integration of that name, if the role may use it."""
    account, stored = session.account, name if name.isupper() else name.upper()
    entry = account.catalog.get(trust.INTEGRATION, stored)
    if entry is None or entry.document["CATEGORY"] != "NOTIFICATION":
        raise errors.does_not_exist("Integration", stored)
    privileges.require(session, "INTEGRATION", stored, "USAGE")
    if family and entry.document["TYPE"] != family:
        raise errors.invalid_value(stored, "integration", f"an integration of TYPE = {family}")
    if not entry.document["ENABLED"]:
        raise errors.compilation_error(3171, "42601", f"Integration '{stored}' is not enabled.")
    return entry


def _addresses(text: str) -> list[str]:
    return [address.strip() for address in text.split(",") if address.strip()]


def _merged(value: Any) -> dict[str, Any]:
    """One JSON object from an object or an array of them, as text or as values."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise errors.invalid_value(value, "SYSTEM$SEND_SNOWFLAKE_NOTIFICATION", "JSON objects") from error
    items = value if isinstance(value, list) else [value]
    found: dict[str, Any] = {}
    for item in items:
        found |= item if isinstance(item, dict) else _merged(item)
    return found


# -- https://docs.snowflake.com/en/sql-reference/functions/notification: what the two arguments are made with


@scalar_function("TEXT_PLAIN")
def text_plain(_session: Session, arguments: Sequence[Any]) -> str:
    return json.dumps({"text/plain": str(arguments[0])})


@scalar_function("TEXT_HTML")
def text_html(_session: Session, arguments: Sequence[Any]) -> str:
    return json.dumps({"text/html": str(arguments[0])})


@scalar_function("APPLICATION_JSON")
def application_json(_session: Session, arguments: Sequence[Any]) -> str:
    return json.dumps({"application/json": str(arguments[0])})


@scalar_function("INTEGRATION")
def integration(_session: Session, arguments: Sequence[Any]) -> str:
    return json.dumps({str(arguments[0]): {}})


@scalar_function("EMAIL_INTEGRATION_CONFIG")
def email_integration_config(_session: Session, arguments: Sequence[Any]) -> str:
    """(integration, subject, to[, cc[, bcc]])"""
    name, subject, *addresses = [*arguments, None, None][: max(len(arguments), 3)]
    keys = ("toAddress", "ccAddress", "bccAddress")
    lists = {key: _list(value) for key, value in zip(keys, addresses, strict=False) if value is not None}
    return json.dumps({str(name): {"subject": subject, **lists}})


def _list(value: Any) -> list[str]:
    return list(json.loads(value)) if isinstance(value, str) else [str(item) for item in value]
