"""Stages: external ones on S3 through a storage integration, internal ones on this machine.

https://docs.snowflake.com/en/sql-reference/sql/create-stage

In the catalog a `stage` has URL (None for an internal stage), STORAGE_INTEGRATION, INTEGRATION_ID (which integration of
that name: a replaced one is another), FILE_FORMAT (only the options given, or FORMAT_NAME as a full name),
COPY_OPTIONS, DIRECTORY, ENCRYPTION and COMMENT. An internal stage's files are in `folder`.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.enforcement import privileges
from local_cloud.snowflake.objects import file_formats, show, store, trust
from local_cloud.snowflake.objects.ddl import (
    Option,
    Reader,
    altered,
    boolean,
    choice,
    defaults,
    group,
    identifier,
    integer,
    read_create,
    read_target,
    text,
)
from local_cloud.snowflake.objects.store import EXECUTED, Kind
from local_cloud.snowflake.results import Result, rows, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

STAGE = Kind("stage", "Stage", ("STAGE",), made="Stage area")

_ON_ERROR = re.compile(r"CONTINUE|SKIP_FILE(_\d+%?)?|ABORT_STATEMENT")


def _on_error(reader: Reader, key: str) -> str:
    value = reader.scalar().upper()
    if not _ON_ERROR.fullmatch(value):
        raise errors.invalid_value(value, key, "CONTINUE, SKIP_FILE, SKIP_FILE_<n>, 'SKIP_FILE_<n>%', ABORT_STATEMENT")
    return value


COPY_OPTIONS = {
    "ON_ERROR": Option(_on_error, None),
    "SIZE_LIMIT": integer(None),
    "PURGE": boolean(False),
    "RETURN_FAILED_ONLY": boolean(False),
    "MATCH_BY_COLUMN_NAME": choice("CASE_SENSITIVE", "CASE_INSENSITIVE", "NONE", default="NONE"),
    "ENFORCE_LENGTH": boolean(True),
    "TRUNCATECOLUMNS": boolean(False),
    "FORCE": boolean(False),
}
_DIRECTORY = {
    "ENABLE": boolean(False),
    "AUTO_REFRESH": boolean(False),
    "REFRESH_ON_CREATE": boolean(True),
    "AWS_SNS_TOPIC": text(None),
}
_ENCRYPTION = {
    "TYPE": choice("SNOWFLAKE_FULL", "SNOWFLAKE_SSE", "AWS_SSE_S3", "AWS_SSE_KMS", "NONE"),
    "KMS_KEY_ID": text(None),
}
OPTIONS = {
    "URL": text(None),
    "STORAGE_INTEGRATION": identifier(),
    "ENCRYPTION": group(_ENCRYPTION),
    "USE_PRIVATELINK_ENDPOINT": boolean(False),
    "DIRECTORY": group(_DIRECTORY),
    "FILE_FORMAT": file_formats.inline(),
    "COPY_OPTIONS": group(COPY_OPTIONS),
    "COMMENT": text(),
}
_COLUMNS = (
    "created_on name database_name schema_name url has_credentials has_encryption_key owner comment region type cloud "
    "notification_channel storage_integration endpoint owner_role_type directory_enabled"
)


@registry.statement("CREATE STAGE")
def create_stage(session: Session, statement: Statement) -> Result:
    """The integration must exist and allow the URL; whether its role may be assumed shows at the first use."""
    reader = Reader(statement)
    head = read_create(reader, "STAGE")
    if reader.word() == "CLONE" or "CREDENTIALS" in statement.words:
        raise errors.not_supported("CREATE STAGE with CREDENTIALS or CLONE")
    given = reader.properties(OPTIONS, "STAGE")
    reader.end()
    old = session.account.catalog.get("stage", store.full_name(session, STAGE, head.name))
    document = defaults(OPTIONS) | given
    _complete(session, document)
    result = store.create(session, STAGE, head, document)
    if old and head.or_replace:
        discard_files(session.account, old.name)
    return result


def folder(account: Account, full_name: str) -> Path:
    """Where the files of an internal stage `DB.SCHEMA.STAGE` are."""
    return account.home / "stages" / full_name


def discard_files(account: Account, full_name: str) -> None:
    shutil.rmtree(folder(account, full_name), ignore_errors=True)


def discard_files_under(account: Account, container: str) -> None:
    """Delete the files of all internal stages of a database `DB` or schema `DB.SCHEMA`."""
    for stage in account.catalog.list("stage", f"{container}."):
        discard_files(account, stage.name)


def _complete(session: Session, document: dict[str, Any]) -> None:
    """Check the location and resolve the names in a stage's document."""
    url, integration = document["URL"], document["STORAGE_INTEGRATION"]
    document["INTEGRATION_ID"] = None
    if integration:
        entry = trust.find(session.account, integration)
        if entry.document["CATEGORY"] != "STORAGE":
            raise errors.does_not_exist("Integration", integration)
        privileges.require(session, "INTEGRATION", integration, "USAGE")
        document["INTEGRATION_ID"] = entry.created_on.isoformat()
        if url is None:
            raise errors.compilation_error(2029, "42601", "Missing option(s): URL")
        trust.require_allowed(entry, url)
    elif url is not None:
        raise errors.not_supported("a stage with a URL and no STORAGE_INTEGRATION")
    if url is not None and not url.startswith("s3://"):
        raise errors.invalid_value(url, "URL", "s3://<bucket>/<path>/")
    if name := document["FILE_FORMAT"].get("FORMAT_NAME"):
        full = session.qualify(*name.split("."))
        if session.account.catalog.get("file_format", full) is None:
            raise errors.does_not_exist("File format", full)
        privileges.require(session, "FILE FORMAT", full, "USAGE")
        document["FILE_FORMAT"] = {"FORMAT_NAME": full}


def integration_of(account: Account, stage: Entry) -> Entry:
    """The storage integration of an external stage.

    Raises:
        SnowflakeError: 003139 when it was dropped or replaced since the stage was linked to it.
            https://docs.snowflake.com/en/user-guide/data-load-snowpipe-ts
    """
    name = str(stage.document["STORAGE_INTEGRATION"])
    entry = account.catalog.get(trust.INTEGRATION, name)
    if entry is None or entry.created_on.isoformat() != stage.document["INTEGRATION_ID"]:
        raise errors.compilation_error(
            3139, "42601", f"Integration '{name}' associated with the stage '{stage.short_name}' cannot be found."
        )
    return entry


@registry.statement("ALTER STAGE")
def alter_stage(session: Session, statement: Statement) -> Result:
    """SET DIRECTORY changes only what it names; the other groups are replaced whole."""
    reader = Reader(statement)
    entry = store.alter_target(session, STAGE, reader)
    if entry is None:
        return status(EXECUTED)
    if reader.accept("RENAME", "TO"):
        target = reader.name()
        reader.end()
        result = store.rename(session, STAGE, entry, target)
        if (old := folder(session.account, entry.name)).exists():
            old.rename(folder(session.account, store.full_name(session, STAGE, target)))
        return result
    if reader.word() == "REFRESH":
        raise errors.not_supported("ALTER STAGE ... REFRESH")
    document = altered(reader, OPTIONS, "STAGE", entry.document)
    document["DIRECTORY"] = entry.document["DIRECTORY"] | document["DIRECTORY"]
    if (document["URL"] is None) != (entry.document["URL"] is None):
        raise errors.compilation_error(1420, "22023", "a stage cannot change between internal and external")
    moved = any(document[key] != entry.document[key] for key in ("URL", "STORAGE_INTEGRATION"))
    linked = document["INTEGRATION_ID"]
    _complete(session, document)
    if not moved and "STORAGE_INTEGRATION" not in statement.words:
        document["INTEGRATION_ID"] = linked
    session.account.catalog.put("stage", entry.name, document)
    return status(EXECUTED)


@registry.statement("DROP STAGE")
def drop_stage(session: Session, statement: Statement) -> Result:
    def before(entry: Entry) -> None:
        discard_files(session.account, entry.name)

    return store.drop(session, STAGE, statement, before)


@registry.statement("SHOW STAGES")
def show_stages(session: Session, statement: Statement) -> Result:
    request = show.read(Reader(statement), "STAGES")
    found = show.entries(session, request, "stage", show.prefix(session, request))
    return show.table(_COLUMNS, [_row(session, entry) for entry in found])


def _row(session: Session, entry: Entry) -> list[Any]:
    document, external = entry.document, entry.document["URL"] is not None
    internal_type = "INTERNAL NO CSE" if document["ENCRYPTION"].get("TYPE") == "SNOWFLAKE_SSE" else "INTERNAL"
    return [
        entry.created_on,
        entry.short_name,
        *entry.name.split(".")[:2],
        document["URL"] or "",
        "N",
        "N",
        entry.owner,
        document["COMMENT"],
        session.account.region if external else None,
        "EXTERNAL" if external else internal_type,
        "AWS" if external else None,
        None,
        document["STORAGE_INTEGRATION"],
        None,
        "ROLE",
        show.flag(document["DIRECTORY"].get("ENABLE")),
    ]


@registry.statement("DESCRIBE STAGE")
def describe_stage(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    name, _ = read_target(reader, "DESCRIBE", "STAGE")
    reader.end()
    entry = store.get(session, STAGE, name)
    columns = ["parent_property", "property", "property_type", "property_value", "property_default"]
    document = entry.document
    values = [
        *_format_rows(document),
        *_copy_rows(document),
        *_place_rows(session, document),
        *_directory_rows(document),
    ]
    return rows(columns, values)


def _format_rows(document: dict[str, Any]) -> list[list[Any]]:
    given = document["FILE_FORMAT"]
    if "FORMAT_NAME" in given:
        return [["STAGE_FILE_FORMAT", "FORMAT_NAME", "String", given["FORMAT_NAME"], ""]]
    return [["STAGE_FILE_FORMAT", *row] for row in file_formats.describe_rows({"TYPE": "CSV", **given})]


def _copy_rows(document: dict[str, Any]) -> list[list[Any]]:
    options = {"ON_ERROR": "ABORT_STATEMENT", "SIZE_LIMIT": None, "PURGE": False, "RETURN_FAILED_ONLY": False}
    options |= {"ENFORCE_LENGTH": True, "TRUNCATECOLUMNS": False, "FORCE": False}
    kinds = {"ON_ERROR": "String", "SIZE_LIMIT": "Long"}
    shown = file_formats.printed
    return [
        [
            "STAGE_COPY_OPTIONS",
            key,
            kinds.get(key, "Boolean"),
            shown(document["COPY_OPTIONS"].get(key, value)),
            shown(value),
        ]
        for key, value in options.items()
    ]


def _place_rows(session: Session, document: dict[str, Any]) -> list[list[Any]]:
    if document["URL"] is None:
        return []
    account = session.account
    integration = account.catalog.get(trust.INTEGRATION, document["STORAGE_INTEGRATION"])
    known = integration.document if integration else {}
    return [
        ["STAGE_LOCATION", "URL", "String", json.dumps([document["URL"]]), ""],
        ["STAGE_INTEGRATION", "STORAGE_INTEGRATION", "String", document["STORAGE_INTEGRATION"], ""],
        ["STAGE_CREDENTIALS", "AWS_EXTERNAL_ID", "String", known.get("STORAGE_AWS_EXTERNAL_ID", ""), ""],
        ["STAGE_CREDENTIALS", "AWS_ROLE", "String", known.get("STORAGE_AWS_ROLE_ARN", ""), ""],
        ["STAGE_CREDENTIALS", "SNOWFLAKE_IAM_USER", "String", trust.iam_user(account), ""],
        ["PRIVATELINK", "USE_PRIVATELINK_ENDPOINT", "Boolean", document["USE_PRIVATELINK_ENDPOINT"], "false"],
    ]


def _directory_rows(document: dict[str, Any]) -> list[list[Any]]:
    directory = document["DIRECTORY"]
    shown: list[list[Any]] = [["DIRECTORY", "ENABLE", "Boolean", bool(directory.get("ENABLE")), "false"]]
    if document["URL"] is not None:
        shown.append(["DIRECTORY", "AUTO_REFRESH", "Boolean", bool(directory.get("AUTO_REFRESH")), "false"])
    return shown
