"""Users: persons with passwords, services with key pairs.

https://docs.snowflake.com/en/sql-reference/sql/create-user
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Any

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.objects import show, store
from local_cloud.snowflake.objects.ddl import (
    Option,
    Reader,
    altered,
    boolean,
    choice,
    defaults,
    identifier,
    integer,
    read_create,
    read_target,
    text,
    texts,
)
from local_cloud.snowflake.objects.store import EXECUTED, Kind
from local_cloud.snowflake.results import Result, rows, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

USER = Kind("user", "User", ("USER",), parts=1)

# Iterations of PBKDF2: a login takes about 30 ms; this account guards nothing but this machine's own demo data.
_ROUNDS = 50_000
# Name, label of DESCRIBE USER, option.
OPTIONS: dict[str, Option] = {
    "LOGIN_NAME": text(None),
    "DISPLAY_NAME": text(None),
    "FIRST_NAME": text(None),
    "MIDDLE_NAME": text(None),
    "LAST_NAME": text(None),
    "EMAIL": text(None),
    "PASSWORD": text(None),
    "MUST_CHANGE_PASSWORD": boolean(False),
    "DISABLED": boolean(False),
    "DAYS_TO_EXPIRY": integer(None),
    "MINS_TO_UNLOCK": integer(None),
    "DEFAULT_WAREHOUSE": identifier(),
    "DEFAULT_NAMESPACE": identifier(2),
    "DEFAULT_ROLE": identifier(),
    "DEFAULT_SECONDARY_ROLES": texts(["ALL"]),
    "TYPE": choice("PERSON", "SERVICE", "LEGACY_SERVICE", "NULL"),
    "RSA_PUBLIC_KEY": text(None),
    "RSA_PUBLIC_KEY_2": text(None),
    "NETWORK_POLICY": identifier(),
    "COMMENT": text(None),
}
# A service logs in with a key: https://docs.snowflake.com/en/sql-reference/sql/create-user#types
_NOT_FOR_SERVICES = ("FIRST_NAME", "MIDDLE_NAME", "LAST_NAME", "PASSWORD", "MUST_CHANGE_PASSWORD", "MINS_TO_UNLOCK")
# What DESCRIBE USER says of means that this account does not have.
_UNUSED: dict[str, Any] = {
    "SNOWFLAKE_LOCK": False,
    "SNOWFLAKE_SUPPORT": False,
    "EXT_AUTHN_DUO": False,
    "EXT_AUTHN_UID": None,
    "HAS_MFA": False,
    "MINS_TO_BYPASS_MFA": None,
    "MINS_TO_BYPASS_NETWORK_POLICY": None,
    "RSA_PUBLIC_KEY_LAST_SET_TIME": None,
    "RSA_PUBLIC_KEY_2_LAST_SET_TIME": None,
    "PASSWORD_LAST_SET_TIME": None,
    "CUSTOM_LANDING_PAGE_URL": None,
    "CUSTOM_LANDING_PAGE_URL_FLUSH_NEXT_UI_LOAD": False,
    "HAS_WORKLOAD_IDENTITY": False,
}
_COLUMNS = (
    "name created_on login_name display_name first_name last_name email mins_to_unlock days_to_expiry comment disabled "
    "must_change_password snowflake_lock default_warehouse default_namespace default_role default_secondary_roles "
    "ext_authn_duo ext_authn_uid mins_to_bypass_mfa owner last_success_login expires_at_time locked_until_time "
    "has_password has_rsa_public_key type has_mfa has_pat has_workload_identity"
)


@registry.statement("CREATE USER")
def create_user(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    head = read_create(reader, "USER", parts=1)
    given = reader.properties(OPTIONS, "USER")
    reader.end()
    return store.create(session, USER, head, document_of(head.name[0], given))


def document_of(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """The stored form of a new user: defaults filled in, the password hashed, keys checked."""
    document = defaults(OPTIONS) | given
    document["LOGIN_NAME"] = (document["LOGIN_NAME"] or name).upper()
    document["DISPLAY_NAME"] = document["DISPLAY_NAME"] or name
    document["PASSWORD"] = hashed(given["PASSWORD"]) if given.get("PASSWORD") else None
    _check(name, document, given)
    return document


def _check(name: str, document: dict[str, Any], given: dict[str, Any]) -> None:
    refused = _NOT_FOR_SERVICES if document["TYPE"] == "SERVICE" else ()
    for key in refused:
        if given.get(key):
            raise errors.compilation_error(3676, "22023", f"Cannot set {key} on user '{name}' with TYPE=SERVICE.")
    for key in ("RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2"):
        if given.get(key):
            fingerprint(given[key])


@registry.statement("ALTER USER")
def alter_user(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    entry = store.alter_target(session, USER, reader)
    if entry is None:
        return status(EXECUTED)
    if reader.accept("RENAME", "TO"):
        target = reader.name(1)
        reader.end()
        return store.rename(session, USER, entry, target)
    document = altered(reader, OPTIONS, "USER", entry.document)
    changed = {key: value for key, value in document.items() if value != entry.document.get(key)}
    if changed.get("PASSWORD"):
        document["PASSWORD"] = hashed(changed["PASSWORD"])
    _check(entry.name, document, changed)
    document["LOGIN_NAME"] = (document["LOGIN_NAME"] or entry.name).upper()
    document["DISPLAY_NAME"] = document["DISPLAY_NAME"] or entry.name
    session.account.catalog.put("user", entry.name, document)
    return status(EXECUTED)


@registry.statement("DROP USER")
def drop_user(session: Session, statement: Statement) -> Result:
    def before(entry: Entry) -> None:
        if entry.name == session.user:
            raise errors.insufficient_privileges("user", entry.name)

    return store.drop(session, USER, statement, before)


@registry.statement("SHOW USERS")
def show_users(session: Session, statement: Statement) -> Result:
    found = show.entries(session, show.read(Reader(statement), "USERS"), "user")
    return show.table(_COLUMNS, [_row(entry) for entry in found])


def _row(entry: Entry) -> list[Any]:
    document = entry.document
    plain = [document[key] or "" for key in ("LOGIN_NAME", "DISPLAY_NAME", "FIRST_NAME", "LAST_NAME", "EMAIL")]
    limits = [document["MINS_TO_UNLOCK"] or "", document["DAYS_TO_EXPIRY"] or "", document["COMMENT"] or ""]
    context = [document[key] or "" for key in ("DEFAULT_WAREHOUSE", "DEFAULT_NAMESPACE", "DEFAULT_ROLE")]
    return [
        entry.name,
        entry.created_on,
        *plain,
        *limits,
        document["DISABLED"],
        document["MUST_CHANGE_PASSWORD"],
        "false",
        *context,
        _secondary(document),
        "false",
        "",
        "",
        entry.owner,
        None,
        None,
        None,
        document["PASSWORD"] is not None,
        document["RSA_PUBLIC_KEY"] is not None,
        document["TYPE"] or "PERSON",
        "false",
        "false",
        "false",
    ]


def _secondary(document: dict[str, Any]) -> str:
    return "[" + ",".join(f'"{role}"' for role in document["DEFAULT_SECONDARY_ROLES"]) + "]"


@registry.statement("DESCRIBE USER")
def describe_user(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    name, _ = read_target(reader, "DESCRIBE", "USER", parts=1)
    reader.end()
    entry = store.get(session, USER, name)
    shown: dict[str, Any] = {"NAME": entry.name, **entry.document, **_UNUSED}
    # A parameter, which SHOW PARAMETERS shows.
    del shown["NETWORK_POLICY"]
    shown["PASSWORD"] = "********" if shown["PASSWORD"] else None
    shown["DEFAULT_SECONDARY_ROLES"] = _secondary(shown)
    for key in ("RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2"):
        shown[f"{key}_FP"] = fingerprint(shown[key]) if shown[key] else None
    values = [
        [key, "null" if value is None else value, "null" if _default(key) is None else _default(key), ""]
        for key, value in shown.items()
    ]
    return rows(["property", "value", "default", "description"], values)


def _default(key: str) -> Any:
    return OPTIONS[key].default if key in OPTIONS and not isinstance(OPTIONS[key].default, list) else None


def hashed(password: str) -> str:
    """`salt$digest`, both hexadecimal."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${_digest(password, salt)}"


def _digest(password: str, salt: bytes) -> str:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ROUNDS).hex()


def check_password(account: Account, login_name: str, password: str) -> Entry | None:
    """The user who logs in with that name and password, or None; a disabled one is for the caller to refuse."""
    entry = by_login_name(account, login_name)
    if entry is None or entry.document["PASSWORD"] is None:
        return None
    salt, _, digest = entry.document["PASSWORD"].partition("$")
    return entry if hmac.compare_digest(_digest(password, bytes.fromhex(salt)), digest) else None


def by_login_name(account: Account, login_name: str) -> Entry | None:
    """Login names are unique whatever their case; by default they are the users' names."""
    users = account.catalog.list("user")
    return next((entry for entry in users if entry.document["LOGIN_NAME"] == login_name.upper()), None)


def fingerprint(public_key: str) -> str:
    """`SHA256:<base64>` of a public key, as a key-pair login's token names it (`iss` ends in it).

    https://docs.snowflake.com/en/user-guide/key-pair-auth
    """
    return "SHA256:" + base64.b64encode(hashlib.sha256(decoded(public_key)).digest()).decode()


def decoded(public_key: str) -> bytes:
    """The key in DER, from PEM with or without its first and last line."""
    body = "".join(line for line in public_key.strip().splitlines() if not line.startswith("-----"))
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except binascii.Error as error:
        raise errors.compilation_error(
            390402, "22023", "New public key rejected by current policy. Reason: 'Invalid public key'."
        ) from error
