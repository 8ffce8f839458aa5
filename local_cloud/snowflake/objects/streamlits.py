"""Streamlit objects: which app runs from which stage, with which warehouse. Running it is not Snowflake's part here.

https://docs.snowflake.com/en/sql-reference/sql/create-streamlit
"""

from __future__ import annotations

import secrets
import string
from typing import Any

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.objects import show, store
from local_cloud.snowflake.objects.ddl import (
    Reader,
    altered,
    defaults,
    identifier,
    missing,
    names,
    read_create,
    read_target,
    text,
    texts,
)
from local_cloud.snowflake.objects.store import EXECUTED, Kind
from local_cloud.snowflake.results import Result, rows, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

STREAMLIT = Kind("streamlit", "Streamlit", ("STREAMLIT",))
OPTIONS = {
    "ROOT_LOCATION": text(None),
    "FROM": text(None),
    "MAIN_FILE": text("streamlit_app.py"),
    "QUERY_WAREHOUSE": identifier(),
    "TITLE": text(None),
    "COMMENT": text(None),
    "IMPORTS": texts(),
    "EXTERNAL_ACCESS_INTEGRATIONS": names(),
}


@registry.statement("CREATE STREAMLIT")
def create_streamlit(session: Session, statement: Statement) -> Result:
    """ROOT_LOCATION runs the app from the stage; FROM copies it once. Both are kept as the app's ROOT_LOCATION."""
    reader = Reader(statement)
    head = read_create(reader, "STREAMLIT")
    given = reader.properties(OPTIONS, "STREAMLIT")
    reader.end()
    source = given.pop("FROM", None) or given.get("ROOT_LOCATION")
    if source is None:
        missing(given, "ROOT_LOCATION")
    document = defaults(OPTIONS) | given | {"ROOT_LOCATION": source, "URL_ID": _url_id()}
    del document["FROM"]
    _check(session, document)
    return store.create(session, STREAMLIT, head, document)


def _check(session: Session, document: dict[str, Any]) -> None:
    """The stage must be there, and the warehouse if one is named; the location is kept with the stage's full name."""
    location = str(document["ROOT_LOCATION"])
    if not location.startswith("@"):
        raise errors.invalid_value(location, "ROOT_LOCATION", "@<stage>/<path>")
    stage, slash, path = location[1:].partition("/")
    full = session.qualify(*Reader(Statement(stage)).name())
    if session.account.catalog.get("stage", full) is None:
        raise errors.does_not_exist("Stage", full)
    document["ROOT_LOCATION"] = f"@{full}{slash}{path}"
    warehouse = document["QUERY_WAREHOUSE"]
    if warehouse and session.account.catalog.get("warehouse", warehouse) is None:
        raise errors.does_not_exist("Warehouse", warehouse)


def _url_id() -> str:
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(20))


@registry.statement("ALTER STREAMLIT")
def alter_streamlit(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    entry = store.alter_target(session, STREAMLIT, reader)
    if entry is None:
        return status(EXECUTED)
    if reader.accept("RENAME", "TO"):
        target = reader.name()
        reader.end()
        return store.rename(session, STREAMLIT, entry, target)
    if reader.accept("ADD", "LIVE", "VERSION", "FROM", "LAST"):
        reader.end()
        return status(EXECUTED)
    document = altered(reader, {k: v for k, v in OPTIONS.items() if k != "FROM"}, "STREAMLIT", entry.document)
    _check(session, document)
    session.account.catalog.put("streamlit", entry.name, document)
    return status(EXECUTED)


@registry.statement("DROP STREAMLIT")
def drop_streamlit(session: Session, statement: Statement) -> Result:
    return store.drop(session, STREAMLIT, statement)


@registry.statement("SHOW STREAMLITS")
def show_streamlits(session: Session, statement: Statement) -> Result:
    request = show.read(Reader(statement), "STREAMLITS")
    found = show.entries(session, request, "streamlit", show.prefix(session, request))
    columns = "created_on name database_name schema_name title comment owner query_warehouse url_id owner_role_type"
    return show.table(columns, [_row(entry) for entry in found])


def _row(entry: Entry) -> list[Any]:
    document = entry.document
    return [
        entry.created_on,
        entry.short_name,
        *entry.name.split(".")[:2],
        document["TITLE"],
        document["COMMENT"],
        entry.owner,
        document["QUERY_WAREHOUSE"],
        document["URL_ID"],
        "ROLE",
    ]


@registry.statement("DESCRIBE STREAMLIT")
def describe_streamlit(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    name, _ = read_target(reader, "DESCRIBE", "STREAMLIT")
    reader.end()
    entry = store.get(session, STREAMLIT, name)
    document = entry.document
    shown = {
        "name": entry.short_name,
        "title": document["TITLE"],
        "root_location": document["ROOT_LOCATION"],
        "main_file": document["MAIN_FILE"],
        "query_warehouse": document["QUERY_WAREHOUSE"],
        "url_id": document["URL_ID"],
        "default_packages": "python==3.11.*,snowflake-snowpark-python,streamlit",
        "user_packages": "[]",
        "import_urls": "[" + ", ".join(document["IMPORTS"]) + "]",
        "external_access_integrations": "[" + ", ".join(document["EXTERNAL_ACCESS_INTEGRATIONS"]) + "]",
        "external_access_secrets": "{}",
    }
    return rows(list(shown), [list(shown.values())])
