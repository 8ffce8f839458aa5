"""Generated documents are those of the committed tables and models, and say all there is to say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import BaseModel

from infra.documents.access import access_document
from infra.documents.catalogue import DOCUMENTS
from infra.documents.settings import keys
from infra.offline import REPOSITORY
from snowflake_objects.access import ROLE_ACCESS
from snowflake_objects.naming import Role
from snowflake_objects.settings import Settings


@pytest.mark.parametrize("path", DOCUMENTS)
def test_is_not_stale(path: str) -> None:
    written = (REPOSITORY / path).read_text(encoding="utf-8")
    assert written == DOCUMENTS[path](), f"{path} is stale; run `make docs`"


def leaves(model: type[BaseModel], prefix: str = "") -> set[str]:
    schema = model.model_json_schema(by_alias=True)

    def walk(node: dict[str, object], path: str) -> set[str]:
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return {path}
        group = schema["$defs"][reference.rsplit("/", 1)[-1]]
        return {leaf for key, each in group["properties"].items() for leaf in walk(each, f"{path}.{key}")}

    return {leaf for key, each in schema["properties"].items() for leaf in walk(each, key)}


def test_settings_are_complete_and_explained() -> None:
    found = {key.path: key for key in keys()}
    assert found.keys() == leaves(Settings)
    assert [key.path for key in found.values() if not key.meaning.endswith(".") or not key.kind] == []


@pytest.mark.parametrize(
    ("path", "kind", "default", "allowed"),
    [
        ("region", "text", "must be set", "`us-east-1`, "),
        ("warehouses.analytics.statementTimeoutSeconds", "whole number", "`300`", "60 or more; 172800 or less"),
        ("warehouses.load.statementTimeoutSeconds", "whole number", "`3600`", "60 or more; "),
        ("alertAddresses", "list of texts", "must be set", "at least 1 entries; at most 50 entries; matches `"),
        ("aws.accountId", "text", "none", "matches `^\\d{12}$`"),
        ("features.tasksStarted", "true or false", "`false`", ""),
        ("alerts.failedFilesPercent", "number", "`10`", "more than 0; 100 or less"),
    ],
)
def test_a_key_says_type_default_and_what_is_allowed(path: str, kind: str, default: str, allowed: str) -> None:
    key = next(key for key in keys() if key.path == path)
    assert (key.kind, key.default) == (kind, default)
    assert key.allowed.startswith(allowed)


@pytest.mark.parametrize("role", Role)
def test_a_right_taken_away_is_missing_from_the_document(role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, access = access_document(), ROLE_ACCESS[role]
    changes = [replace(access, warehouses=())]
    if access.schemas:
        changes.append(replace(access, schemas=access.schemas[:-1]))
    if access.creates:
        changes.append(replace(access, creates=access.creates[:-1]))
    for change in changes:
        monkeypatch.setitem(ROLE_ACCESS, role, change)
        assert access_document() != whole


def test_what_comes_by_inheritance_is_in_brackets() -> None:
    lines = access_document().splitlines()
    assert "| DATA_ENGINEER | (W) | (W) | (W) | (W) | (W) | (W) | (W) |" in lines
    assert "| MARKETING_MANAGER |  |  | R |  |  | R | R |" in lines
    assert "| pipe | LOADER | MONITOR, OPERATE |" in lines
