"""Where e-mail of the local cloud lands: one JSON file for each message under `<account.home>/outbox`.

A file is named `<time>-<identifier>.json`, so that names sort by time, and holds

    {"id", "sent_at": ISO, "integration", "from", "to": [address, ...], "subject", "mime_type", "body"}

It appears whole or not at all.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from local_cloud.snowflake import clock
from local_cloud.snowflake.account import Account

SENDER = "no-reply@snowflake.net"


def folder(home: Path) -> Path:
    """Of an account's home, which need not be open."""
    return home / "outbox"


def send(account: Account, integration: str, to: list[str], subject: str, body: str, mime_type: str) -> None:
    now, identifier = clock.of(account).now(), uuid.uuid4().hex
    document = {
        "id": identifier,
        "sent_at": now.isoformat(),
        "integration": integration,
        "from": SENDER,
        "to": to,
        "subject": subject,
        "mime_type": mime_type,
        "body": body,
    }
    target = folder(account.home)
    target.mkdir(exist_ok=True)
    spool = target / f".{identifier}"
    spool.write_text(json.dumps(document, indent=1))
    spool.replace(target / f"{now:%Y%m%dT%H%M%S.%f}-{identifier}.json")


def messages(home: Path) -> list[dict[str, Any]]:
    """All messages of an account's home, the oldest first."""
    return [json.loads(path.read_text()) for path in sorted(folder(home).glob("*.json"))]
