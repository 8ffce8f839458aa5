"""`docs/access.md`: who may do what, from the tables that the grants are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from snowflake_objects.access import OBJECT_ACCESS, ROLE_ACCESS, SCHEMA_ACCESS, ObjectKind
from snowflake_objects.naming import Access, Role, SchemaName

_INTRODUCTION = """# Who may do what

Made by `make docs` from `snowflake_objects/access.py`; edit that. The same tables make every grant and future grant.
Account roles are named `C360_<ENV>_<ROLE>`, database roles `<SCHEMA>_READ` and `<SCHEMA>_WRITE`. All schemas have
managed access: nobody grants on an object but the schema's owner. All account roles report to SYSADMIN; nothing is
granted to PUBLIC.

## What is not here is revoked

`pulumi up --refresh` (locally `c360 up --refresh`) looks for rights that others granted, shows them as changes and
revokes them. Two things do so, because the provider alone cannot:

- Grants to account roles are strict (`strictPrivilegeManagement`): what the role holds on the same object besides.
- The resource `unlisted-grants` (`snowflake_objects/unlisted_grants.py`) sees the rest: what database roles hold,
  objects that are not mentioned here, rights on what is to come, rights to pass on, roles given to our roles, database
  roles given to others, and whoever else may use our database, schemas, warehouses and integrations (who can use
  neither database nor schema reaches nothing in them). The provider has no strictness for database roles, and that of
  account roles sees only objects on which the program grants something to the same role.

Without `--refresh` an `up` asks nothing and revokes nothing. Left alone: ownership, which is not revoked but
transferred; and who has an account role, for people come and go without a deployment. A deployer that is not
ACCOUNTADMIN can revoke on the account only what it may grant: the `up` then fails and names the right.
"""
_KINDS = {
    ObjectKind.INTEGRATION: "storage integration",
    ObjectKind.LAKE_STAGE: "stages of the lake",
    ObjectKind.FILE_FORMAT: "file formats",
    ObjectKind.PIPE: "pipe",
    ObjectKind.APP_FILES: "stage of the app's files",
    ObjectKind.STREAMLIT: "app",
    ObjectKind.EMAIL: "e-mail integration",
}


def access_document() -> str:
    """The document."""
    parts = [
        _INTRODUCTION,
        "## Roles and schemas\n",
        "R: reads, W: reads and writes; in brackets what comes from an inherited role.\n",
        *_table(["role", *(schema.value for schema in SchemaName)], map(_schemas, Role)),
        "\n## Roles\n",
        *_table(["role", "purpose", "inherits", "warehouses", "also"], map(_role, Role)),
        "\n## What a database role may do in its schema\n",
        "Tables and views: those that exist and those to come.\n",
        *_table(["schema", "READ selects from", "WRITE creates", "WRITE changes"], map(_schema, SchemaName)),
        "\n## Single objects\n",
        *_table(["object", "role", "privileges"], _objects()),
    ]
    return "\n".join(parts) + "\n"


def reach(role: Role) -> dict[SchemaName, Access]:
    """The strongest access of a role to each schema, inherited roles included."""
    found = dict(ROLE_ACCESS[role].schemas)
    for other in ROLE_ACCESS[role].inherits:
        for schema, access in reach(other).items():
            found[schema] = Access.WRITE if Access.WRITE in (access, found.get(schema)) else access
    return found


def _schemas(role: Role) -> list[str]:
    own, all_ = dict(ROLE_ACCESS[role].schemas), reach(role)

    def cell(schema: SchemaName) -> str:
        letter = all_[schema].value[0] if schema in all_ else ""
        return letter if own.get(schema) == all_.get(schema) else f"({letter})"

    return [_name(role), *map(cell, SchemaName)]


def _role(role: Role) -> list[str]:
    access = ROLE_ACCESS[role]
    created = [f"{privilege} in {schema}" for schema, privileges in access.creates for privilege in privileges]
    watched = [f"MONITOR on {workload} warehouse" for workload in access.monitors]
    also = [*created, *access.account, *watched]
    inherits = ", ".join(map(_name, access.inherits))
    return [_name(role), access.purpose, inherits, ", ".join(access.warehouses), ", ".join(also)]


def _schema(schema: SchemaName) -> list[str]:
    access = SCHEMA_ACCESS[schema]
    return [
        schema.value,
        *(", ".join(each).lower() or "nothing" for each in (access.reads, access.creates, access.changes)),
    ]


def _objects() -> Iterator[list[str]]:
    for kind, roles in OBJECT_ACCESS.items():
        for role, privileges in roles.items():
            yield [_KINDS[kind], _name(role), ", ".join(privileges)]


def _name(role: Role) -> str:
    return role.value.upper()


def _table(head: Sequence[str], rows: Iterator[list[str]]) -> list[str]:
    cells = [list(head), ["---"] * len(head), *rows]
    return [f"| {' | '.join(row)} |" for row in cells]
