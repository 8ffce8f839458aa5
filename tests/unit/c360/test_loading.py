"""Rows are counted from the files themselves."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from c360.errors import C360Error
from c360.loading import rows_in_files


class Bucket:
    """What is asked of S3 here: pages of a listing, and bodies or ranges of them."""

    def __init__(self, bodies: dict[str, bytes]) -> None:
        self._bodies = bodies

    def get_paginator(self, _operation: str) -> Bucket:
        return self

    def paginate(self, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: ARG002, N803  # boto3's names
        found = [{"Key": k, "Size": len(v)} for k, v in sorted(self._bodies.items()) if k.startswith(Prefix)]
        return [{"Contents": found}]

    def get_object(self, Bucket: str, Key: str, Range: str = "") -> dict[str, Any]:  # noqa: ARG002, N803  # boto3's names
        body = self._bodies[Key]
        if Range:
            first, last = Range.removeprefix("bytes=").split("-")
            body = body[int(first) : int(last) + 1]
        return {"Body": io.BytesIO(body)}


def bucket_with(**bodies: bytes) -> Bucket:
    return Bucket(bodies)


def parquet(rows: int) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"x": list(range(rows)), "text": ["some text"] * rows}), sink, compression="zstd")
    return sink.getvalue()


def test_parquet_and_csv_files_are_counted_and_others_left_alone() -> None:
    s3 = bucket_with(
        **{
            "in/a.parquet": parquet(100_000),
            "in/b.csv.gz": gzip.compress(b"id\n1\n2\n3\n"),
            "in/c.csv": b"id\n1\n",
            "in/d.txt": b"not data",
            "out/e.csv": b"id\n1\n",
        }
    )
    assert dict(rows_in_files(s3, "lake", "in/")) == {"in/a.parquet": 100_000, "in/b.csv.gz": 3, "in/c.csv": 1}


@given(rows=st.integers(0, 50))
def test_a_csv_has_as_many_rows_as_lines_after_the_header(rows: int) -> None:
    body = "id\n" + "".join(f"{i}\n" for i in range(rows))
    s3 = bucket_with(**{"x.csv": body.encode()})
    assert dict(rows_in_files(s3, "lake", "")) == {"x.csv": rows}


def test_a_truncated_gzip_file_is_named() -> None:
    s3 = bucket_with(**{"in/cut.csv.gz": gzip.compress(b"id\n" + b"1\n" * 1000)[:20]})
    with pytest.raises(C360Error, match=r"in/cut\.csv\.gz is not a whole gzip file"):
        dict(rows_in_files(s3, "lake", "in/"))
