"""Error notifications of pipes and tasks, published on the topic of their ERROR_INTEGRATION.

https://docs.snowflake.com/en/user-guide/data-load-snowpipe-errors-sns,
https://docs.snowflake.com/en/user-guide/tasks-errors-integrate

A notice that cannot be published is logged and lost, as Snowflake promises no more than a try.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Sequence
from typing import Any

from local_cloud.snowflake import clock, errors
from local_cloud.snowflake.account import Account
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.loading import snowpipe
from local_cloud.snowflake.loading.history import FileLoad
from local_cloud.snowflake.objects import trust
from local_cloud.snowflake.work import notifications, runs, task_runs

_LOG = logging.getLogger(__name__)
_VERSION = "1.0"


def tell_of_files(account: Account, pipe: Entry, failed: Sequence[FileLoad]) -> None:
    """One message for the files of a load that failed or lost rows."""
    name = pipe.document["ERROR_INTEGRATION"]
    if not name or not failed:
        return
    stage = account.catalog.get("stage", pipe.document["STAGE"])
    notice = _notice(account, "INGEST_FAILED_FILE") | {
        "pipeName": pipe.name,
        "tableName": pipe.document["TARGET"],
        "stageLocation": stage.document["URL"] if stage else "",
        "messages": [{"fileName": f"/{item.path}", "firstError": item.first_error} for item in failed],
    }
    _publish(account, name, notice)


def tell_of_task(run: task_runs.GraphRun, task: Entry, row: int) -> None:
    """One message for a task that failed; the root's integration is the graph's."""
    name = run.graph.root.document["ERROR_INTEGRATION"]
    if not name or run.states[task.name] != "FAILED":
        return
    done = runs.of(run.account).row("task_runs", row)
    notice = _notice(run.account, "USER_TASK_FAILED") | {
        "taskName": task.name,
        "taskId": task.document["ID"],
        "rootTaskName": run.graph.root.name,
        "rootTaskId": run.graph.root.document["ID"],
        "messages": [
            {
                "runId": done["run_id"],
                "scheduledTime": done["scheduled_time"],
                "queryStartTime": done["query_start_time"],
                "completedTime": done["completed_time"],
                "queryId": done["query_id"],
                "errorCode": done["error_code"],
                "errorMessage": done["error_message"],
            }
        ],
    }
    _publish(run.account, name, notice)


def _notice(account: Account, kind: str) -> dict[str, Any]:
    return {
        "version": _VERSION,
        "messageId": str(uuid.uuid4()),
        "messageType": kind,
        "timestamp": clock.of(account).now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "accountName": account.name.split("-")[-1],
    }


def _publish(account: Account, integration: str, notice: dict[str, Any]) -> None:
    try:
        entry = trust.find(account, integration)
        if entry.document["ENABLED"] and entry.document["TYPE"] == "QUEUE":
            notifications.publish(account, entry, json.dumps(notice))
    except errors.SnowflakeError as error:
        _LOG.warning("error notification through %s was not published: %s", integration, error)


snowpipe.error_listeners.append(tell_of_files)
task_runs.listeners.append(tell_of_task)
