"""Account roles and database roles.

https://docs.snowflake.com/en/sql-reference/sql/create-role, .../create-database-role
"""

from __future__ import annotations

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.objects import access, show, store
from local_cloud.snowflake.objects.access import DATABASE_ROLE, ROLE, USER, Grantee
from local_cloud.snowflake.objects.ddl import Reader, defaults, read_create, text
from local_cloud.snowflake.objects.store import Kind
from local_cloud.snowflake.results import Result
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

ACCOUNT_ROLE_KIND = Kind("role", "Role", ("ROLE",), parts=1)
DATABASE_ROLE_KIND = Kind("database_role", "Database role", ("DATABASE", "ROLE"), parts=2)
SYSTEM_ROLES = ("ACCOUNTADMIN", "SECURITYADMIN", "USERADMIN", "SYSADMIN", "ORGADMIN", "PUBLIC")

_OPTIONS = {"COMMENT": text()}
_COLUMNS = (
    "created_on name is_default is_current is_inherited assigned_to_users granted_to_roles granted_roles owner comment"
)
_DATABASE_ROLE_COLUMNS = (
    "created_on name is_default is_current is_inherited granted_to_roles granted_to_database_roles "
    "granted_database_roles owner comment owner_role_type"
)


@registry.statement("CREATE ROLE")
def create_role(session: Session, statement: Statement) -> Result:
    return _create(session, ACCOUNT_ROLE_KIND, statement)


@registry.statement("CREATE DATABASE ROLE")
def create_database_role(session: Session, statement: Statement) -> Result:
    return _create(session, DATABASE_ROLE_KIND, statement)


def _create(session: Session, kind: Kind, statement: Statement) -> Result:
    reader = Reader(statement)
    head = read_create(reader, *kind.words, parts=kind.parts)
    document = defaults(_OPTIONS) | reader.properties(_OPTIONS, kind.title)
    reader.end()
    return store.create(session, kind, head, document)


@registry.statement("ALTER ROLE")
def alter_role(session: Session, statement: Statement) -> Result:
    return store.alter(session, ACCOUNT_ROLE_KIND, statement, _OPTIONS)


@registry.statement("ALTER DATABASE ROLE")
def alter_database_role(session: Session, statement: Statement) -> Result:
    return store.alter(session, DATABASE_ROLE_KIND, statement, _OPTIONS)


@registry.statement("DROP ROLE")
def drop_role(session: Session, statement: Statement) -> Result:
    """What the role owns passes to the role that drops it.

    https://docs.snowflake.com/en/sql-reference/sql/drop-role
    """

    def before(entry: Entry) -> None:
        if entry.name in SYSTEM_ROLES:
            raise errors.insufficient_privileges("role", entry.name)
        if entry.name == session.role:
            raise errors.SnowflakeError(
                1003,
                "42000",
                f"SQL compilation error:\nCannot drop role '{entry.name}': it is the session's current role.",
            )
        session.account.catalog.reassign(entry.name, session.role or "ACCOUNTADMIN")

    return store.drop(session, ACCOUNT_ROLE_KIND, statement, before)


@registry.statement("DROP DATABASE ROLE")
def drop_database_role(session: Session, statement: Statement) -> Result:
    return store.drop(session, DATABASE_ROLE_KIND, statement)


@registry.statement("SHOW ROLES")
def show_roles(session: Session, statement: Statement) -> Result:
    account = session.account
    found = show.entries(session, show.read(Reader(statement), "ROLES"), "role")
    links = access.role_grants(account)
    inherited = access.closure(links, Grantee(ROLE, session.role or ""))
    user = account.catalog.get("user", session.user)
    default = user.document.get("DEFAULT_ROLE") if user else None
    values = [
        [
            entry.created_on,
            entry.name,
            show.flag(entry.name == default),
            show.flag(entry.name == session.role),
            show.flag(entry.name != session.role and Grantee(ROLE, entry.name) in inherited),
            sum(link.granted_to == USER and link.role == entry.name for link in links),
            sum(link.granted_to == ROLE and link.role == entry.name for link in links),
            sum(link.granted_to == ROLE and link.grantee == entry.name for link in links),
            entry.owner or "",
            entry.document["COMMENT"],
        ]
        for entry in found
    ]
    return show.table(_COLUMNS, values)


@registry.statement("SHOW DATABASE ROLES")
def show_database_roles(session: Session, statement: Statement) -> Result:
    request = show.read(Reader(statement), "DATABASE", "ROLES", plain_scope="DATABASE")
    database = request.scope_name[0] if request.scope_name else session.database
    within = f"{show.existing(session, database)}."
    links = access.role_grants(session.account)
    values = [
        [
            entry.created_on,
            entry.short_name,
            "N",
            "N",
            "N",
            sum(link.granted_to == ROLE and link.role == entry.name for link in links),
            sum(link.granted_to == DATABASE_ROLE and link.role == entry.name for link in links),
            sum(link.role_kind == DATABASE_ROLE and link.grantee == entry.name for link in links),
            entry.owner,
            entry.document["COMMENT"],
            "ROLE",
        ]
        for entry in show.entries(session, request, "database_role", within)
    ]
    return show.table(_DATABASE_ROLE_COLUMNS, values)
