"""Stages. https://docs.snowflake.com/en/sql-reference/sql/create-stage"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import SqlObject
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection
from local_cloud.engine.resources.snowflake.file_formats import options
from local_cloud.engine.values import Properties

_DIRECTORY = (
    ("enable", "ENABLE", sql.flag),
    ("refreshOnCreate", "REFRESH_ON_CREATE", sql.flag),
    ("autoRefresh", "AUTO_REFRESH", sql.flag),
    ("awsSnsTopic", "AWS_SNS_TOPIC", sql.text),
)


def directory(given: Properties, *, on_alter: bool = False) -> str:
    """`DIRECTORY = (ENABLE = true ...)`."""
    used = _DIRECTORY[:1] if on_alter else _DIRECTORY
    inner = " ".join(f"{keyword} = {render(given[key])}" for key, keyword, render in used if given.get(key) is not None)
    return f"DIRECTORY = ({inner})"


def file_format(given: Properties) -> str:
    """`FILE_FORMAT = (FORMAT_NAME = '...')` or with the options of one type."""
    if "formatName" in given:
        return f"FILE_FORMAT = (FORMAT_NAME = {sql.text(given['formatName'])})"
    kind = next(iter(given))
    return f"FILE_FORMAT = ({' '.join(options(kind.upper(), given[kind] or {}))})"


class Stage(SqlObject):
    """Base: stages share directory tables, file formats and comments."""

    kind = "STAGE"
    scope = ("database", "schema")

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        formats = inputs.get("fileFormat")
        if isinstance(formats, dict) and (
            len(formats) != 1 or next(iter(formats)) not in ("csv", "json", "parquet", "formatName")
        ):
            raise EngineError(f"{self.type} {name}: the input fileFormat takes one of csv, json, parquet, formatName")
        return super().check(name, inputs, provider)

    def replaced_by(self, old: Properties, new: Properties, changed: set[str]) -> set[str]:
        found = super().replaced_by(old, new, changed)
        if "directory" in changed and _needs_another(old.get("directory"), new.get("directory")):
            found.add("directory")
        return found

    def tail(self, inputs: Properties) -> list[str]:
        found = [directory(inputs["directory"])] if isinstance(inputs.get("directory"), dict) else []
        found += [file_format(inputs["fileFormat"])] if isinstance(inputs.get("fileFormat"), dict) else []
        return found + ([f"COMMENT = {sql.text(inputs['comment'])}"] if inputs.get("comment") is not None else [])

    def alter_tail(self, old: Properties, new: Properties) -> list[str]:
        """Statements for what all stages share."""
        target, statements = f"ALTER STAGE {self.fully_qualified(new)} SET", []
        if old.get("directory") != new.get("directory") and new.get("directory"):
            statements.append(f"{target} {directory(new['directory'], on_alter=True)}")
        if old.get("fileFormat") != new.get("fileFormat"):
            statements.append(f"{target} {file_format(new.get('fileFormat') or {'csv': {}})}")
        if old.get("comment") != new.get("comment"):
            statements.append(f"{target} COMMENT = {sql.text(new.get('comment') or '')}")
        return statements

    def renaming(self, old: Properties, new: Properties) -> list[str]:
        if old["name"] == new["name"]:
            return []
        return [f"ALTER STAGE {self.fully_qualified(old)} RENAME TO {self.fully_qualified(new)}"]


def _needs_another(old: Properties | None, new: Properties | None) -> bool:
    """A directory table that loses or changes what only CREATE takes."""
    before, after = old or {}, new or {}
    if old and not new:
        return True
    return any(
        before.get(key) != after.get(key) for key in ("awsSnsTopic", "autoRefresh") if key in before or key in after
    )


class StageExternalS3(Stage):
    type = "snowflake:index/stageExternalS3:StageExternalS3"
    unsupported: ClassVar = ("credentials", "awsAccessPointArn", "usePrivatelinkEndpoint", "encryption")

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        for key in self.unsupported:
            if key in inputs:
                raise EngineError(
                    f"{self.type} {name}: the local engine does not support the input {key}; leave it out"
                )
        url = inputs.get("url")
        if isinstance(url, str) and not url.startswith(("s3://", "s3gov://", "s3china://")):
            raise EngineError(f"{self.type} {name}: the input url is {url!r}; allowed is s3://bucket/path/")
        return super().check(name, inputs, provider)

    def predicted(self, inputs: Properties) -> Properties:
        return super().predicted(inputs) | {"stageType": "EXTERNAL", "cloud": "AWS"}

    def replaced_by(self, old: Properties, new: Properties, changed: set[str]) -> set[str]:
        found = super().replaced_by(old, new, changed)
        return found | (
            {"storageIntegration"} if "storageIntegration" in changed and not new.get("storageIntegration") else set()
        )

    def clauses(self, inputs: Properties) -> list[str]:
        return [*_place(inputs), *self.tail(inputs)]

    def alter_sql(self, old: Properties, new: Properties) -> list[str]:
        statements = self.renaming(old, new)
        if any(old.get(key) != new.get(key) for key in ("url", "storageIntegration")):
            # In one statement: each of them alone could contradict the other's old value.
            statements.append(f"ALTER STAGE {self.fully_qualified(new)} SET {' '.join(_place(new))}")
        return statements + self.alter_tail(old, new)

    def read_more(self, connection: SnowflakeConnection, inputs: Properties, row: Mapping[str, Any]) -> Properties:
        live: Properties = {"url": row["url"]} if "url" in row else {}
        if "storageIntegration" in inputs and "storage_integration" in row:
            live["storageIntegration"] = row["storage_integration"]
        return live


def _place(inputs: Properties) -> list[str]:
    found = [f"URL = {sql.text(inputs['url'])}"]
    if inputs.get("storageIntegration"):
        found.append(f"STORAGE_INTEGRATION = {sql.ident(inputs['storageIntegration'])}")
    return found


class StageInternal(Stage):
    type = "snowflake:index/stageInternal:StageInternal"
    replaces = frozenset({"encryption"})

    def predicted(self, inputs: Properties) -> Properties:
        return super().predicted(inputs) | {"stageType": "INTERNAL"}

    def clauses(self, inputs: Properties) -> list[str]:
        kinds = {"snowflakeFull": "SNOWFLAKE_FULL", "snowflakeSse": "SNOWFLAKE_SSE"}
        given = [kinds[key] for key in inputs.get("encryption") or {}]
        return [*(f"ENCRYPTION = (TYPE = {sql.text(kind)})" for kind in given), *self.tail(inputs)]

    def alter_sql(self, old: Properties, new: Properties) -> list[str]:
        return self.renaming(old, new) + self.alter_tail(old, new)


HANDLERS = [StageExternalS3(), StageInternal()]
