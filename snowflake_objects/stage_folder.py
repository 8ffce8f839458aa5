"""A folder on an internal stage."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import snowflake.connector
from snowflake.connector.cursor import SnowflakeCursor
from snowflake.connector.errors import ProgrammingError

from snowflake_objects.connection import connection_parameters
from snowflake_objects.local_folder import sha256

_DOES_NOT_EXIST = 2003


@dataclass(frozen=True)
class StageFolder:
    """A folder on a stage.

    Attributes:
        cursor: an open connection's.
        stage: the stage's quoted, fully qualified name.
        folder: path on the stage, without slashes at its ends.
    """

    cursor: SnowflakeCursor
    stage: str
    folder: str

    def put(self, source: Path, path: str, digest: str) -> None:
        """Upload `source / path`, replacing what is there.

        Raises:
            RuntimeError: the file's content is not the one with `digest` any more.
        """
        if sha256(source / path) != digest:
            raise RuntimeError(f"{source / path} changed while it was being uploaded; run the update again.")
        target = PurePosixPath(self.folder, path).parent
        self.cursor.execute(
            f"PUT 'file://{(source / path).as_posix()}' @{self.stage}/{target} AUTO_COMPRESS=FALSE OVERWRITE=TRUE"
        )

    def require(self, paths: Iterable[str]) -> None:
        """Look whether the files are there: the client reports some failed uploads as done.

        Raises:
            RuntimeError: some are not.
        """
        missing = sorted(set(paths) - (self.paths() or set()))
        if missing:
            raise RuntimeError(f"Uploaded to {self.stage} but not there: {', '.join(missing)}; run the update again.")

    def remove(self, paths: Iterable[str]) -> None:
        """Delete files; those that are gone already, with or without the stage, are no error."""
        for path in paths:
            try:
                self.cursor.execute(f"REMOVE @{self.stage}/{self.folder}/{path}")
            except ProgrammingError as error:
                if error.errno != _DOES_NOT_EXIST:
                    raise

    def paths(self) -> set[str] | None:
        """What is there, or None when the stage does not exist."""
        try:
            self.cursor.execute(f"LIST @{self.stage}/{self.folder}/")
        except ProgrammingError as error:
            if error.errno == _DOES_NOT_EXIST:
                return None
            raise
        # Names start with the stage's own name, in lower case: `app_stage/customer_360/streamlit_app.py`.
        return {str(row[0]).split("/", 1)[1].removeprefix(f"{self.folder}/") for row in self.cursor.fetchall()}


@contextmanager
def open_stage_folder(connection: Mapping[str, Any], stage: str, folder: str) -> Iterator[StageFolder]:
    """Connect with the environment's credentials for as long as the folder is used."""
    parameters = connection_parameters(connection, os.environ)
    with snowflake.connector.connect(**parameters) as open_connection, open_connection.cursor() as cursor:
        yield StageFolder(cursor, stage, folder)
