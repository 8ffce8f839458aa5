"""Objects. https://www.pulumi.com/registry/packages/aws/api-docs/s3/bucketobjectv2/"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from local_cloud.engine.resources.aws.common import AwsConnection, AwsHandler, found, tag_list
from local_cloud.engine.resources.base import Live
from local_cloud.engine.values import Properties

_HEADERS = {
    "contentType": "ContentType", "contentEncoding": "ContentEncoding", "contentLanguage": "ContentLanguage",
    "contentDisposition": "ContentDisposition", "cacheControl": "CacheControl", "storageClass": "StorageClass",
    "serverSideEncryption": "ServerSideEncryption", "kmsKeyId": "SSEKMSKeyId", "metadata": "Metadata", "acl": "ACL",
}  # fmt: skip


class Object(AwsHandler):
    type = "aws:s3/bucketObjectv2:BucketObjectv2"
    replaces = frozenset({"bucket", "key", "region"})
    tagged = True

    def identity(self, inputs: Properties) -> object:
        return inputs["bucket"], inputs["key"]

    def create(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties]:
        client, body = connection.client("s3"), _body(inputs)
        headers = {name: inputs[key] for key, name in _HEADERS.items() if inputs.get(key)}
        tags = "&".join(f"{each['Key']}={_quoted(each['Value'])}" for each in tag_list(inputs))
        answer = client.put_object(
            Bucket=inputs["bucket"], Key=inputs["key"], Body=body, **headers, **({"Tagging": tags} if tags else {})
        )
        arn = f"arn:{connection.partition}:s3:::{inputs['bucket']}/{inputs['key']}"
        version = answer.get("VersionId", "null")
        # The content's own digest, so that a read notices another content behind an ETag of any kind.
        digest = hashlib.sha256(body).hexdigest()
        return f"{inputs['bucket']}/{inputs['key']}", {
            "arn": arn, "etag": answer["ETag"].strip('"'), "versionId": version, "contentSha256": digest,
        }  # fmt: skip

    def adopt(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties] | None:
        return self.create(connection, inputs)

    def read(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        client = connection.client("s3")
        head = found(lambda: client.head_object(Bucket=inputs["bucket"], Key=inputs["key"]))
        if head is None:
            return None
        if head["ETag"].strip('"') == outputs.get("etag"):
            return Live({})
        content = next(key for key in ("content", "contentBase64", "source") if key in inputs)
        return Live({content: "changed by others"})

    def update(
        self, connection: AwsConnection, id_: str, old: Properties, new: Properties, outputs: Properties
    ) -> Properties:
        return self.create(connection, new)[1]

    def delete(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> None:
        """All versions, as the provider does."""
        client = connection.client("s3")
        pages = client.get_paginator("list_object_versions").paginate(Bucket=inputs["bucket"], Prefix=inputs["key"])
        answer: list[Any] = found(lambda: list(pages)) or []
        for page in answer:
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                if each["Key"] == inputs["key"]:
                    client.delete_object(Bucket=inputs["bucket"], Key=each["Key"], VersionId=each["VersionId"])


def _quoted(value: str) -> str:
    from urllib.parse import quote_plus

    return quote_plus(value)


def _body(inputs: Properties) -> bytes:
    if "content" in inputs:
        return str(inputs["content"]).encode()
    if "contentBase64" in inputs:
        return base64.b64decode(inputs["contentBase64"])
    return bytes(inputs["source"].read()) if "source" in inputs else b""


HANDLERS = [Object()]
