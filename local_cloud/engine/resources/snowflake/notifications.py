"""Notification integrations: to an SNS topic, and to e-mail addresses.

https://docs.snowflake.com/en/sql-reference/sql/create-notification-integration-queue-outbound-aws
https://docs.snowflake.com/en/sql-reference/sql/create-notification-integration-email
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import COMMENT, Property, SqlObject, boolean
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection
from local_cloud.engine.values import Properties

_ENABLED = Property("enabled", "ENABLED", sql.flag, "enabled", boolean)


class _Notification(SqlObject):
    kind = "NOTIFICATION INTEGRATION"
    renames = False

    def show_sql(self, inputs: Properties) -> str:
        return f"SHOW NOTIFICATION INTEGRATIONS LIKE {sql.text(inputs['name'])}"


class NotificationIntegration(_Notification):
    """Messages to an SNS topic, published by an IAM role that trusts Snowflake's user under an external ID."""

    type = "snowflake:index/notificationIntegration:NotificationIntegration"
    gate = "snowflake_notification_integration_resource"
    replaces = frozenset({"notificationProvider"})
    properties = (
        _ENABLED,
        Property("awsSnsTopicArn", "AWS_SNS_TOPIC_ARN"),
        Property("awsSnsRoleArn", "AWS_SNS_ROLE_ARN"),
        COMMENT,
    )
    allowed = {"notificationProvider": ("AWS_SNS",)}

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        for key in ("awsSnsTopicArn", "awsSnsRoleArn"):
            if key not in inputs:
                raise EngineError(f"{self.type} {name}: the input {key} is required for AWS_SNS")
        return super().check(name, inputs, provider)

    def clauses(self, inputs: Properties) -> list[str]:
        fixed = ["TYPE = QUEUE", "DIRECTION = OUTBOUND", f"NOTIFICATION_PROVIDER = {inputs['notificationProvider']}"]
        return fixed + super().clauses(inputs)

    def computed(self, connection: SnowflakeConnection, inputs: Properties) -> Properties:
        described = self.described(connection, inputs)
        return self.predicted(inputs) | {
            "awsSnsIamUserArn": described["SF_AWS_IAM_USER_ARN"],
            "awsSnsExternalId": described["SF_AWS_EXTERNAL_ID"],
        }

    def read_more(self, connection: SnowflakeConnection, inputs: Properties, row: Mapping[str, Any]) -> Properties:
        described = self.described(connection, inputs)
        return {"awsSnsTopicArn": described["AWS_SNS_TOPIC_ARN"], "awsSnsRoleArn": described["AWS_SNS_ROLE_ARN"]}


class EmailNotificationIntegration(_Notification):
    """Mail to addresses that users of the account have verified."""

    type = "snowflake:index/emailNotificationIntegration:EmailNotificationIntegration"
    gate = "snowflake_email_notification_integration_resource"
    properties = (_ENABLED, Property("allowedRecipients", "ALLOWED_RECIPIENTS", sql.texts), COMMENT)

    def same(self, key: str, old: Any, new: Any) -> bool:
        """Addresses are a set."""
        return key == "allowedRecipients" and sorted(old) == sorted(new)

    def clauses(self, inputs: Properties) -> list[str]:
        return ["TYPE = EMAIL", *super().clauses(inputs)]

    def read_more(self, connection: SnowflakeConnection, inputs: Properties, row: Mapping[str, Any]) -> Properties:
        addresses = str(self.described(connection, inputs).get("ALLOWED_RECIPIENTS") or "")
        return {"allowedRecipients": [each for each in addresses.split(",") if each]}


HANDLERS = [NotificationIntegration(), EmailNotificationIntegration()]
