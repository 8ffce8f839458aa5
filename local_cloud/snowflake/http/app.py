"""Routes of the local Snowflake endpoint.

The protocol is not documented; these are the requests that snowflake-connector-python, gosnowflake and JDBC make.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local_cloud.snowflake.account import Account
from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.http import bindings, clock, stages, statements
from local_cloud.snowflake.http.login import Sessions, gone
from local_cloud.snowflake.http.statements import Asked, Desk
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

_LOG = logging.getLogger(__name__)

# The service answers within 45 seconds and lets the client poll for the rest; drivers rely on it.
_PATIENCE_SECONDS = 40.0
_IN_PROGRESS, _DETACHED = "333333", "333334"


class Endpoint:
    """The HTTP side of one account; `app` is the ASGI application."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.sessions = Sessions(account)
        self.desk = Desk()
        post, get = ["POST"], ["GET"]
        self.app = Starlette(
            routes=[
                Route("/session/v1/login-request", self._login, methods=post),
                Route("/session/token-request", self._renew, methods=post),
                Route("/session/heartbeat", self._heartbeat, methods=post),
                Route("/session", self._session, methods=post),
                Route("/queries/v1/query-request", self._query, methods=post),
                Route("/queries/v1/abort-request", self._abort, methods=post),
                Route("/queries/{query_id}/result", self._result, methods=get),
                Route("/queries/{query_id}/abort-request", self._abort_query, methods=post),
                Route("/monitoring/queries/{query_id}", self._monitoring, methods=get),
                Route("/results/{query_id}/{kind}/{number:int}", self._chunk, methods=get),
                Route("/stages/{token}/{path:path}", stages.route(account.home / "stages"), methods=["PUT", *get]),
                Route("/telemetry/send", _nothing, methods=post),
                Route("/local/clock", clock.route(account), methods=[*get, *post]),
                Route("/", _alive, methods=get),
            ],
            exception_handlers={SnowflakeError: _refused, Exception: _broken},
        )

    def close(self) -> None:
        self.desk.close()
        self.sessions.close()

    async def _login(self, request: Request) -> Response:
        body = await _body(request)
        query = dict(request.query_params)
        data = await run_in_threadpool(self.sessions.login, body.get("data") or {}, query, _base_url(request))
        return _success(data)

    async def _renew(self, request: Request) -> Response:
        body = await _body(request)
        return _success(self.sessions.renew(str(body.get("oldSessionToken", "")), _token(request)))

    async def _heartbeat(self, request: Request) -> Response:
        self._require(request)
        return _success(None)

    async def _session(self, request: Request) -> Response:
        self._require(request)
        if request.query_params.get("delete"):
            await run_in_threadpool(self.sessions.end, _token(request))
        return _success(None)

    async def _query(self, request: Request) -> Response:
        session = self._require(request)
        body = await _body(request)
        values, batch = bindings.read(body.get("bindings"))
        asked = Asked(
            query_id=statements.new_query_id(),
            session=session,
            statement=Statement(str(body.get("sqlText", "")), values),
            batch=batch,
            json=_wants_json(session, body.get("parameters") or {}),
            describe_only=bool(body.get("describeOnly")),
        )
        asked = self.desk.submit(asked, request.query_params.get("requestId"))
        if body.get("asyncExec"):
            return _in_progress(asked, _DETACHED)
        return await self._answer(request, asked)

    async def _answer(self, request: Request, asked: Asked) -> Response:
        done = asyncio.wrap_future(asked.answer)
        finished, _ = await asyncio.wait({done}, timeout=_PATIENCE_SECONDS)
        if not finished:
            return _in_progress(asked, _IN_PROGRESS)
        done.exception()
        return JSONResponse(await run_in_threadpool(statements.answer, asked, _base_url(request)))

    async def _result(self, request: Request) -> Response:
        self._require(request)
        asked = self.desk.find(request.path_params["query_id"])
        if asked is None:
            raise SnowflakeError(709, "02000", f"Statement {request.path_params['query_id']} not found")
        return await self._answer(request, asked)

    async def _monitoring(self, request: Request) -> Response:
        self._require(request)
        asked = self.desk.find(request.path_params["query_id"])
        return _success({"queries": [_state(asked)] if asked else []})

    async def _abort(self, request: Request) -> Response:
        self._require(request)
        body = await _body(request)
        aborted = self.desk.abort(str(body.get("requestId", "")))
        return JSONResponse({"data": None, "code": None, "message": None, "success": aborted})

    async def _abort_query(self, request: Request) -> Response:
        self._require(request)
        asked = self.desk.find(request.path_params["query_id"])
        return _success(None) if asked and self.desk.interrupt(asked) else JSONResponse({"success": False})

    async def _chunk(self, request: Request) -> Response:
        """Rows after the inline ones; the query's identifier is the secret, as in the service's signed addresses."""
        table = self._account.results.get(request.path_params["query_id"])
        as_json = request.path_params["kind"] == "json"
        rows = await run_in_threadpool(statements.chunk, table, request.path_params["number"], as_json)
        if isinstance(rows, bytes):
            return Response(rows, media_type="application/octet-stream")
        # JSON chunks come without the brackets around the rows.
        return Response(json.dumps(rows)[1:-1], media_type="application/json")

    def _require(self, request: Request) -> Session:
        session = self.sessions.find(_token(request))
        if session is None:
            raise gone()
        return session


def _state(asked: Asked) -> dict[str, Any]:
    document: dict[str, Any] = {"id": asked.query_id, "sqlText": asked.statement.text, "status": "RUNNING"}
    if asked.answer.done():
        error = asked.answer.exception()
        document["status"] = "FAILED_WITH_ERROR" if error else "SUCCESS"
        if isinstance(error, SnowflakeError):
            document |= {"errorCode": f"{error.errno:06d}", "errorMessage": error.message}
    return document


def _wants_json(session: Session, parameters: dict[str, Any]) -> bool:
    """Drivers that cannot read Arrow say so in a parameter of their own name."""
    given = {**session.parameters, **{str(k).upper(): v for k, v in parameters.items()}}
    return any(k.endswith("QUERY_RESULT_FORMAT") and str(v).upper().startswith("JSON") for k, v in given.items())


def _in_progress(asked: Asked, code: str) -> Response:
    data = {
        "queryId": asked.query_id,
        "getResultUrl": f"/queries/{asked.query_id}/result",
        "queryAbortsAfterSecs": 3600,
    }
    return JSONResponse({"data": data, "code": code, "message": "Query execution in progress.", "success": True})


def _success(data: Any) -> Response:
    return JSONResponse({"data": data, "code": None, "message": None, "success": True})


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, SnowflakeError)
    document = statements.failure(error)
    # Drivers log in again when they see the bare number.
    document["code"] = str(error.errno) if error.errno >= 390_000 else document["code"]
    return JSONResponse(document)


async def _broken(_: Request, error: Exception) -> Response:
    _LOG.error("request failed inside the local cloud", exc_info=error)
    return JSONResponse(statements.failure(SnowflakeError(370001, "XX000", f"Internal error: {error!r}")))


async def _nothing(_: Request) -> Response:
    return _success(None)


async def _alive(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if request.headers.get("Content-Encoding") == "gzip":
        raw = await run_in_threadpool(gzip.decompress, raw)
    return dict(json.loads(raw)) if raw else {}


def _token(request: Request) -> str:
    """From `Authorization: Snowflake Token="..."`."""
    return request.headers.get("Authorization", "").partition('Token="')[2].rstrip('"')


def _base_url(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"
