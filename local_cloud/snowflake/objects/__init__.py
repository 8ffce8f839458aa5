"""The control plane: one module per type of object, each of which registers the statements that it handles.

Importing this package registers them all; `bootstrap` fills a new account's catalog.
"""

from local_cloud.snowflake.account import Account
from local_cloud.snowflake.objects import (
    access,
    databases,
    file_formats,
    grants,
    integrations,
    network_policies,
    parameters,
    resource_monitors,
    roles,
    schemas,
    show_grants,
    stages,
    streamlits,
    system_functions,
    trust,
    use,
    users,
    warehouses,
)

__all__ = [
    "access",
    "bootstrap",
    "databases",
    "file_formats",
    "grants",
    "integrations",
    "network_policies",
    "parameters",
    "resource_monitors",
    "roles",
    "schemas",
    "show_grants",
    "stages",
    "streamlits",
    "system_functions",
    "trust",
    "use",
    "users",
    "warehouses",
]

# Who inherits whom: https://docs.snowflake.com/en/user-guide/security-access-control-overview#system-defined-roles
_HIERARCHY = (("SECURITYADMIN", "ACCOUNTADMIN"), ("SYSADMIN", "ACCOUNTADMIN"), ("USERADMIN", "SECURITYADMIN"))
FIRST_USER, FIRST_PASSWORD, FIRST_WAREHOUSE = "C360", "local", "COMPUTE_WH"


def bootstrap(account: Account) -> None:
    """What an account has from its first day: system roles, a warehouse, a user, Snowflake's IAM user.

    Safe to run at each start: what is there stays, a dropped user or a changed password too. It also makes the catalog
    agree with the database files after a process that was killed.
    """
    with account.catalog.transaction():
        first = account.catalog.get("role", "ACCOUNTADMIN") is None
        trust.iam_user(account)
        if first:
            for role in roles.SYSTEM_ROLES:
                account.catalog.put("role", role, {"COMMENT": ""}, owner="")
            for role, above in _HIERARCHY:
                access.record(account, access.RoleGrant(access.ROLE, role, access.ROLE, above))
            document = users.document_of(
                FIRST_USER,
                {
                    "PASSWORD": FIRST_PASSWORD,
                    "TYPE": "LEGACY_SERVICE",
                    "DEFAULT_ROLE": "ACCOUNTADMIN",
                    "DEFAULT_WAREHOUSE": FIRST_WAREHOUSE,
                    # Else every session would act with all roles, and no role's rights would show.
                    "DEFAULT_SECONDARY_ROLES": [],
                },
            )
            warehouses.put_first(account, FIRST_WAREHOUSE, "SYSADMIN")
            account.catalog.put("user", FIRST_USER, document, owner="USERADMIN")
            for role in set(roles.SYSTEM_ROLES) - {"PUBLIC"}:
                access.record(account, access.RoleGrant(access.ROLE, role, access.USER, FIRST_USER))
            account.catalog.put("account", account.name, {})
    databases.reconcile(account)
