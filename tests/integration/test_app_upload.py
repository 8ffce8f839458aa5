"""The app's files reach their stage through an unchanged connector, and stay in step with the folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from snowflake_objects.local_folder import folder_hashes
from snowflake_objects.stage_files import StageFilesProvider
from tests.integration.conftest import LocalCloud

pytestmark = pytest.mark.integration

STAGE = '"APP_UPLOAD"."APP"."APP_STAGE"'


@pytest.fixture
def connection(local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("SNOWFLAKE_PASSWORD", "local")
    with local_cloud.connect(role="ACCOUNTADMIN") as made, made.cursor() as cursor:
        cursor.execute('CREATE OR REPLACE DATABASE "APP_UPLOAD"')
        cursor.execute('CREATE SCHEMA "APP_UPLOAD"."APP" WITH MANAGED ACCESS')
        cursor.execute(f"CREATE STAGE {STAGE} ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE') DIRECTORY = (ENABLE = true)")
    return {
        "organization": "LOCAL",
        "account": "C360",
        "user": "C360",
        "role": "ACCOUNTADMIN",
        "authenticator": "SNOWFLAKE",
        "host": local_cloud.host,
        "port": float(local_cloud.port),
        "protocol": "http",
    }


def listed(cloud: LocalCloud) -> dict[str, int]:
    """Size of each file on the stage."""
    with cloud.connect(role="ACCOUNTADMIN") as connection, connection.cursor() as cursor:
        cursor.execute(f"LIST @{STAGE}/")
        return {str(row[0]): int(row[1]) for row in cursor.fetchall()}


def test_stage_follows_the_folder(local_cloud: LocalCloud, connection: dict[str, Any], tmp_path: Path) -> None:
    def properties() -> dict[str, Any]:
        folder = {"stage": STAGE, "stage_folder": "app", "source_folder": str(tmp_path)}
        return folder | {"files": folder_hashes(tmp_path), "connection": connection}

    provider = StageFilesProvider()
    (tmp_path / "pages").mkdir()
    (tmp_path / "main.py").write_text("12345")
    (tmp_path / "pages" / "one.py").write_text("1")
    created = provider.create(properties())
    assert listed(local_cloud) == {"app_stage/app/main.py": 5, "app_stage/app/pages/one.py": 1}
    old = created.outs
    assert old is not None
    assert provider.read(created.id, old).outs == old

    (tmp_path / "main.py").write_text("1234567")
    (tmp_path / "pages" / "one.py").unlink()
    (tmp_path / "pages" / "two.py").write_text("22")
    updated = provider.update(created.id, old, properties()).outs
    assert listed(local_cloud) == {"app_stage/app/main.py": 7, "app_stage/app/pages/two.py": 2}

    with local_cloud.connect(role="ACCOUNTADMIN") as made, made.cursor() as cursor:
        cursor.execute(f"REMOVE @{STAGE}/app/main.py")
    assert updated is not None
    found = provider.read(created.id, updated).outs
    assert found is not None
    assert provider.diff(created.id, found, properties()).changes

    provider.delete(created.id, updated)
    assert listed(local_cloud) == {}


def test_without_the_stage_there_is_nothing_to_read_or_delete(
    local_cloud: LocalCloud, connection: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text("1")
    files = {"files": folder_hashes(tmp_path), "connection": connection, "source_folder": str(tmp_path)}
    gone = files | {"stage": '"APP_UPLOAD"."APP"."NO_STAGE"', "stage_folder": "app"}
    assert StageFilesProvider().read("id", gone).id is None
    StageFilesProvider().delete("id", gone)
