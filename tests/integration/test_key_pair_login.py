"""Logins with a key pair, as the provider and services do them, through an unchanged connector."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from snowflake.connector import SnowflakeConnection
from snowflake.connector.errors import DatabaseError

from tests.integration.conftest import LocalCloud

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class KeyPair:
    """`private` is DER, `public` what ALTER USER takes."""

    private: bytes
    public: str


def key_pair() -> KeyPair:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return KeyPair(private, base64.b64encode(public).decode())


@pytest.fixture(scope="module")
def keys() -> tuple[KeyPair, KeyPair]:
    return key_pair(), key_pair()


@pytest.fixture(scope="module")
def admin(local_cloud: LocalCloud, keys: tuple[KeyPair, KeyPair]) -> Iterator[SnowflakeConnection]:
    """A connection of an administrator, who has made the service user KEY_SERVICE with the first key."""
    connection = local_cloud.connect(role="ACCOUNTADMIN")
    cursor = connection.cursor()
    cursor.execute("create role key_role")
    cursor.execute(
        f"create user key_service type = service default_role = key_role rsa_public_key = '{keys[0].public}'"
    )
    cursor.execute("grant role key_role to user key_service")
    yield connection
    connection.close()


def logged_in(cloud: LocalCloud, pair: KeyPair, user: str = "KEY_SERVICE") -> tuple[str, str]:
    """User and role of a session that the key opens."""
    with cloud.connect(user=user, password=None, private_key=pair.private) as connection:
        cursor = connection.cursor()
        cursor.execute("select current_user(), current_role()")
        found = cursor.fetchone()
    assert isinstance(found, tuple)
    return str(found[0]), str(found[1])


def token(pair: KeyPair, user: str, **claims: Any) -> str:
    """What a driver signs; claims override its own."""
    subject = f"LOCAL-C360.{user}"
    digest = base64.b64encode(hashlib.sha256(base64.b64decode(pair.public)).digest()).decode()
    now = int(time.time())
    given = {"iss": f"{subject}.SHA256:{digest}", "sub": subject, "iat": now, "exp": now + 60, **claims}
    return jwt.encode(given, serialization.load_der_private_key(pair.private, None), "RS256")  # type: ignore[arg-type]


def answered(cloud: LocalCloud, signed: str) -> dict[str, Any]:
    """The answer to a login that names nobody beside the token, which is how gosnowflake logs in."""
    body = json.dumps({"data": {"AUTHENTICATOR": "SNOWFLAKE_JWT", "TOKEN": signed}}).encode()
    address = f"http://{cloud.host}:{cloud.port}/session/v1/login-request"
    with urllib.request.urlopen(urllib.request.Request(address, body)) as response:
        return dict(json.loads(response.read()))


@pytest.mark.usefixtures("admin")
def test_the_token_alone_names_the_user(local_cloud: LocalCloud, keys: tuple[KeyPair, KeyPair]) -> None:
    welcome = answered(local_cloud, token(keys[0], "KEY_SERVICE"))
    assert (welcome["success"], welcome["data"]["displayUserName"]) == (True, "KEY_SERVICE")
    hour_ago = int(time.time()) - 3600
    for signed in (
        token(keys[0], "KEY_SERVICE", exp=hour_ago),
        token(keys[0], "KEY_SERVICE", iss="LOCAL-C360.KEY_SERVICE.SHA256:other"),
        token(keys[0], "KEY_SERVICE", sub="ELSEWHERE.KEY_SERVICE"),
        token(keys[1], "KEY_SERVICE"),
        token(keys[0], "C360"),
        "no token",
    ):
        refusal = answered(local_cloud, signed)
        assert (refusal["success"], refusal["code"]) == (False, "390144")


@pytest.mark.usefixtures("admin")
def test_a_service_logs_in_with_its_key_and_only_with_it(
    local_cloud: LocalCloud, keys: tuple[KeyPair, KeyPair]
) -> None:
    assert logged_in(local_cloud, keys[0]) == ("KEY_SERVICE", "KEY_ROLE")
    assert logged_in(local_cloud, keys[0], "key_service") == ("KEY_SERVICE", "KEY_ROLE")
    for user in ("KEY_SERVICE", "C360", "NOBODY"):
        with pytest.raises(DatabaseError, match="JWT token is invalid"):
            logged_in(local_cloud, keys[1], user)
    with pytest.raises(DatabaseError, match="Incorrect username or password"):
        local_cloud.connect(user="KEY_SERVICE", password="local")


def test_the_second_key_serves_rotation(
    local_cloud: LocalCloud, keys: tuple[KeyPair, KeyPair], admin: SnowflakeConnection
) -> None:
    cursor = admin.cursor()
    cursor.execute(f"alter user key_service set rsa_public_key_2 = '{keys[1].public}'")
    assert {logged_in(local_cloud, pair) for pair in keys} == {("KEY_SERVICE", "KEY_ROLE")}
    cursor.execute("alter user key_service unset rsa_public_key_2")
    with pytest.raises(DatabaseError, match="JWT token is invalid"):
        logged_in(local_cloud, keys[1])


def test_a_disabled_user_stays_out(
    local_cloud: LocalCloud, keys: tuple[KeyPair, KeyPair], admin: SnowflakeConnection
) -> None:
    admin.cursor().execute("alter user key_service set disabled = true")
    with pytest.raises(DatabaseError, match="User access disabled"):
        logged_in(local_cloud, keys[0])
    admin.cursor().execute("alter user key_service set disabled = false")


def test_other_authenticators_are_refused(local_cloud: LocalCloud) -> None:
    with pytest.raises(DatabaseError, match="does not support: the authenticator OAUTH"):
        local_cloud.connect(password=None, authenticator="oauth", token="token")
