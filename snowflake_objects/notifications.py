"""How Snowflake tells of what happens: failed loads to an SNS topic, alerts by e-mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.access import ObjectKind
from snowflake_objects.naming import Role
from snowflake_objects.roles import grant_on_object


@dataclass(frozen=True)
class PipeErrorIntegrationArgs:
    """
    Attributes:
        name: the integration's name.
        topic_arn: where messages go; the topic need not exist yet.
        role_arn: the IAM role that publishes them; it need not exist yet.
    """

    name: str
    topic_arn: pulumi.Input[str]
    role_arn: pulumi.Input[str]


class PipeErrorIntegration(pulumi.ComponentResource):
    """The integration through which a pipe announces files that it could not load.

    Its external ID is Snowflake's own and cannot be pinned: an integration made again comes with another one, and the
    role, which takes it from here, is updated in the same run.

    Attributes:
        name: available once the integration exists.
        iam_user_arn, external_id: whom the role must trust, and what it must present.
    """

    name: pulumi.Output[str]
    iam_user_arn: pulumi.Output[str]
    external_id: pulumi.Output[str]

    def __init__(self, name: str, args: PipeErrorIntegrationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:PipeErrorIntegration", name, None, opts)
        integration = snowflake.NotificationIntegration(
            name,
            name=args.name,
            enabled=True,
            notification_provider="AWS_SNS",
            aws_sns_topic_arn=args.topic_arn,
            aws_sns_role_arn=args.role_arn,
            comment="Customer 360: files that could not be loaded",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name = integration.name
        self.iam_user_arn = integration.aws_sns_iam_user_arn
        self.external_id = integration.aws_sns_external_id
        self.register_outputs({"name": self.name})


@dataclass(frozen=True)
class EmailArgs:
    """
    Attributes:
        name: the integration's name.
        enabled: whether there is one.
        addresses: who may be written to.
        roles: names of the account roles.
    """

    name: str
    enabled: bool
    addresses: Sequence[str]
    roles: Mapping[Role, pulumi.Input[str]]


class Email(pulumi.ComponentResource):
    """The integration that sends mail.

    Attributes:
        name: available once the integration exists; None if there is none.
    """

    name: pulumi.Output[str] | None

    def __init__(self, name: str, args: EmailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:Email", name, None, opts)
        self.name = None
        if args.enabled:
            integration = snowflake.EmailNotificationIntegration(
                name,
                name=args.name,
                enabled=True,
                allowed_recipients=list(args.addresses),
                comment="Customer 360: alerts",
                opts=pulumi.ResourceOptions(parent=self),
            )
            grant_on_object(
                name,
                ObjectKind.EMAIL,
                integration.fully_qualified_name,
                args.roles,
                pulumi.ResourceOptions(parent=self, replace_with=[integration]),
            )
            self.name = integration.name
        self.register_outputs({})
