"""Buckets. https://www.pulumi.com/registry/packages/aws/api-docs/s3/bucket/"""

from __future__ import annotations

from typing import Any

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.aws.common import AwsConnection, AwsHandler, found, refused, tag_list, tag_map
from local_cloud.engine.resources.base import Live
from local_cloud.engine.values import Properties

# Deprecated inputs, each a resource of its own today.
_ELSEWHERE = {
    "acl": "BucketAcl", "grants": "BucketAcl", "lifecycleRules": "BucketLifecycleConfiguration",
    "loggings": "BucketLogging", "logging": "BucketLogging", "policy": "BucketPolicy", "versioning": "BucketVersioning",
    "serverSideEncryptionConfiguration": "BucketServerSideEncryptionConfiguration",
    "corsRules": "BucketCorsConfiguration",
    "website": "BucketWebsiteConfiguration", "replicationConfiguration": "BucketReplicationConfig",
    "accelerationStatus": "BucketAccelerateConfiguration", "requestPayer": "BucketRequestPaymentConfiguration",
    "objectLockConfiguration": "BucketObjectLockConfiguration",
}  # fmt: skip


class Bucket(AwsHandler):
    type = "aws:s3/bucket:Bucket"
    replaces = frozenset({"bucket", "bucketPrefix", "objectLockEnabled", "region"})
    auto_named = "bucket"
    tagged = True

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        for key, instead in _ELSEWHERE.items():
            if key in inputs:
                raise EngineError(f"{self.type} {name}: the input {key} is deprecated; use aws.s3.{instead}")
        region = inputs.get("region") or provider.get("region")
        return super().check(name, inputs, provider) | ({"region": region} if region else {})

    def identity(self, inputs: Properties) -> object:
        return inputs["bucket"]

    def predicted(self, inputs: Properties) -> Properties:
        return _computed(inputs, "aws") if isinstance(inputs.get("bucket"), str) else {}

    def create(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties]:
        client = connection.client("s3")
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html: us-east-1 is the region left unsaid.
        where: dict[str, Any] = {}
        if connection.region != "us-east-1":
            where["CreateBucketConfiguration"] = {"LocationConstraint": connection.region}
        lock = {"ObjectLockEnabledForBucket": True} if inputs.get("objectLockEnabled") else {}
        refused(lambda: client.create_bucket(Bucket=inputs["bucket"], **where, **lock))
        _tag(client, inputs)
        return str(inputs["bucket"]), _computed(inputs, connection.partition)

    def adopt(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties] | None:
        client = connection.client("s3")
        if found(lambda: client.head_bucket(Bucket=inputs["bucket"])) is None:
            return None
        _tag(client, inputs)
        return str(inputs["bucket"]), _computed(inputs, connection.partition)

    def read(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        client = connection.client("s3")
        if found(lambda: client.head_bucket(Bucket=id_)) is None:
            return None
        try:
            tags = tag_map(client.get_bucket_tagging(Bucket=id_)["TagSet"])
        except client.exceptions.ClientError:
            tags = {}
        return Live({"tagsAll": tags})

    def update(
        self, connection: AwsConnection, id_: str, old: Properties, new: Properties, outputs: Properties
    ) -> Properties:
        if old.get("tagsAll") != new.get("tagsAll"):
            _tag(connection.client("s3"), new)
        return _computed(new, connection.partition)

    def delete(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> None:
        client = connection.client("s3")
        if inputs.get("forceDestroy"):
            found(lambda: _empty(client, id_))
        found(lambda: client.delete_bucket(Bucket=id_))


def _computed(inputs: Properties, partition: str) -> Properties:
    name, region = inputs["bucket"], inputs.get("region", "us-east-1")
    return {
        "arn": f"arn:{partition}:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
        "region": region,
        "bucketRegion": region,
    }


def _tag(client: Any, inputs: Properties) -> None:
    tags = tag_list(inputs)
    if tags:
        client.put_bucket_tagging(Bucket=inputs["bucket"], Tagging={"TagSet": tags})
    else:
        client.delete_bucket_tagging(Bucket=inputs["bucket"])


def _empty(client: Any, bucket: str) -> None:
    """Delete every version of every object."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        keys = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions]
        if keys:
            client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})


HANDLERS = [Bucket()]
