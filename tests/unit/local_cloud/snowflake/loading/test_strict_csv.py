from __future__ import annotations

import csv
import gzip
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_cloud.snowflake.loading.formats import FileFormat
from local_cloud.snowflake.loading.strict_csv import Record, records, split

PLAIN = FileFormat(escape_unenclosed=None)
QUOTED = replace(PLAIN, enclosed_by='"')


def read(tmp_path: Path, content: bytes, form: FileFormat = QUOTED, skip: int = 0) -> list[Record]:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    return list(records(path, "NONE", form, skip))


cells = st.text(st.characters(codec="utf-8", exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=8)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=6))
def test_reads_what_a_standard_writer_wrote(tmp_path: Path, rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    form = replace(QUOTED, null_if=())
    # The first byte-order mark of a file is skipped, as by SKIP_BYTE_ORDER_MARK = TRUE.
    assert [r.fields for r in read(tmp_path, text.getvalue().encode(), form)] == rows


@pytest.mark.parametrize(
    ("line", "form", "expected"),
    [
        ("a,,c", QUOTED, ["a", None, "c"]),
        ('a,"",c', QUOTED, ["a", "", "c"]),
        ("a,\\N,c", QUOTED, ["a", None, "c"]),
        ("a,,c", replace(QUOTED, empty_field_as_null=False), ["a", "", "c"]),
        ('a,"NULL",NULL', replace(QUOTED, null_if=("NULL",)), ["a", None, None]),
        (' a , "b,b" ,c ', replace(QUOTED, trim_space=True), ["a", "b,b", "c"]),
        ('"a""b",c', QUOTED, ['a"b', "c"]),
        ('"a\\"b",c', replace(QUOTED, escape="\\"), ['a"b', "c"]),
        ("a\\,b,c", replace(PLAIN, escape_unenclosed="\\"), ["a,b", "c"]),
        ('a"b,c', PLAIN, ['a"b', "c"]),
        ("a||b", replace(PLAIN, field_delimiter="||"), ["a", "b"]),
        ("a,", PLAIN, ["a", None]),
        ('"a",', QUOTED, ["a", None]),
    ],
)
def test_fields_follow_the_format(line: str, form: FileFormat, expected: list[str | None]) -> None:
    assert split(line, form) == expected


def test_an_open_quote_costs_its_own_line_only(tmp_path: Path) -> None:
    found = read(tmp_path, b'h\n1,"open,x\n2,b\n3,"c"\n', skip=1)
    assert [(r.line, r.fields, bool(r.fault)) for r in found] == [
        (2, [], True),
        (3, ["2", "b"], False),
        (4, ["3", "c"], False),
    ]


def test_text_after_a_closing_quote_is_named_with_its_place(tmp_path: Path) -> None:
    (bad, good) = read(tmp_path, b'1,"a"b,c\n2,d,e\n')
    assert bad.fault is not None
    assert bad.fault.message == "Found character 'b' instead of field delimiter ','"
    assert bad.fault.character == 6
    assert good.fields == ["2", "d", "e"]


def test_bytes_that_are_no_utf8_are_a_fault_of_their_record(tmp_path: Path) -> None:
    (bad, good) = read(tmp_path, b"1,a\xff\n2,\xc3\xa9\n")
    assert bad.fault is not None
    assert bad.fault.message == "Invalid UTF8 detected in string '0x61FF'"
    assert good.fields == ["2", "é"]


def test_a_value_may_span_lines_and_lines_are_counted(tmp_path: Path) -> None:
    found = read(tmp_path, b'1,"a\r\nb"\r\n2,c\r\n')
    assert [(r.line, r.fields) for r in found] == [(1, ["1", "a\nb"]), (3, ["2", "c"])]


def test_a_truncated_gzip_stream_is_an_error(tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(b"%d,abc\n" % i for i in range(5000)))
    path = tmp_path / "x.csv.gz"
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(OSError, match="Truncated"):
        list(records(path, "GZIP", PLAIN, 0))
