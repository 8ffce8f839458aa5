"""Put hourly files into the lake, one after another, and wait until Snowpipe has loaded them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from snowflake.connector.connection import SnowflakeConnection

from c360 import lake
from c360.connections import aws_client, connect, query
from c360.errors import C360Error
from c360.outputs import StackOutputs
from c360.workspace import Workspace
from generators.settings import GeneratorSettings

_PATIENCE = 300.0
_SETTLED = ("LOADED", "PARTIALLY LOADED", "LOAD FAILED")


@dataclass(frozen=True)
class PipeLoad:
    """What COPY_HISTORY says of one streamed file."""

    file: str
    status: str
    rows: int
    parsed: int
    problem: str | None


def stream_hours(
    workspace: Workspace,
    outputs: StackOutputs,
    settings: GeneratorSettings,
    hours: list[datetime],
    say: Callable[[str], None],
    *,
    speed: float | None = None,
) -> list[PipeLoad]:
    """Write, put and wait for hourly files, in order; the same hour gives the same file.

    `speed` is hours of data an hour: 1 is real time, None as fast as possible.
    """
    s3 = aws_client(outputs, "s3")
    keys = []
    for hour in paced(hours, seconds_an_hour(speed)):
        say(f"{hour:%Y-%m-%d %H:00}")
        keys.append(lake.put_hour(workspace, outputs, s3, settings, hour))
    connection = connect(outputs, outputs.roles.loader, outputs.warehouses.load)
    try:
        loads = wait_until_loaded(outputs, connection, keys, say)
    finally:
        connection.close()
    if failed := [load for load in loads if load.status.upper() == "LOAD FAILED"]:
        raise C360Error(
            f"Snowpipe could not load {len(failed)} of {len(loads)} files; {failed[0].file}: {failed[0].problem}"
        )
    return loads


def seconds_an_hour(speed: float | None) -> float:
    """Seconds between two hourly files at `speed` hours of data an hour; None is as fast as possible."""
    return 3_600 / speed if speed else 0.0


def paced(
    hours: list[datetime],
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[datetime]:
    """Yield each hour when its time has come: the n-th n * `seconds` after the first, however long the others took."""
    started = clock()
    for number, hour in enumerate(hours):
        early = started + number * seconds - clock()
        if early > 0:
            sleep(early)
        yield hour


def wait_until_loaded(
    outputs: StackOutputs, connection: SnowflakeConnection, keys: list[str], say: Callable[[str], None]
) -> list[PipeLoad]:
    """Poll COPY_HISTORY until the pipe has dealt with every key.

    Raises:
        C360Error: a file is still missing after five minutes, Snowpipe's own limit for us on Snowflake.
    """
    deadline = time.monotonic() + _PATIENCE
    pause = 0.2
    while True:
        loads = {load.file: load for load in _history(outputs, connection)}
        missing = [key for key in keys if key not in loads]
        if not missing:
            return [loads[key] for key in keys]
        if time.monotonic() > deadline:
            raise C360Error(
                f"Snowpipe has not loaded {len(missing)} of {len(keys)} files after {_PATIENCE:.0f} s, the first is "
                f"s3://{outputs.bucket}/{missing[0]}; SYSTEM$PIPE_STATUS('{outputs.pipes.transactions}') says why."
            )
        say(f"{len(keys) - len(missing)} of {len(keys)} files loaded")
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)


def _history(outputs: StackOutputs, connection: SnowflakeConnection) -> Iterator[PipeLoad]:
    sql = (
        "SELECT STAGE_LOCATION, FILE_NAME, STATUS, ROW_COUNT, ROW_PARSED, FIRST_ERROR_MESSAGE "
        f"FROM TABLE({outputs.database}.INFORMATION_SCHEMA.COPY_HISTORY("
        f"TABLE_NAME => '{outputs.tables.bronze_transactions}', START_TIME => DATEADD(day, -13, CURRENT_TIMESTAMP()))) "
        "WHERE PIPE_NAME IS NOT NULL"
    )
    root = f"s3://{outputs.bucket}/"
    for location, file, status, count, parsed, problem in query(connection, sql):
        if status.upper() in _SETTLED:
            yield PipeLoad(_key(root, location, file), status, int(count or 0), int(parsed or 0), problem)


def _key(root: str, location: str, file: str) -> str:
    """FILE_NAME is relative to STAGE_LOCATION; the key is relative to the bucket."""
    path = f"{location.rstrip('/')}/{file.lstrip('/')}"
    return path.removeprefix(root)
