"""The IAM role that Snowflake assumes to reach the lake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam

from infra import policies


@dataclass(frozen=True)
class SnowflakeAccessArgs:
    """
    Attributes:
        role_name: fixed, because the storage integration knows the role's ARN before the role exists.
        iam_user_arn: Snowflake's IAM user, as the storage integration reports it.
        external_id: what Snowflake must present.
        bucket_arn: the lake's bucket.
        read_prefixes: what may be read and listed.
        write_prefix: the one prefix that may be written.
    """

    role_name: str
    iam_user_arn: pulumi.Input[str]
    external_id: str
    bucket_arn: pulumi.Input[str]
    read_prefixes: Sequence[str]
    write_prefix: str


class SnowflakeAccess(pulumi.ComponentResource):
    """The role, whom it trusts and what it may do.

    Attributes:
        role_arn: the role's ARN.
        grant: the role's policy; whatever reads the lake through Snowflake depends on it.
        fingerprint: both policies' text, for whoever must notice that one of them changed.
    """

    role_arn: pulumi.Output[str]
    grant: iam.RolePolicy
    fingerprint: pulumi.Output[str]

    def __init__(self, name: str, args: SnowflakeAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:aws:SnowflakeAccess", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        trust = pulumi.Output.from_input(args.iam_user_arn).apply(
            lambda user: policies.snowflake_trust(user, args.external_id)
        )
        access = pulumi.Output.from_input(args.bucket_arn).apply(
            lambda bucket: policies.lake_access(bucket, args.read_prefixes, args.write_prefix)
        )
        role = iam.Role(
            name,
            name=args.role_name,
            description="Assumed by Snowflake's storage integration to read the data lake",
            assume_role_policy=trust,
            max_session_duration=3600,
            opts=child,
        )
        self.grant = iam.RolePolicy(f"{name}-lake", name="lake", role=role.name, policy=access, opts=child)
        self.role_arn = role.arn
        self.fingerprint = pulumi.Output.concat(trust, access)
        self.register_outputs({"roleArn": self.role_arn})
