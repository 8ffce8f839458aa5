"""The S3 data lake: one private, versioned, encrypted bucket."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import s3

from infra import policies
from snowflake_objects.naming import HEALTH_PREFIX, HEALTH_PROBE, PREFIXES
from snowflake_objects.settings import LakeSettings


@dataclass(frozen=True)
class DataLakeArgs:
    """
    Attributes:
        bucket_name: the bucket's name.
        settings: retention and life cycle.
        protect: refuse to delete the bucket.
    """

    bucket_name: pulumi.Input[str]
    settings: LakeSettings
    protect: bool


class DataLake(pulumi.ComponentResource):
    """The bucket and everything that keeps it private, versioned, encrypted and cheap.

    Attributes:
        bucket: the bucket's name, available once the bucket is.
        bucket_arn: its ARN.
        probe: the key of a small object under `health/`, read to prove that Snowflake can read.
    """

    bucket: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]
    probe: pulumi.Output[str]

    def __init__(self, name: str, args: DataLakeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:aws:DataLake", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        bucket = s3.Bucket(
            name,
            bucket=args.bucket_name,
            force_destroy=args.settings.force_destroy,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        versioning = s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.bucket,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=child,
        )
        _private(name, bucket, child)
        _encrypted(name, bucket, child)
        s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket.bucket,
            rules=lifecycle_rules(args.settings),
            # Rules about non-current versions need a bucket that has them.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )
        probe = s3.BucketObjectv2(
            f"{name}-trust-probe",
            bucket=bucket.bucket,
            key=HEALTH_PREFIX + HEALTH_PROBE,
            content="Read by SYSTEM$VALIDATE_STORAGE_INTEGRATION; nothing loads it.\n",
            content_type="text/plain",
            opts=child,
        )
        self.bucket = bucket.bucket
        self.bucket_arn = bucket.arn
        self.probe = probe.key
        self.register_outputs({"bucket": self.bucket, "bucketArn": self.bucket_arn, "probe": self.probe})


def _private(name: str, bucket: s3.Bucket, child: pulumi.ResourceOptions) -> None:
    block = s3.BucketPublicAccessBlock(
        f"{name}-private",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child,
    )
    s3.BucketOwnershipControls(
        f"{name}-ownership",
        bucket=bucket.bucket,
        rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=child,
    )
    s3.BucketPolicy(
        f"{name}-tls-only",
        bucket=bucket.bucket,
        policy=bucket.arn.apply(policies.tls_only),
        # S3 answers 409 when the policy and the access block of one bucket change at the same time.
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[block])),
    )


def _encrypted(name: str, bucket: s3.Bucket, child: pulumi.ResourceOptions) -> None:
    default = s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="AES256"
    )
    s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        bucket=bucket.bucket,
        rules=[
            s3.BucketServerSideEncryptionConfigurationRuleArgs(apply_server_side_encryption_by_default=default),
        ],
        opts=child,
    )


def lifecycle_rules(settings: LakeSettings) -> list[s3.BucketLifecycleConfigurationRuleArgs]:
    """History moves to cheaper storage; reports, old versions and aborted uploads expire."""
    history = s3.BucketLifecycleConfigurationRuleArgs(
        id="history-to-cheaper-storage",
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=PREFIXES["transactions_historical"]),
        transitions=[
            s3.BucketLifecycleConfigurationRuleTransitionArgs(
                days=settings.history_to_infrequent_access_days, storage_class="STANDARD_IA"
            ),
            # Instant retrieval: Snowflake cannot wait for a restore when bronze is loaded again.
            s3.BucketLifecycleConfigurationRuleTransitionArgs(
                days=settings.history_to_glacier_days, storage_class="GLACIER_IR"
            ),
        ],
    )
    reports = s3.BucketLifecycleConfigurationRuleArgs(
        id="reports-expire",
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=PREFIXES["reports"]),
        expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=settings.reports_expire_days),
    )
    everywhere = s3.BucketLifecycleConfigurationRuleArgs(
        id="old-versions-and-aborted-uploads-expire",
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        noncurrent_version_expiration=s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=settings.noncurrent_version_days
        ),
        abort_incomplete_multipart_upload=s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=settings.aborted_upload_days
        ),
    )
    return [history, reports, everywhere]
