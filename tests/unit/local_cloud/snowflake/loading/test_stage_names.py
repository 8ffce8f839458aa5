from __future__ import annotations

import pytest

from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.loading.stage_names import StageName, parse, quoted


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("@st", StageName(("ST",))),
        ("@db.Sc.st/a/b.csv", StageName(("DB", "SC", "ST"), "a/b.csv")),
        ('@"My db".x."q""uote"/a b/', StageName(("My db", "X", 'q"uote'), "a b/")),
        ("@st/", StageName(("ST",))),
    ],
)
def test_references_are_read_as_snowflake_stores_them(reference: str, expected: StageName) -> None:
    assert parse(reference) == expected


@pytest.mark.parametrize("reference", ["@~/x", "@%table"])
def test_user_and_table_stages_are_refused(reference: str) -> None:
    with pytest.raises(SnowflakeError, match="local cloud does not support: user and table stages"):
        parse(reference)


def test_text_that_is_no_stage_is_a_syntax_error() -> None:
    with pytest.raises(SnowflakeError, match="syntax error"):
        parse("st/a")


def test_only_bare_references_are_quoted() -> None:
    text = "copy into t from @a.b/c-1/x.csv files=('@no') -- @no\n pattern='it''s @no' /* @no */"
    assert quoted(text) == text.replace("@a.b/c-1/x.csv", "'@a.b/c-1/x.csv'")
