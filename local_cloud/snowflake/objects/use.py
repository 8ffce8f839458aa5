"""USE ROLE, USE WAREHOUSE and USE SECONDARY ROLES: only what the user was given, only what exists.

https://docs.snowflake.com/en/sql-reference/sql/use-role
"""

from __future__ import annotations

from local_cloud.snowflake import errors, registry
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.enforcement import warehouse as warehouses
from local_cloud.snowflake.objects import access
from local_cloud.snowflake.objects.ddl import Reader
from local_cloud.snowflake.objects.store import EXECUTED
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import SECONDARY_ROLES, Session
from local_cloud.snowflake.statement import Statement


def require_role(account: Account, user: str, role: str) -> None:
    """Raise unless the user may act under the role, which was granted directly or through other roles.

    Raises:
        SnowflakeError: 002043 no such role; 003013 not granted to the user.
    """
    if account.catalog.get("role", role) is None:
        raise no_such_object()
    if role not in access.roles_of_user(access.role_grants(account), user):
        raise errors.SnowflakeError(
            3013,
            "42501",
            f"SQL access control error:\nRequested role '{role}' is not assigned to the executing user. "
            "Specify another role to activate.",
        )


def no_such_object() -> errors.SnowflakeError:
    return errors.compilation_error(2043, "02000", "Object does not exist, or operation cannot be performed.")


@registry.statement("USE ROLE")
def use_role(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    reader.expect("USE", "ROLE")
    role = reader.simple_name()
    reader.end()
    require_role(session.account, session.user, role)
    session.role = role
    return status(EXECUTED)


@registry.statement("USE WAREHOUSE")
def use_warehouse(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    reader.expect("USE", "WAREHOUSE")
    warehouse = reader.simple_name()
    reader.end()
    if not warehouses.is_usable(session, warehouse):
        raise no_such_object()
    session.warehouse = warehouse
    return status(EXECUTED)


@registry.statement("USE SECONDARY ROLES", "USE SECONDARY ROLE")
def use_secondary_roles(session: Session, statement: Statement) -> Result:
    reader = Reader(statement)
    reader.expect("USE", "SECONDARY")
    reader.accept_one("ROLES", "ROLE")
    chosen = reader.accept_one("ALL", "NONE")
    if chosen is None:
        roles = [reader.simple_name()]
        while reader.accept(","):
            roles.append(reader.simple_name())
        for role in roles:
            require_role(session.account, session.user, role)
        chosen = ",".join(roles)
    reader.end()
    session.parameters[SECONDARY_ROLES] = chosen
    return status(EXECUTED)
