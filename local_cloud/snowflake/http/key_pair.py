"""Logins with a key pair: the client signs a token, the user's public key proves it.

https://docs.snowflake.com/en/user-guide/key-pair-auth
"""

from __future__ import annotations

import jwt
import jwt.types
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.objects import users

_KEYS = ("RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2")
# How far the clocks of client and service may differ.
_LEEWAY_SECONDS = 60


def check(account: Account, token: str) -> Entry:
    """The user whom the token is about, if one of its keys verifies it; drivers need not name the user besides.

    `sub` is `<account>.<user>`, `iss` the same and the fingerprint of the public key.

    Raises:
        SnowflakeError: 390144 for whatever is wrong; the service does not say what.
    """
    prefix = f"{account.name}.".upper()
    subject = _subject(token)
    user = users.by_login_name(account, subject.removeprefix(prefix)) if subject.startswith(prefix) else None
    for key in _KEYS if user else ():
        assert user is not None
        public_key = user.document.get(key)
        if public_key and _proves(token, public_key, subject):
            return user
    raise SnowflakeError(390144, "08001", "JWT token is invalid.")


def _subject(token: str) -> str:
    """What the token claims, before anybody has verified it."""
    try:
        return str(jwt.decode(token, options={"verify_signature": False}).get("sub", ""))
    except jwt.PyJWTError:
        return ""


def _proves(token: str, public_key: str, subject: str) -> bool:
    required: jwt.types.Options = {"require": ["iss", "sub", "iat", "exp"]}
    try:
        loaded = load_der_public_key(users.decoded(public_key))
        if not isinstance(loaded, RSAPublicKey):
            return False
        claims = jwt.decode(token, loaded, algorithms=["RS256"], leeway=_LEEWAY_SECONDS, options=required)
    except (jwt.PyJWTError, ValueError):
        return False
    issuer = f"{subject}.{users.fingerprint(public_key)}"
    return (claims["sub"], claims["iss"]) == (subject, issuer)
