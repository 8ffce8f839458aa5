"""The AWS provider of the stack and what it says about the account behind it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from snowflake_objects.settings import Settings


def aws_provider(settings: Settings) -> aws.Provider:
    """The one provider of all AWS resources: region, default tags and, when configured, its own endpoint."""
    endpoint = settings.aws.endpoint
    tags = aws.ProviderDefaultTagsArgs(tags=settings.all_tags)
    accounts = [settings.aws.account_id] if settings.aws.account_id else None
    if endpoint is None:
        return aws.Provider("aws", region=settings.region, default_tags=tags, allowed_account_ids=accounts)
    return aws.Provider(
        "aws",
        region=settings.region,
        default_tags=tags,
        allowed_account_ids=accounts,
        endpoints=[
            aws.ProviderEndpointArgs(
                s3=endpoint, s3control=endpoint, iam=endpoint, sns=endpoint, sqs=endpoint, sts=endpoint
            )
        ],
        # S3 Control, which tags buckets, puts the account's number before the endpoint's host, and no name server
        # knows that name. The endpoint takes such requests as their proxy; those to this machine itself go past it.
        http_proxy=endpoint,
        # Behind a custom endpoint: bucket names stay in the path, and there is neither an instance's metadata
        # service nor a check of the credentials before they are used.
        s3_use_path_style=True,
        skip_credentials_validation=True,
        skip_metadata_api_check=True,
    )


@dataclass(frozen=True)
class AwsAccount:
    """Where the provider's credentials lead: `id` is twelve digits, `partition` is `aws`, `aws-us-gov` or `aws-cn`."""

    id: pulumi.Output[str]
    partition: pulumi.Output[str]

    def role_arn(self, name: str) -> pulumi.Output[str]:
        """ARN of a role with the default path, whether or not it exists yet."""
        return pulumi.Output.format("arn:{0}:iam::{1}:role/{2}", self.partition, self.id, name)

    def topic_arn(self, region: str, name: str) -> pulumi.Output[str]:
        """ARN of a topic, whether or not it exists yet."""
        return pulumi.Output.format("arn:{0}:sns:{1}:{2}:{3}", self.partition, region, self.id, name)


def aws_account(provider: aws.Provider) -> AwsAccount:
    """Ask AWS who we are."""
    options = pulumi.InvokeOutputOptions(provider=provider)
    return AwsAccount(
        id=aws.get_caller_identity_output(opts=options).account_id,
        partition=aws.get_partition_output(opts=options).partition,
    )
