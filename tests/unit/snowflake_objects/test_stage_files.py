"""The upload of a folder: what goes, what stays, what a change sends, and where credentials come from."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pulumi.dynamic.dynamic import serialize_provider
from snowflake.connector.errors import ProgrammingError

from snowflake_objects import stage_files
from snowflake_objects.connection import connection_parameters
from snowflake_objects.local_folder import folder_hashes
from snowflake_objects.stage_files import StageFilesProvider
from snowflake_objects.stage_folder import StageFolder

STAGE = '"D"."APP"."APP_STAGE"'
CONNECTION = {"organization": "ORG", "account": "ACC", "user": "U", "role": "R", "authenticator": "SNOWFLAKE"}


class Cursor:
    """Remembers statements; keeps the stage's files like Snowflake would, as far as the statements go."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.files: set[str] = set()
        self.gone = False
        self.loses = ""
        self._rows: list[tuple[str]] = []

    def execute(self, statement: str) -> None:
        self.statements.append(statement)
        if self.gone:
            raise ProgrammingError("Stage 'D.APP.APP_STAGE' does not exist or not authorized.", errno=2003)
        verb, *words = statement.split()
        if verb == "PUT":
            name = words[0].strip("'").rsplit("/", 1)[-1]
            if name == self.loses:
                return
            self.files.add(f"{words[1].removeprefix(f'@{STAGE}/')}/{name}")
        if verb == "REMOVE":
            self.files.discard(words[0].removeprefix(f"@{STAGE}/"))
        if verb == "LIST":
            self._rows = [(f"app_stage/{path}",) for path in sorted(self.files)]

    def fetchall(self) -> list[tuple[str]]:
        return self._rows


@pytest.fixture
def cursor(monkeypatch: pytest.MonkeyPatch) -> Cursor:
    cursor = Cursor()

    @contextmanager
    def open_folder(props: dict[str, Any]) -> Iterator[StageFolder]:
        yield StageFolder(cursor, props["stage"], props["stage_folder"])  # type: ignore[arg-type]  # stands in for a cursor

    monkeypatch.setattr(stage_files, "_stage_folder", open_folder)
    return cursor


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "streamlit_app.py", "import streamlit")
    write(tmp_path, "app_pages/overview.py", "1")
    return tmp_path


def write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def properties(folder: Path) -> dict[str, Any]:
    return {
        "stage": STAGE,
        "stage_folder": "app",
        "source_folder": str(folder),
        "files": folder_hashes(folder),
        "connection": CONNECTION,
    }


class TestFolder:
    def test_caches_and_secrets_stay_behind(self, folder: Path) -> None:
        for path in (
            "__pycache__/a.py",
            "app_pages/x.pyc",
            ".streamlit/secrets.toml",
            ".DS_Store",
            "a/.mypy_cache/b.json",
        ):
            write(folder, path, "no")
        write(folder, ".streamlit/config.toml", "yes")
        assert folder_hashes(folder).keys() == {"streamlit_app.py", "app_pages/overview.py", ".streamlit/config.toml"}
        assert folder_hashes(folder)["app_pages/overview.py"] == hashlib.sha256(b"1").hexdigest()

    def test_an_empty_folder_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match="Nothing to upload in"):
            folder_hashes(tmp_path / "missing")

    def test_a_name_that_could_end_the_statement_is_an_error(self, folder: Path) -> None:
        write(folder, "it's.py", "")
        with pytest.raises(ValueError, match=r"Cannot upload 'it's.py': allowed in a name are letters"):
            folder_hashes(folder)


class TestProvider:
    def test_creates_every_file_uncompressed_in_its_folder(self, cursor: Cursor, folder: Path) -> None:
        created = StageFilesProvider().create(properties(folder))
        assert cursor.statements == [
            f"PUT 'file://{folder}/app_pages/overview.py' @{STAGE}/app/app_pages AUTO_COMPRESS=FALSE OVERWRITE=TRUE",
            f"PUT 'file://{folder}/streamlit_app.py' @{STAGE}/app AUTO_COMPRESS=FALSE OVERWRITE=TRUE",
            f"LIST @{STAGE}/app/",
        ]
        assert created.outs == properties(folder)

    def test_sends_what_changed_and_removes_what_is_gone(self, cursor: Cursor, folder: Path) -> None:
        provider, old = StageFilesProvider(), properties(folder)
        provider.create(old)
        (folder / "app_pages" / "overview.py").unlink()
        write(folder, "streamlit_app.py", "import streamlit as st")
        write(folder, "utils/new.py", "2")
        cursor.statements.clear()
        new = properties(folder)
        assert provider.diff("id", old, new).changes
        assert provider.update("id", old, new).outs == new
        assert [statement.split(" AUTO")[0] for statement in cursor.statements] == [
            f"PUT 'file://{folder}/streamlit_app.py' @{STAGE}/app",
            f"PUT 'file://{folder}/utils/new.py' @{STAGE}/app/utils",
            f"LIST @{STAGE}/app/",
            f"REMOVE @{STAGE}/app/app_pages/overview.py",
        ]
        assert cursor.files == {"app/streamlit_app.py", "app/utils/new.py"}

    def test_an_upload_that_did_not_arrive_is_an_error(self, cursor: Cursor, folder: Path) -> None:
        cursor.loses = "overview.py"
        with pytest.raises(RuntimeError, match=r"but not there: app_pages/overview.py; run the update again."):
            StageFilesProvider().create(properties(folder))

    def test_sees_no_change_in_the_same_files(self, folder: Path) -> None:
        same, elsewhere = properties(folder), properties(folder) | {"source_folder": "moved"}
        assert not StageFilesProvider().diff("id", same, elsewhere).changes

    def test_another_stage_is_another_resource(self, folder: Path) -> None:
        old = properties(folder)
        assert StageFilesProvider().diff("id", old, old | {"stage": "other"}).replaces == ["stage"]

    def test_a_file_lost_on_the_stage_is_uploaded_again(self, cursor: Cursor, folder: Path) -> None:
        provider, recorded = StageFilesProvider(), properties(folder)
        provider.create(recorded)
        cursor.files.remove("app/streamlit_app.py")
        found = provider.read("id", recorded)
        assert found.outs is not None
        assert found.outs["files"].keys() == {"app_pages/overview.py"}
        assert provider.diff("id", found.outs, recorded).changes

    def test_without_its_stage_the_resource_is_gone(self, cursor: Cursor, folder: Path) -> None:
        cursor.gone = True
        assert StageFilesProvider().read("id", properties(folder)).id is None
        StageFilesProvider().delete("id", properties(folder))
        assert all(statement.startswith(("LIST", "REMOVE")) for statement in cursor.statements)

    def test_deletes_what_it_uploaded(self, cursor: Cursor, folder: Path) -> None:
        provider, props = StageFilesProvider(), properties(folder)
        provider.create(props)
        cursor.files.add("app/of-somebody-else.txt")
        provider.delete("id", props)
        assert cursor.files == {"app/of-somebody-else.txt"}

    def test_a_file_changed_meanwhile_is_not_uploaded_under_the_old_hash(self, cursor: Cursor, folder: Path) -> None:
        props = properties(folder)
        write(folder, "app_pages/overview.py", "changed")
        with pytest.raises(
            RuntimeError, match=r"overview.py changed while it was being uploaded; run the update again."
        ):
            StageFilesProvider().create(props)
        assert cursor.statements == []

    def test_travels_as_a_reference_to_its_module(self) -> None:
        pickled = base64.b64decode(serialize_provider(StageFilesProvider()))
        assert b"snowflake_objects.stage_files" in pickled
        assert len(pickled) < 200


class TestConnection:
    def test_credentials_come_from_the_environment(self) -> None:
        environment = {"SNOWFLAKE_PASSWORD": "secret", "HOME": "/root"}
        parameters = connection_parameters(CONNECTION, environment)
        patience = {name: parameters.pop(name) for name in ("login_timeout", "network_timeout")}
        assert parameters == {"account": "ORG-ACC", "user": "U", "role": "R", "password": "secret"}
        assert all(0 < seconds <= 60 for seconds in patience.values())

    def test_numbers_come_back_from_the_state_as_floats(self) -> None:
        local = CONNECTION | {"host": "127.0.0.1", "port": 8085.0, "protocol": "http"}
        parameters = connection_parameters(local, {})
        assert (parameters["host"], parameters["protocol"]) == ("127.0.0.1", "http")
        assert repr(parameters["port"]) == "8085"

    def test_an_encrypted_key_is_unlocked_for_the_connector(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"phrase"),
        ).decode()
        environment = {"SNOWFLAKE_PRIVATE_KEY": pem, "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE": "phrase"}
        parameters = connection_parameters(CONNECTION | {"authenticator": "SNOWFLAKE_JWT"}, environment)
        assert parameters["authenticator"] == "SNOWFLAKE_JWT"
        unlocked = serialization.load_der_private_key(parameters["private_key"], None)
        assert isinstance(unlocked, ec.EllipticCurvePrivateKey)
        assert unlocked.private_numbers() == key.private_numbers()
        assert "private_key_file_pwd" not in parameters


def test_a_run_that_moves_no_file_does_not_import_the_connector() -> None:
    code = "import sys, snowflake_objects.app; sys.exit('snowflake.connector' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=stage_files._REPOSITORY, check=False).returncode == 0
