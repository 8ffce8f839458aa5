"""Logging in, renewing and ending sessions."""

from __future__ import annotations

import threading
from typing import Any

from local_cloud.snowflake import account as accounts
from local_cloud.snowflake import errors
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.enforcement import privileges, warehouse
from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.http import key_pair
from local_cloud.snowflake.objects import use, users
from local_cloud.snowflake.query.system_calls import SERVER_VERSION
from local_cloud.snowflake.session import SECONDARY_ROLES, Session

_VALIDITY_SECONDS = 14_400
# https://pkg.go.dev/github.com/snowflakedb/gosnowflake: Config.ValidateDefaultParameters
_VALIDATE = "CLIENT_VALIDATE_DEFAULT_PARAMETERS"


class Sessions:
    """Open sessions by their tokens; safe to share between threads."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = threading.Lock()
        self._by_token: dict[str, Session] = {}
        self._by_master: dict[str, Session] = {}

    def find(self, token: str) -> Session | None:
        with self._lock:
            return self._by_token.get(token)

    def login(self, data: dict[str, Any], query: dict[str, str], base_url: str) -> dict[str, Any]:
        """The response's `data`; `base_url` is the address that the client used.

        Raises:
            SnowflakeError: 390100 wrong user or password; 390144 wrong key or token; 390101 disabled; 390189 the role
                is not the user's; 390201 no such warehouse, database or schema, where the client wants to know;
                000002 another authenticator than password and key pair.
        """
        user = self._authenticated(data)
        document = user.document
        parameters = {str(k).upper(): v for k, v in (data.get("SESSION_PARAMETERS") or {}).items()}
        role = self._role(user, _stored(query.get("roleName")), parameters.get(_VALIDATE))
        session = self._account.open_session(
            user.name,
            role or document.get("DEFAULT_ROLE") or "PUBLIC",
            _stored(query.get("warehouse")) or document.get("DEFAULT_WAREHOUSE"),
        )
        session.parameters |= parameters
        session.parameters["ENDPOINT_URL"] = base_url
        session.parameters[SECONDARY_ROLES] = ",".join(document["DEFAULT_SECONDARY_ROLES"]) or "NONE"
        _enter(session, query, document.get("DEFAULT_NAMESPACE"))
        if parameters.get(_VALIDATE) is True and (missing := _missing(session, query)):
            session.close()
            raise SnowflakeError(390201, "08004", f"The requested {missing} does not exist or not authorized.")
        token, master = accounts.new_token(), accounts.new_token()
        with self._lock:
            self._by_token[token], self._by_master[master] = session, session
        return {
            "token": token,
            "masterToken": master,
            "validityInSeconds": _VALIDITY_SECONDS,
            "masterValidityInSeconds": _VALIDITY_SECONDS,
            "displayUserName": user.name,
            "serverVersion": SERVER_VERSION,
            "firstLogin": False,
            "sessionId": int(session.id),
            "parameters": _parameters(session),
            "sessionInfo": {
                "databaseName": session.database,
                "schemaName": session.schema,
                "warehouseName": session.warehouse,
                "roleName": session.role,
            },
        }

    def lend(self, session: Session) -> tuple[str, str]:
        """Session and master token by which a client may use a session that the server opened; see `take_back`."""
        token, master = accounts.new_token(), accounts.new_token()
        with self._lock:
            self._by_token[token], self._by_master[master] = session, session
        return token, master

    def take_back(self, session: Session) -> None:
        """End what `lend` began; the session stays open."""
        with self._lock:
            self._by_token = {token: s for token, s in self._by_token.items() if s is not session}
            self._by_master = {master: s for master, s in self._by_master.items() if s is not session}

    def renew(self, token: str, master: str) -> dict[str, Any]:
        """A new token for a session; raises SnowflakeError 390104 when the session is over."""
        with self._lock:
            session = self._by_master.get(master) or self._by_token.get(token)
            if session is None:
                raise gone()
            self._by_token.pop(token, None)
            renewed = accounts.new_token()
            self._by_token[renewed] = session
        return {
            "sessionToken": renewed,
            "masterToken": master,
            "validityInSecondsST": _VALIDITY_SECONDS,
            "validityInSecondsMT": _VALIDITY_SECONDS,
            "sessionId": int(session.id),
        }

    def end(self, token: str) -> None:
        with self._lock:
            session = self._by_token.pop(token, None)
            self._by_master = {m: s for m, s in self._by_master.items() if s is not session}
        if session is not None:
            session.close()

    def close(self) -> None:
        with self._lock:
            tokens = list(self._by_token)
        for token in tokens:
            self.end(token)

    def _role(self, user: Entry, asked: str | None, validate: object) -> str | None:
        """The role asked for. A client that wants no validation works as PUBLIC: its role may yet be created."""
        if asked is None:
            return None
        try:
            use.require_role(self._account, user.name, asked)
        except SnowflakeError as error:
            if validate is False:
                return "PUBLIC"
            raise SnowflakeError(
                390189,
                "08004",
                f"Role '{asked}' specified in the connect string does not exist or not authorized. Contact your local "
                "system administrator, or attempt to login with another role, e.g. PUBLIC.",
            ) from error
        return asked

    def _authenticated(self, data: dict[str, Any]) -> Entry:
        name, authenticator = str(data.get("LOGIN_NAME", "")), str(data.get("AUTHENTICATOR") or "SNOWFLAKE").upper()
        if authenticator == "SNOWFLAKE_JWT":
            user: Entry | None = key_pair.check(self._account, str(data.get("TOKEN", "")))
        elif authenticator == "SNOWFLAKE":
            user = users.check_password(self._account, name, str(data.get("PASSWORD", "")))
        else:
            raise errors.not_supported(f"the authenticator {authenticator}")
        if user is None:
            raise SnowflakeError(390100, "08004", "Incorrect username or password was specified.")
        if user.document.get("DISABLED"):
            raise SnowflakeError(390101, "08004", "User access disabled. Contact your local system administrator.")
        return user


def gone() -> SnowflakeError:
    return SnowflakeError(390104, "08001", "User must login again to access the service.")


def _enter(session: Session, query: dict[str, str], default_namespace: str | None) -> None:
    """Set database and schema as asked; what does not exist or is not seen is left out, as by the service."""
    default = (default_namespace or "").split(".")
    database = _stored(query.get("databaseName") or default[0])
    schema = _stored(query.get("schemaName") or (default[1] if len(default) > 1 else None))
    databases = session.account.databases
    if database is None or not databases.exists(database) or not privileges.is_visible(session, "DATABASE", database):
        return
    session.database = database
    wanted = schema or "PUBLIC"
    there = databases.schema_exists(database, wanted)
    session.schema = wanted if there and privileges.is_visible(session, "SCHEMA", f"{database}.{wanted}") else None


def _missing(session: Session, query: dict[str, str]) -> str | None:
    """Database, schema or warehouse, whichever was asked for and is not there for the role."""
    usable = session.warehouse is None or warehouse.is_usable(session, session.warehouse)
    there = {"database": session.database, "schema": session.schema, "warehouse": session.warehouse if usable else None}
    asked = {"database": "databaseName", "schema": "schemaName", "warehouse": "warehouse"}
    return next((kind for kind, found in there.items() if query.get(asked[kind]) and found is None), None)


def _stored(name: str | None) -> str | None:
    """An identifier from a connection string in its stored case."""
    if not name:
        return None
    return name[1:-1].replace('""', '"') if name.startswith('"') and name.endswith('"') else name.upper()


def _parameters(session: Session) -> list[dict[str, Any]]:
    fixed = {
        "AUTOCOMMIT": True,
        "CLIENT_SESSION_KEEP_ALIVE": False,
        "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY": 3600,
        "CLIENT_PREFETCH_THREADS": 4,
        # 0 keeps bound arrays in the request instead of a staged file.
        "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD": 0,
        "CLIENT_TELEMETRY_ENABLED": False,
        "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": "ARROW",
        "TIMEZONE": "UTC",
        "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
        "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3",
        "TIMESTAMP_LTZ_OUTPUT_FORMAT": "",
        "TIMESTAMP_TZ_OUTPUT_FORMAT": "",
        "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
        "TIME_OUTPUT_FORMAT": "HH24:MI:SS",
        "BINARY_OUTPUT_FORMAT": "HEX",
        "QUERY_TAG": "",
    }
    known = {**fixed, **{k: v for k, v in session.parameters.items() if k in fixed}}
    return [{"name": name, "value": value} for name, value in known.items()]
