"""What was acknowledged is there after the process died."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local_cloud.aws.durability import DurableState, StateError

_OTHER_ACCOUNT = {"x-moto-account-id": "222222222222"}
_SERVE = """
import sys, time
from pathlib import Path
from local_cloud.aws import server
print(server.start(Path(sys.argv[1]), 0).url, flush=True)
time.sleep(600)
"""


class Cloud:
    """A server in a process of its own, that can be killed."""

    def __init__(self, home: Path) -> None:
        self._process = subprocess.Popen([sys.executable, "-c", _SERVE, str(home)], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def client(self, service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]  # the service is a variable here
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(s3={"addressing_style": "path"}),
        )

    def kill(self) -> None:
        if self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.communicate()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Cloud]]:
    started: list[Cloud] = []

    def starter() -> Cloud:
        started.append(Cloud(tmp_path))
        return started[-1]

    yield starter
    for cloud in started:
        cloud.kill()


def test_everything_acknowledged_survives_kill_9(start: Callable[[], Cloud]) -> None:
    first = start()
    s3, sns, sqs, iam = (first.client(name) for name in ("s3", "sns", "sqs", "iam"))
    small, large = b"small", os.urandom(9_000_000)
    s3.create_bucket(Bucket="lake")
    s3.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
    topic = sns.create_topic(Name="landing")["TopicArn"]
    queue = sqs.create_queue(QueueName="audit")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:audit")
    notification = {"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket="lake", NotificationConfiguration=notification)
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument="{}")["Role"]
    s3.put_object(Bucket="lake", Key="small", Body=small)
    upload = s3.create_multipart_upload(Bucket="lake", Key="large")["UploadId"]
    parts = []
    for number, body in enumerate((large[:6_000_000], large[6_000_000:]), start=1):
        part = s3.upload_part(Bucket="lake", Key="large", UploadId=upload, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    first.kill()

    second = start()
    s3, sns, sqs, iam = (second.client(name) for name in ("s3", "sns", "sqs", "iam"))
    s3.complete_multipart_upload(Bucket="lake", Key="large", UploadId=upload, MultipartUpload={"Parts": parts})
    second.kill()

    # A third start proves that what was restored can be stored and restored again.
    third = start()
    s3, sns, sqs, iam = (third.client(name) for name in ("s3", "sns", "sqs", "iam"))
    assert s3.get_object(Bucket="lake", Key="small")["Body"].read() == small
    assert s3.get_object(Bucket="lake", Key="large")["Body"].read() == large
    assert s3.get_bucket_versioning(Bucket="lake")["Status"] == "Enabled"
    assert iam.get_role(RoleName="reader")["Role"]["RoleId"] == role["RoleId"]
    queue_of_third = third.url + "/" + queue.split("/", 3)[3]
    received = sqs.receive_message(QueueUrl=queue_of_third, MaxNumberOfMessages=10)["Messages"]
    events = [json.loads(json.loads(message["Body"])["Message"]) for message in received]
    announced = {record["s3"]["object"]["key"] for event in events for record in event.get("Records", [])}
    assert announced == {"small", "large"}


def test_deleted_objects_leave_no_body_behind(start: Callable[[], Cloud], tmp_path: Path) -> None:
    first = start()
    s3 = first.client("s3")
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="kept", Body=b"kept")
    s3.put_object(Bucket="lake", Key="gone", Body=b"gone")
    s3.delete_object(Bucket="lake", Key="gone")
    first.kill()
    start()
    assert [p.read_bytes() for p in (tmp_path / "bodies").iterdir()] == [b"kept"]


def test_a_bucket_belongs_to_its_account_after_a_restart(start: Callable[[], Cloud]) -> None:
    first = start()
    first.client("s3").create_bucket(Bucket="lake")
    first.kill()
    s3 = start().client("s3")
    s3.meta.events.register("before-call.s3", lambda params, **_: params["headers"].update(_OTHER_ACCOUNT))
    assert s3.list_buckets()["Buckets"] == []
    with pytest.raises(s3.exceptions.BucketAlreadyExists):
        s3.create_bucket(Bucket="lake")


def test_a_restored_folder_forgets_the_buckets_of_the_last_one(moto_endpoint: str, tmp_path: Path) -> None:
    s3 = boto3.client(
        "s3",
        endpoint_url=moto_endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    s3.create_bucket(Bucket="lake")
    DurableState(tmp_path).restore()
    s3.create_bucket(Bucket="lake")


def test_state_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "moto-version").write_text("1.0")
    with pytest.raises(StateError, match=r"was written by moto 1\.0"):
        DurableState(tmp_path).restore()


def test_damaged_state_is_named(tmp_path: Path) -> None:
    (tmp_path / "s3.pickle").write_bytes(b"not a pickle")
    with pytest.raises(StateError, match=r"s3\.pickle cannot be read"):
        DurableState(tmp_path).restore()


def test_a_message_is_never_stored_before_the_object_that_it_announces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the two, a restarted Snowpipe would write the file off as missing, for good."""
    state = DurableState(tmp_path)
    order: list[str] = []
    write = DurableState._write

    def noted(self: DurableState, service: str, data: bytes) -> None:
        order.append(service)
        write(self, service, data)

    monkeypatch.setattr(DurableState, "_write", noted)
    with state.changing(("s3", "sns", "sqs")):
        # Meanwhile another request changes the queue, which may already hold the announcement.
        with state.changing(("sqs",)):
            pass
        assert order == ["s3", "sqs"]
    assert order[2:] == ["s3", "sns", "sqs"]
