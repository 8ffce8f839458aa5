"""Roles and grants, made from the tables of `access.py`.

Grants to account roles are strict: what the role holds on the same object besides is revoked. So each role has one
grant for each object (two strict ones would revoke each other's). The provider knows no such thing for database roles;
`unlisted_grants.py` sees to them and to objects that the tables do not mention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.access import OBJECT_ACCESS, ROLE_ACCESS, SCHEMA_ACCESS, ObjectKind
from snowflake_objects.database import AnalyticsDatabase
from snowflake_objects.naming import Access, Names, Role, SchemaName, Workload, database_role

_TOP_ROLE = "SYSADMIN"


@dataclass(frozen=True)
class RolesArgs:
    """
    Attributes:
        names: makes the names.
        database: the database and its schemas.
        warehouses: names of the warehouses.
    """

    names: Names
    database: AnalyticsDatabase
    warehouses: Mapping[Workload, pulumi.Input[str]]


class Roles(pulumi.ComponentResource):
    """Database roles for each schema, account roles above them, SYSADMIN above all.

    Attributes:
        names: each account role's name, available once it exists.
    """

    names: dict[Role, pulumi.Output[str]]

    def __init__(self, name: str, args: RolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:Roles", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        self._database = args.database
        self._database_roles = {
            (schema, access): self._database_role(schema, access) for schema in SchemaName for access in Access
        }
        for schema in SchemaName:
            self._grant_reading(schema)
            self._grant_writing(schema)
        self.names = {role: self._account_role(role, args.names) for role in Role}
        for role in Role:
            self._grant_membership(role)
            self._grant_use(role, args.warehouses)
        self.register_outputs({"roleNames": {role.value: name for role, name in self.names.items()}})

    def _database_role(self, schema: SchemaName, access: Access) -> pulumi.Output[str]:
        role = snowflake.DatabaseRole(
            f"{schema.lower()}-{access.lower()}",
            name=database_role(schema, access),
            database=self._database.name,
            opts=self._child,
        )
        return role.fully_qualified_name

    def _grant_reading(self, schema: SchemaName) -> None:
        reader = self._database_roles[schema, Access.READ]
        self._on_schema(f"{schema.lower()}-read-usage", reader, schema, ("USAGE",))
        for kind in SCHEMA_ACCESS[schema].reads:
            self._on_objects(f"{schema.lower()}-read-{kind.lower()}", reader, schema, kind, ("SELECT",))

    def _grant_writing(self, schema: SchemaName) -> None:
        writer, access = self._database_roles[schema, Access.WRITE], SCHEMA_ACCESS[schema]
        snowflake.GrantDatabaseRole(
            f"{schema.lower()}-write-reads",
            database_role_name=self._database_roles[schema, Access.READ],
            parent_database_role_name=writer,
            opts=self._child,
        )
        if access.creates:
            self._on_schema(f"{schema.lower()}-write-creates", writer, schema, access.creates)
        if access.changes:
            self._on_objects(f"{schema.lower()}-write-tables", writer, schema, "TABLES", access.changes)

    def _on_schema(self, name: str, role: pulumi.Output[str], schema: SchemaName, privileges: tuple[str, ...]) -> None:
        snowflake.GrantPrivilegesToDatabaseRole(
            name,
            database_role_name=role,
            privileges=list(privileges),
            on_schema=snowflake.GrantPrivilegesToDatabaseRoleOnSchemaArgs(
                schema_name=self._database.schemas[schema].fully_qualified_name
            ),
            opts=self._child,
        )

    def _on_objects(
        self, name: str, role: pulumi.Output[str], schema: SchemaName, kind: str, privileges: tuple[str, ...]
    ) -> None:
        """Grant on future objects, then on those that exist: in this order none made in between is missed."""
        in_schema = self._database.schemas[schema].fully_qualified_name
        future = snowflake.GrantPrivilegesToDatabaseRole(
            f"{name}-future",
            database_role_name=role,
            privileges=list(privileges),
            on_schema_object=snowflake.GrantPrivilegesToDatabaseRoleOnSchemaObjectArgs(
                future=snowflake.GrantPrivilegesToDatabaseRoleOnSchemaObjectFutureArgs(
                    object_type_plural=kind, in_schema=in_schema
                )
            ),
            opts=self._child,
        )
        snowflake.GrantPrivilegesToDatabaseRole(
            f"{name}-all",
            database_role_name=role,
            privileges=list(privileges),
            on_schema_object=snowflake.GrantPrivilegesToDatabaseRoleOnSchemaObjectArgs(
                all=snowflake.GrantPrivilegesToDatabaseRoleOnSchemaObjectAllArgs(
                    object_type_plural=kind, in_schema=in_schema
                )
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[future]),
        )

    def _account_role(self, role: Role, names: Names) -> pulumi.Output[str]:
        created = snowflake.AccountRole(
            f"{role}-role", name=names.role(role), comment=ROLE_ACCESS[role].purpose, opts=self._child
        )
        return created.name

    def _grant_membership(self, role: Role) -> None:
        snowflake.GrantAccountRole(
            f"{role}-to-sysadmin", role_name=self.names[role], parent_role_name=_TOP_ROLE, opts=self._child
        )
        for inherited in ROLE_ACCESS[role].inherits:
            snowflake.GrantAccountRole(
                f"{inherited}-to-{role}",
                role_name=self.names[inherited],
                parent_role_name=self.names[role],
                opts=self._child,
            )
        for schema, access in ROLE_ACCESS[role].schemas:
            snowflake.GrantDatabaseRole(
                f"{schema.lower()}-{access.lower()}-to-{role}",
                database_role_name=self._database_roles[schema, access],
                parent_role_name=self.names[role],
                opts=self._child,
            )

    def _grant_use(self, role: Role, warehouses: Mapping[Workload, pulumi.Input[str]]) -> None:
        access = ROLE_ACCESS[role]
        self._on_account_object(f"{role}-uses-database", role, "USAGE", "DATABASE", self._database.fully_qualified_name)
        for privilege, verb, workloads in (
            ("USAGE", "uses", access.warehouses),
            ("MONITOR", "monitors", access.monitors),
        ):
            for workload in workloads:
                name = f"{role}-{verb}-{workload}-warehouse"
                self._on_account_object(name, role, privilege, "WAREHOUSE", warehouses[workload])
        if access.account:
            snowflake.GrantPrivilegesToAccountRole(
                f"{role}-on-account",
                account_role_name=self.names[role],
                privileges=list(access.account),
                on_account=True,
                strict_privilege_management=True,
                opts=self._child,
            )
        for schema, privileges in access.creates:
            snowflake.GrantPrivilegesToAccountRole(
                f"{role}-creates-in-{schema.lower()}",
                account_role_name=self.names[role],
                privileges=list(privileges),
                on_schema=snowflake.GrantPrivilegesToAccountRoleOnSchemaArgs(
                    schema_name=self._database.schemas[schema].fully_qualified_name
                ),
                strict_privilege_management=True,
                opts=self._child,
            )

    def _on_account_object(
        self, name: str, role: Role, privilege: str, object_type: str, object_name: pulumi.Input[str]
    ) -> None:
        snowflake.GrantPrivilegesToAccountRole(
            name,
            account_role_name=self.names[role],
            privileges=[privilege],
            on_account_object=snowflake.GrantPrivilegesToAccountRoleOnAccountObjectArgs(
                object_type=object_type, object_name=object_name
            ),
            strict_privilege_management=True,
            opts=self._child,
        )


def grant_on_object(
    key: str,
    kind: ObjectKind,
    object_name: pulumi.Input[str],
    roles: Mapping[Role, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Give every role of `OBJECT_ACCESS[kind]` its privileges on one object.

    Args:
        key: names the object within the program.
        object_name: fully qualified and quoted, as the object's resource gives it.
        roles: names of the account roles.
    """
    return [
        snowflake.GrantPrivilegesToAccountRole(
            f"{role}-uses-{key}",
            account_role_name=roles[role],
            privileges=list(privileges),
            on_account_object=_account_object(kind, object_name),
            on_schema_object=_schema_object(kind, object_name),
            strict_privilege_management=True,
            opts=opts,
        )
        for role, privileges in OBJECT_ACCESS[kind].items()
    ]


def _account_object(
    kind: ObjectKind, object_name: pulumi.Input[str]
) -> snowflake.GrantPrivilegesToAccountRoleOnAccountObjectArgs | None:
    if not kind.is_account_level:
        return None
    return snowflake.GrantPrivilegesToAccountRoleOnAccountObjectArgs(
        object_type=kind.object_type, object_name=object_name
    )


def _schema_object(
    kind: ObjectKind, object_name: pulumi.Input[str]
) -> snowflake.GrantPrivilegesToAccountRoleOnSchemaObjectArgs | None:
    if kind.is_account_level:
        return None
    return snowflake.GrantPrivilegesToAccountRoleOnSchemaObjectArgs(
        object_type=kind.object_type, object_name=object_name
    )
