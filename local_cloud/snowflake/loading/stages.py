"""The files of a stage, wherever they are: on this machine (internal) or in S3 (external).

https://docs.snowflake.com/en/user-guide/data-load-overview, section "Stages"
"""

from __future__ import annotations

import hashlib
import re
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from local_cloud.snowflake import errors
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.enforcement import privileges
from local_cloud.snowflake.loading.stage_names import StageName
from local_cloud.snowflake.objects import stages as stage_objects
from local_cloud.snowflake.objects import trust
from local_cloud.snowflake.session import Session

_CHUNK = 1024 * 1024
# Snowflake's number for a remote file that is not there.
NOT_FOUND = 91016
# Files are written beside their name first.
_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{32}")


@dataclass(frozen=True)
class StageFile:
    """One staged file.

    Attributes:
        path: inside the stage, e.g. `2025/03/14/09/x.csv`.
        name: METADATA$FILENAME: the path in the bucket (external), or in the stage (internal).
        url: as LIST and COPY show it: `s3://bucket/prefix/x.csv`, or `stage/x.csv`.
        size: bytes.
        etag: MD5 or S3's ETag, without quotes; changes with the content.
        modified: with time zone.
    """

    path: str
    name: str
    url: str
    size: int
    etag: str
    modified: datetime


class Stage(Protocol):
    """A stage that was found, and that may be used."""

    @property
    def full_name(self) -> str: ...
    @property
    def location(self) -> str:
        """`s3://bucket/prefix/`, or `@DB.SCHEMA.STAGE/`."""

    @property
    def document(self) -> dict[str, Any]: ...
    def files(self, prefix: str) -> list[StageFile]:
        """All files whose path begins with `prefix`, by path."""

    def file(self, path: str) -> StageFile | None:
        """One file, or None when there is none of that path."""

    def local_copy(self, file: StageFile, spool: Path) -> Path:
        """A file on this machine with the content; `spool` is where to put it if it has to be copied."""

    def write(self, source: Path, path: str) -> None: ...
    def remove(self, file: StageFile) -> None: ...


def find(session: Session, name: StageName, *, writes: bool = False) -> Stage:
    """The stage of that name, to be read, or written to.

    An external stage needs USAGE, an internal one READ or WRITE.

    Raises:
        SnowflakeError: 002003 when there is none that the session sees; 003001 it may not be used so;
            003167 when its integration may not assume its role.
    """
    full = session.qualify(*name.parts)
    entry = session.account.catalog.get("stage", full)
    if entry is None:
        raise errors.does_not_exist("Stage", full)
    inside = "WRITE" if writes else "READ"
    privileges.require(session, "STAGE", full, "USAGE" if entry.document["URL"] else inside)
    return open_stage(session.account, entry)


def open_stage(account: Account, entry: Entry) -> Stage:
    """As `find`, for a stage that is at hand."""
    url = entry.document["URL"]
    if not url:
        return InternalStage(entry, stage_objects.folder(account, entry.name))
    held = stage_objects.integration_of(account, entry)
    location = url if url.endswith("/") else f"{url}/"
    trust.require_allowed(held, location)
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    return S3Stage(entry, bucket, prefix, trust.assume(account, held.name))


def chosen(files: Iterable[StageFile], pattern: str | None) -> list[StageFile]:
    """Those whose path in the stage matches the whole of PATTERN, a regular expression."""
    if pattern is None:
        return list(files)
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise errors.SnowflakeError(100048, "2201B", f"Invalid regular expression: '{pattern}', {error}") from error
    return [file for file in files if compiled.fullmatch(file.path)]


@dataclass(frozen=True)
class InternalStage:
    entry: Entry
    root: Path

    @property
    def full_name(self) -> str:
        return self.entry.name

    @property
    def document(self) -> dict[str, Any]:
        return self.entry.document

    @property
    def location(self) -> str:
        return f"@{self.entry.name}/"

    def files(self, prefix: str) -> list[StageFile]:
        found = [path for path in self.root.rglob("*") if path.is_file() and not _UNFINISHED.fullmatch(path.name)]
        listed = sorted((path.relative_to(self.root).as_posix(), path) for path in found)
        return [self._described(name, path) for name, path in listed if name.startswith(prefix)]

    def file(self, path: str) -> StageFile | None:
        target = self.target(path)
        return self._described(path, target) if target.is_file() else None

    def local_copy(self, file: StageFile, spool: Path) -> Path:  # noqa: ARG002  # nothing to copy
        return self.target(file.path)

    def write(self, source: Path, path: str) -> None:
        """The file appears whole or not at all."""
        target = self.target(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        shutil.copyfile(source, part)
        part.replace(target)

    def remove(self, file: StageFile) -> None:
        target = self.target(file.path)
        target.unlink(missing_ok=True)
        for folder in target.parents:
            if folder == self.root or not folder.is_relative_to(self.root) or any(folder.iterdir()):
                break
            folder.rmdir()

    def target(self, path: str) -> Path:
        """Where a path of the stage is on disk; a path that leaves the stage is refused."""
        target = self.root / path
        if not target.resolve().is_relative_to(self.root.resolve()):
            raise errors.compilation_error(1008, "22023", f"invalid path '{path}' in stage '{self.entry.name}'.")
        return target

    def _described(self, name: str, path: Path) -> StageFile:
        stat = path.stat()
        modified = datetime.fromtimestamp(stat.st_mtime, UTC)
        url = f"{self.entry.short_name.lower()}/{name}"
        return StageFile(name, name, url, stat.st_size, md5(path, stat.st_size, stat.st_mtime_ns), modified)


@lru_cache(maxsize=4096)
def md5(path: Path, size: int, modified_ns: int) -> str:  # noqa: ARG001  # size and time make the cache's key
    """MD5 in hexadecimal of a file that has not changed since."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


@dataclass(frozen=True)
class S3Stage:
    entry: Entry
    bucket: str
    prefix: str
    role: trust.AssumedRole

    @property
    def full_name(self) -> str:
        return self.entry.name

    @property
    def document(self) -> dict[str, Any]:
        return self.entry.document

    @property
    def location(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def files(self, prefix: str) -> list[StageFile]:
        whole = self.prefix + prefix
        self.role.require("s3:ListBucket", f"arn:aws:s3:::{self.bucket}", {"s3:prefix": whole})
        try:
            pages = self.role.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=whole)
            found = [item for page in pages for item in page.get("Contents", [])]
        except (ClientError, BotoCoreError) as error:
            raise storage_error(self.location, error) from error
        # A key that ends in a slash is the folder that a console makes.
        return [
            self._described(item["Key"], item["Size"], item["ETag"], item["LastModified"])
            for item in found
            if not item["Key"].endswith("/")
        ]

    def file(self, path: str) -> StageFile | None:
        key = self.prefix + path
        self.role.require("s3:GetObject", self._arn(key))
        try:
            head = self.role.s3.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
                return None
            raise storage_error(f"s3://{self.bucket}/{key}", error) from error
        except BotoCoreError as error:
            raise storage_error(f"s3://{self.bucket}/{key}", error) from error
        return self._described(key, head["ContentLength"], head["ETag"], head["LastModified"])

    def local_copy(self, file: StageFile, spool: Path) -> Path:
        self.role.require("s3:GetObject", self._arn(file.name))
        try:
            body = self.role.s3.get_object(Bucket=self.bucket, Key=file.name)["Body"]
            with spool.open("wb") as target:
                for chunk in body.iter_chunks(_CHUNK):
                    target.write(chunk)
        except (ClientError, BotoCoreError) as error:
            raise storage_error(file.url, error) from error
        return spool

    def write(self, source: Path, path: str) -> None:
        key = self.prefix + path
        self.role.require("s3:PutObject", self._arn(key))
        try:
            self.role.s3.upload_file(str(source), self.bucket, key)
        except (ClientError, BotoCoreError) as error:
            raise storage_error(f"s3://{self.bucket}/{key}", error) from error

    def remove(self, file: StageFile) -> None:
        self.role.require("s3:DeleteObject", self._arn(file.name))
        self.role.s3.delete_object(Bucket=self.bucket, Key=file.name)

    def _arn(self, key: str) -> str:
        return f"arn:aws:s3:::{self.bucket}/{key}"

    def _described(self, key: str, size: int, etag: str, modified: datetime) -> StageFile:
        path = key.removeprefix(self.prefix)
        return StageFile(path, key, f"s3://{self.bucket}/{key}", size, etag.strip('"'), modified)


def storage_error(url: str, error: Exception) -> errors.SnowflakeError:
    """What Snowflake says when S3 refuses: https://docs.snowflake.com/en/user-guide/data-load-snowpipe-ts."""
    if not isinstance(error, ClientError):
        return errors.SnowflakeError(2, "58030", f"S3 does not answer while reading '{url}': {error}")
    code = error.response["Error"]["Code"]
    if code in {"404", "NoSuchKey"}:
        return errors.SnowflakeError(
            NOT_FOUND,
            "22000",
            f"Remote file '{url}' was not found. There are several potential causes. The file might not exist. "
            "The required credentials may be missing or invalid.",
        )
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    sentence = error.response["Error"].get("Message", code)
    return errors.SnowflakeError(
        91003,
        "22000",
        f"Failure using stage area '{url}'. Cause: [{sentence} (Status Code: {status}; Error Code: {code})]",
    )
