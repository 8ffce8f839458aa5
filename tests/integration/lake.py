"""A bucket, a role that Snowflake may assume, and a database with a table and stages: what loading tests need."""

from __future__ import annotations

import json
import uuid
from typing import Any

from snowflake.connector import DictCursor

from tests.integration.conftest import LocalCloud


class Lake:
    """Own names in a shared local cloud. `sql` returns rows as dictionaries, by Snowflake's column names."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.name = f"L{uuid.uuid4().hex[:8]}".upper()
        self.bucket = f"lake-{self.name.lower()}"
        self.role = f"role-{self.name.lower()}"
        self.s3, self.iam, self.sns = (cloud.client(service) for service in ("s3", "iam", "sns"))
        self.s3.create_bucket(Bucket=self.bucket)
        self.connection = cloud.connect(role="ACCOUNTADMIN")
        self._make_integration()
        self.sql(f"create database {self.name}")
        self.sql(f"use schema {self.name}.public")
        self.sql(
            "create file format csv_format type = csv skip_header = 1 field_optionally_enclosed_by = '\"' "
            "escape_unenclosed_field = none"
        )
        self.sql(
            f"create stage lake_stage url = 's3://{self.bucket}/t/' storage_integration = {self.name} "
            "file_format = (format_name = csv_format)"
        )

    def reconnect(self) -> None:
        """After a restart of the local cloud."""
        self.connection = self.cloud.connect(role="ACCOUNTADMIN", database=self.name, schema="PUBLIC")

    def _make_integration(self) -> None:
        self.sql(
            f"create storage integration {self.name} type = external_stage storage_provider = 'S3' enabled = true "
            f"storage_aws_role_arn = 'arn:aws:iam::123456789012:role/{self.role}' storage_aws_external_id = 'secret' "
            f"storage_allowed_locations = ('s3://{self.bucket}/')"
        )
        described = {row["property"]: row["property_value"] for row in self.sql(f"desc integration {self.name}")}
        self.snowflake_user = described["STORAGE_AWS_IAM_USER_ARN"]
        self.iam.create_role(RoleName=self.role, AssumeRolePolicyDocument=json.dumps(self.trust("secret")))
        self.allow("s3:*")

    def trust(self, external_id: str) -> dict[str, Any]:
        condition = {"StringEquals": {"sts:ExternalId": external_id}}
        principal = {"AWS": self.snowflake_user}
        return _policy({"Action": "sts:AssumeRole", "Principal": principal, "Condition": condition})

    def allow(self, *actions: str) -> None:
        """What the role may do from now on, with everything in the bucket."""
        resources = [f"arn:aws:s3:::{self.bucket}", f"arn:aws:s3:::{self.bucket}/*"]
        document = _policy({"Action": list(actions), "Resource": resources})
        self.iam.put_role_policy(RoleName=self.role, PolicyName="lake", PolicyDocument=json.dumps(document))

    def put(self, key: str, body: bytes | str) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body.encode() if isinstance(body, str) else body)

    def sql(self, text: str) -> list[dict[str, Any]]:
        with self.connection.cursor(DictCursor) as cursor:
            cursor.execute(text)
            return [dict(row) for row in cursor.fetchall()]

    def values(self, text: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self.sql(text)]

    def announce(self, prefix: str) -> str:
        """Make the bucket announce new objects under a prefix to a topic that Snowflake may subscribe to; its ARN."""
        topic: str = self.sns.create_topic(Name=f"topic-{self.name.lower()}")["TopicArn"]
        allowed = {"Action": "sns:Subscribe", "Principal": {"AWS": self.snowflake_user}, "Resource": topic}
        self.sns.set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(_policy(allowed))
        )
        rules = {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}}
        topics = [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"], "Filter": rules}]
        self.s3.put_bucket_notification_configuration(
            Bucket=self.bucket, NotificationConfiguration={"TopicConfigurations": topics}
        )
        return topic


def _policy(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
