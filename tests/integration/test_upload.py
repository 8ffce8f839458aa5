"""Uploads against an S3 server: whole, verified, repeatable, and patient with faults that pass."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

from generators import upload as upload_module
from generators.upload import UploadError, UploadProgress, upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.integration
BUCKET = "lake"


@pytest.fixture
def s3(moto_endpoint: str) -> S3Client:
    client = boto3.client(
        "s3",
        endpoint_url=moto_endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10),
    )
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four files, one of them of three parts; truth and leftovers that must stay at home. Pauses are short."""
    monkeypatch.setattr(upload_module, "PART_BYTES", 5 * 2**20)
    monkeypatch.setattr(upload_module, "LONGEST_PAUSE", 0.01)
    files = {
        "customers/customers.csv.gz": b"customers",
        "customers/changes/2025-01-31.csv.gz": b"changes",
        "transactions/historical/2025-01.parquet": bytes(range(256)) * 4 * 11 * 1024,
        "campaigns/offer.csv.gz": b"",
        "truth/customers.parquet": b"secret",
        "customers/.customers.csv.gz.1.partial": b"half",
    }
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path


LAKE = {
    "campaigns/offer.csv.gz",
    "customers/changes/2025-01-31.csv.gz",
    "customers/customers.csv.gz",
    "transactions/historical/2025-01.parquet",
}


def stored(s3: S3Client) -> dict[str, str]:
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    return {key: hashlib.sha256(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()).hexdigest() for key in keys}


def local(source: Path) -> dict[str, str]:
    return {key: hashlib.sha256((source / key).read_bytes()).hexdigest() for key in LAKE}


class Faults:
    """Fails the first calls of each operation as told, before or instead of asking the server."""

    def __init__(self, s3: S3Client, faults: dict[str, list[Any]]) -> None:
        self.calls: Counter[str] = Counter()
        self._faults = {operation: list(queue) for operation, queue in faults.items()}
        for operation in faults:
            # The stubs do not know that a before-send handler may answer in the server's place.
            s3.meta.events.register(f"before-send.s3.{operation}", self._fail)  # type: ignore[arg-type]

    def _fail(self, event_name: str, **_: object) -> object:
        operation = event_name.rsplit(".", 1)[1]
        self.calls[operation] += 1
        queue = self._faults[operation]
        fault = queue.pop(0) if queue else None
        if isinstance(fault, Exception):
            raise fault
        return fault


def answer(status: int, code: str) -> Any:
    body = f"<Error><Code>{code}</Code><Message>injected</Message></Error>".encode()

    class Raw:
        def stream(self, **_: object) -> Iterator[bytes]:
            yield body

    return AWSResponse("http://test", status, HTTPHeaders.from_dict({"Content-Type": "application/xml"}), Raw())


def test_uploads_what_belongs_to_the_lake_and_nothing_else(s3: S3Client, source: Path) -> None:
    seen: list[UploadProgress] = []
    report = upload(source, BUCKET, s3, seen.append)
    assert set(report.uploaded) == LAKE
    assert stored(s3) == local(source)
    assert (seen[-1].files_done, seen[-1].bytes_done) == (4, seen[-1].bytes_total)
    assert report.bytes_uploaded == sum((source / key).stat().st_size for key in LAKE)
    etag = s3.head_object(Bucket=BUCKET, Key="transactions/historical/2025-01.parquet")["ETag"]
    assert etag.endswith('-3"')


def test_second_run_sends_nothing_and_a_changed_file_again(s3: S3Client, source: Path) -> None:
    upload(source, BUCKET, s3)
    assert upload(source, BUCKET, s3).uploaded == []
    (source / "customers/customers.csv.gz").write_bytes(b"cuStomers")
    report = upload(source, BUCKET, s3)
    assert report.uploaded == ["customers/customers.csv.gz"]
    assert stored(s3) == local(source)


def test_dry_run_changes_nothing(s3: S3Client, source: Path) -> None:
    report = upload(source, BUCKET, s3, dry_run=True)
    assert set(report.uploaded) == LAKE
    assert report.bytes_uploaded == 0
    assert stored(s3) == {}


def test_chosen_paths_only(s3: S3Client, source: Path) -> None:
    upload(source, BUCKET, s3, paths=["customers/customers.csv.gz"])
    assert set(stored(s3)) == {"customers/customers.csv.gz"}


def test_passing_faults_are_repeated(s3: S3Client, source: Path) -> None:
    cut = ConnectionClosedError(endpoint_url="http://test")
    faults = {
        "ListObjectsV2": [answer(503, "SlowDown")],
        "PutObject": [answer(500, "InternalError"), answer(503, "SlowDown"), cut, answer(400, "RequestTimeout")],
        "CreateMultipartUpload": [answer(500, "InternalError")],
        "UploadPart": [cut, answer(503, "SlowDown"), cut],
        "CompleteMultipartUpload": [answer(500, "InternalError")],
    }
    planted = Faults(s3, faults)
    report = upload(source, BUCKET, s3)
    assert stored(s3) == local(source)
    assert report.retries == sum(len(queue) for queue in faults.values())
    assert planted.calls["UploadPart"] == 3 + 3


def test_a_fault_that_stays_is_one_sentence_and_the_next_run_carries_on(s3: S3Client, source: Path) -> None:
    Faults(s3, {"UploadPart": [answer(500, "InternalError")] * 100})
    with pytest.raises(UploadError, match=r"^upload to lake failed: InternalError injected; complete files are in"):
        upload(source, BUCKET, s3)
    assert s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []
    assert "transactions/historical/2025-01.parquet" not in stored(s3)
    s3.meta.events.unregister("before-send.s3.UploadPart")
    fresh = boto3.client(
        "s3",
        endpoint_url=s3.meta.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    report = upload(source, BUCKET, fresh)
    assert "transactions/historical/2025-01.parquet" in report.uploaded
    assert stored(fresh) == local(source)


def test_missing_rights_are_not_repeated(s3: S3Client, source: Path) -> None:
    planted = Faults(s3, {"PutObject": [answer(403, "AccessDenied")] * 100})
    with pytest.raises(UploadError, match="AccessDenied"):
        upload(source, BUCKET, s3)
    assert planted.calls["PutObject"] <= 3


def test_missing_bucket_is_one_sentence(s3: S3Client, source: Path) -> None:
    with pytest.raises(UploadError, match=r"^upload to nowhere failed: NoSuchBucket"):
        upload(source, "nowhere", s3)


def test_unreachable_server_is_one_sentence(source: Path) -> None:
    gone = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with pytest.raises(UploadError, match="Could not connect to the endpoint URL"):
        upload(source, BUCKET, gone)


def test_server_with_a_full_disk_is_one_sentence(s3: S3Client, source: Path) -> None:
    Faults(s3, {"PutObject": [answer(507, "InsufficientStorage")] * 100})
    with pytest.raises(UploadError, match="InsufficientStorage injected; complete files are in the bucket"):
        upload(source, BUCKET, s3)


def test_listing_is_compared_at_the_end(s3: S3Client, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = upload_module._Run.listing

    def truncated(run: Any, files: Any) -> dict[str, int]:
        return {key: size - 1 if key.endswith("parquet") else size for key, size in listing(run, files).items()}

    monkeypatch.setattr(upload_module._Run, "listing", truncated)
    with pytest.raises(UploadError, match=r"2025-01.parquet should have 11,534,336 bytes and has 11,534,335 bytes"):
        upload(source, BUCKET, s3)


def test_nothing_to_upload_says_so(s3: S3Client, tmp_path: Path) -> None:
    with pytest.raises(UploadError, match="holds no files to upload; generate the data first"):
        upload(tmp_path, BUCKET, s3)
    with pytest.raises(UploadError, match="is not a folder"):
        upload(tmp_path / "missing", BUCKET, s3)
