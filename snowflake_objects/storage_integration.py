"""Snowflake's side of the trust in the lake: the integration, and the proof that it works."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.access import ObjectKind
from snowflake_objects.naming import HEALTH_PREFIX, Role
from snowflake_objects.roles import grant_on_object

Trust = dict[str, str]


@dataclass(frozen=True)
class LakeIntegrationArgs:
    """
    Attributes:
        name: the integration's name.
        role_arn: the IAM role to assume; it need not exist yet.
        external_id: what Snowflake presents when it assumes the role.
        locations: URLs that stages may use.
        roles: names of the account roles.
    """

    name: str
    role_arn: pulumi.Input[str]
    external_id: str
    locations: Sequence[pulumi.Input[str]]
    roles: Mapping[Role, pulumi.Input[str]]


class LakeIntegration(pulumi.ComponentResource):
    """The storage integration, always protected: a replaced one would strand every stage.

    Attributes:
        integration: the resource; stages are replaced with it.
        name: its name, available once it exists.
        iam_user_arn: Snowflake's IAM user, which the role must trust. One per Snowflake account.
    """

    integration: snowflake.StorageIntegrationAws
    name: pulumi.Output[str]
    iam_user_arn: pulumi.Output[str]

    def __init__(self, name: str, args: LakeIntegrationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:LakeIntegration", name, None, opts)
        self.integration = snowflake.StorageIntegrationAws(
            name,
            name=args.name,
            enabled=True,
            storage_provider="S3",
            storage_aws_role_arn=args.role_arn,
            # Pinned: an integration that Snowflake had to make again would otherwise come with another id, and the
            # role would no longer trust it.
            storage_aws_external_id=args.external_id,
            storage_allowed_locations=list(args.locations),
            comment="Customer 360: the data lake",
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        self.name = self.integration.name
        self.iam_user_arn = self.integration.describe_outputs.apply(_iam_user_arn)
        grant_on_object(
            name,
            ObjectKind.INTEGRATION,
            self.integration.fully_qualified_name,
            args.roles,
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"name": self.name, "iamUserArn": self.iam_user_arn})


def _iam_user_arn(described: Sequence[Any]) -> str:
    return str(described[0].iam_user_arn)


@dataclass(frozen=True)
class TrustProofArgs:
    """
    Attributes:
        integration: the integration's name.
        bucket: the lake's bucket.
        probe: key of the object to read, under `health/`.
        fingerprint: text of the policies that the proof is about; when it changes, Snowflake is asked again.
        after: something that is made only once the role can be assumed; asked earlier, Snowflake would say no.
    """

    integration: pulumi.Input[str]
    bucket: pulumi.Input[str]
    probe: pulumi.Input[str]
    fingerprint: pulumi.Input[str]
    after: pulumi.Resource


class TrustProof(pulumi.ComponentResource):
    """Snowflake's own word on whether it can read and list the lake through the integration.

    Writing and deleting are not tried: the role may do neither where the probe lies.

    Attributes:
        trust: `{"status": "success" | "failure", "message": ...}`.
    """

    trust: pulumi.Output[Trust]

    def __init__(self, name: str, args: TrustProofArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:TrustProof", name, None, opts)
        query = pulumi.Output.all(args.integration, args.bucket, args.probe, args.fingerprint).apply(
            lambda known: validation_query(*known)
        )
        asked = snowflake.Execute(
            name,
            # Nothing to make or to undo: the resource exists for its query.
            execute="SELECT 1",
            revert="SELECT 1",
            query=query,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.after]),
        )
        self.trust = asked.query_results.apply(read_answer)
        self.register_outputs({"trust": self.trust})


def validation_query(integration: str, bucket: str, probe: str, fingerprint: str) -> str:
    """One row, columns `read` and `list`, each Snowflake's JSON answer.

    https://docs.snowflake.com/en/sql-reference/functions/system_validate_storage_integration
    """
    location, file = f"s3://{bucket}/{HEALTH_PREFIX}", probe.removeprefix(HEALTH_PREFIX)
    checks = ", ".join(
        f"SYSTEM$VALIDATE_STORAGE_INTEGRATION('{integration}', '{location}', '{file}', '{action}') AS \"{action}\""
        for action in ("read", "list")
    )
    digest = hashlib.sha256(fingerprint.encode()).hexdigest()[:12]
    return f"SELECT {checks} /* policies {digest} */"


def read_answer(rows: Sequence[Mapping[str, str]] | None) -> Trust:
    """Sum up the answers. No row means that the query itself failed, which the provider does not report."""
    if not rows:
        return {"status": "failure", "message": "Snowflake did not answer SYSTEM$VALIDATE_STORAGE_INTEGRATION"}
    failures = [text for action in ("read", "list") if (text := _failure(action, rows[0].get(action, "")))]
    if failures:
        return {"status": "failure", "message": "; ".join(failures)}
    return {"status": "success", "message": "Snowflake reads and lists the lake"}


def _failure(action: str, answer: str) -> str | None:
    """What went wrong with one action, or None."""
    try:
        said = json.loads(answer)
    except ValueError:
        return f"{action}: unreadable answer {answer!r}"
    if said.get("status") == "success":
        return None
    detail = said.get("actions", {}).get(action.upper(), {}).get("message")
    return f"{action}: {detail or said.get('message') or 'failed'}"
