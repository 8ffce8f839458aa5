"""A folder's files on an internal stage, as a Pulumi resource: uploads what changed, by content hash."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from snowflake_objects.local_folder import folder_hashes
from snowflake_objects.settings import SnowflakeSettings

if TYPE_CHECKING:
    from snowflake_objects.stage_folder import StageFolder

_REPOSITORY = Path(__file__).resolve().parents[1]
_PROPERTIES = ("stage", "stage_folder", "source_folder", "files", "connection")

Properties = dict[str, Any]


@dataclass(frozen=True)
class StageFilesArgs:
    """
    Attributes:
        connection: how to reach Snowflake; credentials come from the environment and are in no state.
        stage: the stage's quoted, fully qualified name.
        stage_folder: where on the stage the files go.
        source_folder: the folder to upload, relative to the repository (so that the state names no machine's path).
    """

    connection: SnowflakeSettings
    stage: pulumi.Input[str]
    stage_folder: str
    source_folder: str


class StageFilesProvider(ResourceProvider):
    """Creates, changes, reads and deletes the files; Pulumi runs it in a process of its own."""

    # Pickled as a reference to this module, with nothing secret in it; as a secret it would hide the preview's text.
    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        moved = [key for key in ("stage", "stage_folder") if _olds.get(key) != _news.get(key)]
        changed = bool(moved) or _olds.get("files") != _news.get("files")
        return DiffResult(changes=changed, replaces=moved, stables=[], delete_before_replace=True)

    def create(self, props: Properties) -> CreateResult:
        with _stage_folder(props) as folder:
            for path, digest in sorted(props["files"].items()):
                folder.put(_source(props), path, digest)
            folder.require(props["files"])
        return CreateResult(f"{props['stage']}/{props['stage_folder']}", _outputs(props))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        old, new = _olds.get("files") or {}, _news["files"]
        with _stage_folder(_news) as folder:
            for path, digest in sorted(new.items()):
                if old.get(path) != digest:
                    folder.put(_source(_news), path, digest)
            folder.require(new)
            folder.remove(sorted(old.keys() - new.keys()))
        return UpdateResult(_outputs(_news))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Of the recorded files keep those that are on the stage, so that a lost one is uploaded again."""
        with _stage_folder(props) as folder:
            present = folder.paths()
        if present is None:
            # Not without outputs: Pulumi's own host would add to them.
            return ReadResult(None, {})
        kept = {path: digest for path, digest in props["files"].items() if path in present}
        return ReadResult(id_, _outputs(props | {"files": kept}))

    def delete(self, _id: str, _props: Properties) -> None:
        with _stage_folder(_props) as folder:
            folder.remove(sorted(_props["files"]))


class StageFiles(Resource, module="snowflake", name="StageFiles"):
    """The files of a local folder on a stage.

    Attributes:
        files: SHA-256 of each uploaded file, by its path below the folder.
    """

    files: pulumi.Output[dict[str, str]]

    def __init__(self, name: str, args: StageFilesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        properties = {
            "stage": args.stage,
            "stage_folder": args.stage_folder,
            "source_folder": args.source_folder,
            "files": folder_hashes(_REPOSITORY / args.source_folder),
            "connection": args.connection.model_dump(exclude_none=True),
        }
        super().__init__(StageFilesProvider(), name, properties, opts)


def _stage_folder(props: Mapping[str, Any]) -> AbstractContextManager[StageFolder]:
    # Imported only when a file moves: the connector takes 2 of the program's 5 seconds of importing.
    from snowflake_objects.stage_folder import open_stage_folder

    return open_stage_folder(props["connection"], props["stage"], props["stage_folder"])


def _source(props: Mapping[str, Any]) -> Path:
    return _REPOSITORY / str(props["source_folder"])


def _outputs(props: Mapping[str, Any]) -> Properties:
    return {key: props[key] for key in _PROPERTIES}
