"""Customer 360 from top to bottom: files land in S3, Snowflake loads them, people query gold and use the app.

                     announces                        subscribed
    lake (S3) ------------------> landing (SNS) --------------------> Snowflake's queue, audit queue (SQS)
       ^                                                                  |
       | reads as `snowflake_access` (IAM role)                           v
    integration <--- stages <--- pipes, COPY ---> bronze tables --> dbt --> gold --> app

Each block below is one component; what it needs from another comes as an output, and that is what orders them.
"""

import pulumi

from infra.aws_account import aws_account, aws_provider
from infra.data_lake import DataLake, DataLakeArgs
from infra.landing_events import LandingEvents, LandingEventsArgs
from infra.outputs import Platform, export
from infra.pipe_error_events import PipeErrorEvents, PipeErrorEventsArgs
from infra.snowflake_access import SnowflakeAccess, SnowflakeAccessArgs
from snowflake_objects.alerts import Alerts, AlertsArgs
from snowflake_objects.app import App, AppArgs
from snowflake_objects.database import AnalyticsDatabase, AnalyticsDatabaseArgs
from snowflake_objects.entitlements import entitlements, guarded_objects
from snowflake_objects.file_formats import FileFormats, FileFormatsArgs
from snowflake_objects.naming import LAKE_PREFIXES, PIPED_PREFIXES, PREFIXES, Names, Role, Workload
from snowflake_objects.notifications import Email, EmailArgs, PipeErrorIntegration, PipeErrorIntegrationArgs
from snowflake_objects.operations import Operations, OperationsArgs
from snowflake_objects.pipes import LakePipes, LakePipesArgs
from snowflake_objects.provider import snowflake_provider
from snowflake_objects.retry import retry_while_role_spreads
from snowflake_objects.roles import Roles, RolesArgs
from snowflake_objects.service_users import ServiceUsers, ServiceUsersArgs
from snowflake_objects.settings import read_settings
from snowflake_objects.stages import LakeStages, LakeStagesArgs
from snowflake_objects.storage_integration import LakeIntegration, LakeIntegrationArgs, TrustProof, TrustProofArgs
from snowflake_objects.tables import Tables
from snowflake_objects.unlisted_grants import UnlistedGrants, UnlistedGrantsArgs
from snowflake_objects.warehouses import Warehouses, WarehousesArgs

settings = read_settings(pulumi.Config(), pulumi.get_stack())
names = Names(settings.environment)
protect_data = settings.features.protect_data

aws = aws_provider(settings)
account = aws_account(aws)
snowflake = snowflake_provider("snowflake", settings, settings.snowflake.role)
in_aws = pulumi.ResourceOptions(provider=aws)
in_snowflake = pulumi.ResourceOptions(provider=snowflake)
retry = retry_while_role_spreads()

# Where everything lives: a bucket, a database, warehouses, and who may use them.
lake = DataLake("lake", DataLakeArgs(account.id.apply(names.bucket), settings.lake, protect_data), in_aws)
database = AnalyticsDatabase(
    "database", AnalyticsDatabaseArgs(names.database, settings.data_retention_days, protect_data), in_snowflake
)
warehouses = Warehouses(
    "warehouses", WarehousesArgs(names, settings.warehouses, settings.features.resource_monitors), in_snowflake
)
roles = Roles("roles", RolesArgs(names, database, warehouses.names), in_snowflake)

# The trust loop: the integration names a role that does not exist yet; the role then trusts the integration's user.
integration = LakeIntegration(
    "lake-integration",
    LakeIntegrationArgs(
        name=names.storage_integration,
        role_arn=account.role_arn(names.snowflake_aws_role),
        external_id=settings.pinned_external_id,
        locations=[pulumi.Output.concat("s3://", lake.bucket, "/", prefix) for prefix in LAKE_PREFIXES],
        roles=roles.names,
    ),
    in_snowflake,
)
snowflake_access = SnowflakeAccess(
    "snowflake-access",
    SnowflakeAccessArgs(
        role_name=names.snowflake_aws_role,
        iam_user_arn=integration.iam_user_arn,
        external_id=settings.pinned_external_id,
        bucket_arn=lake.bucket_arn,
        read_prefixes=LAKE_PREFIXES,
        write_prefix=PREFIXES["reports"],
    ),
    in_aws,
)

# New files announce themselves to Snowflake and to our audit queue.
landing = LandingEvents(
    "landing",
    LandingEventsArgs(
        topic_name=names.landing_topic,
        queue_name=names.audit_queue,
        dead_letter_queue_name=names.audit_dead_letter_queue,
        bucket=lake.bucket,
        bucket_arn=lake.bucket_arn,
        prefixes={name: PREFIXES[key] for name, key in PIPED_PREFIXES.items()},
        account_id=account.id,
        subscriber_arn=integration.iam_user_arn,
        settings=settings.landing,
    ),
    in_aws,
)

# Loads that fail announce themselves too: a second trust loop, closed in the same way.
pipe_errors = PipeErrorIntegration(
    "pipe-errors",
    PipeErrorIntegrationArgs(
        name=names.pipe_error_integration,
        topic_arn=account.topic_arn(settings.region, names.pipe_errors),
        role_arn=account.role_arn(names.notifications_aws_role),
    ),
    in_snowflake,
)
pipe_error_events = PipeErrorEvents(
    "pipe-error-events",
    PipeErrorEventsArgs(
        name=names.pipe_errors,
        role_name=names.notifications_aws_role,
        account_id=account.id,
        iam_user_arn=pipe_errors.iam_user_arn,
        external_id=pipe_errors.external_id,
        settings=settings.landing,
    ),
    in_aws,
)

# From files to bronze rows: formats and stages to read them, tables to hold them, pipes to load them as they land.
formats = FileFormats("file-formats", FileFormatsArgs(database, roles.names), in_snowflake)
stages = LakeStages(
    "lake-stages",
    LakeStagesArgs(database, integration, lake.bucket, snowflake_access.grant, roles.names, retry),
    in_snowflake,
)
tables = Tables("tables", database, protect_data, in_snowflake)
pipes = LakePipes(
    "pipes",
    LakePipesArgs(
        database=database,
        tables=tables.bronze,
        stages=stages.stages,
        csv_format=formats.csv,
        topic_arn=landing.topic_arn,
        access=snowflake_access.grant,
        error_integration=pipe_errors.name,
        error_access=pipe_error_events.grant,
        roles=roles.names,
        retry=retry,
    ),
    in_snowflake,
)

# Who else logs in, and how the platform writes to people.
ServiceUsers(
    "service-users",
    ServiceUsersArgs(names, settings.features.service_users, settings.service_users, settings.network, roles.names),
    in_snowflake,
)
email = Email(
    "email",
    EmailArgs(names.email_integration, settings.features.email, settings.alert_addresses, roles.names),
    in_snowflake,
)

# Nobody has more than the access tables say: a refresh finds what others granted, and the update revokes it.
UnlistedGrants(
    "unlisted-grants",
    UnlistedGrantsArgs(settings.snowflake, entitlements(names), guarded_objects(names, email=settings.features.email)),
    pulumi.ResourceOptions(depends_on=[roles, integration, pipe_errors, email]),
)

# What runs by itself, owned by the service that builds silver and gold.
operator = snowflake_provider(
    "snowflake-as-transformer",
    settings,
    roles.names[Role.TRANSFORMER],
    pulumi.ResourceOptions(depends_on=[roles, tables]),
)
as_operator = pulumi.ResourceOptions(provider=operator)
Operations("operations", OperationsArgs(database, names, settings.schedules, settings.features), as_operator)
Alerts(
    "alerts",
    AlertsArgs(
        database,
        names,
        settings.alerts,
        settings.schedules.time_zone,
        settings.features,
        email,
        settings.alert_addresses,
    ),
    as_operator,
)

# What people see: the app, owned by a role that reads gold and little else.
app_owner = snowflake_provider(
    "snowflake-as-app-owner", settings, roles.names[Role.APP_OWNER], pulumi.ResourceOptions(depends_on=[roles])
)
app = App(
    "app",
    AppArgs(
        settings=settings,
        database=database,
        warehouse=warehouses.names[Workload.ANALYTICS],
        roles=roles.names,
        owner_provider=app_owner,
        owner_access=roles,
    ),
    in_snowflake,
)

# Proof that the loop is closed, once the pipes have shown that the role can be assumed.
proof = TrustProof(
    "trust-proof",
    TrustProofArgs(integration.name, lake.bucket, lake.probe, snowflake_access.fingerprint, after=pipes),
    in_snowflake,
)

export(
    Platform(
        settings=settings,
        account=account,
        lake=lake,
        access=snowflake_access,
        events=landing,
        database=database,
        warehouses=warehouses,
        roles=roles,
        integration=integration,
        formats=formats,
        stages=stages,
        tables=tables,
        pipes=pipes,
        app=app,
        proof=proof,
    )
)
