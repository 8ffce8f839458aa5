"""File formats, stages and Streamlit objects."""

from __future__ import annotations

import pytest

from local_cloud.snowflake.account import Account
from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.objects import stages
from tests.unit.local_cloud.snowflake.objects.conftest import Run, refused

pytestmark = pytest.mark.usefixtures("schema")

INTEGRATION = (
    "CREATE OR REPLACE STORAGE INTEGRATION I TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE "
    "STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/r' STORAGE_AWS_EXTERNAL_ID = 'x' "
    "STORAGE_ALLOWED_LOCATIONS = ('s3://b/p/')"
)


def described(run: Run, text: str) -> dict[str, str]:
    return {row["property"]: row["property_value"] for row in run(text)}


# -- file formats


def test_a_csv_format_has_snowflakes_defaults(run: Run, account: Account) -> None:
    run("CREATE FILE FORMAT F TYPE = CSV SKIP_HEADER = 1 FIELD_OPTIONALLY_ENCLOSED_BY = '\"' NULL_IF = ('', '\\\\N')")
    entry = account.catalog.get("file_format", "D.S.F")
    assert entry is not None
    assert entry.document | {"COMMENT": ""} == entry.document
    chosen = (
        "TYPE",
        "SKIP_HEADER",
        "FIELD_OPTIONALLY_ENCLOSED_BY",
        "NULL_IF",
        "FIELD_DELIMITER",
        "ESCAPE_UNENCLOSED_FIELD",
    )
    assert [entry.document[key] for key in chosen] == ["CSV", 1, '"', ["", "\\N"], ",", "\\"]
    rows = {row["property"]: row for row in run("DESC FILE FORMAT D.S.F")}
    assert (rows["SKIP_HEADER"]["property_value"], rows["SKIP_HEADER"]["property_default"]) == ("1", "0")
    assert rows["SKIP_HEADER"]["property_type"] == "Integer"
    assert rows["NULL_IF"]["property_value"] == "[, \\\\N]"
    assert rows["RECORD_DELIMITER"]["property_value"] == "\\n"
    assert rows["ERROR_ON_COLUMN_COUNT_MISMATCH"]["property_value"] == "true"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("SKIP_HEADER = 1", "Missing option(s): TYPE"),
        ("TYPE = XLSX", "Allowed: CSV, JSON, PARQUET."),
        ("TYPE = PARQUET SKIP_HEADER = 1", "invalid property 'SKIP_HEADER' for 'FILE FORMAT'"),
        ("TYPE = CSV COMPRESSION = SNAPPY", "invalid value [SNAPPY] for parameter 'COMPRESSION'"),
        ("TYPE = CSV PARSE_HEADER = TRUE SKIP_HEADER = 1", "SKIP_HEADER cannot be set when PARSE_HEADER is TRUE"),
    ],
)
def test_refused_file_formats(run: Run, options: str, message: str) -> None:
    assert message in refused(run, f"CREATE FILE FORMAT F {options}").message


def test_altering_and_showing_file_formats(run: Run) -> None:
    run("CREATE FILE FORMAT P TYPE = PARQUET COMPRESSION = SNAPPY COMMENT = 'c'")
    run("ALTER FILE FORMAT P SET USE_LOGICAL_TYPE = TRUE")
    assert described(run, "DESC FILE FORMAT P")["USE_LOGICAL_TYPE"] == "true"
    assert refused(run, "ALTER FILE FORMAT P SET SKIP_HEADER = 1").errno == 1420
    run("ALTER FILE FORMAT P RENAME TO Q")
    (row,) = run("SHOW FILE FORMATS IN SCHEMA D.S")
    assert (row["name"], row["database_name"], row["schema_name"], row["type"]) == ("Q", "D", "S", "PARQUET")
    run("DROP FILE FORMAT Q")
    assert refused(run, "DESC FILE FORMAT Q").message.endswith("File format 'D.S.Q' does not exist or not authorized.")


# -- stages


def test_an_external_stage_as_the_provider_makes_it(run: Run, account: Account) -> None:
    run(INTEGRATION)
    run("CREATE FILE FORMAT F TYPE = CSV")
    run(
        'CREATE STAGE "D"."S"."ST" URL = \'s3://b/p/in/\' STORAGE_INTEGRATION = "I" '
        'FILE_FORMAT = (FORMAT_NAME = \'"D"."S"."F"\') COMMENT = \'c\''
    )
    entry = account.catalog.get("stage", "D.S.ST")
    assert entry is not None
    assert (entry.document["URL"], entry.document["STORAGE_INTEGRATION"]) == ("s3://b/p/in/", "I")
    assert entry.document["FILE_FORMAT"] == {"FORMAT_NAME": "D.S.F"}
    shown = described(run, "DESC STAGE D.S.ST")
    assert (shown["URL"], shown["AWS_EXTERNAL_ID"], shown["FORMAT_NAME"]) == ('["s3://b/p/in/"]', "x", "D.S.F")
    (row,) = run("SHOW STAGES IN DATABASE D")
    assert (row["type"], row["storage_integration"], row["cloud"], row["region"]) == (
        "EXTERNAL",
        "I",
        "AWS",
        "us-east-1",
    )
    columns = ["parent_property", "property", "property_type", "property_value", "property_default"]
    assert list(run("DESC STAGE ST")[0]) == columns


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("URL = 's3://b/q/' STORAGE_INTEGRATION = I", "Location 's3://b/q/' is not allowed by integration 'I'."),
        ("URL = 's3://b/p/' STORAGE_INTEGRATION = J", "Integration 'J' does not exist or not authorized."),
        ("URL = 's3://b/p/'", "local cloud does not support: a stage with a URL and no STORAGE_INTEGRATION"),
        ("STORAGE_INTEGRATION = I", "Missing option(s): URL"),
        ("FILE_FORMAT = (FORMAT_NAME = 'NOPE')", "File format 'D.S.NOPE' does not exist or not authorized."),
        ("FILE_FORMAT = (TYPE = JSON SKIP_HEADER = 1)", "invalid property 'SKIP_HEADER' for 'FILE FORMAT'"),
        ("URL = 's3://b/p/' CREDENTIALS = (AWS_KEY_ID = 'x')", "local cloud does not support"),
    ],
)
def test_refused_stages(run: Run, options: str, message: str) -> None:
    run(INTEGRATION)
    assert message in refused(run, f"CREATE STAGE ST {options}").message


def test_replacing_the_integration_breaks_its_stages_until_they_are_linked_again(run: Run, account: Account) -> None:
    run(INTEGRATION)
    run("CREATE STAGE ST URL = 's3://b/p/' STORAGE_INTEGRATION = I")
    stage = account.catalog.get("stage", "D.S.ST")
    assert stage is not None
    assert stages.integration_of(account, stage).name == "I"
    run(INTEGRATION)
    with pytest.raises(SnowflakeError, match="Integration 'I' associated with the stage 'ST' cannot be found"):
        stages.integration_of(account, stage)
    run("ALTER STAGE ST SET COMMENT = 'still broken'")
    still = account.catalog.get("stage", "D.S.ST")
    assert still is not None
    with pytest.raises(SnowflakeError, match="003139"):
        stages.integration_of(account, still)
    run("ALTER STAGE ST SET URL = 's3://b/p/' STORAGE_INTEGRATION = I")
    linked = account.catalog.get("stage", "D.S.ST")
    assert linked is not None
    assert stages.integration_of(account, linked).name == "I"


def test_internal_stages_keep_and_lose_their_files(run: Run, account: Account) -> None:
    run("CREATE STAGE ST ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE') DIRECTORY = (ENABLE = TRUE)")
    (row,) = run("SHOW STAGES")
    assert (row["type"], row["directory_enabled"], row["url"]) == ("INTERNAL NO CSE", "Y", "")
    stages.folder(account, "D.S.ST").mkdir(parents=True)
    (stages.folder(account, "D.S.ST") / "a").write_text("a")
    run("ALTER STAGE ST RENAME TO T")
    assert (stages.folder(account, "D.S.T") / "a").read_text() == "a"
    run("CREATE STAGE IF NOT EXISTS T")
    assert (stages.folder(account, "D.S.T") / "a").exists()
    run("CREATE OR REPLACE STAGE T")
    assert not stages.folder(account, "D.S.T").exists()
    run("DROP STAGE T")
    assert run("SHOW STAGES") == []


def test_copy_options_of_a_stage(run: Run, account: Account) -> None:
    run("CREATE STAGE ST COPY_OPTIONS = (ON_ERROR = 'skip_file_10%' PURGE = TRUE)")
    entry = account.catalog.get("stage", "D.S.ST")
    assert entry is not None
    assert entry.document["COPY_OPTIONS"] == {"ON_ERROR": "SKIP_FILE_10%", "PURGE": True}
    assert "invalid value [IGNORE]" in refused(run, "CREATE STAGE S2 COPY_OPTIONS = (ON_ERROR = IGNORE)").message


# -- Streamlit


def test_a_streamlit_object(run: Run) -> None:
    run("CREATE STAGE APP_STAGE")
    run("CREATE WAREHOUSE W")
    run(
        'CREATE STREAMLIT "D"."S"."APP" ROOT_LOCATION = \'@"D"."S"."APP_STAGE"/app\' MAIN_FILE = \'main.py\' '
        "QUERY_WAREHOUSE = \"W\" TITLE = 'Customer 360'"
    )
    (row,) = run("DESCRIBE STREAMLIT APP")
    assert (row["title"], row["main_file"], row["query_warehouse"]) == ("Customer 360", "main.py", "W")
    assert row["root_location"] == "@D.S.APP_STAGE/app"
    url = row["url_id"]
    assert len(url) == 20
    run("ALTER STREAMLIT APP SET TITLE = 'T' COMMENT = 'c'")
    (shown,) = run("SHOW STREAMLITS IN SCHEMA D.S")
    assert (shown["title"], shown["comment"], shown["url_id"], shown["owner"]) == ("T", "c", url, "ACCOUNTADMIN")
    run("CREATE OR REPLACE STREAMLIT APP FROM '@APP_STAGE' MAIN_FILE = 'main.py'")
    assert run("DESCRIBE STREAMLIT APP")[0]["root_location"] == "@D.S.APP_STAGE"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("MAIN_FILE = 'a.py'", "Missing option(s): ROOT_LOCATION"),
        ("ROOT_LOCATION = '@NOPE/app'", "Stage 'D.S.NOPE' does not exist or not authorized."),
        (
            "ROOT_LOCATION = 's3://b/'",
            "invalid value [s3://b/] for parameter 'ROOT_LOCATION'. Allowed: @<stage>/<path>.",
        ),
        ("ROOT_LOCATION = '@ST' QUERY_WAREHOUSE = NOPE", "Warehouse 'NOPE' does not exist or not authorized."),
    ],
)
def test_refused_streamlits(run: Run, options: str, message: str) -> None:
    run("CREATE STAGE ST")
    assert message in refused(run, f"CREATE STREAMLIT APP {options}").message


# -- SHOW


def test_show_narrows_by_pattern_start_and_limit(run: Run) -> None:
    for name in ("ALPHA", "ALSO", "BETA", '"alone"'):
        run(f"CREATE STAGE {name}")

    def shown(text: str) -> list[str]:
        return [row["name"] for row in run(f"SHOW STAGES {text}")]

    assert shown("LIKE 'al%'") == ["ALPHA", "ALSO", "alone"]
    assert shown("LIKE 'AL_O'") == ["ALSO"]
    assert shown("STARTS WITH 'AL'") == ["ALPHA", "ALSO"]
    assert shown("IN ACCOUNT LIMIT 2") == ["ALPHA", "ALSO"]
    assert shown("IN ACCOUNT LIMIT 2 FROM 'ALSO'") == ["BETA", "alone"]
    assert shown("IN DATABASE") == ["ALPHA", "ALSO", "BETA", "alone"]
    assert shown("IN S") == ["ALPHA", "ALSO", "BETA", "alone"]
    assert shown("IN D.PUBLIC") == []
    assert refused(run, "SHOW STAGES IN SCHEMA D.NOPE").errno == 2043
    assert refused(run, "SHOW STAGES SIDEWAYS").errno == 1003
