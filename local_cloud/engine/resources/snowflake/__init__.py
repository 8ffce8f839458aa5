"""Snowflake: every resource is the SQL that the provider would send."""

from __future__ import annotations

from local_cloud.engine.resources.base import Handler
from local_cloud.engine.resources.snowflake import (
    database,
    execute,
    file_formats,
    network_policies,
    notifications,
    pipes,
    privileges,
    procedures,
    roles,
    stages,
    storage_integration,
    streamlits,
    tables,
    tasks,
    users,
    warehouse,
)  # fmt: skip

HANDLERS: list[Handler] = [
    *database.HANDLERS,
    *warehouse.HANDLERS,
    *roles.HANDLERS,
    *privileges.HANDLERS,
    *storage_integration.HANDLERS,
    *file_formats.HANDLERS,
    *stages.HANDLERS,
    *tables.HANDLERS,
    *pipes.HANDLERS,
    *streamlits.HANDLERS,
    *execute.HANDLERS,
    *users.HANDLERS,
    *notifications.HANDLERS,
    *network_policies.HANDLERS,
    *procedures.HANDLERS,
    *tasks.HANDLERS,
]
