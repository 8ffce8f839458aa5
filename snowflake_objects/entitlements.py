"""What SHOW GRANTS may say of the platform's roles and objects, from the tables of `access.py`.

`roles.py` makes grants of the same tables; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator

from snowflake_objects.access import OBJECT_ACCESS, ROLE_ACCESS, SCHEMA_ACCESS, ObjectKind
from snowflake_objects.naming import (
    APP_STAGE,
    CSV_FORMAT,
    PARQUET_FORMAT,
    PIPES,
    STAGES,
    STREAMLIT,
    Access,
    Names,
    Role,
    SchemaName,
    Workload,
    database_role,
)


def entitlements(names: Names) -> dict[str, list[str]]:
    """Everything that each role holds, in lines.

    Returns:
        `ROLE <name>` or `DATABASE ROLE <database>.<name>` -> sorted lines: `USAGE ON WAREHOUSE <name>`,
        `USAGE ON ROLE <name>` for a role that it has, `SELECT ON TABLES IN SCHEMA <database>.<schema>` for all tables
        of a schema, those to come included.
    """
    held = {
        _database_role(names, schema, access): {*_in_schema(names, schema, access)}
        for schema in SchemaName
        for access in Access
    }
    held |= {f"ROLE {names.role(role)}": {*_of_account_role(names, role)} for role in Role}
    return {role: sorted(lines) for role, lines in held.items()}


def guarded_objects(names: Names, *, email: bool) -> list[str]:
    """What nobody but our roles may use: who cannot use database and schema reaches nothing in them.

    Args:
        email: whether there is an integration for e-mail.
    """
    integrations = [names.storage_integration, names.pipe_error_integration, *[names.email_integration][: int(email)]]
    return [
        f"DATABASE {names.database}",
        *(f"SCHEMA {names.database}.{schema}" for schema in SchemaName),
        *(f"WAREHOUSE {names.warehouse(workload)}" for workload in Workload),
        *(f"INTEGRATION {name}" for name in integrations),
    ]


def _database_role(names: Names, schema: SchemaName, access: Access) -> str:
    return f"DATABASE ROLE {names.database}.{database_role(schema, access)}"


def _in_schema(names: Names, schema: SchemaName, access: Access) -> Iterator[str]:
    place, table = f"SCHEMA {names.database}.{schema}", SCHEMA_ACCESS[schema]
    # Snowflake gives it to every database role by itself.
    yield f"USAGE ON DATABASE {names.database}"
    if access is Access.READ:
        yield f"USAGE ON {place}"
        yield from (f"SELECT ON {kind} IN {place}" for kind in table.reads)
    else:
        yield f"USAGE ON {_database_role(names, schema, Access.READ)}"
        yield from (f"{privilege} ON {place}" for privilege in table.creates)
        yield from (f"{privilege} ON TABLES IN {place}" for privilege in table.changes)


def _of_account_role(names: Names, role: Role) -> Iterator[str]:
    access = ROLE_ACCESS[role]
    yield f"USAGE ON DATABASE {names.database}"
    yield from (f"USAGE ON WAREHOUSE {names.warehouse(workload)}" for workload in access.warehouses)
    yield from (f"MONITOR ON WAREHOUSE {names.warehouse(workload)}" for workload in access.monitors)
    yield from (f"USAGE ON ROLE {names.role(other)}" for other in access.inherits)
    yield from (f"USAGE ON {_database_role(names, *schema)}" for schema in access.schemas)
    yield from (f"{privilege} ON ACCOUNT" for privilege in access.account)
    for schema, privileges in access.creates:
        yield from (f"{privilege} ON SCHEMA {names.database}.{schema}" for privilege in privileges)
    for kind, roles in OBJECT_ACCESS.items():
        for name in _objects(names, kind) if role in roles else ():
            yield from (f"{privilege} ON {kind.object_type} {name}" for privilege in roles[role])


def _objects(names: Names, kind: ObjectKind) -> list[str]:
    """Full names of the objects of one kind."""
    bronze, app = f"{names.database}.{SchemaName.BRONZE}", f"{names.database}.{SchemaName.APP}"
    return {
        ObjectKind.INTEGRATION: [names.storage_integration],
        ObjectKind.LAKE_STAGE: [f"{bronze}.{stage}" for stage in STAGES.values()],
        ObjectKind.FILE_FORMAT: [f"{bronze}.{name}" for name in (CSV_FORMAT, PARQUET_FORMAT)],
        ObjectKind.PIPE: [f"{bronze}.{pipe}" for pipe in PIPES.values()],
        ObjectKind.APP_FILES: [f"{app}.{APP_STAGE}"],
        ObjectKind.STREAMLIT: [f"{app}.{STREAMLIT}"],
        ObjectKind.EMAIL: [names.email_integration],
    }[kind]
