"""The only place that makes names: AWS resources, account-level and database-level Snowflake objects.

Account-level names carry the environment, so that several environments share one account without meeting. Every
Snowflake name is upper case: the provider quotes names, and anything else would have to be quoted ever after.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SchemaName(StrEnum):
    """Schemas, in the order in which data flows through them."""

    BRONZE = "BRONZE"
    SILVER = "SILVER"
    GOLD = "GOLD"
    ML = "ML"
    OBSERVABILITY = "OBSERVABILITY"
    REPORTING = "REPORTING"
    APP = "APP"


class Workload(StrEnum):
    """One warehouse each."""

    LOAD = "load"
    TRANSFORM = "transform"
    ANALYTICS = "analytics"
    ML = "ml"


class Role(StrEnum):
    """People's roles, then those of services."""

    DATA_ENGINEER = "data_engineer"
    DATA_ANALYST = "data_analyst"
    MARKETING_MANAGER = "marketing_manager"
    DATA_SCIENTIST = "data_scientist"
    LOADER = "loader"
    TRANSFORMER = "transformer"
    APP_OWNER = "app_owner"
    REPORTER = "reporter"


class Access(StrEnum):
    """What a database role allows in its schema."""

    READ = "READ"
    WRITE = "WRITE"


PREFIXES = {
    "customers": "customers/",
    "customer_changes": "customers/changes/",
    "transactions_historical": "transactions/historical/",
    "transactions_streaming": "transactions/streaming/",
    "campaigns": "campaigns/",
    "reports": "reports/",
}
"""Where the lake's files live; each ends in `/`, for S3 and Snowflake match by plain prefix."""

HEALTH_PREFIX = "health/"
"""Holds one object that nothing loads: reading it proves that Snowflake can read the lake."""
HEALTH_PROBE = "trust-probe.txt"

LAKE_PREFIXES = ("customers/", "transactions/", "campaigns/", "reports/", HEALTH_PREFIX)
"""What Snowflake may reach: the top-level prefixes of all the above."""

STAGES = {
    "customers": "CUSTOMERS_STAGE",
    "transactions_historical": "TRANSACTIONS_HISTORICAL_STAGE",
    "transactions_streaming": "TRANSACTIONS_STREAMING_STAGE",
    "campaigns": "CAMPAIGNS_STAGE",
}
"""External stages in BRONZE, by the key of the prefix that each points at."""

APP_STAGE = "APP_STAGE"
APP_FOLDER = "customer_360"
STREAMLIT = "CUSTOMER_360"
CSV_FORMAT = "CSV_FORMAT"
PARQUET_FORMAT = "PARQUET_FORMAT"

PIPES = {"transactions": "TRANSACTIONS_PIPE", "customers": "CUSTOMERS_PIPE"}
"""Pipes in BRONZE, by what they load."""

PIPED_PREFIXES = {"transactions": "transactions_streaming", "customers": "customer_changes"}
"""For each pipe the key of the prefix whose new files it loads."""

_PRODUCTION = "prod"


def database_role(schema: SchemaName, access: Access) -> str:
    """Name of the database role for one schema, such as `GOLD_READ`."""
    return f"{schema}_{access}"


@dataclass(frozen=True)
class Names:
    """Every name that depends on the environment (`local`, `dev`, `staging`, `prod`)."""

    environment: str

    @property
    def database(self) -> str:
        """`CUSTOMER_ANALYTICS` in prod, `CUSTOMER_ANALYTICS_<ENV>` elsewhere."""
        return "CUSTOMER_ANALYTICS" if self.environment == _PRODUCTION else f"CUSTOMER_ANALYTICS_{self._upper}"

    @property
    def storage_integration(self) -> str:
        return f"C360_{self._upper}_S3"

    @property
    def landing_topic(self) -> str:
        return f"c360-{self.environment}-landing"

    @property
    def audit_queue(self) -> str:
        return f"{self.landing_topic}-audit"

    @property
    def audit_dead_letter_queue(self) -> str:
        return f"{self.landing_topic}-audit-dlq"

    @property
    def pipe_errors(self) -> str:
        """The topic and the queue of failed loads."""
        return f"c360-{self.environment}-pipe-errors"

    @property
    def notifications_aws_role(self) -> str:
        """The IAM role with which Snowflake publishes to the topic of failed loads."""
        return f"c360-{self.environment}-notifications"

    @property
    def pipe_error_integration(self) -> str:
        return f"C360_{self._upper}_PIPE_ERRORS"

    @property
    def email_integration(self) -> str:
        return f"C360_{self._upper}_EMAIL"

    @property
    def network_policy(self) -> str:
        return f"C360_{self._upper}_SERVICES"

    @property
    def snowflake_aws_role(self) -> str:
        """The IAM role that Snowflake assumes; known before the role exists, which is what closes the trust loop."""
        return f"c360-{self.environment}-snowflake"

    def bucket(self, account_id: str) -> str:
        """Bucket names are global: the account id keeps ours apart from everybody else's."""
        return f"c360-{self.environment}-lake-{account_id}"

    def warehouse(self, workload: Workload) -> str:
        return f"C360_{self._upper}_{workload.upper()}_WH"

    def resource_monitor(self, workload: Workload) -> str:
        return f"C360_{self._upper}_{workload.upper()}_MONITOR"

    def role(self, role: Role) -> str:
        return f"C360_{self._upper}_{role.upper()}"

    def service_user(self, role: Role) -> str:
        return f"C360_{self._upper}_{role.upper()}_SERVICE"

    @property
    def _upper(self) -> str:
        return self.environment.upper()
