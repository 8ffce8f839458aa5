"""Files of internal stages: what PUT uploads to and GET downloads from."""

from __future__ import annotations

import os
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response


def route(folder: Path) -> Callable[[Request], Awaitable[Response]]:
    """`/stages/<token>/<relative path>` is the file `<folder>/<relative path>`; nothing outside is reached."""
    root = folder.resolve()

    async def handle(request: Request) -> Response:
        target = (root / request.path_params["path"]).resolve()
        if not target.is_relative_to(root) or target == root:
            return Response(status_code=400)
        if request.method == "PUT":
            await _store(request, target)
            return Response(status_code=200)
        return FileResponse(target) if target.is_file() else Response(status_code=404)

    return handle


async def _store(request: Request, target: Path) -> None:
    """The whole new file or the old one: a process killed during an upload leaves no half."""
    target.parent.mkdir(parents=True, exist_ok=True)
    spool = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        with spool.open("wb") as file:
            async for part in request.stream():
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        spool.replace(target)
    finally:
        spool.unlink(missing_ok=True)
