"""`/local/clock`: see and move the account's clock. No route of Snowflake's; it is for tests of schedules.

GET answers `{"now": ISO, "held": bool}`. POST takes `{"hold": ISO or null}` (stand still, then or now), `{"advance_to":
ISO}` (run all that is due until then, in order; the answer also has `runs`) or `{"release": true}` (real time again).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_cloud.snowflake import clock
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.work import scheduler


def route(account: Account) -> Callable[[Request], Awaitable[Response]]:
    """The handler of GET and POST."""

    async def answer(request: Request) -> Response:
        asked = json.loads(await request.body() or "{}") if request.method == "POST" else {}
        try:
            return JSONResponse(await run_in_threadpool(_moved, account, asked))
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": f"/local/clock does not understand {asked}: {error}"}, status_code=400)

    return answer


def _moved(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    held, document = clock.of(account), {}
    if "hold" in asked:
        held.hold(_moment(asked["hold"]) if asked["hold"] else None)
    if "advance_to" in asked:
        document["runs"] = scheduler.of(account).advance(_moment(asked["advance_to"]))
    if asked.get("release"):
        held.release()
    if asked:
        scheduler.wake(account)
    return {"now": held.now().isoformat(), "held": held.held, **document}


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
