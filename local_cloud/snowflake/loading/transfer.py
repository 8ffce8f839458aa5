"""PUT and GET: files between a client's machine and an internal stage.

https://docs.snowflake.com/en/sql-reference/sql/put, https://docs.snowflake.com/en/sql-reference/sql/get

Clients move the bytes themselves. Of the ways they know, only Google Cloud Storage's presigned address goes over plain
HTTP to any host, so that is what the answer says the stage is. The address is one of this endpoint's,
`/stages/<token>/<path under the account's stages>`. A client asks for it by sending PUT again for each file, under the
name that the file will have in the stage.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlparse

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.loading import stage_names, stages
from local_cloud.snowflake.loading.stage_names import StageName
from local_cloud.snowflake.loading.stages import InternalStage
from local_cloud.snowflake.objects import ddl
from local_cloud.snowflake.objects.ddl import Option, Reader
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

_OPTIONS = {
    "PARALLEL": Option(lambda reader, _: int(reader.scalar()), 4),
    "AUTO_COMPRESS": ddl.boolean(True),
    "SOURCE_COMPRESSION": Option(lambda reader, _: reader.scalar().lower(), "auto_detect"),
    "OVERWRITE": ddl.boolean(False),
    "PATTERN": ddl.text(None),
}
_FILE = r"""'(file://(?:''|[^'])*)'|(file://[^\s';]+)"""
_PUT = re.compile(rf"\s*PUT\s+(?:{_FILE})\s+(.*)", re.IGNORECASE | re.DOTALL)
_GET = re.compile(rf"\s*GET\s+(.*?)\s+(?:{_FILE})(.*)", re.IGNORECASE | re.DOTALL)


@registry.statement("PUT")
def put(session: Session, statement: Statement) -> Result:
    """Answers with where to upload; the client reports the files' fates itself."""
    found = _PUT.fullmatch(statement.text)
    if not found:
        raise errors.syntax_error(1, 4, statement.text[4:30])
    source = (found[1] or found[2]).replace("''", "'")
    name, options = _target(found[3])
    stage = _internal(session, name, writes=True)
    path = f"{name.path.rstrip('/')}/{_file_name(source)}".lstrip("/")
    address = _upload_address(stage, path, bool(options["OVERWRITE"]))
    payload = {
        "src_locations": [source.removeprefix("file://")],
        "parallel": options["PARALLEL"],
        "autoCompress": options["AUTO_COMPRESS"],
        "sourceCompression": options["SOURCE_COMPRESSION"],
        "overwrite": options["OVERWRITE"],
        "command": "UPLOAD",
        "stageInfo": _stage_info(stage, name, address),
        "encryptionMaterial": None,
    }
    return Result(status("uploading").table, payload=payload)


@registry.statement("GET")
def get(session: Session, statement: Statement) -> Result:
    """Answers with the addresses of all files whose path begins with the given one."""
    found = _GET.fullmatch(statement.text)
    if not found:
        raise errors.syntax_error(1, 4, statement.text[4:30])
    name, options = _target(f"{found[1]} {found[4]}")
    stage = _internal(session, name, writes=False)
    files = stages.chosen(stage.files(name.path), options["PATTERN"])
    payload = {
        "src_locations": [file.path for file in files],
        "parallel": options["PARALLEL"],
        "localLocation": (found[2] or found[3]).replace("''", "'").removeprefix("file://"),
        "command": "DOWNLOAD",
        "stageInfo": _stage_info(stage, name, ""),
        "presignedUrls": [_address(stage, stage.target(file.path)) for file in files],
        "encryptionMaterial": [],
    }
    return Result(status("downloading").table, payload=payload)


def _target(text: str) -> tuple[StageName, dict[str, Any]]:
    reader = Reader(Statement(stage_names.quoted(text)))
    name = stage_names.parse(reader.string())
    options = {**ddl.defaults(_OPTIONS), **reader.properties(_OPTIONS, "PUT")}
    reader.end()
    return name, options


def _internal(session: Session, name: StageName, *, writes: bool) -> InternalStage:
    stage = stages.find(session, name, writes=writes)
    if not isinstance(stage, InternalStage):
        raise errors.SnowflakeError(
            2, "0A000", f"Unsupported feature 'PUT and GET with the external stage {stage.full_name}'."
        )
    return stage


def _file_name(source: str) -> str:
    """The last part of `file:///folder/x.csv`; the client also sends `file://x.csv` for the final name."""
    parsed = urlparse(source)
    return unquote((parsed.netloc + parsed.path).replace("\\", "/")).rpartition("/")[2]


def _stage_info(stage: InternalStage, name: StageName, address: str) -> dict[str, Any]:
    return {
        "locationType": "GCS",
        "location": f"{stage.full_name}/{name.path}".rstrip("/") + "/",
        "path": f"{name.path.rstrip('/')}/" if name.path else "",
        "creds": {},
        "presignedUrl": address,
        "isClientSideEncrypted": False,
    }


def _upload_address(stage: InternalStage, path: str, overwrite: bool) -> str:
    """Where the client may write `path`; without OVERWRITE a file that is there stays, so its upload goes nowhere."""
    target = stage.target(path)
    if target.exists() and not overwrite:
        target = stage.root.parent / ".discarded"
    return _address(stage, target)


def _address(stage: InternalStage, target: Path) -> str:
    return f"/stages/{secrets.token_urlsafe(24)}/{quote(target.relative_to(stage.root.parent).as_posix())}"
