"""The types of objects that privileges can be granted on, with their privileges and where to look whether one exists.

https://docs.snowflake.com/en/user-guide/security-access-control-privileges
"""

from __future__ import annotations

from dataclasses import dataclass

from local_cloud.snowflake import errors
from local_cloud.snowflake.objects.access import catalog_kind
from local_cloud.snowflake.objects.ddl import Reader
from local_cloud.snowflake.session import Session


@dataclass(frozen=True)
class Securable:
    """`parts` of a name: 1 at account level, 2 a schema's or database role's, 3 inside a schema."""

    name: str
    plural: str
    parts: int
    privileges: tuple[str, ...]
    label: str | None = None

    @property
    def printed(self) -> str:
        """As SHOW GRANTS prints it: FILE_FORMAT."""
        return self.name.replace(" ", "_")

    @property
    def shown(self) -> str:
        """As errors name it."""
        return self.label or self.name.capitalize()


def _of(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(","))


_CREATE_IN_SCHEMA = _of(
    "CREATE ALERT, CREATE CORTEX SEARCH SERVICE, CREATE DATA METRIC FUNCTION, CREATE DYNAMIC TABLE, CREATE EVENT "
    "TABLE, CREATE EXTERNAL TABLE, CREATE FILE FORMAT, CREATE FUNCTION, CREATE GIT REPOSITORY, CREATE HYBRID "
    "TABLE, CREATE IMAGE REPOSITORY, CREATE MASKING POLICY, CREATE MATERIALIZED VIEW, CREATE MODEL, CREATE MODEL "
    "MONITOR, CREATE NETWORK RULE, CREATE NOTEBOOK, CREATE PASSWORD POLICY, CREATE PIPE, CREATE PROCEDURE, CREATE "
    "ROW ACCESS POLICY, CREATE SECRET, CREATE SEMANTIC VIEW, CREATE SEQUENCE, CREATE SERVICE, CREATE SESSION "
    "POLICY, CREATE SNOWFLAKE.ML.ANOMALY_DETECTION, CREATE SNOWFLAKE.ML.CLASSIFICATION, CREATE "
    "SNOWFLAKE.ML.FORECAST, CREATE STAGE, CREATE STREAM, CREATE STREAMLIT, CREATE TABLE, CREATE TAG, CREATE TASK, "
    "CREATE TEMPORARY TABLE, CREATE VIEW"
)
_ON_ACCOUNT = _of(
    "APPLY MASKING POLICY, APPLY ROW ACCESS POLICY, APPLY SESSION POLICY, APPLY TAG, ATTACH POLICY, AUDIT, BIND "
    "SERVICE ENDPOINT, CREATE ACCOUNT, CREATE COMPUTE POOL, CREATE DATABASE, CREATE EXTERNAL VOLUME, CREATE "
    "INTEGRATION, CREATE NETWORK POLICY, CREATE ROLE, CREATE SHARE, CREATE USER, CREATE WAREHOUSE, EXECUTE ALERT, "
    "EXECUTE DATA METRIC FUNCTION, EXECUTE MANAGED ALERT, EXECUTE MANAGED TASK, EXECUTE TASK, IMPORT SHARE, "
    "MANAGE GRANTS, MANAGE USER SUPPORT CASES, MANAGE WAREHOUSES, MODIFY LOG LEVEL, MODIFY SESSION LOG LEVEL, "
    "MONITOR, MONITOR EXECUTION, MONITOR SECURITY, MONITOR USAGE, OVERRIDE SHARE RESTRICTIONS, PURCHASE DATA "
    "EXCHANGE LISTING, READ SESSION, RESOLVE ALL"
)
_TABLE = _of("APPLYBUDGET, DELETE, EVOLVE SCHEMA, INSERT, REFERENCES, SELECT, TRUNCATE, UPDATE")

_ALL = (
    Securable("ACCOUNT", "", 0, _ON_ACCOUNT),
    Securable(
        "DATABASE", "DATABASES", 1, _of("APPLYBUDGET, CREATE DATABASE ROLE, CREATE SCHEMA, MODIFY, MONITOR, USAGE")
    ),
    Securable(
        "SCHEMA",
        "SCHEMAS",
        2,
        (*_of("ADD SEARCH OPTIMIZATION, APPLYBUDGET, MODIFY, MONITOR, USAGE"), *_CREATE_IN_SCHEMA),
    ),
    Securable("WAREHOUSE", "WAREHOUSES", 1, _of("APPLYBUDGET, MODIFY, MONITOR, OPERATE, USAGE")),
    Securable("INTEGRATION", "INTEGRATIONS", 1, _of("USAGE, USE_ANY_ROLE")),
    Securable("RESOURCE MONITOR", "RESOURCE MONITORS", 1, _of("MODIFY, MONITOR")),
    Securable("NETWORK POLICY", "NETWORK POLICIES", 1, _of("USAGE")),
    Securable("USER", "USERS", 1, _of("MONITOR")),
    Securable("ROLE", "ROLES", 1, ()),
    Securable("DATABASE ROLE", "DATABASE ROLES", 2, ()),
    Securable("TABLE", "TABLES", 3, _TABLE),
    Securable("DYNAMIC TABLE", "DYNAMIC TABLES", 3, _of("MONITOR, OPERATE, SELECT")),
    Securable("EXTERNAL TABLE", "EXTERNAL TABLES", 3, _of("REFERENCES, SELECT")),
    Securable("VIEW", "VIEWS", 3, _of("DELETE, INSERT, REFERENCES, SELECT, TRUNCATE, UPDATE")),
    Securable("MATERIALIZED VIEW", "MATERIALIZED VIEWS", 3, _of("REFERENCES, SELECT")),
    Securable("SEMANTIC VIEW", "SEMANTIC VIEWS", 3, _of("MONITOR, REFERENCES, SELECT")),
    Securable("STAGE", "STAGES", 3, _of("READ, USAGE, WRITE")),
    Securable("FILE FORMAT", "FILE FORMATS", 3, _of("USAGE")),
    Securable("PIPE", "PIPES", 3, _of("APPLYBUDGET, MONITOR, OPERATE")),
    Securable("STREAM", "STREAMS", 3, _of("SELECT")),
    Securable("TASK", "TASKS", 3, _of("APPLYBUDGET, MONITOR, OPERATE")),
    Securable("ALERT", "ALERTS", 3, _of("MONITOR, OPERATE")),
    Securable("PROCEDURE", "PROCEDURES", 3, _of("USAGE")),
    Securable("FUNCTION", "FUNCTIONS", 3, _of("USAGE")),
    Securable("SEQUENCE", "SEQUENCES", 3, _of("USAGE")),
    Securable("STREAMLIT", "STREAMLITS", 3, _of("USAGE")),
    Securable("TAG", "TAGS", 3, _of("APPLY, READ")),
    Securable("MODEL", "MODELS", 3, _of("READ, USAGE")),
)
BY_NAME = {securable.name: securable for securable in _ALL}
BY_PLURAL = {securable.plural: securable for securable in _ALL if securable.plural}
# Which of DuckDB's relations a type is; everything else is in the catalog.
_RELATIONS = {"TABLE": "BASE TABLE", "VIEW": "VIEW"}


def read_type(reader: Reader, known: dict[str, Securable]) -> Securable:
    """A type's words, singular or plural as `known` has them; the longest that fits (DATABASE ROLE before DATABASE)."""
    for words in sorted(known, key=len, reverse=True):
        if reader.accept(*words.split()):
            return known[words]
    raise reader.unexpected()


def check_privileges(securable: Securable, privileges: list[str]) -> list[str]:
    """The privileges with ALL spelled out.

    Raises:
        SnowflakeError: 003008 for one that the type does not have.
    """
    found: list[str] = []
    for privilege in privileges:
        if privilege in {"ALL", "ALL PRIVILEGES"}:
            found += securable.privileges
        elif privilege in securable.privileges or privilege == "OWNERSHIP":
            found.append(privilege)
        else:
            raise errors.compilation_error(
                3008, "42601", f"Invalid object type '{securable.name}' for privilege '{privilege}'."
            )
    return list(dict.fromkeys(found))


def full_name(session: Session, securable: Securable, name: tuple[str, ...]) -> str:
    if securable.parts <= 1:
        return name[0]
    if securable.parts == 2:
        database = name[0] if len(name) == 2 else session.qualified("x", name[-1])[0]
        return f"{database}.{name[-1]}"
    return session.qualify(*name)


def require(session: Session, securable: Securable, name: str) -> None:
    """002003 unless the object exists."""
    if securable.name in _RELATIONS:
        if name not in relations(session, securable, *name.split(".")[:2]):
            raise errors.does_not_exist(securable.shown, name)
    elif session.account.catalog.get(catalog_kind(securable.name), name) is None:
        raise errors.does_not_exist(securable.shown, name)


def within(session: Session, securable: Securable, container: str) -> list[str]:
    """Full names of all objects of a type in a database `DB` or schema `DB.SCHEMA`."""
    if securable.name in _RELATIONS:
        return relations(session, securable, *container.split("."))
    entries = session.account.catalog.list(catalog_kind(securable.name), f"{container}.")
    return [entry.name for entry in entries]


def relations(session: Session, securable: Securable, database: str, schema: str | None = None) -> list[str]:
    found = session.connection.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_catalog = ? and (? is null or table_schema = ?) and table_type = ? order by all",
        [database, schema, schema, _RELATIONS[securable.name]],
    ).fetchall()
    return [f"{database}.{schema_name}.{name}" for schema_name, name in found]
