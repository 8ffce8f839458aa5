"""The connection to Snowflake: one place that sends statements, caches answers and turns errors into sentences.

`SnowflakeConnection.query` is not used: in Streamlit 1.52 its cache key leaves the bind parameters out, so a second
customer would get the first one's rows (https://github.com/streamlit/streamlit/issues/13644).
"""

from __future__ import annotations

import logging
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st
from snowflake.connector.errors import Error as SnowflakeError
from streamlit.errors import StreamlitAPIException

if TYPE_CHECKING:
    from streamlit.connections import SnowflakeConnection

Parameter = str | int | float

CACHE_SECONDS = 600
LOGIN_SECONDS = 10
NETWORK_SECONDS = 60

_log = logging.getLogger(__name__)

# The session is gone (expired, or the server restarted): a new login and the same statement again is all it takes.
_SESSION_LOST = {390104, 390110, 390111, 390112, 390114, 390318}
_TIMED_OUT = {604, 630, 57014}
_NOT_THERE = {2003, 2043}
_NO_PRIVILEGE = {3001}
_NO_WAREHOUSE = {606, 609}
_UNKNOWN_COLUMN = {904}
_CREDENTIALS = {390100, 390144, 390189, 390190, 390191, 390195, 390422}


class WarehouseError(Exception):
    """A question that got no answer; the message is a sentence for the reader of a page."""


@st.cache_data(ttl=CACHE_SECONDS, max_entries=500, show_spinner="Asking the warehouse ...")
def fetch(sql: str, parameters: tuple[Parameter, ...] = ()) -> pd.DataFrame:
    """The rows of one SELECT, columns in lower case, remembered for `CACHE_SECONDS` per statement and parameters.

    Raises:
        WarehouseError: no connection, time-out, missing table or column, missing privilege, or any other failure.
    """
    return fetch_now(sql, parameters)


def fetch_now(sql: str, parameters: tuple[Parameter, ...] = ()) -> pd.DataFrame:
    """As `fetch`, without the cache: for exports, which are large and rarely asked for twice."""
    try:
        connection = _connection()
        try:
            return _execute(connection, sql, parameters)
        except SnowflakeError as error:
            if error.errno not in _SESSION_LOST and error.sqlstate != "08001":
                raise
            connection.reset()
            return _execute(connection, sql, parameters)
    except SnowflakeError as error:
        _log.warning("query %s failed: %s", error.sfqid, error)
        raise WarehouseError(explain(error)) from error
    except (StreamlitAPIException, FileNotFoundError) as error:
        _log.warning("no connection: %s", error)
        raise WarehouseError(_NO_CONNECTION) from error


def _connection() -> SnowflakeConnection:
    """The app's connection. The limits count on this machine; in Snowflake the session is there already."""
    return st.connection("snowflake", login_timeout=LOGIN_SECONDS, network_timeout=NETWORK_SECONDS)


def _execute(connection: SnowflakeConnection, sql: str, parameters: tuple[Parameter, ...]) -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(sql, params=parameters or None)
        frame: pd.DataFrame = cursor.fetch_pandas_all()
    frame.columns = frame.columns.str.lower()
    return _with_numbers(frame)


def _with_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """NUMBER(38, 0), which sums and counts are, may arrive as Decimal objects; charts and sums want numbers."""
    for name in frame.columns[frame.dtypes == "object"]:
        known = frame[name].dropna()
        if not known.empty and isinstance(known.iloc[0], Decimal):
            frame[name] = pd.to_numeric(frame[name])
    return frame


_NO_CONNECTION = (
    "There is no connection to Snowflake: check that the address, user and role of the connection named `snowflake` "
    "are right and that the server is running, then reload the page."
)


def explain(error: SnowflakeError) -> str:
    """One sentence on what went wrong and what to do about it, without SQL and without a stack."""
    code, text = error.errno, str(error.msg or error)
    if code in _NOT_THERE:
        return f"{_named(text, 'A table')} is not there or not open to the app's role: has the pipeline run?"
    if code in _UNKNOWN_COLUMN:
        return f"{_named(text, 'A column')} is missing in the warehouse: app and data are of different versions."
    if code in _TIMED_OUT:
        return "The warehouse took too long and the question was cancelled: narrow the filters, or try again shortly."
    if code in _NO_WAREHOUSE:
        return "The app has no running warehouse: it is suspended by its resource monitor, or the role may not use it."
    if code in _NO_PRIVILEGE:
        return "The app's role is not allowed to read this: ask the platform's owner for the privilege."
    if code in _CREDENTIALS:
        return "Snowflake refused the login: the user, its key or its password in the connection is not right."
    # The client's own errors: 250xxx and 251xxx about the network, no number at all about its configuration.
    if code is None or code < 0 or 250000 <= code < 252000 or error.sqlstate == "08001":
        return _NO_CONNECTION
    return f"The warehouse could not answer (error {code:06d}, query {error.sfqid}); the details are in the app's log."


def _named(text: str, fallback: str) -> str:
    """The object that Snowflake's message quotes, if it quotes one."""
    found = re.search(r"'([^']+)' does not exist|identifier '([^']+)'", text)
    return next((name for name in found.groups() if name), fallback) if found else fallback
