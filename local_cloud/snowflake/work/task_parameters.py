"""SHOW PARAMETERS IN TASK and IN PROCEDURE.

https://docs.snowflake.com/en/sql-reference/sql/show-parameters
"""

from __future__ import annotations

from local_cloud.snowflake import registry
from local_cloud.snowflake.objects import parameters, show, store
from local_cloud.snowflake.objects.ddl import Reader
from local_cloud.snowflake.results import Result
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement
from local_cloud.snowflake.work import procedures, task_settings
from local_cloud.snowflake.work.tasks import TASK


def _of_task(session: Session, name: tuple[str, ...]) -> parameters.Levels:
    return task_settings.levels(session.account, store.get(session, TASK, name))


parameters.levels_of["TASK"] = _of_task


@registry.statement("SHOW PARAMETERS IN PROCEDURE", "SHOW PARAMETERS FOR PROCEDURE")
def of_procedure(session: Session, statement: Statement) -> Result:
    """What its session may set. https://docs.snowflake.com/en/sql-reference/sql/alter-procedure"""
    reader = Reader(statement)
    reader.expect("SHOW", "PARAMETERS")
    reader.accept_one("IN", "FOR")
    reader.expect("PROCEDURE")
    procedure = procedures.named(session, reader)
    reader.end()
    levels = parameters.above(session.account, procedure.name)
    return parameters.table(show.Request(), parameters.of_scope("PROCEDURE"), levels)
