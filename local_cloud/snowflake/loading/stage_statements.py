"""LIST and REMOVE: the files of a stage.

https://docs.snowflake.com/en/sql-reference/sql/list, https://docs.snowflake.com/en/sql-reference/sql/remove
"""

from __future__ import annotations

from datetime import UTC
from email.utils import format_datetime

import pyarrow as pa

from local_cloud.snowflake import registry
from local_cloud.snowflake.loading import stage_names, stages
from local_cloud.snowflake.loading.stages import Stage, StageFile
from local_cloud.snowflake.objects.ddl import Reader
from local_cloud.snowflake.results import Result, rows
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement


@registry.statement("LIST", "LS")
def list_files(session: Session, statement: Statement) -> Result:
    _, found = _chosen(session, statement, writes=False)
    values = [[f.url, f.size, f.etag, format_datetime(f.modified.astimezone(UTC), usegmt=True)] for f in found]
    return rows(["name", "size", "md5", "last_modified"], values, [pa.string(), pa.int64(), pa.string(), pa.string()])


@registry.statement("REMOVE", "RM")
def remove_files(session: Session, statement: Statement) -> Result:
    stage, found = _chosen(session, statement, writes=True)
    for file in found:
        stage.remove(file)
    return rows(["name", "result"], [[file.url, "removed"] for file in found])


def _chosen(session: Session, statement: Statement, *, writes: bool) -> tuple[Stage, list[StageFile]]:
    # Without its verb: the tokenizer takes what follows REMOVE for text of another language.
    _, _, target = statement.text.strip().partition(" ")
    reader = Reader(Statement(stage_names.quoted(target)))
    name = stage_names.parse(reader.string())
    pattern = None
    if reader.accept("PATTERN"):
        reader.expect("=")
        pattern = reader.string()
    reader.end()
    stage = stages.find(session, name, writes=writes)
    return stage, stages.chosen(stage.files(name.path), pattern)
