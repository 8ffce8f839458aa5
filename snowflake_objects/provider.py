"""The Snowflake provider: one connection for each role that creates objects, and the preview features in use."""

from __future__ import annotations

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.settings import Settings

PREVIEW_FEATURES = [
    "snowflake_table_resource",  # bronze and observability tables
    "snowflake_pipe_resource",  # the transactions pipe
    "snowflake_notification_integration_resource",  # failed loads, to an SNS topic
    "snowflake_email_notification_integration_resource",  # alerts, to people
    "snowflake_procedure_python_resource",  # what tasks call
    "snowflake_alert_resource",  # conditions that somebody must know of
]
"""Everything else that the program uses is stable in the provider."""


def snowflake_provider(
    name: str, settings: Settings, role: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None
) -> snowflake.Provider:
    """A provider that works as `role`.

    The password, private key or token is read by the provider itself from `SNOWFLAKE_PASSWORD`, `SNOWFLAKE_PRIVATE_KEY`
    or `SNOWFLAKE_TOKEN`: none of them appears in the program or in the stack's configuration.
    """
    account = settings.snowflake
    return snowflake.Provider(
        name,
        organization_name=account.organization,
        account_name=account.account,
        user=account.user,
        role=role,
        # The default authenticator is left unsaid: the provider then takes whichever credential it finds.
        authenticator=None if account.authenticator == "SNOWFLAKE" else account.authenticator,
        host=account.host,
        port=account.port,
        protocol=account.protocol,
        # A role that the same program creates does not exist yet when a preview connects.
        validate_default_parameters="false",
        preview_features_enabled=PREVIEW_FEATURES,
        opts=opts,
    )
