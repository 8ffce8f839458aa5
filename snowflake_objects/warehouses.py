"""One warehouse for each workload, so that no workload waits for another and each one's cost is visible."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.naming import Names, Workload
from snowflake_objects.settings import WarehouseSettings, WarehousesSettings


@dataclass(frozen=True)
class WarehousesArgs:
    """
    Attributes:
        names: makes the names.
        settings: sizes, seconds and credits.
        monitors: give every warehouse a resource monitor (creating one takes ACCOUNTADMIN).
    """

    names: Names
    settings: WarehousesSettings
    monitors: bool


class Warehouses(pulumi.ComponentResource):
    """The four warehouses.

    Attributes:
        names: each warehouse's name, available once it exists.
    """

    names: dict[Workload, pulumi.Output[str]]

    def __init__(self, name: str, args: WarehousesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:Warehouses", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.names = {}
        for workload in Workload:
            settings = args.settings.of(workload)
            monitor = _monitor(workload, args.names, settings, child) if args.monitors else None
            self.names[workload] = _warehouse(workload, args.names, settings, monitor, child).name
        self.register_outputs({"warehouseNames": {key.value: warehouse for key, warehouse in self.names.items()}})


def _monitor(
    workload: Workload, names: Names, settings: WarehouseSettings, opts: pulumi.ResourceOptions
) -> snowflake.ResourceMonitor:
    """Warn at three quarters of the month's credits; at nine tenths let running statements end and stop."""
    return snowflake.ResourceMonitor(
        f"{workload}-monitor",
        name=names.resource_monitor(workload),
        credit_quota=settings.monthly_credits,
        notify_triggers=[75],
        suspend_trigger=90,
        opts=opts,
    )


def _warehouse(
    workload: Workload,
    names: Names,
    settings: WarehouseSettings,
    monitor: snowflake.ResourceMonitor | None,
    opts: pulumi.ResourceOptions,
) -> snowflake.Warehouse:
    return snowflake.Warehouse(
        f"{workload}-warehouse",
        name=names.warehouse(workload),
        warehouse_size=settings.size,
        auto_suspend=settings.auto_suspend_seconds,
        auto_resume="true",
        initially_suspended=True,
        # Billed apart from the warehouse and outside its resource monitor.
        enable_query_acceleration="false",
        statement_timeout_in_seconds=settings.statement_timeout_seconds,
        statement_queued_timeout_in_seconds=settings.queued_timeout_seconds,
        resource_monitor=monitor.name if monitor else None,
        comment=f"Customer 360: {workload}",
        opts=opts,
    )
