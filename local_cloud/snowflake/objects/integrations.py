"""Integrations: storage (an IAM role for stages), notification (SNS) and e-mail. All share one name space.

https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration,
https://docs.snowflake.com/en/sql-reference/sql/create-notification-integration
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from typing import Any

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.objects import show, store, trust
from local_cloud.snowflake.objects.ddl import (
    Option,
    Reader,
    altered,
    boolean,
    choice,
    defaults,
    missing,
    read_create,
    read_target,
    text,
    text_or,
    texts,
)
from local_cloud.snowflake.objects.store import EXECUTED, Kind
from local_cloud.snowflake.results import Result, rows, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_TOPIC_ARN = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+")
_S3_URL = re.compile(r"(s3|s3gov)://[^/\s]+(/.*)?")

STORAGE: dict[str, Option] = {
    "TYPE": choice("EXTERNAL_STAGE", default="EXTERNAL_STAGE"),
    "STORAGE_PROVIDER": choice("S3", "S3GOV"),
    "ENABLED": boolean(None),
    "STORAGE_AWS_ROLE_ARN": text(None),
    "STORAGE_AWS_EXTERNAL_ID": text(None),
    "STORAGE_AWS_OBJECT_ACL": text(""),
    "STORAGE_ALLOWED_LOCATIONS": texts(),
    "STORAGE_BLOCKED_LOCATIONS": texts(),
    "USE_PRIVATELINK_ENDPOINT": boolean(False),
    "COMMENT": text(),
}
NOTIFICATION: dict[str, Option] = {
    "TYPE": choice("QUEUE", "EMAIL"),
    "ENABLED": boolean(None),
    "DIRECTION": choice("OUTBOUND", "INBOUND", default="INBOUND"),
    "NOTIFICATION_PROVIDER": choice("AWS_SNS"),
    "AWS_SNS_TOPIC_ARN": text(None),
    "AWS_SNS_ROLE_ARN": text(None),
    "COMMENT": text(),
}
EMAIL: dict[str, Option] = {
    "TYPE": choice("EMAIL"),
    "ENABLED": boolean(None),
    "ALLOWED_RECIPIENTS": texts(),
    "DEFAULT_RECIPIENTS": texts(),
    "DEFAULT_SUBJECT": text_or(default=""),
    "COMMENT": text(),
}
_OPTIONS: dict[str, Mapping[str, Option]] = {"STORAGE": STORAGE, "NOTIFICATION": NOTIFICATION, "EMAIL": EMAIL}


def _kind(*words: str) -> Kind:
    return Kind("integration", "Integration", words, parts=1)


INTEGRATION = _kind("INTEGRATION")


def _family(document: dict[str, Any]) -> str:
    """STORAGE, NOTIFICATION or EMAIL."""
    if document["CATEGORY"] == "NOTIFICATION" and document["TYPE"] == "EMAIL":
        return "EMAIL"
    return str(document["CATEGORY"])


@registry.statement("CREATE STORAGE INTEGRATION")
def create_storage_integration(session: Session, statement: Statement) -> Result:
    """Without STORAGE_AWS_EXTERNAL_ID an ID is made up, a new one at each CREATE OR REPLACE."""
    reader = Reader(statement)
    head = read_create(reader, "STORAGE", "INTEGRATION", parts=1)
    given = reader.properties(STORAGE, "INTEGRATION")
    reader.end()
    missing(given, "TYPE", "STORAGE_PROVIDER", "ENABLED", "STORAGE_AWS_ROLE_ARN", "STORAGE_ALLOWED_LOCATIONS")
    document = {"CATEGORY": "STORAGE", **defaults(STORAGE), **given}
    _complete(session, document)
    _check_storage(document)
    return store.create(session, _kind("STORAGE", "INTEGRATION"), head, document)


@registry.statement("CREATE NOTIFICATION INTEGRATION")
def create_notification_integration(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    head = read_create(reader, "NOTIFICATION", "INTEGRATION", parts=1)
    family = "EMAIL" if re.search(r"\bTYPE\s*=\s*'?EMAIL\b", statement.text, re.IGNORECASE) else "NOTIFICATION"
    given = reader.properties(_OPTIONS[family], "INTEGRATION")
    reader.end()
    missing(given, "TYPE", "ENABLED")
    document = {"CATEGORY": "NOTIFICATION", **defaults(_OPTIONS[family]), **given}
    if family == "NOTIFICATION":
        missing(given, "NOTIFICATION_PROVIDER", "DIRECTION", "AWS_SNS_TOPIC_ARN", "AWS_SNS_ROLE_ARN")
        if document["DIRECTION"] != "OUTBOUND":
            raise errors.not_supported("CREATE NOTIFICATION INTEGRATION ... DIRECTION = INBOUND")
        _require(
            _TOPIC_ARN, "AWS_SNS_TOPIC_ARN", document["AWS_SNS_TOPIC_ARN"], "arn:aws:sns:<region>:<account>:<topic>"
        )
        _require(_ROLE_ARN, "AWS_SNS_ROLE_ARN", document["AWS_SNS_ROLE_ARN"], "arn:aws:iam::<account>:role/<name>")
        document["SF_AWS_EXTERNAL_ID"] = _external_id(session)
        trust.iam_user(session.account)
    return store.create(session, _kind("NOTIFICATION", "INTEGRATION"), head, document)


def _complete(session: Session, document: dict[str, Any]) -> None:
    if not document["STORAGE_AWS_EXTERNAL_ID"]:
        document["STORAGE_AWS_EXTERNAL_ID"] = _external_id(session)


def _external_id(session: Session) -> str:
    """`ACCOUNT_SFCRole=2_<random>=`, as Snowflake makes them."""
    return f"{session.account.name.replace('-', '_')}_SFCRole=2_{base64.b64encode(secrets.token_bytes(20)).decode()}"


def _check_storage(document: dict[str, Any]) -> None:
    _require(_ROLE_ARN, "STORAGE_AWS_ROLE_ARN", document["STORAGE_AWS_ROLE_ARN"], "arn:aws:iam::<account>:role/<name>")
    acl = document["STORAGE_AWS_OBJECT_ACL"]
    if acl not in {"", "bucket-owner-full-control"}:
        raise errors.invalid_value(acl, "STORAGE_AWS_OBJECT_ACL", "bucket-owner-full-control")
    if not document["STORAGE_ALLOWED_LOCATIONS"]:
        raise errors.invalid_value("", "STORAGE_ALLOWED_LOCATIONS", "at least one location")
    for location in document["STORAGE_ALLOWED_LOCATIONS"]:
        if location != "*":
            _require(_S3_URL, "STORAGE_ALLOWED_LOCATIONS", location, "s3://<bucket>/<path>/")
    for location in document["STORAGE_BLOCKED_LOCATIONS"]:
        _require(_S3_URL, "STORAGE_BLOCKED_LOCATIONS", location, "s3://<bucket>/<path>/")


def _require(pattern: re.Pattern[str], option: str, value: str | None, allowed: str) -> None:
    if not pattern.fullmatch(value or ""):
        raise errors.invalid_value(value or "", option, allowed)


@registry.statement("ALTER INTEGRATION", "ALTER STORAGE INTEGRATION", "ALTER NOTIFICATION INTEGRATION")
def alter_integration(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    words = statement.kind_words[1:3]
    kind = INTEGRATION if words[0] == "INTEGRATION" else _kind(*words)
    entry = store.alter_target(session, kind, reader)
    if entry is None:
        return status(EXECUTED)
    _require_category(kind, entry)
    family = _family(entry.document)
    document = altered(reader, _OPTIONS[family], "INTEGRATION", entry.document)
    fixed = next((key for key in ("TYPE", "STORAGE_PROVIDER") if document.get(key) != entry.document.get(key)), None)
    if fixed:
        raise errors.compilation_error(1420, "22023", f"invalid property '{fixed}' for 'INTEGRATION'")
    document["ENABLED"] = bool(document["ENABLED"])
    if family == "STORAGE":
        _complete(session, document)
        _check_storage(document)
    session.account.catalog.put("integration", entry.name, document)
    return status(EXECUTED)


def _require_category(kind: Kind, entry: Entry) -> None:
    """ALTER STORAGE INTEGRATION of a notification integration finds nothing."""
    if len(kind.words) == 2 and entry.document["CATEGORY"] != kind.words[0]:
        raise errors.does_not_exist("Integration", entry.name)


@registry.statement("DROP INTEGRATION", "DROP STORAGE INTEGRATION", "DROP NOTIFICATION INTEGRATION")
def drop_integration(session: Session, statement: Statement) -> Result:
    words = statement.kind_words[1:3]
    kind = INTEGRATION if words[0] == "INTEGRATION" else _kind(*words)
    return store.drop(session, kind, statement, lambda entry: _require_category(kind, entry))


@registry.statement("SHOW INTEGRATIONS", "SHOW STORAGE INTEGRATIONS", "SHOW NOTIFICATION INTEGRATIONS")
def show_integrations(session: Session, statement: Statement) -> Result:
    words = statement.kind_words[1:3]
    kinds = words[:1] if words[0] == "INTEGRATIONS" else words
    found = show.entries(session, show.read(Reader(statement), *kinds), "integration")
    values = [
        [
            entry.name,
            entry.document["TYPE"] if _family(entry.document) != "NOTIFICATION" else "QUEUE - AWS_SNS",
            entry.document["CATEGORY"],
            entry.document["ENABLED"],
            entry.document["COMMENT"] or None,
            entry.created_on,
        ]
        for entry in found
        if len(kinds) == 1 or entry.document["CATEGORY"] == kinds[0]
    ]
    return show.table("name type category enabled comment created_on", values)


@registry.statement("DESCRIBE INTEGRATION", "DESCRIBE STORAGE INTEGRATION", "DESCRIBE NOTIFICATION INTEGRATION")
def describe_integration(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    words = statement.kind_words[1:3]
    kind = INTEGRATION if words[0] == "INTEGRATION" else _kind(*words)
    name, _ = read_target(reader, "DESCRIBE", *kind.words, parts=1)
    reader.end()
    entry = store.get(session, kind, name)
    _require_category(kind, entry)
    describe = {"STORAGE": _storage_rows, "NOTIFICATION": _sns_rows, "EMAIL": _email_rows}[_family(entry.document)]
    values = describe(entry.document, trust.iam_user(session.account))
    return rows(["property", "property_type", "property_value", "property_default"], values)


def _storage_rows(document: dict[str, Any], user: str) -> list[list[Any]]:
    """https://docs.snowflake.com/en/sql-reference/sql/desc-integration"""
    return [
        ["ENABLED", "Boolean", document["ENABLED"], "false"],
        ["STORAGE_PROVIDER", "String", document["STORAGE_PROVIDER"], ""],
        ["STORAGE_ALLOWED_LOCATIONS", "List", ",".join(document["STORAGE_ALLOWED_LOCATIONS"]), "[]"],
        ["STORAGE_BLOCKED_LOCATIONS", "List", ",".join(document["STORAGE_BLOCKED_LOCATIONS"]), "[]"],
        ["STORAGE_AWS_IAM_USER_ARN", "String", user, ""],
        ["STORAGE_AWS_ROLE_ARN", "String", document["STORAGE_AWS_ROLE_ARN"], ""],
        ["STORAGE_AWS_EXTERNAL_ID", "String", document["STORAGE_AWS_EXTERNAL_ID"], ""],
        ["STORAGE_AWS_OBJECT_ACL", "String", document["STORAGE_AWS_OBJECT_ACL"], ""],
        ["USE_PRIVATELINK_ENDPOINT", "Boolean", document["USE_PRIVATELINK_ENDPOINT"], "false"],
        ["COMMENT", "String", document["COMMENT"], ""],
    ]


def _sns_rows(document: dict[str, Any], user: str) -> list[list[Any]]:
    return [
        ["ENABLED", "Boolean", document["ENABLED"], "false"],
        ["NOTIFICATION_PROVIDER", "String", document["NOTIFICATION_PROVIDER"], ""],
        ["DIRECTION", "String", document["DIRECTION"], "INBOUND"],
        ["AWS_SNS_TOPIC_ARN", "String", document["AWS_SNS_TOPIC_ARN"], ""],
        ["AWS_SNS_ROLE_ARN", "String", document["AWS_SNS_ROLE_ARN"], ""],
        ["SF_AWS_IAM_USER_ARN", "String", user, ""],
        ["SF_AWS_EXTERNAL_ID", "String", document["SF_AWS_EXTERNAL_ID"], ""],
        ["COMMENT", "String", document["COMMENT"], ""],
    ]


def _email_rows(document: dict[str, Any], _user: str) -> list[list[Any]]:
    return [
        ["ENABLED", "Boolean", document["ENABLED"], "false"],
        ["ALLOWED_RECIPIENTS", "List", ",".join(document["ALLOWED_RECIPIENTS"]), "[]"],
        ["DEFAULT_RECIPIENTS", "List", ",".join(document["DEFAULT_RECIPIENTS"]), "[]"],
        ["DEFAULT_SUBJECT", "String", document["DEFAULT_SUBJECT"], ""],
        ["COMMENT", "String", document["COMMENT"], ""],
    ]
