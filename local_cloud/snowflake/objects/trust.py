"""A storage or notification integration assumes its IAM role, as Snowflake does, and keeps to what the role may do.

https://docs.snowflake.com/en/user-guide/data-load-s3-config-storage-integration

moto's STS hands out credentials for any role and its S3 obeys anybody, so both checks happen here, on the documents
that moto keeps: the role's trust policy must let Snowflake's IAM user in under the integration's external ID, and the
role's policies must allow each action. Snowflake caches the credentials for up to 60 minutes, so that a broken trust is
noticed late; the local cloud asks IAM at each use, so that breaking and mending a trust shows at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local_cloud.snowflake import errors
from local_cloud.snowflake.account import SNOWFLAKE_AWS_ACCOUNT, Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.objects import policy

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_s3 import S3Client

INTEGRATION = "integration"
_IDENTITY = ("aws_identity", "IAM_USER")


@dataclass
class AssumedRole:
    """The role in the integration's hands.

    Attributes:
        integration: the integration's name.
        arn: the role.
        policies: the role's inline and attached policy documents.
        s3: a client on the account's S3; call `require` before using it.
    """

    integration: str
    arn: str
    policies: list[Mapping[str, Any]]
    s3: S3Client
    _bucket_policies: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)

    def allows(self, action: str, resource: str, context: policy.Context | None = None) -> bool:
        """Whether the role's policies allow the action, and the bucket's policy does not deny it.

        Args:
            resource: `arn:aws:s3:::bucket` for bucket actions, `arn:aws:s3:::bucket/key` for object actions, or a
                resource of another service such as an SNS topic.
            context: condition keys, such as `{"s3:prefix": "transactions/"}` for s3:ListBucket.
        """
        # Snowflake always speaks TLS, whatever the local endpoint does.
        keys = {"aws:SecureTransport": True, "aws:PrincipalArn": self.arn, **(context or {})}
        try:
            if not policy.allows(self.policies, None, action, resource, keys):
                return False
            return "Deny" not in policy.effects_of(self._bucket_policy(resource), self.arn, action, resource, keys)
        except policy.UnsupportedPolicyError as error:
            raise errors.not_supported(str(error)) from error

    def require(self, action: str, resource: str, context: policy.Context | None = None) -> None:
        """Raise unless `allows`.

        Raises:
            SnowflakeError: 003167 with AWS's sentence and Snowflake's `Failure using stage area`. Snowflake has another
                number for it; here both failures say that the role is not as the integration needs it.
        """
        if not self.allows(action, resource, context):
            raise _role_error(
                f"{_session_arn(self.arn)} is not authorized to perform: {action} on resource: {resource}",
                "\nFailure using stage area. Cause: [Access Denied (Status Code: 403; Error Code: AccessDenied)]",
            )

    def _bucket_policy(self, resource: str) -> list[Mapping[str, Any]]:
        if not resource.startswith("arn:aws:s3:::"):
            return []
        bucket = resource.removeprefix("arn:aws:s3:::").partition("/")[0]
        if bucket not in self._bucket_policies:
            self._bucket_policies[bucket] = _bucket_policy(self.s3, bucket)
        return self._bucket_policies[bucket]


def iam_user(account: Account) -> str:
    """ARN of the IAM user that acts for this account: one for all integrations, made once and kept."""
    entry = account.catalog.get(*_IDENTITY)
    if entry is None:
        # The shape of Snowflake's own (`x4rv0000-s`), stable for an account's name.
        digest = hashlib.sha256(account.name.encode()).hexdigest()
        user = f"{digest[:4]}0000-s"
        entry = account.catalog.put(*_IDENTITY, {"ARN": f"arn:aws:iam::{SNOWFLAKE_AWS_ACCOUNT}:user/{user}"})
    return str(entry.document["ARN"])


def find(account: Account, integration: str) -> Entry:
    """The integration of that exact name.

    Raises:
        SnowflakeError: 002003 when there is none.
    """
    if entry := account.catalog.get(INTEGRATION, integration):
        return entry
    raise errors.does_not_exist("Integration", integration)


def assume(account: Account, integration: str) -> AssumedRole:
    """Assume the role of a storage integration.

    Raises:
        SnowflakeError: 002003 no such integration; 003167 the role does not exist or does not trust Snowflake's IAM
            user under the integration's external ID; 003171 (number ours) the integration is not enabled.
    """
    entry = find(account, integration)
    if not entry.document["ENABLED"]:
        raise errors.compilation_error(3171, "42601", f"Integration '{integration}' is not enabled.")
    return assume_role(
        account, integration, entry.document["STORAGE_AWS_ROLE_ARN"], entry.document["STORAGE_AWS_EXTERNAL_ID"]
    )


def assume_role(account: Account, integration: str, role_arn: str, external_id: str) -> AssumedRole:
    """As `assume`, for any integration that has a role and an external ID (SNS notification integrations too)."""
    iam = _client("iam", account.aws_endpoint, account.region)
    user, role = iam_user(account), role_arn.rpartition("/")[2]
    try:
        found = iam.get_role(RoleName=role)["Role"]
    except iam.exceptions.NoSuchEntityException:
        raise _not_trusted(user, role_arn) from None
    context: policy.Context = {"sts:ExternalId": external_id, "aws:SecureTransport": True, "aws:PrincipalArn": user}
    trust = found["AssumeRolePolicyDocument"]
    try:
        trusted = policy.allows(trust, user, "sts:AssumeRole", role_arn, context)
    except policy.UnsupportedPolicyError as error:
        raise errors.not_supported(str(error)) from error
    if found["Arn"] != role_arn or not trusted:
        raise _not_trusted(user, role_arn)
    s3 = _client("s3", account.aws_endpoint, account.region)
    return AssumedRole(integration, role_arn, _policies(iam, role), s3)


def allowed(integration: Entry, url: str) -> bool:
    """Whether the integration's allowed and blocked locations let it use `url`, e.g. `s3://bucket/path/`.

    A location covers itself and everything whose text begins with it; `*` covers all. Blocked wins.
    """
    return _covers(integration.document["STORAGE_ALLOWED_LOCATIONS"], url) and not _covers(
        integration.document["STORAGE_BLOCKED_LOCATIONS"], url
    )


def require_allowed(integration: Entry, url: str) -> None:
    """Raise 003140 (number ours) with Snowflake's sentence unless `allowed`."""
    if not allowed(integration, url):
        raise errors.compilation_error(
            3140,
            "42601",
            f"Location '{url}' is not allowed by integration '{integration.name}'. "
            "Please use DESC INTEGRATION to check out allowed and blocked locations.",
        )


def _covers(locations: list[str], url: str) -> bool:
    # `s3://bucket/path/` also covers a stage on `s3://bucket/path`: Snowflake completes a stage's URL with a slash.
    whole = url if url.endswith("/") else f"{url}/"
    return any(location == "*" or url.startswith(location) or whole == location for location in locations)


def _not_trusted(user: str, role_arn: str) -> errors.SnowflakeError:
    return _role_error(f"{user} is not authorized to perform: sts:AssumeRole on resource: {role_arn}")


def _role_error(sentence: str, more: str = "") -> errors.SnowflakeError:
    return errors.SnowflakeError(3167, "42601", f"Error assuming AWS_ROLE:\nUser: {sentence}{more}")


def _session_arn(role_arn: str) -> str:
    """What AWS calls somebody who acts under a role."""
    partition, account, role = role_arn.split(":")[1], role_arn.split(":")[4], role_arn.rpartition("/")[2]
    return f"arn:{partition}:sts::{account}:assumed-role/{role}/snowflake"


def _policies(iam: IAMClient, role: str) -> list[Mapping[str, Any]]:
    inline = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    attached = [
        _managed(iam, found["PolicyArn"])
        for found in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    ]
    return [*inline, *attached]


def _managed(iam: IAMClient, arn: str) -> Any:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def _bucket_policy(s3: S3Client, bucket: str) -> list[Mapping[str, Any]]:
    try:
        return [json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])]
    except ClientError as error:
        # A bucket that is missing is reported by the call that uses it.
        if error.response["Error"]["Code"] in {"NoSuchBucketPolicy", "NoSuchBucket"}:
            return []
        raise


@lru_cache(maxsize=16)
def _client(service: str, endpoint: str, region: str) -> Any:
    """Clients are safe to share between threads; making one takes about 50 ms."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # a service's name in a variable
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id="snowflake",
        aws_secret_access_key="snowflake",  # noqa: S106  # moto accepts anything
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 3}, max_pool_connections=32),
    )
