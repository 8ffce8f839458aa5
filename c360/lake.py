"""The lake's files: generated on this machine, put into a stack's bucket."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from c360.connections import aws_client
from c360.errors import C360Error
from c360.outputs import StackOutputs
from c360.workspace import Workspace
from generators import lake as generator
from generators import stream
from generators import upload as uploader
from generators.manifest import stored_settings
from generators.settings import GeneratorSettings

Say = Callable[[str], None]
# Hourly files go one by one, by `stream`.
_BULK = ("customers", "transactions/historical", "campaigns")


def settings(customers: int, transactions: int, **others: Any) -> GeneratorSettings:
    """The portfolio of a size; everything that `others` does not name as the generator's defaults.

    Raises:
        C360Error: a value out of range.
    """
    try:
        return GeneratorSettings(customers=customers, transactions=transactions, **others)
    except ValueError as error:
        raise C360Error(f"{error}.") from error


def generated_settings(workspace: Workspace) -> GeneratorSettings:
    """The settings of what lies in the workspace's lake.

    Raises:
        C360Error: nothing was generated yet.
    """
    found = stored_settings(workspace.lake)
    if found is None:
        raise C360Error(f"There is no data under {workspace.lake}; `c360 generate` makes it.")
    return found


def generate(
    out: Path,
    wanted: GeneratorSettings,
    say: Say,
    *,
    parts: tuple[str, ...] = generator.PARTS,
    workers: int | None = None,
) -> str:
    """Write what is missing of these parts of the lake under `out`; returns a summary."""

    def show(progress: generator.Progress) -> None:
        left = f", {progress.seconds_left:.0f} s left" if progress.seconds_left is not None else ""
        say(f"{progress.rows_done:,} of {progress.rows_total:,} rows{left}")

    summary = generator.generate(out, wanted, show, workers=workers, parts=parts)
    new = f"{len(summary.written)} files written" if summary.written else "all files were there"
    return f"{wanted.customers:,} customers, {summary.transactions:,} transactions, {new}"


def upload(workspace: Workspace, outputs: StackOutputs, say: Say, *, dry_run: bool = False) -> str:
    """Put the lake into the bucket, or only look what would be put; returns a summary."""
    generated_settings(workspace)

    def show(progress: uploader.UploadProgress) -> None:
        say(f"{progress.bytes_done / 1e6:,.0f} of {progress.bytes_total / 1e6:,.0f} MB")

    s3 = aws_client(outputs, "s3")
    files = [file for folder in _BULK for file in (workspace.lake / folder).rglob("[!.]*") if file.is_file()]
    paths = [str(file.relative_to(workspace.lake)) for file in files]
    try:
        report = uploader.upload(workspace.lake, outputs.bucket, s3, dry_run=dry_run, progress=show, paths=paths)
    except uploader.UploadError as error:
        raise C360Error(str(error)) from error
    return f"{len(report.uploaded)} files {'would be ' if dry_run else ''}put, {len(report.skipped)} were there"


def put_hour(workspace: Workspace, outputs: StackOutputs, s3: Any, of: GeneratorSettings, hour: datetime) -> str:
    """Write one hour's file and put it into the bucket, which announces it; returns its key.

    Raises:
        C360Error: the hour lies in the history.
    """
    try:
        file = stream.write_hour(workspace.lake, of, hour)
    except ValueError as error:
        raise C360Error(f"{error}.") from error
    s3.put_object(Bucket=outputs.bucket, Key=file.path, Body=(workspace.lake / file.path).read_bytes())
    return file.path


def plan_stream(
    workspace: Workspace, outputs: StackOutputs, of: GeneratorSettings, start: datetime | None, hours: int
) -> list[datetime]:
    """The hours to stream: those of an interrupted run, else from `start`, else after the newest in the bucket."""
    kept = workspace.state / "stream.json"
    if kept.exists():
        left = json.loads(kept.read_text())
        first, hours = datetime.fromisoformat(left["first"]), left["hours"]
    else:
        first = (start or _after_newest(outputs, of)).replace(minute=0, second=0, microsecond=0, tzinfo=UTC)
        kept.write_text(json.dumps({"first": first.isoformat(), "hours": hours}))
    return [first + timedelta(hours=hour) for hour in range(hours)]


def finish_stream(workspace: Workspace) -> None:
    """All planned hours are loaded: the next stream makes a plan of its own."""
    (workspace.state / "stream.json").unlink(missing_ok=True)


def _after_newest(outputs: StackOutputs, of: GeneratorSettings) -> datetime:
    s3 = aws_client(outputs, "s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=outputs.bucket, Prefix=f"{stream.FOLDER}/")
    taken = {item["Key"] for page in pages for item in page.get("Contents", [])}
    hour = stream.first_hour(of)
    while stream.hour_path(hour) in taken:
        hour += timedelta(hours=1)
    return hour
