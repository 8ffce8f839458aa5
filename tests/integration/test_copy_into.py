from __future__ import annotations

import gzip
import hashlib
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from snowflake.connector import ProgrammingError

from tests.integration.conftest import LocalCloud
from tests.integration.lake import Lake

pytestmark = pytest.mark.integration

TRANSFORM = (
    "(select $1, $2, $3, metadata$start_scan_time, metadata$filename, metadata$file_row_number from @lake_stage/{path})"
)
BAD = 'a,b,c\n7,x,2.5\nbad,x,1\n8,short\n9,a,b,c\n10,"open,1\n11,ok,4\n'


@pytest.fixture(scope="module")
def lake(local_cloud: LocalCloud) -> Lake:
    return Lake(local_cloud)


@pytest.fixture
def table(lake: Lake, request: pytest.FixtureRequest) -> str:
    name = f"T_{abs(hash(request.node.name)) % 10**8}"
    lake.sql(
        f"create table {name} (A number(38,0), B varchar, C number(12,2), D timestamp_ltz(9), "
        "F varchar, N number(38,0))"
    )
    return name


def copy(lake: Lake, table: str, path: str, options: str = "") -> list[dict[str, Any]]:
    return lake.sql(f"copy into {table} from {TRANSFORM.format(path=path)} {options}")


def test_files_are_loaded_once_with_their_provenance(lake: Lake, table: str) -> None:
    lake.put("t/once/a.csv", 'a,b,c\n1,x,2.5\n2,"y,z",3\n')
    lake.put("t/once/b.csv.gz", gzip.compress(b'a,b,c\n5,,2.5\n6,"y\nz",3\n'))
    loaded = copy(lake, table, "once/")
    assert [(row["file"], row["status"], row["rows_parsed"], row["rows_loaded"]) for row in loaded] == [
        (f"s3://{lake.bucket}/t/once/a.csv", "LOADED", 2, 2),
        (f"s3://{lake.bucket}/t/once/b.csv.gz", "LOADED", 2, 2),
    ]
    rows = lake.values(f"select A, B, F, N from {table} order by A")
    assert rows == [
        (1, "x", "t/once/a.csv", 1),
        (2, "y,z", "t/once/a.csv", 2),
        (5, None, "t/once/b.csv.gz", 1),
        (6, "y\nz", "t/once/b.csv.gz", 2),
    ]
    assert lake.values(f"select count(*) from {table} where D > dateadd(minute, -5, current_timestamp())") == [(4,)]
    assert copy(lake, table, "once/") == [{"status": "Copy executed with 0 files processed."}]
    lake.put("t/once/a.csv", "a,b,c\n3,changed,1\n")
    assert [row["rows_loaded"] for row in copy(lake, table, "once/")] == [1]
    assert [row["rows_loaded"] for row in copy(lake, table, "once/", "force = true")] == [1, 2]


def test_truncate_keeps_the_history_and_a_new_table_starts_without(lake: Lake, table: str) -> None:
    lake.put("t/history/a.csv", "a,b,c\n1,x,2.5\n")
    copy(lake, table, "history/")
    lake.sql(f"truncate table {table}")
    assert copy(lake, table, "history/") == [{"status": "Copy executed with 0 files processed."}]
    lake.sql(
        f"create or replace table {table} (A number, B varchar, C number(12,2), D timestamp_ltz, F varchar, N number)"
    )
    assert [row["rows_loaded"] for row in copy(lake, table, "history/")] == [1]


def test_abort_names_the_place_and_loads_nothing(lake: Lake, table: str) -> None:
    lake.put("t/abort/a.csv", "a,b,c\n1,x,2.5\n")
    lake.put("t/abort/b.csv", BAD)
    with pytest.raises(ProgrammingError) as caught:
        copy(lake, table, "abort/")
    assert caught.value.errno == 100038
    assert "Numeric value 'bad' is not recognized\n  File 't/abort/b.csv', line 3, character 1" in str(caught.value)
    assert f'Row 2, column "{table}"["A":1]' in str(caught.value)
    assert lake.values(f"select count(*) from {table}") == [(0,)]
    assert [row["status"] for row in copy(lake, table, "abort/", "on_error = skip_file")] == ["LOADED", "LOAD_FAILED"]


@pytest.mark.parametrize(
    ("mode", "status", "loaded", "limit"),
    [
        ("continue", "PARTIALLY_LOADED", 4, 6),
        ("skip_file", "LOAD_FAILED", 0, 1),
        ("skip_file_2", "LOAD_FAILED", 0, 2),
        ("skip_file_3", "PARTIALLY_LOADED", 4, 3),
        ("'skip_file_20%'", "LOAD_FAILED", 0, 20),
        ("'skip_file_40%'", "PARTIALLY_LOADED", 4, 40),
    ],
)
def test_on_error_decides_about_the_good_rows_of_a_bad_file(
    lake: Lake, table: str, mode: str, status: str, loaded: int, limit: int
) -> None:
    lake.put("t/modes/bad.csv", BAD.replace("9,a,b,c", "9,a,1,c"))
    (row,) = copy(lake, table, "modes/", f"on_error = {mode}")
    assert (row["status"], row["rows_parsed"], row["rows_loaded"]) == (status, 6, loaded)
    assert (row["errors_seen"], row["error_limit"]) == (2, limit)
    assert row["first_error"] == "Numeric value 'bad' is not recognized"
    assert (row["first_error_line"], row["first_error_character"]) == (3, 1)
    assert row["first_error_column_name"] == f'"{table}"["A":1]'
    assert lake.values(f"select count(*) from {table}") == [(loaded,)]


def test_a_plain_copy_counts_columns_unless_told_otherwise(lake: Lake) -> None:
    lake.sql("create table counted (A number, B varchar)")
    lake.put("t/count/a.csv", "a,b\n1,x\n2\n3,y,z\n")
    (row,) = lake.sql("copy into counted from @lake_stage/count/ on_error = continue")
    assert (row["rows_loaded"], row["errors_seen"]) == (1, 2)
    assert row["first_error"] == (
        "Number of columns in file (1) does not match that of the corresponding table (2), "
        "use file format option error_on_column_count_mismatch=false to ignore this error"
    )
    options = "type = csv skip_header = 1 error_on_column_count_mismatch = false"
    lake.sql(f"copy into counted from @lake_stage/count/ file_format = ({options}) force = true")
    assert lake.values("select A, B from counted order by A, B") == [(1, "x"), (1, "x"), (2, None), (3, "y")]


def test_parquet_values_read_as_snowflake_casts_them(lake: Lake, tmp_path: Path) -> None:
    moment = pa.array([1741944413_000, 1741944413_500, None], pa.timestamp("ms", tz="UTC"))
    amounts = pa.array([Decimal("12.34"), Decimal(-5), None], pa.decimal128(12, 2))
    pq.write_table(
        pa.table({"id": ["a", "b", None], "at": moment, "n": amounts, "f": [1.0, 2.5, None]}), tmp_path / "x"
    )
    lake.put("t/pq/x.parquet", (tmp_path / "x").read_bytes())
    lake.sql("create table texts (ID varchar, MOMENT varchar, N varchar, F varchar, MISSING varchar, R number)")
    lake.sql(
        "copy into texts from (select $1:id::varchar, $1:at::varchar, $1:n::varchar, $1:f::varchar, $1:zz::varchar, "
        "metadata$file_row_number from @lake_stage/pq/) file_format = (type = parquet)"
    )
    assert lake.values("select * from texts order by R") == [
        ("a", "2025-03-14 09:26:53.000", "12.34", "1", None, 1),
        ("b", "2025-03-14 09:26:53.500", "-5.00", "2.5", None, 2),
        (None, None, None, None, None, 3),
    ]


def large_parquet(first: str, rows: int = 90_000) -> bytes:
    """More than the 4 MiB from which files are inserted several at once; the first value of `v` is given."""
    values = pa.array([first, *(hashlib.sha256(str(i).encode()).hexdigest() for i in range(1, rows))])
    sink = io.BytesIO()
    pq.write_table(pa.table({"v": values, "n": pa.array(range(rows))}), sink)
    return sink.getvalue()


def test_large_files_are_loaded_together_and_told_apart(lake: Lake) -> None:
    lake.sql("create table BIG (V varchar, F varchar, N number)")
    files = {name: large_parquet(name, rows) for name, rows in (("a", 90_000), ("b", 70_000), ("c", 80_000))}
    assert min(map(len, files.values())) > 4 * 1024**2
    for name, body in files.items():
        lake.put(f"t/large/{name}.parquet", body)
    query = "select $1:v::varchar, metadata$filename, metadata$file_row_number from @lake_stage/large/"
    loaded = lake.sql(f"copy into BIG from ({query}) file_format = (type = parquet)")
    assert [(row["file"][-9:], row["rows_loaded"]) for row in loaded] == [
        ("a.parquet", 90_000),
        ("b.parquet", 70_000),
        ("c.parquet", 80_000),
    ]
    found = lake.values("select F, count(*), min(N), max(N), count(distinct N) from BIG group by 1 order by 1")
    assert found == [
        (f"t/large/{name}.parquet", rows, 1, rows, rows) for name, rows in (("a", 90_000), ("b", 70_000), ("c", 80_000))
    ]
    assert lake.values("select V, F from BIG where N = 1 order by 1") == [
        (name, f"t/large/{name}.parquet") for name in files
    ]


def test_one_bad_value_among_large_files_is_found(lake: Lake) -> None:
    lake.sql("create table STRICT_BIG (A varchar, N number)")
    body = large_parquet("7")
    lake.put("t/large_bad/a.parquet", body)
    lake.put("t/large_bad/b.parquet", body)
    query = "select $1:v::varchar, iff($1:n::number = 5, 'five', '1')::number from @lake_stage/large_bad/"
    copy_bad = f"copy into STRICT_BIG from ({query}) file_format = (type = parquet)"
    with pytest.raises(ProgrammingError, match="Numeric value 'five' is not recognized"):
        lake.sql(copy_bad)
    assert lake.values("select count(*) from STRICT_BIG") == [(0,)]
    partly = lake.sql(f"{copy_bad} on_error = continue")
    assert [(row["status"], row["rows_loaded"]) for row in partly] == [("PARTIALLY_LOADED", 89_999)] * 2


def test_match_by_column_name_with_metadata(lake: Lake) -> None:
    lake.put("t/match/x.csv", "b,extra,a\nq,1,7\n")
    lake.sql("create table matched (A number, B varchar, C varchar, SRC varchar)")
    lake.sql(
        "copy into matched from @lake_stage/match/ match_by_column_name = case_insensitive "
        "include_metadata = (src = metadata$filename) "
        "file_format = (type = csv parse_header = true error_on_column_count_mismatch = false)"
    )
    assert lake.values("select * from matched") == [(7, "q", None, "t/match/x.csv")]


@pytest.mark.parametrize("name", ["x.csv.gz", "x.parquet"])
def test_a_truncated_file_is_one_clear_error_and_loads_nothing(
    lake: Lake, table: str, tmp_path: Path, name: str
) -> None:
    if name.endswith("gz"):
        whole = gzip.compress(b"a,b,c\n" + b"".join(b"%d,x,1\n" % i for i in range(20000)))
        source, form = TRANSFORM.format(path=f"cut/{name}"), "(format_name = csv_format)"
    else:
        pq.write_table(pa.table({"a": list(range(5000))}), tmp_path / name)
        whole = (tmp_path / name).read_bytes()
        source, form = f"(select $1:a, null, null, null, null, null from @lake_stage/cut/{name})", "(type = parquet)"
    lake.put(f"t/cut/{name}", whole[: len(whole) // 2])
    with pytest.raises(ProgrammingError, match=rf"truncated[\s\S]*File 't/cut/{name}'"):
        lake.sql(f"copy into {table} from {source} file_format = {form}")
    (row,) = lake.sql(f"copy into {table} from {source} file_format = {form} on_error = skip_file")
    assert (row["status"], row["rows_loaded"]) == ("LOAD_FAILED", 0)
    assert lake.values(f"select count(*) from {table}") == [(0,)]


def test_a_rolled_back_copy_leaves_neither_rows_nor_history(lake: Lake, table: str) -> None:
    lake.put("t/back/a.csv", "a,b,c\n1,x,2.5\n")
    lake.sql("begin")
    assert [row["rows_loaded"] for row in copy(lake, table, "back/")] == [1]
    lake.sql("rollback")
    assert lake.values(f"select count(*) from {table}") == [(0,)]
    assert [row["rows_loaded"] for row in copy(lake, table, "back/")] == [1]


def test_pattern_files_and_purge_choose_and_remove(lake: Lake, table: str) -> None:
    for name in ("a.csv", "b.csv", "c.txt"):
        lake.put(f"t/choose/{name}", "a,b,c\n1,x,2.5\n")
    (row,) = copy(lake, table, "choose/", "pattern = '.*b[.]csv'")
    assert row["file"].endswith("b.csv")
    (row,) = copy(lake, table, "choose/", "files = ('c.txt') purge = true")
    assert row["file"].endswith("c.txt")
    assert [row["name"].rsplit("/")[-1] for row in lake.sql("list @lake_stage/choose/")] == ["a.csv", "b.csv"]
    with pytest.raises(ProgrammingError, match=r"Remote file 's3://.*zz\.csv' was not found"):
        copy(lake, table, "choose/", "files = ('zz.csv')")


def test_copy_history_shows_loads_and_failures(lake: Lake, table: str) -> None:
    lake.put("t/shown/a.csv", "a,b,c\n1,x,2.5\n")
    lake.put("t/shown/b.csv", BAD)
    copy(lake, table, "shown/", "on_error = skip_file")
    rows = lake.values(
        "select FILE_NAME, STAGE_LOCATION, STATUS, ROW_COUNT, ROW_PARSED, FIRST_ERROR_LINE_NUMBER, PIPE_NAME "
        f"from table(information_schema.copy_history(table_name => '{table}', "
        "start_time => dateadd(hours, -1, current_timestamp()))) order by FILE_NAME"
    )
    location = f"s3://{lake.bucket}/t/"
    assert rows == [
        ("shown/a.csv", location, "Loaded", 1, 1, None, None),
        ("shown/b.csv", location, "Load failed", 0, 6, 3, None),
    ]


def test_a_broken_trust_or_a_missing_permission_stops_the_load(local_cloud: LocalCloud) -> None:
    lake = Lake(local_cloud)
    lake.put("t/a.csv", "a\n1\n")
    lake.sql("create table t (A number)")
    lake.allow("s3:ListBucket")
    with pytest.raises(ProgrammingError, match="not authorized to perform: s3:GetObject") as caught:
        lake.sql("copy into t from @lake_stage")
    assert caught.value.errno == 3167
    lake.allow("s3:*")
    lake.iam.update_assume_role_policy(RoleName=lake.role, PolicyDocument=json.dumps(lake.trust("other")))
    with pytest.raises(ProgrammingError, match="Error assuming AWS_ROLE") as caught:
        lake.sql("copy into t from @lake_stage")
    assert caught.value.errno == 3167
    lake.iam.update_assume_role_policy(RoleName=lake.role, PolicyDocument=json.dumps(lake.trust("secret")))
    assert [row["rows_loaded"] for row in lake.sql("copy into t from @lake_stage")] == [1]


def test_put_list_get_and_remove_with_an_unchanged_client(lake: Lake, tmp_path: Path) -> None:
    lake.sql("create stage files")
    (tmp_path / "a.py").write_text("print(1)\n")
    (tmp_path / "b.py").write_text("print(2)\n")
    found = lake.sql(f"put file://{tmp_path}/*.py @files/app auto_compress = false overwrite = true")
    assert sorted((row["source"], row["target"], row["status"]) for row in found) == [
        ("a.py", "a.py", "UPLOADED"),
        ("b.py", "b.py", "UPLOADED"),
    ]
    lake.sql(f"put 'file://{tmp_path}/a.py' '@files/packed'")
    assert [row["name"] for row in lake.sql("list @files")] == [
        "files/app/a.py",
        "files/app/b.py",
        "files/packed/a.py.gz",
    ]
    (tmp_path / "a.py").write_text("print(3)\n")
    lake.sql(f"put file://{tmp_path}/a.py @files/app auto_compress = false")
    (tmp_path / "down").mkdir()
    lake.sql(f"get @files/app file://{tmp_path}/down/")
    assert (tmp_path / "down" / "a.py").read_text() == "print(1)\n"
    lake.sql(f"put file://{tmp_path}/a.py @files/app auto_compress = false overwrite = true")
    lake.sql(f"get @files/app/a file://{tmp_path}/down/")
    assert (tmp_path / "down" / "a.py").read_text() == "print(3)\n"
    assert [row["name"] for row in lake.sql("remove @files/app pattern = '.*b[.]py'")] == ["files/app/b.py"]
    assert [row["name"] for row in lake.sql("ls @files/app")] == ["files/app/a.py"]


def test_unloaded_files_can_be_loaded_again(lake: Lake) -> None:
    lake.sql("create table numbers as select seq4() as A, 'x,' || seq4() as B from table(generator(rowcount => 500))")
    lake.sql("create stage unloaded")
    csv = "file_format = (type = csv field_optionally_enclosed_by = '\"' null_if = ('N'))"
    (row,) = lake.sql(f"copy into @unloaded/csv/ from (select * from numbers) {csv} header = true")
    assert (row["rows_unloaded"], row["output_bytes"] > 0) == (500, True)
    with pytest.raises(ProgrammingError, match="Files already existing at the unload destination"):
        lake.sql(f"copy into @unloaded/csv/ from numbers {csv}")
    lake.sql("copy into @unloaded/one.parquet from numbers file_format = (type = parquet) single = true")
    assert [row["name"] for row in lake.sql("list @unloaded")] == [
        "unloaded/csv/data_0_0_0.csv.gz",
        "unloaded/one.parquet",
    ]
    lake.sql("create table again like numbers")
    form = "file_format = (type = csv skip_header = 1 field_optionally_enclosed_by = '\"')"
    lake.sql(f"copy into again from @unloaded/csv/ {form}")
    lake.sql(
        "copy into again from @unloaded/one.parquet file_format = (type = parquet) "
        "match_by_column_name = case_insensitive"
    )
    assert lake.values("select count(*), count(distinct A), sum(A) from again") == [(1000, 500, 249500)]
