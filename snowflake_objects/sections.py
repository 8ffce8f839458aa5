"""The groups of a stack's settings. The text under a key is its meaning in `docs/settings.md`."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic.alias_generators import to_camel

from snowflake_objects.naming import Workload

PLACEHOLDER = "SET-ME"
"""What a committed stack file holds where only the deployer knows the value; deploying with it is refused."""

# Where Snowflake runs on AWS, so that loading crosses no region: https://docs.snowflake.com/en/user-guide/intro-regions
# Government regions are left out: their stages need s3gov:// instead of s3://.
REGIONS = (
    "us-east-1", "us-east-2", "us-west-2", "ca-central-1", "sa-east-1",
    "eu-central-1", "eu-central-2", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3",
    "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2",
    "ap-southeast-3",
)  # fmt: skip

WarehouseSize = Literal["XSMALL", "SMALL", "MEDIUM", "LARGE", "XLARGE", "XXLARGE"]
Region = Literal[REGIONS]  # type: ignore[valid-type]  # a literal of a constant, so that errors list what is allowed
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=255)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Cron = Annotated[str, StringConstraints(pattern=r"^(\S+ ){4}\S+$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+$")]
PublicKey = Annotated[str, StringConstraints(pattern=r"^MII[A-Za-z0-9+/]{300,1500}={0,2}$")]
Percent = Annotated[float, Field(gt=0, le=100)]
Minutes = Annotated[int, Field(ge=1, le=1439)]


class Section(BaseModel):
    """Keys are camelCase in the stack file; an unknown key is an error, never a silent default."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True
    )


class AwsSettings(Section):
    """Which AWS account, and where its endpoints are when they are not the public ones."""

    account_id: Annotated[str, StringConstraints(pattern=r"^\d{12}$")] | None = None
    """The provider refuses any other account."""
    endpoint: Url | None = None
    """Serves S3, IAM, SNS, SQS and STS instead of AWS's own endpoints."""


class SnowflakeSettings(Section):
    """How to reach the account. Credentials come from the environment (`SNOWFLAKE_PRIVATE_KEY`, ...)."""

    organization: Identifier
    """The organization's name."""
    account: Identifier
    """The account's name within the organization."""
    user: Identifier
    """Who deploys."""
    role: Identifier = "ACCOUNTADMIN"
    """The role that creates everything but the app: integrations and resource monitors need it."""
    authenticator: Literal["SNOWFLAKE", "SNOWFLAKE_JWT", "PROGRAMMATIC_ACCESS_TOKEN"] = "SNOWFLAKE"
    """How the deployer logs in; `SNOWFLAKE_JWT` is a key pair."""
    host: str | None = None
    """Instead of the account's own host."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Instead of 443."""
    protocol: Literal["http", "https"] | None = None
    """Instead of https."""

    @property
    def account_identifier(self) -> str:
        """`ORGANIZATION-ACCOUNT`, as clients write it."""
        return f"{self.organization}-{self.account}"

    @field_validator("organization", "account", "user")
    @classmethod
    def _is_set(cls, value: str) -> str:
        if value == PLACEHOLDER:
            raise ValueError("a name of your own: the stack file still holds the placeholder")
        return value


class LakeSettings(Section):
    """How long the bucket keeps what. S3 takes objects into STANDARD_IA after 30 days at the earliest."""

    history_to_infrequent_access_days: Annotated[int, Field(ge=30, le=3650)] = 90
    """After so many days historical files move to STANDARD_IA."""
    history_to_glacier_days: Annotated[int, Field(ge=60, le=3650)] = 365
    """After so many days they move on to GLACIER_IR, at least 30 days later."""
    noncurrent_version_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """How long overwritten and deleted objects can be restored."""
    aborted_upload_days: Annotated[int, Field(ge=1, le=30)] = 3
    """After so many days the parts of an unfinished upload go."""
    reports_expire_days: Annotated[int, Field(ge=1, le=3650)] = 180
    """How long reports are kept."""
    force_destroy: bool = False
    """Let `destroy` delete a bucket that still holds files."""

    @model_validator(mode="after")
    def _colder_later(self) -> Self:
        if self.history_to_glacier_days < self.history_to_infrequent_access_days + 30:
            raise ValueError("historyToGlacierDays at least 30 days after historyToInfrequentAccessDays")
        return self


class LandingSettings(Section):
    """The audit queue behind the landing topic. SQS keeps messages for 14 days at most."""

    audit_retention_days: Annotated[int, Field(ge=1, le=14)] = 14
    """How long an announcement waits to be reconciled."""
    audit_attempts: Annotated[int, Field(ge=1, le=100)] = 5
    """After so many receptions a message goes to the dead-letter queue."""


class WarehouseSettings(Section):
    """One warehouse."""

    size: WarehouseSize = "XSMALL"
    """Credits an hour double with each size."""
    auto_suspend_seconds: Annotated[int, Field(ge=60, le=600)] = 60
    """Idle seconds until it stops; each start bills a minute."""
    statement_timeout_seconds: Annotated[int, Field(ge=60, le=172_800)] = 3600
    """A statement that runs longer is cancelled."""
    queued_timeout_seconds: Annotated[int, Field(ge=1, le=172_800)] = 600
    """A statement that waits longer is cancelled."""
    monthly_credits: Annotated[int, Field(ge=1, le=100_000)] = 50
    """Its resource monitor notifies at 75 % of them and suspends at 90 %."""


class WarehousesSettings(Section):
    """The four workloads."""

    load: WarehouseSettings = WarehouseSettings()
    """Bulk loads."""
    transform: WarehouseSettings = WarehouseSettings()
    """dbt and data-quality checks."""
    analytics: WarehouseSettings = WarehouseSettings(statement_timeout_seconds=300)
    """People and the app."""
    ml: WarehouseSettings = WarehouseSettings(statement_timeout_seconds=7200)
    """Training and scoring."""

    def of(self, workload: Workload) -> WarehouseSettings:
        sections = {
            Workload.LOAD: self.load,
            Workload.TRANSFORM: self.transform,
            Workload.ANALYTICS: self.analytics,
            Workload.ML: self.ml,
        }
        return sections[workload]


class ScheduleSettings(Section):
    """When recurring work runs: five-field cron, as Snowflake's USING CRON takes it."""

    churn_refresh: Cron = "0 5 * * *"
    """Scores every customer."""
    churn_retrain: Cron = "0 3 1 * *"
    """Trains a challenger of the churn model."""
    quality_checks: Cron = "30 * * * *"
    """Checks data quality."""
    report_dispatch: Cron = "*/5 * * * *"
    """Queues new report jobs."""
    clean_up: Cron = "0 4 * * *"
    """Removes what is past its retention."""
    time_zone: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]+(/[A-Za-z_+-]+)*$")] = "UTC"
    """Time zone of all of them (IANA)."""


class AlertSettings(Section):
    """When somebody is told, and how often it is looked at."""

    failed_files_percent: Percent = 10
    """Critical: share of an hour's files that failed to load."""
    duplicates_percent: Percent = 5
    """Warning: share of duplicates in a batch."""
    pipe_latency_minutes: Minutes = 15
    """Warning: time from a file's arrival to its rows."""
    query_seconds: Annotated[int, Field(ge=1, le=3600)] = 10
    """Warning: duration of a query on the analytics warehouse."""
    storage_growth_percent: Percent = 20
    """Warning: growth of the database within a week."""
    segment_changes_percent: Percent = 10
    """Information: share of customers that moved to another segment within a day."""
    daily_dollars: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """Information: cost of a day's credits."""
    dollars_per_credit: Annotated[float, Field(gt=0, le=20)] = 3.0
    """What a credit costs under your contract."""
    critical_every_minutes: Minutes = 15
    """How often critical conditions are looked at."""
    warning_every_minutes: Minutes = 60
    """How often warnings are looked at."""
    information_at: Cron = "0 7 * * *"
    """When information is looked at."""


class ServiceUserKeys(Section):
    """The public keys of one service user. Two may be valid at a time, which is how they are rotated."""

    rsa_public_key: PublicKey | None = None
    """Base64 of the PEM's body, in one line. Without a key the user cannot log in."""
    rsa_public_key_2: PublicKey | None = None
    """The next key, or the former one."""


class ServiceUsersSettings(Section):
    """Public keys of the services' users; private keys stay with the services."""

    loader: ServiceUserKeys = ServiceUserKeys()
    """Loads files."""
    transformer: ServiceUserKeys = ServiceUserKeys()
    """Runs dbt."""
    reporter: ServiceUserKeys = ServiceUserKeys()
    """Runs report jobs."""


class NetworkSettings(Section):
    """From where services may connect."""

    allowed_ips: tuple[str, ...] = ()
    """CIDR ranges; given any, a network policy lets service users connect from there alone."""

    @field_validator("allowed_ips")
    @classmethod
    def _are_ranges(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ipaddress.IPv4Network(each)
            except ValueError:
                raise ValueError(f"IPv4 ranges such as 203.0.113.0/24, not {each!r}") from None
            if each.endswith("/0"):
                raise ValueError("ranges narrower than the whole internet")
        return value


class FeatureSettings(Section):
    """Switches."""

    resource_monitors: bool = True
    """Give every warehouse a resource monitor (creating one takes ACCOUNTADMIN)."""
    protect_data: bool = True
    """Refuse to delete bucket, database and tables."""
    tasks_started: bool = False
    """Resume tasks and alerts; without it they are created suspended."""
    service_users: bool = True
    """Create the services' users."""
    email: bool = True
    """Create the email integration and the alerts, which write to `alertAddresses`: verified addresses of users."""
