"""The Snowflake endpoint through unchanged clients, and what a killed process leaves behind."""
# ruff: noqa: DTZ001 - TIMESTAMP_NTZ has no time zone

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector
from snowflake.connector import SnowflakeConnection
from snowflake.connector.errors import DatabaseError, ProgrammingError
from snowflake.snowpark import Session

from tests.integration.conftest import LocalCloud

pytestmark = pytest.mark.integration


def ask(connection: SnowflakeConnection, text: str, values: tuple[Any, ...] | None = None) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    cursor = connection.cursor()
    cursor.execute(text, values)
    return [tuple(row) for row in cursor.fetchall()]


@pytest.fixture(scope="module")
def database(local_cloud: LocalCloud) -> str:
    with local_cloud.connect() as connection:
        connection.cursor().execute("create database endpoint_db")
    return "ENDPOINT_DB"


def test_types_and_nulls_arrive_in_arrow_and_json(local_cloud: LocalCloud, database: str) -> None:
    query = (
        "select 1, 'x', 1.5::number(5,2), 2.5::float, '2020-01-02'::date, '1969-12-31 23:59:59.25'::timestamp_ntz, "
        "'2020-01-01 10:00'::timestamp_ltz, true, '9999-12-31'::timestamp_ntz, '10:00:01'::time "
        "union all select null, null, null, null, null, null, null, null, null, null order by 1"
    )
    expected = (1, "x", Decimal("1.50"), 2.5, date(2020, 1, 2), datetime(1969, 12, 31, 23, 59, 59, 250000))
    for kind in ("ARROW", "JSON"):
        parameters = {"PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": kind}
        with local_cloud.connect(database=database, session_parameters=parameters) as connection:
            full, empty = ask(connection, query)
        assert full[:6] == expected
        assert full[6].astimezone(UTC) == datetime(2020, 1, 1, 10, tzinfo=UTC)
        assert full[7:9] == (True, datetime(9999, 12, 31))
        assert set(empty) == {None}


def test_large_results_come_in_chunks(local_cloud: LocalCloud, database: str) -> None:
    with local_cloud.connect(database=database, schema="PUBLIC") as connection:
        cursor = connection.cursor()
        cursor.execute(
            "create or replace table big as select seq4() n, (seq4() / 7)::number(12,2) amount, "
            "dateadd(second, seq4(), '2020-01-01'::timestamp_ntz) at from table(generator(rowcount => 300000))"
        )
        frame = connection.cursor().execute("select * from big").fetch_pandas_all()  # type: ignore[union-attr]  # never None
        assert (len(frame), frame["N"].sum()) == (300_000, 299_999 * 150_000)
        assert [str(kind) for kind in frame.dtypes] == ["int64", "float64", "datetime64[ns]"]
        assert len(ask(connection, "select n from big")) == 300_000


def test_bindings_batches_and_description(local_cloud: LocalCloud, database: str) -> None:
    with local_cloud.connect(database=database, schema="PUBLIC", paramstyle="qmark") as connection:
        cursor = connection.cursor()
        values = (7, "o'x\\n;--", None, Decimal("1.25"), datetime(2020, 1, 1, 3, 4, 5, 6000))
        assert ask(connection, "select ?, ?, ?, ?, ?", values)[0] == values
        cursor.execute("create or replace table bound (a int, b varchar)")
        cursor.executemany("insert into bound values (?, ?)", [(i, f"n{i}") for i in range(3000)])
        assert cursor.rowcount == 3000
        assert ask(connection, "select count(*), max(a) from bound")[0] == (3000, 2999)
        assert [column.name for column in cursor.describe("select a, b from bound where a = ?")] == ["A", "B"]


def test_asynchronous_queries(local_cloud: LocalCloud, database: str) -> None:
    with local_cloud.connect(database=database) as connection:
        cursor = connection.cursor()
        cursor.execute_async("select count(*) from table(generator(rowcount => 1000))")
        cursor.get_results_from_sfqid(str(cursor.sfqid))
        assert cursor.fetchone() == (1000,)
        cursor.execute_async("select * from missing.missing.missing")
        failed = str(cursor.sfqid)
        while connection.is_still_running(connection.get_query_status(failed)):
            time.sleep(0.05)
        with pytest.raises(DatabaseError, match="does not exist"):
            connection.get_query_status_throw_if_error(failed)


def test_a_running_statement_can_be_cancelled(local_cloud: LocalCloud, database: str) -> None:
    endless = "select count(*) from table(generator(rowcount=>1000000)) a, table(generator(rowcount=>1000000)) b"
    with local_cloud.connect(database=database) as connection:
        started = time.monotonic()
        with pytest.raises(ProgrammingError, match="cancel"):
            connection.cursor().execute(endless, timeout=1)
        assert time.monotonic() - started < 20
        assert ask(connection, "select 1")[0] == (1,)


def test_sessions_run_in_parallel(local_cloud: LocalCloud, database: str) -> None:
    with local_cloud.connect(database=database, schema="PUBLIC") as connection:
        connection.cursor().execute("create or replace table shared (worker int, n int)")

    def work(worker: int) -> int:
        with local_cloud.connect(database=database, schema="PUBLIC") as connection:
            cursor = connection.cursor()
            for n in range(5):
                cursor.execute(f"insert into shared values ({worker}, {n})")
                cursor.execute(f"update shared set n = n + 10 where worker = {worker} and n = {n}")
                cursor.execute(f"create or replace table own_{worker} as select * from shared where worker = {worker}")
            return int(ask(connection, f"select count(*) from own_{worker} where n >= 10")[0][0])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [5, 5, 5, 5]


def test_login_and_context(local_cloud: LocalCloud, database: str) -> None:
    with pytest.raises(DatabaseError, match="Incorrect username or password"):
        local_cloud.connect(password="wrong")
    with local_cloud.connect(database=database, schema="PUBLIC", role="SYSADMIN") as connection:
        assert (connection.database, connection.schema) == (None, None)  # which the role does not see
    with local_cloud.connect() as connection:
        for text in (f"database {database}", f"schema {database}.PUBLIC"):
            connection.cursor().execute(f"grant usage on {text} to role sysadmin")
    with local_cloud.connect(database=database, schema="PUBLIC", role="SYSADMIN") as connection:
        assert (connection.database, connection.schema, connection.role) == (database, "PUBLIC", "SYSADMIN")
        connection.cursor().execute("use role accountadmin")
        assert connection.role == "ACCOUNTADMIN"


def test_snowpark(local_cloud: LocalCloud, database: str) -> None:
    options = {"account": "LOCAL-C360", "host": local_cloud.host, "port": local_cloud.port, "protocol": "http"}
    options |= {"user": "C360", "password": "local", "database": database, "schema": "PUBLIC"}
    session = Session.builder.configs(options).create()
    try:
        frame = session.create_dataframe([[1, "a"], [2, "b"], [3, "b"]], schema=["n", "kind"])
        frame.write.mode("overwrite").save_as_table("from_snowpark")
        counted = session.table("from_snowpark").group_by("kind").count().sort("kind").collect()
        assert [tuple(row) for row in counted] == [("a", 1), ("b", 2)]
        assert session.table("from_snowpark").to_pandas()["N"].sum() == 6
    finally:
        session.close()


def test_killed_during_a_load_everything_acknowledged_is_there(fresh_cloud: LocalCloud) -> None:
    with fresh_cloud.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("create database d")
        cursor.execute("create table d.public.log (n int)")
        cursor.execute("create table d.public.old as select 1 a")
    acknowledged: list[int] = []

    def write() -> None:
        connection = fresh_cloud.connect(database="D", schema="PUBLIC", login_timeout=5, network_timeout=5)
        try:
            for n in range(10_000):
                connection.cursor().execute(f"insert into log values ({n})")
                acknowledged.append(n)
        except snowflake.connector.errors.Error:
            return

    def replace() -> None:
        connection = fresh_cloud.connect(database="D", schema="PUBLIC", login_timeout=5, network_timeout=5)
        huge = "create or replace table old as select seq4() a from table(generator(rowcount => 200000000))"
        with pytest.raises(snowflake.connector.errors.Error):
            connection.cursor().execute(huge)

    threads = [threading.Thread(target=write), threading.Thread(target=replace)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 20
    while len(acknowledged) < 30 and time.monotonic() < deadline:
        time.sleep(0.01)
    fresh_cloud.kill()
    for thread in threads:
        thread.join()
    fresh_cloud.restart()
    with fresh_cloud.connect(database="D", schema="PUBLIC") as connection:
        cursor = connection.cursor()
        there = {int(n) for (n,) in ask(connection, "select n from log")}
        assert set(acknowledged) <= there
        assert len(there) <= len(acknowledged) + 1
        assert ask(connection, "select count(*) from old")[0][0] in (1, 200_000_000)


def test_starting_twice_or_on_a_taken_port_is_one_sentence(local_cloud: LocalCloud, tmp_path: Path) -> None:
    code, said = _serve(local_cloud.home, 0)
    assert (code, len(said)) == (2, 1)
    assert "another local cloud runs on" in said[0]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = _serve(tmp_path, port)
    assert (code, len(said)) == (2, 1)
    assert f"port {port} for the Snowflake endpoint cannot be used" in said[0]


def _serve(home: Path, snowflake_port: int) -> tuple[int, list[str]]:
    """Exit code, and what the program said on stderr besides Python's own warnings."""
    command = [sys.executable, "-W", "ignore", "-m", "local_cloud", "serve", "--home", str(home)]
    command += ["--aws-port", "0", "--snowflake-port", str(snowflake_port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, [line for line in done.stderr.splitlines() if line.startswith("local cloud:")]


def test_a_clean_stop_leaves_no_endpoints_file(fresh_cloud: LocalCloud) -> None:
    assert (fresh_cloud.home / "endpoints.json").exists()
    assert fresh_cloud.stop() == 0
    assert not (fresh_cloud.home / "endpoints.json").exists()
