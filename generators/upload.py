"""Puts a lake's folder into its bucket: in parallel, verified, and only what is not there yet.

Every request is repeated with growing, random pauses when the fault may pass (throttling, 5xx, cut connections).
S3 checks each part against the SHA-256 sent with it; the whole file's SHA-256 is kept as metadata of the object, so
that a second run knows what is there already.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from generators.files import PARTIAL_SUFFIX, TRUTH_FOLDER

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 16 * 2**20
ATTEMPTS = 7
LONGEST_PAUSE = 20.0  # seconds between two attempts
_FILES_AT_ONCE = 4
_PARTS_AT_ONCE = 4
_CHECKSUM = "sha256"
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html: faults that may pass.
_PASSING = {"SlowDown", "Throttling", "ThrottlingException", "RequestTimeout", "RequestLimitExceeded", "InternalError",
            "ServiceUnavailable", "BadDigest", "XAmzContentChecksumMismatch", "OperationAborted"}  # fmt: skip


class UploadError(Exception):
    """One sentence: which file, what happened, and that complete files are in the bucket."""


@dataclass(frozen=True)
class UploadProgress:
    """Where an upload stands; files that were there already count as done."""

    key: str
    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int


@dataclass
class UploadReport:
    """Keys by outcome; in a dry run `uploaded` is what would be."""

    bucket: str
    dry_run: bool
    uploaded: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    bytes_uploaded: int = 0
    retries: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class _File:
    path: Path
    key: str
    size: int


def ignore_progress(_: UploadProgress) -> None:
    """For callers who do not want to know."""


def upload(
    source: Path,
    bucket: str,
    s3_client: S3Client,
    progress: Callable[[UploadProgress], None] = ignore_progress,
    dry_run: bool = False,
    paths: Sequence[str] | None = None,
) -> UploadReport:
    """Upload all files under `source` but its truth/; their keys are their paths. `paths` limits it to some of them.

    Whole files only: an interrupted upload leaves no half object, and the next run sends what is missing. Ends by
    comparing the bucket's listing with the files. Raises UploadError with one sentence.
    """
    started = time.monotonic()
    files = _files(source, paths)
    report = UploadReport(bucket, dry_run)
    run = _Run(bucket, s3_client, report)
    with _sentence(bucket):
        listed = run.listing(files)
        tracker = _tracker(files)
        with ThreadPoolExecutor(_FILES_AT_ONCE) as pool, ThreadPoolExecutor(_PARTS_AT_ONCE) as parts:
            tasks = {pool.submit(run.bring, file, listed.get(file.key), parts): file for file in files}
            try:
                for task in as_completed(tasks):
                    file = tasks[task]
                    (report.uploaded if task.result() else report.skipped).append(file.key)
                    progress(tracker(file))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        if not dry_run:
            _verify(files, run.listing(files), bucket)
    report.uploaded.sort()
    report.skipped.sort()
    report.seconds = time.monotonic() - started
    return report


def _files(source: Path, paths: Sequence[str] | None) -> list[_File]:
    """What belongs into the lake: no truth, no hidden and no unfinished files."""
    if not source.is_dir():
        raise UploadError(f"{source} is not a folder; generate the data first")
    chosen = sorted(source.rglob("*")) if paths is None else [source / path for path in paths]
    files = []
    for path in chosen:
        key = PurePosixPath(path.relative_to(source))
        hidden = any(part.startswith(".") for part in key.parts) or path.name.endswith(PARTIAL_SUFFIX)
        if key.parts[0] == TRUTH_FOLDER or hidden or path.is_dir():
            continue
        if not path.is_file():
            raise UploadError(f"{path} does not exist; nothing was uploaded")
        files.append(_File(path, str(key), path.stat().st_size))
    if not files:
        raise UploadError(f"{source} holds no files to upload; generate the data first")
    return files


class _Run:
    """One upload: the client, and what its threads count together."""

    def __init__(self, bucket: str, s3: S3Client, report: UploadReport) -> None:
        self._bucket, self._s3, self._report, self._lock = bucket, s3, report, Lock()

    def retrying(self) -> Retrying:
        def count(_: RetryCallState) -> None:
            with self._lock:
                self._report.retries += 1

        return Retrying(
            retry=retry_if_exception(_may_pass),
            wait=wait_random_exponential(multiplier=0.2, max=LONGEST_PAUSE),
            stop=stop_after_attempt(ATTEMPTS),
            before_sleep=count,
            reraise=True,
        )

    def listing(self, files: Iterable[_File]) -> dict[str, int]:
        """Sizes by key of what the bucket holds in the files' folders."""
        sizes: dict[str, int] = {}
        for folder in sorted({str(PurePosixPath(file.key).parent) + "/" for file in files}):
            for attempt in self.retrying():
                with attempt:
                    pages = self._s3.get_paginator("list_objects_v2").paginate(
                        Bucket=self._bucket, Prefix="" if folder == "./" else folder
                    )
                    sizes |= {found["Key"]: found["Size"] for page in pages for found in page.get("Contents", [])}
        return sizes

    def bring(self, file: _File, listed_size: int | None, parts: ThreadPoolExecutor) -> bool:
        """Upload a file unless the same is there; says whether it was (or would be) uploaded."""
        digest = _digest(file.path)
        if listed_size == file.size and self._stored_digest(file.key) == digest:
            return False
        if self._report.dry_run:
            return True
        if file.size > PART_BYTES:
            self._multipart(file, digest, parts)
        else:
            self._put(file, digest)
        with self._lock:
            self._report.bytes_uploaded += file.size
        return True

    def _stored_digest(self, key: str) -> str | None:
        for attempt in self.retrying():
            with attempt:
                head = self._s3.head_object(Bucket=self._bucket, Key=key)
        return head["Metadata"].get(_CHECKSUM)

    def _put(self, file: _File, digest: str) -> None:
        body = file.path.read_bytes()
        _check_size(file, len(body))
        for attempt in self.retrying():
            with attempt:
                self._s3.put_object(
                    Bucket=self._bucket,
                    Key=file.key,
                    Body=body,
                    ChecksumSHA256=_base64(hashlib.sha256(body)),
                    Metadata={_CHECKSUM: digest},
                )

    def _multipart(self, file: _File, digest: str, parts: ThreadPoolExecutor) -> None:
        """Parts in parallel; a failure removes the parts that were stored."""
        for attempt in self.retrying():
            with attempt:
                upload_id = self._s3.create_multipart_upload(
                    Bucket=self._bucket, Key=file.key, ChecksumAlgorithm="SHA256", Metadata={_CHECKSUM: digest}
                )["UploadId"]
        numbers = range(1, -(-file.size // PART_BYTES) + 1)
        try:
            done = list(parts.map(lambda number: self._part(file, upload_id, number), numbers))
            for attempt in self.retrying():
                with attempt:
                    self._s3.complete_multipart_upload(
                        Bucket=self._bucket, Key=file.key, UploadId=upload_id, MultipartUpload={"Parts": done}
                    )
        except BaseException:
            self._abort(file.key, upload_id)
            raise

    def _abort(self, key: str, upload_id: str) -> None:
        try:
            self._s3.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
        except (BotoCoreError, ClientError):
            return  # the bucket's lifecycle rule removes aborted uploads; the first error is the one to report

    def _part(self, file: _File, upload_id: str, number: int) -> CompletedPartTypeDef:
        with file.path.open("rb") as stream:
            stream.seek((number - 1) * PART_BYTES)
            body = stream.read(PART_BYTES)
        _check_size(file, (number - 1) * PART_BYTES + len(body), last=len(body) < PART_BYTES)
        checksum = _base64(hashlib.sha256(body))
        for attempt in self.retrying():
            with attempt:
                stored = self._s3.upload_part(
                    Bucket=self._bucket,
                    Key=file.key,
                    UploadId=upload_id,
                    PartNumber=number,
                    Body=body,
                    ChecksumSHA256=checksum,
                )
        return {"PartNumber": number, "ETag": stored["ETag"], "ChecksumSHA256": checksum}


def _tracker(files: list[_File]) -> Callable[[_File], UploadProgress]:
    done: list[int] = []
    total = sum(file.size for file in files)

    def track(file: _File) -> UploadProgress:
        done.append(file.size)
        return UploadProgress(file.key, len(done), len(files), sum(done), total)

    return track


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _base64(digest: hashlib._Hash) -> str:
    return base64.b64encode(digest.digest()).decode()


def _check_size(file: _File, size: int, *, last: bool = True) -> None:
    if last and size != file.size:
        sizes = f"{file.size:,} bytes, then {size:,}"
        raise UploadError(f"{file.path} changed while it was uploaded ({sizes}); run it again")


def _verify(files: list[_File], listed: dict[str, int], bucket: str) -> None:
    for file in files:
        if listed.get(file.key) != file.size:
            found = f"{listed[file.key]:,} bytes" if file.key in listed else "nothing"
            raise UploadError(f"{bucket}/{file.key} should have {file.size:,} bytes and has {found}; upload it again")


def _may_pass(error: BaseException) -> bool:
    """Throttling, server errors and broken connections; not missing rights, buckets or keys."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error.response["Error"]["Code"] in _PASSING or status == 429 or status >= 500
    return isinstance(error, HTTPClientError)


@contextmanager
def _sentence(bucket: str) -> Iterator[None]:
    kept = "complete files are in the bucket, and the same command sends the rest"
    try:
        yield
    except ClientError as error:
        details = error.response["Error"]
        code, message = details.get("Code", "?"), details.get("Message", "")
        raise UploadError(f"upload to {bucket} failed: {code} {message}".rstrip(". ") + f"; {kept}") from error
    except BotoCoreError as error:
        raise UploadError(f"upload to {bucket} failed: {str(error).rstrip('.')}; {kept}") from error
    except OSError as error:
        raise UploadError(f"upload to {bucket} failed: {error}; {kept}") from error
