"""AWS: S3, IAM, SNS, SQS through boto3."""

from __future__ import annotations

from local_cloud.engine.resources.aws import iam, s3_bucket, s3_events, s3_object, s3_settings, sns, sqs
from local_cloud.engine.resources.base import Handler

HANDLERS: list[Handler] = [
    *s3_bucket.HANDLERS,
    *s3_settings.HANDLERS,
    *s3_events.HANDLERS,
    *s3_object.HANDLERS,
    *iam.HANDLERS,
    *sns.HANDLERS,
    *sqs.HANDLERS,
]
