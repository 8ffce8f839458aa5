"""What the real Snowflake provider sends for each resource type of our program, and what it reads from the answers.

The provider (snowflakedb/terraform-provider-snowflake 2.x, which pulumi-snowflake bridges) creates an object, reads
it back, changes it, reads it again, and drops it. It scans columns into typed fields: a missing column leaves a field
empty (its connection is sqlx's `Unsafe`), NULL in a field without `?` ends the run, and so does a text that is no
number or boolean. Statements are worded and ordered as by its SDK (pkg/sdk), from inputs like those of our program.

Placeholders: `<db>` a database with a schema S, `<p>` a prefix for names in the account, `<bucket>`, `<role>` an IAM
role's ARN, `<topic>` a topic's ARN, `<integration>` a storage integration for the bucket, `<wh>` a warehouse, `<key>`
a public key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


def _shape(text: str) -> Mapping[str, str]:
    """`name:type other:type?` as column -> Go type; a blank in a column's name is written `_%_`."""
    pairs = (each.rsplit(":", 1) for each in text.split())
    return MappingProxyType({name.replace("_%_", " "): kind for name, kind in pairs})


@dataclass(frozen=True)
class Step:
    """One statement and what it must answer.

    Attributes:
        columns: column -> Go type (string, int, float, bool, time; `?` allows NULL, or no such column); of every row.
        values: column -> text in the one row, for statements that show one object.
        properties: property -> value, for DESCRIBE and SHOW PARAMETERS, whose rows are properties.
        contains: rows that must be among the answers, each by some of its columns.
        count: how many rows there are, where that matters.
        errno: the error that the provider knows by its number or words.
    """

    sql: str
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str | None] = field(default_factory=dict)
    properties: Mapping[str, str | None] = field(default_factory=dict)
    contains: tuple[Mapping[str, str], ...] = ()
    count: int | None = None
    errno: int | None = None


def do(sql: str) -> Step:
    return Step(sql)


def row(sql: str, columns: Mapping[str, str], **values: str | None) -> Step:
    return Step(sql, columns, values, count=1)


def properties(sql: str, columns: Mapping[str, str], **values: str | None) -> Step:
    return Step(sql, columns, properties=values)


def among(sql: str, columns: Mapping[str, str], *rows: Mapping[str, str]) -> Step:
    return Step(sql, columns, contains=rows)


def absent(sql: str) -> Step:
    return Step(sql, count=0)


def fails(sql: str, errno: int) -> Step:
    return Step(sql, errno=errno)


DATABASE = _shape(
    "created_on:time name:string is_default:string? is_current:string? origin:string? owner:string? comment:string? "
    "options:string? retention_time:string? kind:string? owner_role_type:string?"
)
SCHEMA = _shape(
    "created_on:time name:string is_default:string is_current:string database_name:string owner:string comment:string? "
    "options:string? retention_time:string owner_role_type:string"
)
WAREHOUSE = _shape(
    "name:string state:string type:string size:string? min_cluster_count:int? max_cluster_count:int? "
    "started_clusters:int? running:int? queued:int? is_default:string is_current:string auto_suspend:int? "
    "auto_resume:bool available:string provisioning:string quiescing:string other:string created_on:time "
    "resumed_on:time updated_on:time owner:string comment:string enable_query_acceleration:bool? "
    "query_acceleration_max_scale_factor:int? resource_monitor:string actives:string pendings:string failed:string "
    "suspended:string uuid:string scaling_policy:string? owner_role_type:string? resource_constraint:string? "
    "generation:string?"
)
PARAMETER = _shape("key:string value:string default:string level:string description:string type:string")
ROLE = _shape(
    "created_on:time name:string is_default:string is_current:string is_inherited:string assigned_to_users:int "
    "granted_to_roles:int granted_roles:int owner:string comment:string?"
)
DATABASE_ROLE = _shape(
    "created_on:string name:string is_default:string? is_current:string? is_inherited:string? "
    "granted_to_roles:int granted_to_database_roles:int granted_database_roles:int owner:string comment:string? "
    "owner_role_type:string?"
)
GRANT = _shape(
    "created_on:time privilege:string granted_on:string name:string granted_to:string grantee_name:string "
    "grant_option:bool granted_by:string"
)
FUTURE_GRANT = _shape(
    "created_on:time privilege:string grant_on:string name:string grant_to:string grantee_name:string grant_option:bool"
)
GRANT_OF = _shape("created_on:time role:string granted_to:string grantee_name:string granted_by:string")
INTEGRATION = _shape("name:string type:string category:string enabled:bool comment:string? created_on:time")
DESCRIBED_INTEGRATION = _shape("property:string property_type:string property_value:string property_default:string")
STAGE = _shape(
    "created_on:time name:string database_name:string schema_name:string url:string has_credentials:string "
    "has_encryption_key:string owner:string comment:string region:string? type:string cloud:string? "
    "storage_integration:string? endpoint:string? owner_role_type:string? directory_enabled:string"
)
DESCRIBED_STAGE = _shape(
    "parent_property:string property:string property_type:string property_value:string property_default:string"
)
FILE_FORMAT = _shape(
    "created_on:time name:string database_name:string schema_name:string type:string owner:string comment:string "
    "format_options:string owner_role_type:string"
)
TABLE = _shape(
    "created_on:string name:string schema_name:string database_name:string kind:string comment:string? "
    "cluster_by:string? rows:int? bytes:int? owner:string retention_time:int? dropped_on:string? "
    "automatic_clustering:string? change_tracking:string? search_optimization:string? is_external:string? "
    "enable_schema_evolution:string? owner_role_type:string? is_event:string? budget:string?"
)
COLUMN = _shape(
    "name:string type:string kind:string null?:string default:string? primary_%_key:string unique_%_key:string "
    "check:string? expression:string? comment:string? policy_%_name:string?"
)
PIPE = _shape(
    "created_on:string name:string database_name:string schema_name:string definition:string owner:string "
    "notification_channel:string? comment:string? integration:string? pattern:string? error_integration:string? "
    "owner_role_type:string? invalid_reason:string?"
)
TASK = _shape(
    "created_on:string name:string id:string database_name:string schema_name:string owner:string comment:string? "
    "warehouse:string? schedule:string? predecessors:string state:string definition:string condition:string? "
    "allow_overlapping_execution:string error_integration:string? last_committed_on:string? last_suspended_on:string? "
    "owner_role_type:string config:string? budget:string? task_relations:string last_suspended_reason:string? "
    "target_completion_interval:string?"
)
ALERT = _shape(
    "created_on:time name:string database_name:string schema_name:string owner:string comment:string? "
    "warehouse:string schedule:string state:string condition:string action:string owner_role_type:string?"
)
RESOURCE_MONITOR = _shape(
    "name:string credit_quota:float? used_credits:float? remaining_credits:float? level:string? frequency:string? "
    "start_time:string? end_time:string? notify_at:string? suspend_at:string? suspend_immediately_at:string? "
    "created_on:time owner:string comment:string? notify_users:string?"
)
USER = _shape(
    "name:string created_on:time login_name:string? display_name:string? first_name:string? last_name:string? "
    "email:string? mins_to_unlock:string? days_to_expiry:string? comment:string? disabled:bool "
    "must_change_password:bool snowflake_lock:bool default_warehouse:string? default_namespace:string? "
    "default_role:string? default_secondary_roles:string? ext_authn_duo:bool ext_authn_uid:string? "
    "mins_to_bypass_mfa:string? owner:string last_success_login:time? expires_at_time:time? locked_until_time:time? "
    "has_password:bool? has_rsa_public_key:bool? type:string? has_mfa:bool? has_workload_identity:bool?"
)
DESCRIBED_USER = _shape("property:string value:string? default:string? description:string?")
NETWORK_POLICY = _shape(
    "created_on:string name:string comment:string entries_in_allowed_ip_list:int entries_in_blocked_ip_list:int "
    "entries_in_allowed_network_rules:int entries_in_blocked_network_rules:int"
)
PROCEDURE = _shape(
    "created_on:string name:string schema_name:string is_builtin:string is_aggregate:string is_ansi:string "
    "min_num_arguments:int max_num_arguments:int arguments:string description:string catalog_name:string "
    "is_table_function:string valid_for_clustering:string is_secure:string?"
)
DESCRIBED_PROCEDURE = _shape("property:string value:string?")
STREAMLIT = _shape(
    "created_on:string name:string database_name:string schema_name:string title:string? owner:string comment:string? "
    "query_warehouse:string? url_id:string owner_role_type:string"
)
DESCRIBED_STREAMLIT = _shape(
    "name:string title:string? root_location:string main_file:string query_warehouse:string? url_id:string "
    "default_packages:string user_packages:string import_urls:string external_access_integrations:string "
    "external_access_secrets:string"
)
SESSION = _shape(
    "CURRENT_ACCOUNT:string CURRENT_ROLE:string CURRENT_REGION:string CURRENT_SESSION:string CURRENT_USER:string "
    "CURRENT_ACCOUNT_NAME:string CURRENT_ORGANIZATION_NAME:string"
)

CONNECT = (
    row(
        "SELECT CURRENT_ACCOUNT() as CURRENT_ACCOUNT, CURRENT_ROLE() as CURRENT_ROLE, CURRENT_REGION() AS "
        "CURRENT_REGION, CURRENT_SESSION() as CURRENT_SESSION, CURRENT_USER() as CURRENT_USER, "
        "CURRENT_ACCOUNT_NAME() as CURRENT_ACCOUNT_NAME, CURRENT_ORGANIZATION_NAME() as CURRENT_ORGANIZATION_NAME",
        SESSION,
        CURRENT_REGION="AWS_US_EAST_1",
        CURRENT_ACCOUNT_NAME="C360",
        CURRENT_ORGANIZATION_NAME="LOCAL",
    ),
    row("SELECT CURRENT_ACCOUNT() as CURRENT_ACCOUNT", _shape("CURRENT_ACCOUNT:string")),
    row("SELECT CURRENT_SESSION() as CURRENT_SESSION", _shape("CURRENT_SESSION:string")),
    row("SELECT CURRENT_WAREHOUSE() as CURRENT_WAREHOUSE", _shape("CURRENT_WAREHOUSE:string?")),
    row("SELECT CURRENT_SECONDARY_ROLES() as CURRENT_ROLES", _shape("CURRENT_ROLES:string")),
    row(
        """SELECT IS_ROLE_IN_SESSION('"ACCOUNTADMIN"') AS IS_ROLE_IN_SESSION""",
        _shape("IS_ROLE_IN_SESSION:bool"),
        IS_ROLE_IN_SESSION="true",
    ),
)

DATABASES = (
    do("""CREATE DATABASE "<p>_DB" DATA_RETENTION_TIME_IN_DAYS = 1 COMMENT = 'Customer 360'"""),
    do('DROP SCHEMA IF EXISTS "<p>_DB"."PUBLIC"'),
    row("SHOW DATABASES LIKE '<p>_DB'", DATABASE, retention_time="1", comment="Customer 360", options="", origin=""),
    Step(
        'SHOW PARAMETERS IN DATABASE "<p>_DB"',
        PARAMETER,
        contains=(
            # Set on the object although it equals the default: otherwise the provider sets it again in each run.
            {"key": "DATA_RETENTION_TIME_IN_DAYS", "value": "1", "level": "DATABASE"},
            {"key": "MAX_DATA_EXTENSION_TIME_IN_DAYS", "value": "14", "level": ""},
            {"key": "USER_TASK_TIMEOUT_MS", "value": "3600000", "level": ""},
            {"key": "STORAGE_SERIALIZATION_POLICY", "value": "OPTIMIZED", "level": ""},
            {"key": "ENABLE_CONSOLE_OUTPUT", "value": "false", "level": ""},
        ),
    ),
    do("""ALTER DATABASE "<p>_DB" SET DATA_RETENTION_TIME_IN_DAYS = 2, COMMENT = 'Changed'"""),
    row("SHOW DATABASES LIKE '<p>_DB'", DATABASE, retention_time="2", comment="Changed"),
    do('ALTER DATABASE "<p>_DB" UNSET DATA_RETENTION_TIME_IN_DAYS, COMMENT'),
    row("SHOW DATABASES LIKE '<p>_DB'", DATABASE, retention_time="1", comment=""),
    do('DROP DATABASE IF EXISTS "<p>_DB"'),
    absent("SHOW DATABASES LIKE '<p>_DB'"),
    fails('''SHOW SCHEMAS LIKE 'S' IN DATABASE "<p>_DB"''', 2043),
)

SCHEMAS = (
    do("""CREATE SCHEMA "<db>"."S1" WITH MANAGED ACCESS COMMENT = 'Raw files'"""),
    row(
        '''SHOW SCHEMAS LIKE 'S1' IN DATABASE "<db>"''',
        SCHEMA,
        options="MANAGED ACCESS",
        comment="Raw files",
        retention_time="1",
        owner_role_type="ROLE",
    ),
    Step('DESCRIBE SCHEMA "<db>"."S1"', _shape("created_on:time name:string kind:string"), count=0),
    among('SHOW PARAMETERS IN SCHEMA "<db>"."S1"', PARAMETER, {"key": "PIPE_EXECUTION_PAUSED", "level": ""}),
    do("""ALTER SCHEMA "<db>"."S1" SET COMMENT = 'Changed'"""),
    do('ALTER SCHEMA "<db>"."S1" DISABLE MANAGED ACCESS'),
    row('''SHOW SCHEMAS LIKE 'S1' IN DATABASE "<db>"''', SCHEMA, options="", comment="Changed"),
    do('ALTER SCHEMA "<db>"."S1" ENABLE MANAGED ACCESS'),
    do('ALTER SCHEMA "<db>"."S1" SET DATA_RETENTION_TIME_IN_DAYS = 3'),
    among(
        'SHOW PARAMETERS IN SCHEMA "<db>"."S1"',
        PARAMETER,
        {"key": "DATA_RETENTION_TIME_IN_DAYS", "value": "3", "level": "SCHEMA"},
    ),
    do('ALTER SCHEMA "<db>"."S1" UNSET DATA_RETENTION_TIME_IN_DAYS, COMMENT'),
    do('DROP SCHEMA IF EXISTS "<db>"."S1"'),
    absent('''SHOW SCHEMAS LIKE 'S1' IN DATABASE "<db>"'''),
)

RESOURCE_MONITORS = (
    do(
        'CREATE RESOURCE MONITOR "<p>_M" WITH CREDIT_QUOTA = 50 TRIGGERS ON 75 PERCENT DO NOTIFY '
        "ON 90 PERCENT DO SUSPEND"
    ),
    row(
        "SHOW RESOURCE MONITORS LIKE '<p>_M'",
        RESOURCE_MONITOR,
        credit_quota="50.00",
        notify_at="75%",
        suspend_at="90%",
        suspend_immediately_at=None,
        frequency="MONTHLY",
        level=None,
        end_time=None,
        notify_users="",
    ),
    do('ALTER RESOURCE MONITOR "<p>_M" SET CREDIT_QUOTA = 60'),
    do(
        'ALTER RESOURCE MONITOR "<p>_M" TRIGGERS ON 50 PERCENT DO NOTIFY ON 75 PERCENT DO NOTIFY '
        "ON 95 PERCENT DO SUSPEND ON 100 PERCENT DO SUSPEND_IMMEDIATE"
    ),
    row(
        "SHOW RESOURCE MONITORS LIKE '<p>_M'",
        RESOURCE_MONITOR,
        credit_quota="60.00",
        notify_at="50%,75%",
        suspend_at="95%",
        suspend_immediately_at="100%",
    ),
    do('ALTER RESOURCE MONITOR "<p>_M" SET CREDIT_QUOTA = null NOTIFY_USERS = ()'),
    row("SHOW RESOURCE MONITORS LIKE '<p>_M'", RESOURCE_MONITOR, credit_quota=None),
    do('DROP RESOURCE MONITOR IF EXISTS "<p>_M"'),
    absent("SHOW RESOURCE MONITORS LIKE '<p>_M'"),
)

WAREHOUSES = (
    do('CREATE RESOURCE MONITOR "<p>_WM" WITH CREDIT_QUOTA = 50'),
    do(
        """CREATE WAREHOUSE "<p>_W1" WAREHOUSE_SIZE = 'XSMALL' AUTO_SUSPEND = 60 AUTO_RESUME = true """
        "INITIALLY_SUSPENDED = true "
        """RESOURCE_MONITOR = "<p>_WM" COMMENT = 'Customer 360: load' ENABLE_QUERY_ACCELERATION = false """
        "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS = 600 STATEMENT_TIMEOUT_IN_SECONDS = 172800"
    ),
    row(
        "SHOW WAREHOUSES STARTS WITH '<p>_W1' LIMIT 1",
        WAREHOUSE,
        size="X-Small",
        state="SUSPENDED",
        type="STANDARD",
        auto_suspend="60",
        auto_resume="true",
        resource_monitor="<p>_WM",
        enable_query_acceleration="false",
        query_acceleration_max_scale_factor="8",
        scaling_policy="STANDARD",
        generation="2",
    ),
    row("SHOW WAREHOUSES LIKE '<p>_W1'", WAREHOUSE, comment="Customer 360: load"),
    Step(
        'SHOW PARAMETERS IN WAREHOUSE "<p>_W1"',
        PARAMETER,
        contains=(
            {"key": "MAX_CONCURRENCY_LEVEL", "value": "8", "level": ""},
            {"key": "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", "value": "600", "level": "WAREHOUSE"},
            # Set on the object although it equals the default.
            {"key": "STATEMENT_TIMEOUT_IN_SECONDS", "value": "172800", "level": "WAREHOUSE"},
        ),
        count=3,
    ),
    do(
        """ALTER WAREHOUSE "<p>_W1" SET WAREHOUSE_SIZE = 'SMALL' AUTO_SUSPEND = 120 COMMENT = 'Changed' """
        "STATEMENT_TIMEOUT_IN_SECONDS = 300"
    ),
    row("SHOW WAREHOUSES LIKE '<p>_W1'", WAREHOUSE, size="Small", auto_suspend="120", comment="Changed"),
    do('ALTER WAREHOUSE "<p>_W1" UNSET RESOURCE_MONITOR, COMMENT, STATEMENT_TIMEOUT_IN_SECONDS'),
    row("SHOW WAREHOUSES LIKE '<p>_W1'", WAREHOUSE, resource_monitor="null", comment=""),
    among(
        'SHOW PARAMETERS IN WAREHOUSE "<p>_W1"',
        PARAMETER,
        {"key": "STATEMENT_TIMEOUT_IN_SECONDS", "value": "172800", "level": ""},
    ),
    do('ALTER WAREHOUSE "<p>_W1" RENAME TO "<p>_W2"'),
    do('DROP WAREHOUSE IF EXISTS "<p>_W2"'),
    absent("SHOW WAREHOUSES LIKE '<p>_W2'"),
    do('DROP RESOURCE MONITOR IF EXISTS "<p>_WM"'),
)

ACCOUNT_ROLES = (
    do("""CREATE ROLE "<p>_R" COMMENT = 'Reads everything'"""),
    row("SHOW ROLES LIKE '<p>_R'", ROLE, comment="Reads everything", assigned_to_users="0", granted_roles="0"),
    do("""ALTER ROLE "<p>_R" SET COMMENT = 'Changed'"""),
    row("SHOW ROLES LIKE '<p>_R'", ROLE, comment="Changed"),
    do('ALTER ROLE "<p>_R" UNSET COMMENT'),
    do('ALTER ROLE "<p>_R" RENAME TO "<p>_R2"'),
    do('DROP ROLE IF EXISTS "<p>_R2"'),
    absent("SHOW ROLES LIKE '<p>_R2'"),
)

DATABASE_ROLES = (
    do('CREATE DATABASE ROLE "<db>"."R1"'),
    row('''SHOW DATABASE ROLES LIKE 'R1' IN DATABASE "<db>"''', DATABASE_ROLE, comment=""),
    do("""ALTER DATABASE ROLE "<db>"."R1" SET COMMENT = 'Changed'"""),
    row('''SHOW DATABASE ROLES LIKE 'R1' IN DATABASE "<db>"''', DATABASE_ROLE, comment="Changed"),
    do('ALTER DATABASE ROLE "<db>"."R1" UNSET COMMENT'),
    do('ALTER DATABASE ROLE "<db>"."R1" RENAME TO "<db>"."R2"'),
    do('DROP DATABASE ROLE IF EXISTS "<db>"."R2"'),
    absent('''SHOW DATABASE ROLES LIKE 'R2' IN DATABASE "<db>"'''),
)

GRANT_ACCOUNT_ROLES = (
    do('CREATE ROLE "<p>_G"'),
    do('CREATE USER "<p>_GU" TYPE = SERVICE'),
    do('GRANT ROLE "<p>_G" TO ROLE "SYSADMIN"'),
    do('GRANT ROLE "<p>_G" TO USER "<p>_GU"'),
    among(
        'SHOW GRANTS OF ROLE "<p>_G"',
        GRANT_OF,
        {"role": "<p>_G", "granted_to": "ROLE", "grantee_name": "SYSADMIN", "granted_by": "ACCOUNTADMIN"},
        {"role": "<p>_G", "granted_to": "USER", "grantee_name": "<p>_GU"},
    ),
    do('REVOKE ROLE "<p>_G" FROM ROLE "SYSADMIN"'),
    do('REVOKE ROLE "<p>_G" FROM USER "<p>_GU"'),
    absent('SHOW GRANTS OF ROLE "<p>_G"'),
    do('DROP USER IF EXISTS "<p>_GU"'),
    do('DROP ROLE IF EXISTS "<p>_G"'),
    fails('SHOW GRANTS OF ROLE "<p>_G"', 2003),
)

GRANT_DATABASE_ROLES = (
    do('CREATE DATABASE ROLE "<db>"."READS"'),
    do('CREATE DATABASE ROLE "<db>"."WRITES"'),
    do('CREATE ROLE "<p>_D"'),
    do('GRANT DATABASE ROLE "<db>"."READS" TO ROLE "<p>_D"'),
    do('GRANT DATABASE ROLE "<db>"."READS" TO DATABASE ROLE "<db>"."WRITES"'),
    among(
        'SHOW GRANTS OF DATABASE ROLE "<db>"."READS"',
        GRANT_OF,
        {"role": "READS", "granted_to": "ROLE", "grantee_name": "<p>_D"},
        {"role": "READS", "granted_to": "DATABASE_ROLE", "grantee_name": "<db>.WRITES"},
    ),
    do('REVOKE DATABASE ROLE "<db>"."READS" FROM ROLE "<p>_D"'),
    do('REVOKE DATABASE ROLE "<db>"."READS" FROM DATABASE ROLE "<db>"."WRITES"'),
    absent('SHOW GRANTS OF DATABASE ROLE "<db>"."READS"'),
    do('DROP ROLE IF EXISTS "<p>_D"'),
    do('DROP DATABASE ROLE IF EXISTS "<db>"."WRITES"'),
    do('DROP DATABASE ROLE IF EXISTS "<db>"."READS"'),
)

GRANT_PRIVILEGES_TO_ACCOUNT_ROLES = (
    do('CREATE ROLE "<p>_A"'),
    row("SHOW ROLES LIKE '<p>_A'", ROLE),
    do('GRANT EXECUTE TASK, EXECUTE ALERT, MONITOR USAGE ON ACCOUNT TO ROLE "<p>_A"'),
    among(
        "SHOW GRANTS ON ACCOUNT",
        GRANT,
        {"privilege": "EXECUTE TASK", "granted_on": "ACCOUNT", "granted_to": "ROLE", "grantee_name": "<p>_A"},
    ),
    do('GRANT USAGE ON DATABASE "<db>" TO ROLE "<p>_A"'),
    among(
        'SHOW GRANTS ON DATABASE "<db>"',
        GRANT,
        {"privilege": "USAGE", "granted_on": "DATABASE", "grantee_name": "<p>_A", "grant_option": "false"},
    ),
    do('GRANT USAGE ON WAREHOUSE "<wh>" TO ROLE "<p>_A"'),
    # A further privilege of the same grant: the option is taken back first, in case somebody gave it.
    do('REVOKE GRANT OPTION FOR MONITOR ON WAREHOUSE "<wh>" FROM ROLE "<p>_A"'),
    do('GRANT MONITOR ON WAREHOUSE "<wh>" TO ROLE "<p>_A"'),
    among(
        'SHOW GRANTS ON WAREHOUSE "<wh>"',
        GRANT,
        {"privilege": "USAGE", "granted_on": "WAREHOUSE", "name": "<wh>", "grantee_name": "<p>_A"},
        {"privilege": "MONITOR", "granted_on": "WAREHOUSE", "name": "<wh>", "grantee_name": "<p>_A"},
    ),
    do('GRANT USAGE ON INTEGRATION "<integration>" TO ROLE "<p>_A"'),
    among(
        'SHOW GRANTS ON INTEGRATION "<integration>"',
        GRANT,
        {"privilege": "USAGE", "granted_on": "INTEGRATION", "name": "<integration>", "grantee_name": "<p>_A"},
    ),
    do('CREATE FILE FORMAT "<db>"."S"."GF" TYPE = PARQUET'),
    do('GRANT USAGE ON FILE FORMAT "<db>"."S"."GF" TO ROLE "<p>_A"'),
    among(
        'SHOW GRANTS ON FILE FORMAT "<db>"."S"."GF"',
        GRANT,
        {"privilege": "USAGE", "granted_on": "FILE_FORMAT", "name": "<db>.S.GF", "grantee_name": "<p>_A"},
    ),
    do("""CREATE STAGE "<db>"."S"."GS" COMMENT = 'Files'"""),
    do('GRANT READ ON STAGE "<db>"."S"."GS" TO ROLE "<p>_A"'),
    among('SHOW GRANTS ON STAGE "<db>"."S"."GS"', GRANT, {"privilege": "READ", "granted_on": "STAGE"}),
    do('REVOKE READ ON STAGE "<db>"."S"."GS" FROM ROLE "<p>_A"'),
    do('REVOKE USAGE ON FILE FORMAT "<db>"."S"."GF" FROM ROLE "<p>_A"'),
    do('REVOKE USAGE ON INTEGRATION "<integration>" FROM ROLE "<p>_A"'),
    do('REVOKE MONITOR, USAGE ON WAREHOUSE "<wh>" FROM ROLE "<p>_A"'),
    do('REVOKE USAGE ON DATABASE "<db>" FROM ROLE "<p>_A"'),
    do('REVOKE EXECUTE TASK, EXECUTE ALERT, MONITOR USAGE ON ACCOUNT FROM ROLE "<p>_A"'),
    absent('SHOW GRANTS TO ROLE "<p>_A"'),
    do('DROP STAGE IF EXISTS "<db>"."S"."GS"'),
    do('DROP FILE FORMAT IF EXISTS "<db>"."S"."GF"'),
    fails('SHOW GRANTS ON STAGE "<db>"."S"."GS"', 2003),
    do('DROP ROLE IF EXISTS "<p>_A"'),
)

GRANT_PRIVILEGES_TO_DATABASE_ROLES = (
    do('CREATE DATABASE ROLE "<db>"."P"'),
    row('''SHOW DATABASE ROLES LIKE 'P' IN DATABASE "<db>"''', DATABASE_ROLE),
    do('GRANT USAGE ON SCHEMA "<db>"."S" TO DATABASE ROLE "<db>"."P"'),
    among(
        'SHOW GRANTS ON SCHEMA "<db>"."S"',
        GRANT,
        {"privilege": "USAGE", "granted_on": "SCHEMA", "granted_to": "DATABASE_ROLE", "grantee_name": "P"},
    ),
    do('GRANT SELECT, INSERT ON FUTURE TABLES IN SCHEMA "<db>"."S" TO DATABASE ROLE "<db>"."P"'),
    among(
        'SHOW FUTURE GRANTS IN SCHEMA "<db>"."S"',
        FUTURE_GRANT,
        {"privilege": "SELECT", "grant_on": "TABLE", "grant_to": "DATABASE_ROLE", "grantee_name": "P"},
        {"privilege": "INSERT", "grant_on": "TABLE", "grant_to": "DATABASE_ROLE", "grantee_name": "P"},
    ),
    do('GRANT SELECT ON ALL TABLES IN SCHEMA "<db>"."S" TO DATABASE ROLE "<db>"."P"'),
    do('GRANT CREATE TABLE, CREATE VIEW ON SCHEMA "<db>"."S" TO DATABASE ROLE "<db>"."P"'),
    do('REVOKE CREATE TABLE, CREATE VIEW ON SCHEMA "<db>"."S" FROM DATABASE ROLE "<db>"."P"'),
    do('REVOKE SELECT ON ALL TABLES IN SCHEMA "<db>"."S" FROM DATABASE ROLE "<db>"."P"'),
    do('REVOKE SELECT, INSERT ON FUTURE TABLES IN SCHEMA "<db>"."S" FROM DATABASE ROLE "<db>"."P"'),
    absent('SHOW FUTURE GRANTS TO DATABASE ROLE "<db>"."P"'),
    do('REVOKE USAGE ON SCHEMA "<db>"."S" FROM DATABASE ROLE "<db>"."P"'),
    absent('SHOW GRANTS TO DATABASE ROLE "<db>"."P"'),
    do('DROP DATABASE ROLE IF EXISTS "<db>"."P"'),
)

STORAGE_INTEGRATIONS = (
    do(
        """CREATE STORAGE INTEGRATION "<p>_SI" TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' """
        "STORAGE_AWS_ROLE_ARN = '<role>' STORAGE_AWS_EXTERNAL_ID = 'pinned' ENABLED = true "
        "STORAGE_ALLOWED_LOCATIONS = ('s3://<bucket>/a/', 's3://<bucket>/b/') "
        "COMMENT = 'The data lake'"
    ),
    row(
        "SHOW STORAGE INTEGRATIONS LIKE '<p>_SI'",
        INTEGRATION,
        category="STORAGE",
        type="EXTERNAL_STAGE",
        enabled="true",
        comment="The data lake",
    ),
    properties(
        'DESCRIBE STORAGE INTEGRATION "<p>_SI"',
        DESCRIBED_INTEGRATION,
        ENABLED="true",
        STORAGE_PROVIDER="S3",
        STORAGE_ALLOWED_LOCATIONS="s3://<bucket>/a/,s3://<bucket>/b/",
        STORAGE_BLOCKED_LOCATIONS="",
        STORAGE_AWS_IAM_USER_ARN="arn:aws:iam::210987654321:user/44030000-s",
        STORAGE_AWS_ROLE_ARN="<role>",
        STORAGE_AWS_EXTERNAL_ID="pinned",
        STORAGE_AWS_OBJECT_ACL="",
        USE_PRIVATELINK_ENDPOINT="false",
        COMMENT="The data lake",
    ),
    do(
        """ALTER STORAGE INTEGRATION "<p>_SI" SET STORAGE_AWS_ROLE_ARN = '<role>' STORAGE_AWS_EXTERNAL_ID = 'other' """
        "ENABLED = false STORAGE_ALLOWED_LOCATIONS = ('s3://<bucket>/') COMMENT = 'Changed'"
    ),
    do('ALTER STORAGE INTEGRATION "<p>_SI" UNSET STORAGE_AWS_OBJECT_ACL, STORAGE_BLOCKED_LOCATIONS, COMMENT'),
    properties(
        'DESCRIBE STORAGE INTEGRATION "<p>_SI"',
        DESCRIBED_INTEGRATION,
        ENABLED="false",
        STORAGE_AWS_EXTERNAL_ID="other",
        STORAGE_ALLOWED_LOCATIONS="s3://<bucket>/",
    ),
    do('DROP STORAGE INTEGRATION IF EXISTS "<p>_SI"'),
    absent("SHOW STORAGE INTEGRATIONS LIKE '<p>_SI'"),
)

NOTIFICATION_INTEGRATIONS = (
    do(
        'CREATE NOTIFICATION INTEGRATION "<p>_NI" ENABLED = true DIRECTION = OUTBOUND TYPE = QUEUE '
        "NOTIFICATION_PROVIDER = AWS_SNS AWS_SNS_TOPIC_ARN = '<topic>' AWS_SNS_ROLE_ARN = '<role>' "
        "COMMENT = 'Failed loads'"
    ),
    row(
        "SHOW NOTIFICATION INTEGRATIONS LIKE '<p>_NI'",
        INTEGRATION,
        category="NOTIFICATION",
        type="QUEUE - AWS_SNS",
        enabled="true",
        comment="Failed loads",
    ),
    properties(
        'DESCRIBE NOTIFICATION INTEGRATION "<p>_NI"',
        DESCRIBED_INTEGRATION,
        ENABLED="true",
        DIRECTION="OUTBOUND",
        NOTIFICATION_PROVIDER="AWS_SNS",
        AWS_SNS_TOPIC_ARN="<topic>",
        AWS_SNS_ROLE_ARN="<role>",
        SF_AWS_IAM_USER_ARN="arn:aws:iam::210987654321:user/44030000-s",
        COMMENT="Failed loads",
    ),
    # Made by Snowflake; the role's trust policy demands it.
    among(
        'DESCRIBE NOTIFICATION INTEGRATION "<p>_NI"',
        DESCRIBED_INTEGRATION,
        {"property": "SF_AWS_EXTERNAL_ID", "property_type": "String"},
    ),
    do(
        """ALTER NOTIFICATION INTEGRATION "<p>_NI" SET ENABLED = false AWS_SNS_TOPIC_ARN = '<topic>-2' """
        "AWS_SNS_ROLE_ARN = '<role>' COMMENT = 'Changed'"
    ),
    properties(
        'DESCRIBE NOTIFICATION INTEGRATION "<p>_NI"',
        DESCRIBED_INTEGRATION,
        ENABLED="false",
        AWS_SNS_TOPIC_ARN="<topic>-2",
    ),
    do('DROP NOTIFICATION INTEGRATION IF EXISTS "<p>_NI"'),
    absent("SHOW NOTIFICATION INTEGRATIONS LIKE '<p>_NI'"),
)

EMAIL_NOTIFICATION_INTEGRATIONS = (
    do(
        'CREATE NOTIFICATION INTEGRATION "<p>_EI" ENABLED = true TYPE = EMAIL '
        "ALLOWED_RECIPIENTS = ('a@example.com', 'b@example.com') COMMENT = 'Alerts'"
    ),
    row("SHOW NOTIFICATION INTEGRATIONS LIKE '<p>_EI'", INTEGRATION, category="NOTIFICATION", type="EMAIL"),
    properties(
        'DESCRIBE NOTIFICATION INTEGRATION "<p>_EI"',
        DESCRIBED_INTEGRATION,
        ALLOWED_RECIPIENTS="a@example.com,b@example.com",
    ),
    do(
        """ALTER NOTIFICATION INTEGRATION "<p>_EI" SET ENABLED = false ALLOWED_RECIPIENTS = ('c@example.com') """
        "COMMENT = 'Changed'"
    ),
    row("SHOW NOTIFICATION INTEGRATIONS LIKE '<p>_EI'", INTEGRATION, enabled="false", comment="Changed"),
    do('ALTER NOTIFICATION INTEGRATION "<p>_EI" UNSET ALLOWED_RECIPIENTS, COMMENT'),
    properties('DESCRIBE NOTIFICATION INTEGRATION "<p>_EI"', DESCRIBED_INTEGRATION, ALLOWED_RECIPIENTS=""),
    do('DROP NOTIFICATION INTEGRATION IF EXISTS "<p>_EI"'),
    absent("SHOW NOTIFICATION INTEGRATIONS LIKE '<p>_EI'"),
)

FILE_FORMATS_CSV = (
    do(
        'CREATE FILE FORMAT "<db>"."S"."CSV_FORMAT" TYPE = CSV COMPRESSION = AUTO SKIP_HEADER = 1 '
        """ESCAPE_UNENCLOSED_FIELD = NONE FIELD_OPTIONALLY_ENCLOSED_BY = '"' EMPTY_FIELD_AS_NULL = true """
        "COMMENT = 'CSV with a header row'"
    ),
    row(
        '''SHOW FILE FORMATS LIKE 'CSV_FORMAT' IN SCHEMA "<db>"."S"''',
        FILE_FORMAT,
        type="CSV",
        comment="CSV with a header row",
    ),
    properties(
        'DESCRIBE FILE FORMAT "<db>"."S"."CSV_FORMAT"',
        DESCRIBED_INTEGRATION,
        TYPE="CSV",
        COMPRESSION="AUTO",
        RECORD_DELIMITER="\\n",
        FIELD_DELIMITER=",",
        SKIP_HEADER="1",
        PARSE_HEADER="false",
        SKIP_BLANK_LINES="false",
        DATE_FORMAT="AUTO",
        TIME_FORMAT="AUTO",
        TIMESTAMP_FORMAT="AUTO",
        BINARY_FORMAT="HEX",
        ESCAPE="NONE",
        ESCAPE_UNENCLOSED_FIELD="NONE",
        TRIM_SPACE="false",
        FIELD_OPTIONALLY_ENCLOSED_BY='"',
        NULL_IF="[\\\\N]",
        ERROR_ON_COLUMN_COUNT_MISMATCH="true",
        VALIDATE_UTF8="true",
        REPLACE_INVALID_CHARACTERS="false",
        EMPTY_FIELD_AS_NULL="true",
        SKIP_BYTE_ORDER_MARK="true",
        ENCODING="UTF8",
        MULTI_LINE="true",
    ),
    do("""ALTER FILE FORMAT "<db>"."S"."CSV_FORMAT" SET SKIP_HEADER = 2 TRIM_SPACE = true COMMENT = 'Changed'"""),
    properties(
        'DESCRIBE FILE FORMAT "<db>"."S"."CSV_FORMAT"', DESCRIBED_INTEGRATION, SKIP_HEADER="2", TRIM_SPACE="true"
    ),
    do("""ALTER FILE FORMAT "<db>"."S"."CSV_FORMAT" SET DATE_FORMAT = AUTO NULL_IF = ('', 'NULL')"""),
    do('ALTER FILE FORMAT "<db>"."S"."CSV_FORMAT" RENAME TO "<db>"."S"."CSV_FORMAT2"'),
    do('DROP FILE FORMAT IF EXISTS "<db>"."S"."CSV_FORMAT2"'),
    absent('''SHOW FILE FORMATS LIKE 'CSV_FORMAT2' IN SCHEMA "<db>"."S"'''),
)

FILE_FORMATS_PARQUET = (
    do("""CREATE FILE FORMAT "<db>"."S"."PARQUET_FORMAT" TYPE = PARQUET COMPRESSION = AUTO COMMENT = 'Parquet'"""),
    row('''SHOW FILE FORMATS LIKE 'PARQUET_FORMAT' IN SCHEMA "<db>"."S"''', FILE_FORMAT, type="PARQUET"),
    properties(
        'DESCRIBE FILE FORMAT "<db>"."S"."PARQUET_FORMAT"',
        DESCRIBED_INTEGRATION,
        TYPE="PARQUET",
        COMPRESSION="AUTO",
        BINARY_AS_TEXT="true",
        USE_LOGICAL_TYPE="false",
        TRIM_SPACE="false",
        USE_VECTORIZED_SCANNER="false",
        REPLACE_INVALID_CHARACTERS="false",
    ),
    do("""ALTER FILE FORMAT "<db>"."S"."PARQUET_FORMAT" SET TRIM_SPACE = true COMMENT = 'Changed'"""),
    row('''SHOW FILE FORMATS LIKE 'PARQUET_FORMAT' IN SCHEMA "<db>"."S"''', FILE_FORMAT, comment="Changed"),
    do('DROP FILE FORMAT IF EXISTS "<db>"."S"."PARQUET_FORMAT"'),
    absent('''SHOW FILE FORMATS LIKE 'PARQUET_FORMAT' IN SCHEMA "<db>"."S"'''),
)

STAGES_EXTERNAL_S3 = (
    do(
        """CREATE STAGE "<db>"."S"."LAKE" URL = 's3://<bucket>/t/' STORAGE_INTEGRATION = "<integration>" """
        "COMMENT = 'The lake''s t/'"
    ),
    row(
        '''SHOW STAGES LIKE 'LAKE' IN SCHEMA "<db>"."S"''',
        STAGE,
        url="s3://<bucket>/t/",
        type="EXTERNAL",
        cloud="AWS",
        storage_integration="<integration>",
        comment="The lake's t/",
        directory_enabled="N",
        endpoint=None,
    ),
    among(
        'DESCRIBE STAGE "<db>"."S"."LAKE"',
        DESCRIBED_STAGE,
        {"parent_property": "STAGE_LOCATION", "property": "URL", "property_value": '["s3://<bucket>/t/"]'},
        {"parent_property": "DIRECTORY", "property": "ENABLE", "property_value": "false"},
        {"parent_property": "DIRECTORY", "property": "AUTO_REFRESH", "property_value": "false"},
        {"parent_property": "STAGE_FILE_FORMAT", "property": "TYPE", "property_value": "CSV"},
        {"parent_property": "STAGE_FILE_FORMAT", "property": "SKIP_HEADER", "property_value": "0"},
        {"parent_property": "STAGE_FILE_FORMAT", "property": "MULTI_LINE", "property_value": "true"},
        {"parent_property": "STAGE_INTEGRATION", "property": "STORAGE_INTEGRATION"},
    ),
    do(
        """ALTER STAGE "<db>"."S"."LAKE" SET URL = 's3://<bucket>/u/' STORAGE_INTEGRATION = "<integration>" """
        "COMMENT = 'Changed'"
    ),
    row('''SHOW STAGES LIKE 'LAKE' IN SCHEMA "<db>"."S"''', STAGE, url="s3://<bucket>/u/", comment="Changed"),
    do('ALTER STAGE "<db>"."S"."LAKE" RENAME TO "<db>"."S"."LAKE2"'),
    do('DROP STAGE IF EXISTS "<db>"."S"."LAKE2"'),
    absent('''SHOW STAGES LIKE 'LAKE2' IN SCHEMA "<db>"."S"'''),
    fails('DESCRIBE STAGE "<db>"."S"."LAKE2"', 2003),
)

STAGES_INTERNAL = (
    do("""CREATE STAGE "<db>"."S"."FILES" ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE') COMMENT = 'Files of the app'"""),
    row(
        '''SHOW STAGES LIKE 'FILES' IN SCHEMA "<db>"."S"''',
        STAGE,
        url="",
        type="INTERNAL NO CSE",
        cloud=None,
        storage_integration=None,
    ),
    among(
        'DESCRIBE STAGE "<db>"."S"."FILES"',
        DESCRIBED_STAGE,
        {"parent_property": "DIRECTORY", "property": "ENABLE", "property_value": "false"},
        {"parent_property": "STAGE_FILE_FORMAT", "property": "TYPE", "property_value": "CSV"},
    ),
    do("""ALTER STAGE "<db>"."S"."FILES" SET COMMENT = 'Changed'"""),
    row('''SHOW STAGES LIKE 'FILES' IN SCHEMA "<db>"."S"''', STAGE, comment="Changed"),
    do('ALTER STAGE "<db>"."S"."FILES" SET DIRECTORY = (ENABLE = true)'),
    row('''SHOW STAGES LIKE 'FILES' IN SCHEMA "<db>"."S"''', STAGE, directory_enabled="Y"),
    do('DROP STAGE IF EXISTS "<db>"."S"."FILES"'),
    absent('''SHOW STAGES LIKE 'FILES' IN SCHEMA "<db>"."S"'''),
)

TABLES = (
    do(
        """CREATE TABLE "<db>"."S"."T" ("ID" VARCHAR(16777216) COMMENT 'Its key' NOT NULL, "AT" TIMESTAMP_LTZ(9), """
        """"N" NUMBER(38, 0), "F" FLOAT) COMMENT = 'Rows' DATA_RETENTION_TIME_IN_DAYS = 5"""
    ),
    row(
        '''SHOW TABLES LIKE 'T' IN SCHEMA "<db>"."S"''',
        TABLE,
        kind="TABLE",
        comment="Rows",
        rows="0",
        owner="ACCOUNTADMIN",
        retention_time="5",
        cluster_by="",
        change_tracking="OFF",
    ),
    row('''SHOW SCHEMAS LIKE 'S' IN DATABASE "<db>"''', SCHEMA),
    among(
        'DESCRIBE TABLE "<db>"."S"."T" TYPE = COLUMNS',
        COLUMN,
        {"name": "ID", "type": "VARCHAR(16777216)", "kind": "COLUMN", "null?": "N", "comment": "Its key"},
        {"name": "AT", "type": "TIMESTAMP_LTZ(9)", "null?": "Y", "primary key": "N", "unique key": "N"},
        {"name": "N", "type": "NUMBER(38,0)"},
        {"name": "F", "type": "FLOAT"},
    ),
    do("""ALTER TABLE "<db>"."S"."T" SET COMMENT = 'Changed'"""),
    do("""ALTER TABLE "<db>"."S"."T" ADD COLUMN "E" VARCHAR(16777216) COMMENT 'Added'"""),
    do("""ALTER TABLE "<db>"."S"."T" ALTER COLUMN "E" COMMENT 'Changed'"""),
    do('ALTER TABLE "<db>"."S"."T" ALTER COLUMN "ID" DROP NOT NULL'),
    do('ALTER TABLE "<db>"."S"."T" DROP COLUMN "F"'),
    among(
        'DESCRIBE TABLE "<db>"."S"."T" TYPE = COLUMNS',
        COLUMN,
        {"name": "E", "type": "VARCHAR(16777216)", "comment": "Changed"},
        {"name": "ID", "null?": "Y"},
    ),
    do('ALTER TABLE "<db>"."S"."T" ALTER COLUMN "E" UNSET COMMENT'),
    do('ALTER TABLE "<db>"."S"."T" ALTER COLUMN "N" SET DATA TYPE NUMBER(38, 2)'),
    do('ALTER TABLE "<db>"."S"."T" UNSET DATA_RETENTION_TIME_IN_DAYS, COMMENT'),
    do('ALTER SCHEMA "<db>"."S" SET DATA_RETENTION_TIME_IN_DAYS = 4'),
    # Inherited: the provider compares it with the schema's.
    row("""SHOW TABLES LIKE 'T' IN SCHEMA "<db>"."S" """, TABLE, comment="", retention_time="4"),
    do('ALTER SCHEMA "<db>"."S" UNSET DATA_RETENTION_TIME_IN_DAYS'),
    do('DROP TABLE IF EXISTS "<db>"."S"."T"'),
    absent('''SHOW TABLES LIKE 'T' IN SCHEMA "<db>"."S"'''),
    fails('DESCRIBE TABLE "<db>"."S"."T" TYPE = COLUMNS', 2003),
)

_COPY = (
    "COPY INTO <db>.S.PIPED (A, B) FROM (SELECT $1, METADATA$FILENAME FROM @<db>.S.PIPED_STAGE) "
    "FILE_FORMAT = (TYPE = CSV) ON_ERROR = CONTINUE"
)

PIPES = (
    do('CREATE TABLE "<db>"."S"."PIPED" ("A" VARCHAR(16777216), "B" VARCHAR(16777216))'),
    do('''CREATE STAGE "<db>"."S"."PIPED_STAGE" URL = 's3://<bucket>/t/' STORAGE_INTEGRATION = "<integration>"'''),
    do(
        'CREATE NOTIFICATION INTEGRATION "<p>_PE" ENABLED = true DIRECTION = OUTBOUND TYPE = QUEUE '
        "NOTIFICATION_PROVIDER = AWS_SNS AWS_SNS_TOPIC_ARN = '<topic>' AWS_SNS_ROLE_ARN = '<role>'"
    ),
    do(
        f"""CREATE PIPE "<db>"."S"."PI" AUTO_INGEST = true ERROR_INTEGRATION = <p>_PE AWS_SNS_TOPIC = '<topic>' """
        f"COMMENT = 'Streamed' AS {_COPY}"
    ),
    row(
        '''SHOW PIPES LIKE 'PI' IN SCHEMA "<db>"."S"''',
        PIPE,
        definition=_COPY,
        comment="Streamed",
        error_integration="<p>_PE",
        integration=None,
    ),
    row('DESCRIBE PIPE "<db>"."S"."PI"', PIPE, definition=_COPY),
    do("""ALTER PIPE "<db>"."S"."PI" SET COMMENT = 'Changed'"""),
    do('ALTER PIPE "<db>"."S"."PI" UNSET ERROR_INTEGRATION'),
    row('''SHOW PIPES LIKE 'PI' IN SCHEMA "<db>"."S"''', PIPE, comment="Changed", error_integration=None),
    do('ALTER PIPE "<db>"."S"."PI" SET ERROR_INTEGRATION = <p>_PE'),
    do('DROP PIPE IF EXISTS "<db>"."S"."PI"'),
    absent('''SHOW PIPES LIKE 'PI' IN SCHEMA "<db>"."S"'''),
    do('DROP NOTIFICATION INTEGRATION IF EXISTS "<p>_PE"'),
)

TASKS = (
    do(
        """CREATE TASK "<db>"."S"."DAILY" WAREHOUSE = "<wh>" SCHEDULE = 'USING CRON 0 5 * * * America/New_York' """
        "ALLOW_OVERLAPPING_EXECUTION = false USER_TASK_TIMEOUT_MS = 3600000 SUSPEND_TASK_AFTER_NUM_FAILURES = 3 "
        "COMMENT = 'Scores' AS SELECT 1"
    ),
    row(
        '''SHOW TASKS LIKE 'DAILY' IN SCHEMA "<db>"."S"''',
        TASK,
        warehouse="<wh>",
        schedule="USING CRON 0 5 * * * America/New_York",
        state="suspended",
        definition="SELECT 1",
        predecessors="[]",
        allow_overlapping_execution="false",
        comment="Scores",
    ),
    Step(
        'SHOW PARAMETERS IN TASK "<db>"."S"."DAILY"',
        PARAMETER,
        contains=(
            # Set on the object although it equals the default.
            {"key": "USER_TASK_TIMEOUT_MS", "value": "3600000", "level": "TASK"},
            {"key": "SUSPEND_TASK_AFTER_NUM_FAILURES", "value": "3", "level": "TASK"},
            {"key": "TASK_AUTO_RETRY_ATTEMPTS", "value": "0", "level": ""},
            {"key": "TIMEZONE", "level": ""},
        ),
    ),
    do('ALTER TASK "<db>"."S"."DAILY" RESUME'),
    row('''SHOW TASKS LIKE 'DAILY' IN SCHEMA "<db>"."S"''', TASK, state="started"),
    do('ALTER TASK "<db>"."S"."DAILY" SUSPEND'),
    do(
        """ALTER TASK "<db>"."S"."DAILY" SET SCHEDULE = '5 MINUTE', COMMENT = 'Changed', USER_TASK_TIMEOUT_MS = 60000"""
    ),
    do('ALTER TASK "<db>"."S"."DAILY" UNSET SUSPEND_TASK_AFTER_NUM_FAILURES'),
    do('ALTER TASK "<db>"."S"."DAILY" MODIFY AS SELECT 2'),
    do('ALTER TASK "<db>"."S"."DAILY" MODIFY WHEN 1 = 1'),
    row(
        '''SHOW TASKS LIKE 'DAILY' IN SCHEMA "<db>"."S"''',
        TASK,
        schedule="5 MINUTE",
        comment="Changed",
        definition="SELECT 2",
        condition="1 = 1",
    ),
    among(
        'SHOW PARAMETERS IN TASK "<db>"."S"."DAILY"',
        PARAMETER,
        {"key": "USER_TASK_TIMEOUT_MS", "value": "60000", "level": "TASK"},
        {"key": "SUSPEND_TASK_AFTER_NUM_FAILURES", "value": "10", "level": ""},
    ),
    do('ALTER TASK "<db>"."S"."DAILY" REMOVE WHEN'),
    do('CREATE TASK "<db>"."S"."LATER" WAREHOUSE = "<wh>" AFTER "<db>"."S"."DAILY" AS SELECT 3'),
    row(
        '''SHOW TASKS LIKE 'LATER' IN SCHEMA "<db>"."S"''',
        TASK,
        schedule=None,
        predecessors='["<db>.S.DAILY"]',
    ),
    do('DROP TASK IF EXISTS "<db>"."S"."LATER"'),
    do('DROP TASK IF EXISTS "<db>"."S"."DAILY"'),
    absent('''SHOW TASKS LIKE 'DAILY' IN SCHEMA "<db>"."S"'''),
)

_CONDITION = "SELECT 1 WHERE 'a' = 'b'"
_ACTION = "CALL SYSTEM$SEND_EMAIL('<p>_AE', 'a@example.com', 'Subject', 'It''s late; see the runbook.')"

ALERTS = (
    do(
        """CREATE NOTIFICATION INTEGRATION "<p>_AE" ENABLED = true TYPE = EMAIL """
        "ALLOWED_RECIPIENTS = ('a@example.com')"
    ),
    do(
        """CREATE ALERT "<db>"."S"."LATE" WAREHOUSE = "<wh>" SCHEDULE = '15 MINUTE' COMMENT = 'critical' """
        f"IF (EXISTS ({_CONDITION})) THEN {_ACTION}"
    ),
    row(
        '''SHOW ALERTS LIKE 'LATE' IN SCHEMA "<db>"."S"''',
        ALERT,
        warehouse="<wh>",
        schedule="15 MINUTE",
        state="suspended",
        condition=_CONDITION,
        action=_ACTION,
        comment="critical",
    ),
    do('ALTER ALERT "<db>"."S"."LATE" RESUME'),
    row('''SHOW ALERTS LIKE 'LATE' IN SCHEMA "<db>"."S"''', ALERT, state="started"),
    do('ALTER ALERT "<db>"."S"."LATE" SUSPEND'),
    # The provider suspends before each change and again after it.
    do('ALTER ALERT "<db>"."S"."LATE" SUSPEND'),
    do("""ALTER ALERT "<db>"."S"."LATE" SET SCHEDULE = 'USING CRON 0 7 * * * America/New_York' COMMENT = 'Changed'"""),
    do('ALTER ALERT "<db>"."S"."LATE" MODIFY CONDITION EXISTS (SELECT 2)'),
    do('ALTER ALERT "<db>"."S"."LATE" MODIFY ACTION SELECT 3'),
    row(
        '''SHOW ALERTS LIKE 'LATE' IN SCHEMA "<db>"."S"''',
        ALERT,
        schedule="USING CRON 0 7 * * * America/New_York",
        condition="SELECT 2",
        action="SELECT 3",
        comment="Changed",
    ),
    do('DROP ALERT IF EXISTS "<db>"."S"."LATE"'),
    absent('''SHOW ALERTS LIKE 'LATE' IN SCHEMA "<db>"."S"'''),
    do('DROP NOTIFICATION INTEGRATION IF EXISTS "<p>_AE"'),
)

_BODY = '"""Says how many."""\n\n\ndef main(session, hours):\n    return f"{hours} it\'s"\n'

PROCEDURES = (
    do(
        'CREATE PROCEDURE "<db>"."S"."CHECK_IT" ("HOURS" NUMBER(38, 0)) RETURNS VARCHAR(16777216) LANGUAGE PYTHON '
        "RUNTIME_VERSION = '3.11' PACKAGES = ('snowflake-snowpark-python==1.20.0') HANDLER = 'main' COMMENT = 'Checks' "
        f"EXECUTE AS OWNER AS $${_BODY}$$"
    ),
    row(
        '''SHOW PROCEDURES LIKE 'CHECK_IT' IN SCHEMA "<db>"."S"''',
        PROCEDURE,
        arguments="CHECK_IT(NUMBER) RETURN VARCHAR",
        description="Checks",
        schema_name="S",
        catalog_name="<db>",
        is_builtin="N",
        min_num_arguments="1",
    ),
    Step(
        'DESCRIBE PROCEDURE "<db>"."S"."CHECK_IT"(NUMBER)',
        DESCRIBED_PROCEDURE,
        properties={
            "signature": "(HOURS NUMBER)",
            "returns": "VARCHAR",
            "language": "PYTHON",
            "execute as": "OWNER",
            "body": _BODY,
            "imports": "[]",
            "handler": "main",
            "runtime_version": "3.11",
            "packages": "['snowflake-snowpark-python==1.20.0']",
        },
    ),
    among(
        'SHOW PARAMETERS IN PROCEDURE "<db>"."S"."CHECK_IT"(NUMBER)',
        PARAMETER,
        {"key": "LOG_LEVEL", "level": ""},
        {"key": "TRACE_LEVEL", "level": ""},
        {"key": "METRIC_LEVEL", "level": ""},
        {"key": "ENABLE_CONSOLE_OUTPUT", "level": ""},
    ),
    do("""ALTER PROCEDURE "<db>"."S"."CHECK_IT"(NUMBER) SET COMMENT = 'Changed'"""),
    do('ALTER PROCEDURE "<db>"."S"."CHECK_IT"(NUMBER) EXECUTE AS CALLER'),
    row('''SHOW PROCEDURES LIKE 'CHECK_IT' IN SCHEMA "<db>"."S"''', PROCEDURE, description="Changed"),
    do('ALTER PROCEDURE "<db>"."S"."CHECK_IT"(NUMBER) RENAME TO "<db>"."S"."CHECK_THAT"'),
    do('DROP PROCEDURE IF EXISTS "<db>"."S"."CHECK_THAT"(NUMBER)'),
    absent('''SHOW PROCEDURES LIKE 'CHECK_THAT' IN SCHEMA "<db>"."S"'''),
    fails('DESCRIBE PROCEDURE "<db>"."S"."CHECK_THAT"(NUMBER)', 2003),
)

SERVICE_USERS = (
    do('CREATE ROLE "<p>_UR"'),
    do(
        """CREATE USER "<p>_U" LOGIN_NAME = '<p>_LOGIN' DISPLAY_NAME = 'Loader' DEFAULT_WAREHOUSE = "<wh>" """
        'DEFAULT_ROLE = "<p>_UR" '
        "DEFAULT_SECONDARY_ROLES = () RSA_PUBLIC_KEY = '<key>' TYPE = SERVICE COMMENT = 'Loads files'"
    ),
    row(
        "SHOW USERS LIKE '<p>_U'",
        USER,
        login_name="<p>_LOGIN",
        default_role="<p>_UR",
        default_warehouse="<wh>",
        default_secondary_roles="[]",
        type="SERVICE",
        disabled="false",
        has_rsa_public_key="true",
        has_password="false",
    ),
    properties(
        'DESCRIBE USER "<p>_U"',
        DESCRIBED_USER,
        NAME="<p>_U",
        LOGIN_NAME="<p>_LOGIN",
        TYPE="SERVICE",
        DISABLED="false",
        RSA_PUBLIC_KEY="<key>",
        COMMENT="Loads files",
        HAS_MFA="false",
        SNOWFLAKE_LOCK="false",
    ),
    Step(
        'SHOW PARAMETERS IN USER "<p>_U"',
        PARAMETER,
        contains=(
            {"key": "TIMEZONE", "level": ""},
            {"key": "NETWORK_POLICY", "value": "", "level": ""},
            {"key": "ENABLE_UNREDACTED_QUERY_SYNTAX_ERROR", "value": "false", "level": ""},
        ),
    ),
    do("""ALTER USER "<p>_U" SET RSA_PUBLIC_KEY_2 = '<key>' COMMENT = 'Changed'"""),
    do('ALTER USER "<p>_U" SET DISABLED = true'),
    row("SHOW USERS LIKE '<p>_U'", USER, disabled="true", comment="Changed"),
    do('ALTER USER "<p>_U" UNSET RSA_PUBLIC_KEY_2, COMMENT, DISABLED'),
    row("SHOW USERS LIKE '<p>_U'", USER, disabled="false", comment=""),
    do("""CREATE NETWORK POLICY "<p>_UP" ALLOWED_IP_LIST = ('10.0.0.0/8')"""),
    do('ALTER USER "<p>_U" SET NETWORK_POLICY = "<p>_UP"'),
    among('SHOW PARAMETERS IN USER "<p>_U"', PARAMETER, {"key": "NETWORK_POLICY", "value": "<p>_UP", "level": "USER"}),
    do('ALTER USER "<p>_U" UNSET NETWORK_POLICY'),
    do('DROP USER IF EXISTS "<p>_U"'),
    absent("SHOW USERS LIKE '<p>_U'"),
    do('DROP NETWORK POLICY IF EXISTS "<p>_UP"'),
    do('DROP ROLE IF EXISTS "<p>_UR"'),
)

NETWORK_POLICIES = (
    do(
        """CREATE NETWORK POLICY "<p>_NP" ALLOWED_IP_LIST = ('10.0.0.0/8', '192.168.1.1') """
        "BLOCKED_IP_LIST = ('10.1.0.0/16') "
        "COMMENT = 'Services'"
    ),
    row("SHOW NETWORK POLICIES LIKE '<p>_NP'", NETWORK_POLICY, entries_in_allowed_ip_list="2", comment="Services"),
    among(
        'DESCRIBE NETWORK POLICY "<p>_NP"',
        _shape("name:string value:string"),
        {"name": "ALLOWED_IP_LIST", "value": "10.0.0.0/8,192.168.1.1"},
        {"name": "BLOCKED_IP_LIST", "value": "10.1.0.0/16"},
    ),
    do("""ALTER NETWORK POLICY "<p>_NP" SET ALLOWED_IP_LIST = ('10.0.0.0/8') COMMENT = 'Changed'"""),
    do('ALTER NETWORK POLICY "<p>_NP" UNSET BLOCKED_IP_LIST, COMMENT'),
    row("SHOW NETWORK POLICIES LIKE '<p>_NP'", NETWORK_POLICY, entries_in_blocked_ip_list="0", comment=""),
    do('DROP NETWORK POLICY IF EXISTS "<p>_NP"'),
    absent("SHOW NETWORK POLICIES LIKE '<p>_NP'"),
)

STREAMLITS = (
    do('CREATE STAGE "<db>"."S"."APP_STAGE"'),
    do(
        """CREATE STREAMLIT "<db>"."S"."APP" ROOT_LOCATION = '@"<db>"."S"."APP_STAGE"/app' """
        "MAIN_FILE = 'streamlit_app.py' "
        """QUERY_WAREHOUSE = "<wh>" TITLE = 'Customer 360' COMMENT = 'Pages'"""
    ),
    row(
        '''SHOW STREAMLITS LIKE 'APP' IN SCHEMA "<db>"."S"''',
        STREAMLIT,
        title="Customer 360",
        query_warehouse="<wh>",
        comment="Pages",
    ),
    row(
        'DESCRIBE STREAMLIT "<db>"."S"."APP"',
        DESCRIBED_STREAMLIT,
        root_location="@<db>.S.APP_STAGE/app",
        main_file="streamlit_app.py",
        title="Customer 360",
    ),
    do(
        """ALTER STREAMLIT "<db>"."S"."APP" SET ROOT_LOCATION = '@"<db>"."S"."APP_STAGE"/app' MAIN_FILE = 'main.py' """
        "TITLE = 'Changed'"
    ),
    do('ALTER STREAMLIT "<db>"."S"."APP" UNSET QUERY_WAREHOUSE, COMMENT, TITLE'),
    row(
        'DESCRIBE STREAMLIT "<db>"."S"."APP"',
        DESCRIBED_STREAMLIT,
        main_file="main.py",
        title=None,
        query_warehouse=None,
    ),
    do('ALTER STREAMLIT "<db>"."S"."APP" RENAME TO "<db>"."S"."APP2"'),
    do('DROP STREAMLIT IF EXISTS "<db>"."S"."APP2"'),
    absent('''SHOW STREAMLITS LIKE 'APP2' IN SCHEMA "<db>"."S"'''),
)

EXECUTES = (
    # Our trust proof: `execute` runs once, `query` in each refresh.
    do("SELECT SYSTEM$VALIDATE_STORAGE_INTEGRATION('<integration>', 's3://<bucket>/', 'probe.txt', 'list')"),
    do("SELECT 1"),
)

RESOURCES: Mapping[str, tuple[Step, ...]] = {
    "Provider": CONNECT,
    "AccountRole": ACCOUNT_ROLES,
    "Alert": ALERTS,
    "Database": DATABASES,
    "DatabaseRole": DATABASE_ROLES,
    "EmailNotificationIntegration": EMAIL_NOTIFICATION_INTEGRATIONS,
    "Execute": EXECUTES,
    "FileFormatCsv": FILE_FORMATS_CSV,
    "FileFormatParquet": FILE_FORMATS_PARQUET,
    "GrantAccountRole": GRANT_ACCOUNT_ROLES,
    "GrantDatabaseRole": GRANT_DATABASE_ROLES,
    "GrantPrivilegesToAccountRole": GRANT_PRIVILEGES_TO_ACCOUNT_ROLES,
    "GrantPrivilegesToDatabaseRole": GRANT_PRIVILEGES_TO_DATABASE_ROLES,
    "NetworkPolicy": NETWORK_POLICIES,
    "NotificationIntegration": NOTIFICATION_INTEGRATIONS,
    "Pipe": PIPES,
    "ProcedurePython": PROCEDURES,
    "ResourceMonitor": RESOURCE_MONITORS,
    "Schema": SCHEMAS,
    "ServiceUser": SERVICE_USERS,
    "StageExternalS3": STAGES_EXTERNAL_S3,
    "StageInternal": STAGES_INTERNAL,
    "StorageIntegrationAws": STORAGE_INTEGRATIONS,
    "Streamlit": STREAMLITS,
    "Table": TABLES,
    "Task": TASKS,
    "Warehouse": WAREHOUSES,
}
"""Resource type of pulumi-snowflake -> its life."""
