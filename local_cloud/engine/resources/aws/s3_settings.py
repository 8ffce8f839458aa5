"""Settings of a bucket that are resources of their own: each is one document that is put, read and taken away."""

from __future__ import annotations

from typing import Any, ClassVar

from local_cloud.engine.resources.aws.common import AwsConnection, AwsHandler, found
from local_cloud.engine.resources.base import Live
from local_cloud.engine.values import Properties


class BucketSetting(AwsHandler):
    """Base: the id is the bucket's name, a change is another put."""

    replaces = frozenset({"bucket", "region", "expectedBucketOwner"})

    def identity(self, inputs: Properties) -> object:
        return inputs["bucket"]

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        raise NotImplementedError

    def get(self, client: Any, bucket: str) -> Properties:
        """The inputs that the bucket's setting amounts to; a botocore error if there is none."""
        raise NotImplementedError

    def take_away(self, client: Any, bucket: str) -> None:
        raise NotImplementedError

    def create(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties]:
        self.put(connection.client("s3"), inputs["bucket"], inputs)
        return str(inputs["bucket"]), {}

    def adopt(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties] | None:
        return self.create(connection, inputs)

    def read(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        live: Properties | None = found(lambda: self.get(connection.client("s3"), id_))
        return None if live is None else Live(live)

    def update(
        self, connection: AwsConnection, id_: str, old: Properties, new: Properties, outputs: Properties
    ) -> Properties:
        self.put(connection.client("s3"), id_, new)
        return {}

    def delete(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> None:
        found(lambda: self.take_away(connection.client("s3"), id_))


class Versioning(BucketSetting):
    type = "aws:s3/bucketVersioning:BucketVersioning"
    allowed = {"versioningConfiguration.status": ("Enabled", "Suspended", "Disabled")}

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        status = inputs["versioningConfiguration"]["status"]
        if status != "Disabled":
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})

    def get(self, client: Any, bucket: str) -> Properties:
        answer = client.get_bucket_versioning(Bucket=bucket)
        return {"versioningConfiguration": {"status": answer.get("Status", "Disabled")}}

    def take_away(self, client: Any, bucket: str) -> None:
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


class Encryption(BucketSetting):
    type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    allowed = {"rules.applyServerSideEncryptionByDefault.sseAlgorithm": ("AES256", "aws:kms", "aws:kms:dsse")}

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        configuration = {"Rules": [_encryption_rule(rule) for rule in inputs["rules"]]}
        client.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=configuration)

    def get(self, client: Any, bucket: str) -> Properties:
        rules = client.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        return {"rules": [_encryption_inputs(rule) for rule in rules]}

    def same(self, key: str, old: Any, new: Any) -> bool:
        """A bucket key that is off and one that nobody mentioned are the same."""
        return key == "rules" and [_encryption_rule(rule) for rule in old] == [_encryption_rule(rule) for rule in new]

    def take_away(self, client: Any, bucket: str) -> None:
        client.delete_bucket_encryption(Bucket=bucket)


def _encryption_rule(rule: Properties) -> Properties:
    default = rule.get("applyServerSideEncryptionByDefault") or {}
    made: Properties = {"BucketKeyEnabled": bool(rule.get("bucketKeyEnabled"))}
    if default:
        made["ApplyServerSideEncryptionByDefault"] = {"SSEAlgorithm": default["sseAlgorithm"]} | (
            {"KMSMasterKeyID": default["kmsMasterKeyId"]} if default.get("kmsMasterKeyId") else {}
        )
    return made


def _encryption_inputs(rule: Properties) -> Properties:
    default = rule.get("ApplyServerSideEncryptionByDefault") or {}
    key = {"kmsMasterKeyId": default["KMSMasterKeyID"]} if default.get("KMSMasterKeyID") else {}
    return {
        "applyServerSideEncryptionByDefault": {"sseAlgorithm": default.get("SSEAlgorithm")} | key,
        "bucketKeyEnabled": bool(rule.get("BucketKeyEnabled")),
    }


_BLOCKS = {
    "blockPublicAcls": "BlockPublicAcls", "blockPublicPolicy": "BlockPublicPolicy",
    "ignorePublicAcls": "IgnorePublicAcls", "restrictPublicBuckets": "RestrictPublicBuckets",
}  # fmt: skip


class PublicAccessBlock(BucketSetting):
    type = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    replaces = frozenset({"bucket", "region"})

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        blocks = {name: bool(inputs.get(key)) for key, name in _BLOCKS.items()}
        client.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=blocks)

    def get(self, client: Any, bucket: str) -> Properties:
        blocks = client.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        return {key: blocks[name] for key, name in _BLOCKS.items() if blocks.get(name)}

    def take_away(self, client: Any, bucket: str) -> None:
        client.delete_public_access_block(Bucket=bucket)


class OwnershipControls(BucketSetting):
    type = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    replaces = frozenset({"bucket", "region"})
    allowed = {"rule.objectOwnership": ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")}

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        rules = [{"ObjectOwnership": inputs["rule"]["objectOwnership"]}]
        client.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": rules})

    def get(self, client: Any, bucket: str) -> Properties:
        rules = client.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
        return {"rule": {"objectOwnership": rules[0]["ObjectOwnership"]}}

    def take_away(self, client: Any, bucket: str) -> None:
        client.delete_bucket_ownership_controls(Bucket=bucket)


class Policy(BucketSetting):
    type = "aws:s3/bucketPolicy:BucketPolicy"
    replaces = frozenset({"bucket", "region"})
    policies = ("policy",)

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        client.put_bucket_policy(Bucket=bucket, Policy=inputs["policy"])

    def get(self, client: Any, bucket: str) -> Properties:
        return {"policy": client.get_bucket_policy(Bucket=bucket)["Policy"]}

    def take_away(self, client: Any, bucket: str) -> None:
        client.delete_bucket_policy(Bucket=bucket)


# Input -> name in the API, of each part of a lifecycle rule.
_TRANSITION = {"date": "Date", "days": "Days", "storageClass": "StorageClass"}
_EXPIRATION = {"date": "Date", "days": "Days", "expiredObjectDeleteMarker": "ExpiredObjectDeleteMarker"}
_OLD_EXPIRATION = {"noncurrentDays": "NoncurrentDays", "newerNoncurrentVersions": "NewerNoncurrentVersions"}
_OLD_TRANSITION = _OLD_EXPIRATION | {"storageClass": "StorageClass"}
_ABORT = {"daysAfterInitiation": "DaysAfterInitiation"}
_RULE: dict[str, tuple[str, dict[str, str]]] = {
    "transitions": ("Transitions", _TRANSITION),
    "expiration": ("Expiration", _EXPIRATION),
    "noncurrentVersionExpiration": ("NoncurrentVersionExpiration", _OLD_EXPIRATION),
    "noncurrentVersionTransitions": ("NoncurrentVersionTransitions", _OLD_TRANSITION),
    "abortIncompleteMultipartUpload": ("AbortIncompleteMultipartUpload", _ABORT),
}


class Lifecycle(BucketSetting):
    type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    storage_classes: ClassVar = (
        "GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR",
    )  # fmt: skip
    allowed = {
        "rules.status": ("Enabled", "Disabled"),
        "rules.transitions.storageClass": storage_classes,
        "rules.noncurrentVersionTransitions.storageClass": storage_classes,
    }

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        rules = [lifecycle_rule(rule) for rule in inputs["rules"]]
        client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})

    def get(self, client: Any, bucket: str) -> Properties:
        rules = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        return {"rules": [_lifecycle_inputs(rule) for rule in rules]}

    def same(self, key: str, old: Any, new: Any) -> bool:
        if key != "rules":
            return super().same(key, old, new)
        return [lifecycle_rule(rule) for rule in old] == [lifecycle_rule(rule) for rule in new]

    def take_away(self, client: Any, bucket: str) -> None:
        client.delete_bucket_lifecycle(Bucket=bucket)


def lifecycle_rule(rule: Properties) -> Properties:
    """A rule as the API takes it. https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html"""
    made: Properties = {"ID": rule["id"], "Status": rule["status"], "Filter": _filter(rule.get("filter") or {})}
    for key, (name, parts) in _RULE.items():
        given = rule.get(key)
        if given:
            made[name] = (
                [_renamed(each, parts) for each in given] if isinstance(given, list) else _renamed(given, parts)
            )
    return made


def _filter(given: Properties) -> Properties:
    sizes = {"objectSizeGreaterThan": "ObjectSizeGreaterThan", "objectSizeLessThan": "ObjectSizeLessThan"}
    made = _renamed(given, {"prefix": "Prefix"} | sizes)
    if given.get("tag"):
        made["Tag"] = {"Key": given["tag"]["key"], "Value": given["tag"]["value"]}
    if given.get("and"):
        both = given["and"]
        tags = [{"Key": key, "Value": value} for key, value in sorted((both.get("tags") or {}).items())]
        made["And"] = _renamed(both, {"prefix": "Prefix"} | sizes) | ({"Tags": tags} if tags else {})
    return made or {"Prefix": ""}


def _renamed(given: Properties, names: dict[str, str]) -> Properties:
    return {name: given[key] for key, name in names.items() if given.get(key) is not None}


def _lifecycle_inputs(rule: Properties) -> Properties:
    made: Properties = {"id": rule.get("ID"), "status": rule["Status"]}
    given = rule.get("Filter") or {}
    made["filter"] = {key: given[name] for key, name in {"prefix": "Prefix"}.items() if name in given}
    if given.get("Tag"):
        made["filter"]["tag"] = {"key": given["Tag"]["Key"], "value": given["Tag"]["Value"]}
    if given.get("And"):
        both = given["And"]
        made["filter"]["and"] = {
            "prefix": both.get("Prefix"),
            "tags": {t["Key"]: t["Value"] for t in both.get("Tags", [])},
        }
    for key, (name, parts) in _RULE.items():
        if rule.get(name):
            back = {api: own for own, api in parts.items()}
            value = rule[name]
            made[key] = [_renamed(each, back) for each in value] if isinstance(value, list) else _renamed(value, back)
    return made


HANDLERS = [Versioning(), Encryption(), PublicAccessBlock(), OwnershipControls(), Policy(), Lifecycle()]
