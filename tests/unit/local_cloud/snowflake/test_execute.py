"""Statements of the data plane: context, tables and views, DML, transactions, errors."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.snowflake.account import Account
from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.query import bindings
from local_cloud.snowflake.query.execute import execute
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement
from tests.unit.local_cloud.snowflake.conftest import Run


@pytest.mark.parametrize(
    ("statement", "errno", "message"),
    [
        ("select * from nope", 2003, "Object 'DB.PUBLIC.NOPE' does not exist or not authorized."),
        ("select * from s.nope", 2003, "Schema 'DB.S' does not exist or not authorized."),
        ("select * from no.s.nope", 2003, "Database 'NO' does not exist or not authorized."),
        ("insert into nope values (1)", 2003, "Object 'DB.PUBLIC.NOPE' does not exist or not authorized."),
        ("drop table nope", 2003, "Table 'DB.PUBLIC.NOPE' does not exist or not authorized."),
        ("select nope from t", 904, "invalid identifier 'NOPE'"),
        ("select a from t x, t y", 2039, "ambiguous column name 'A'"),
        ("select a from t group by b", 979, "[A] is not a valid group by expression"),
        ("select nofunction(1)", 2140, "Unknown function NOFUNCTION."),
        ("select from where", 1003, "unexpected 'where'"),
        ("selec 1", 1003, "syntax error line 1"),
        ("insert into t (a) values ('x')", 100038, "Numeric value 'x' is not recognized"),
        ("select '2020-13-01'::date", 100035, "Date '2020-13-01' is not recognized"),
        ("select 'x'::boolean", 100037, "Boolean value 'x' is not recognized"),
        ("insert into t (a, c) values (1, null)", 100072, "NULL result in a non-nullable column: C"),
        ("create table t (a int)", 2002, "Object 'DB.PUBLIC.T' already exists."),
        ("create or replace view t as select 1 x", 1998, "already exists as TABLE"),
        ("drop view t", 2203, "Object found is of type 'TABLE', not specified type 'VIEW'."),
        ("use database nope", 2043, "Object does not exist, or operation cannot be performed."),
        ("use schema nope", 2043, "Object does not exist, or operation cannot be performed."),
        ("create sequence s", 2, "local cloud does not support: CREATE SEQUENCE"),
        ("select * from table(result_scan('none'))", 709, "Statement none not found"),
        ("", 900, "Empty SQL statement."),
        ("select $nope", 2211, "Session variable '$NOPE' does not exist"),
    ],
)
def test_errors_are_snowflakes(run: Run, statement: str, errno: int, message: str) -> None:
    run("create table t (a int, b varchar, c int not null)")
    with pytest.raises(SnowflakeError) as caught:
        run(statement)
    assert caught.value.errno == errno
    assert message in caught.value.message
    assert "LINE 1" not in caught.value.message


def test_names_need_a_context(account: Account) -> None:
    session = account.open_session("C360", "ACCOUNTADMIN", "COMPUTE_WH")
    with pytest.raises(SnowflakeError) as caught:
        execute(session, "select * from t")
    assert caught.value.errno == 90105
    session.close()


def test_context_functions(run: Run, session: Session) -> None:
    session.warehouse = "WH"
    row = run("select current_database(), current_schema(), current_role(), current_user(), current_warehouse()")[0]
    assert row == ("DB", "PUBLIC", "ACCOUNTADMIN", "C360", "WH")
    assert run("select current_account(), current_region(), current_session()") == [
        ("C360", "AWS_US_EAST_1", session.id)
    ]


def test_columns_are_named_by_their_text(session: Session) -> None:
    table = execute(session, "select count(*), 1 + 1, max(a) as m, a from (select 1 a) group by a").table
    assert table.column_names == ["COUNT(*)", "1 + 1", "M", "A"]


def test_create_insert_describe(run: Run) -> None:
    run(
        "create or replace transient table t (id number(38,0) not null primary key, name varchar(20) comment 'who', "
        "at timestamp_ltz, tz timestamp_tz, amount number(12,2) default 1.5) cluster by (id) comment = 'all' "
        "data_retention_time_in_days = 1 change_tracking = true"
    )
    run("insert into t (id, name) values (1, 'x')")
    assert run("select * from t") == [(1, "x", None, None, Decimal("1.50"))]
    described = [(row[0], row[1], row[3], row[9]) for row in run("describe table t")]
    assert described == [
        ("ID", "NUMBER(38,0)", "N", None),
        ("NAME", "VARCHAR(20)", "Y", "who"),
        ("AT", "TIMESTAMP_LTZ(9)", "Y", None),
        ("TZ", "TIMESTAMP_TZ(9)", "Y", None),
        ("AMOUNT", "NUMBER(12,2)", "Y", None),
    ]
    shown = run("select table_name, table_type, is_transient, comment from information_schema.tables")
    assert shown == [("T", "BASE TABLE", "YES", "all")]


def test_words_reserved_by_the_engine_alone_are_names(run: Run) -> None:
    words = ["at", "pivot", "offset", "limit", "describe", "show", "analyze", "only", "returning", "window", "end"]
    run(f"create table reserved ({', '.join(f'{word} varchar' for word in words)})")
    run("insert into reserved (at, pivot) values ('a', 'p')")
    run("update reserved set offset = at where pivot = 'p'")
    run("create view of_reserved as select at, offset, r.window from reserved r")
    assert run("select r.at, offset from of_reserved r where at = 'a' group by at, offset order by at") == [("a", "a")]
    run("create table copied as select at, pivot from reserved")
    run("alter table copied rename column pivot to only")
    assert run("select at, only from copied") == [("a", "p")]


def test_a_parquet_stage_may_be_of_gzip_as_write_pandas_asks(run: Run) -> None:
    for packed in ("gzip", "snappy"):
        run(f"create or replace temporary stage packed file_format = (type = parquet compression = {packed})")
    with pytest.raises(SnowflakeError, match="COMPRESSION"):
        run("create temporary stage other file_format = (type = parquet compression = bz2)")


def test_ctas_with_columns_like_and_clone(run: Run) -> None:
    run("create table a (x number(10,2), y varchar) as select 1.234, 5")
    assert run("select * from a") == [(Decimal("1.23"), "5")]
    run("create table b like a")
    run("create table c clone a")
    assert (run("select count(*) from b"), run("select count(*) from c")) == ([(0,)], [(1,)])


def test_temporary_tables_belong_to_one_session(run: Run, session: Session, account: Account) -> None:
    run("create table t as select 1 a")
    run("create or replace temporary table db.public.t as select 2 a")
    run("create temporary table scratch as select 3 a")
    other = account.open_session("C360", "ACCOUNTADMIN", "COMPUTE_WH", "DB", "PUBLIC")
    assert run("select t.a from db.public.t") == [(2,)]
    assert execute(other, "select a from t").table.to_pydict() == {"A": [1]}
    with pytest.raises(SnowflakeError, match=r"DB\.PUBLIC\.SCRATCH"):
        execute(other, "select * from scratch")
    run("insert into scratch values (4)")
    run("merge into t using scratch s on t.a = s.a when not matched then insert (a) values (s.a)")
    assert run("select count(*) from t") == [(3,)]
    assert [row[1] for row in run("show tables")] == ["T"]
    run("drop table t")
    assert run("select a from t") == [(1,)]
    other.close()


def test_alter_table(run: Run) -> None:
    run("create table t (a int, b varchar(5))")
    run("insert into t values (1, 'x')")
    run("alter table t add column c int, d varchar(3)")
    run("alter table t rename column b to bb")
    run("alter table t drop column c")
    run("alter table t alter column bb set data type varchar(50)")
    run("alter table t alter bb comment $$it's$$, \"A\" comment 'key'")
    run("alter table t cluster by (a)")
    run("alter table t resume recluster")
    assert [(r[0], r[1], r[9]) for r in run("desc table t")] == [
        ("A", "NUMBER(38,0)", "key"),
        ("BB", "VARCHAR(50)", "it's"),
        ("D", "VARCHAR(3)", None),
    ]
    run("create table u as select 9 z")
    run("alter table t swap with u")
    assert run("select * from t") == [(9,)]
    run("alter table t rename to db.public.v")
    assert run("select z from v") == [(9,)]
    run("comment on table v is 'note'")
    assert [row[5] for row in run("show tables like 'V'")] == ["note"]


def test_views_and_show(run: Run) -> None:
    run("create view v (x) comment = 'c' as select 1 a")
    assert run("select x from v") == [(1,)]
    views = run("show views in schema db.public")
    assert [(row[1], row[6], row[7]) for row in views] == [("V", "c", "create view v (x) comment = 'c' as select 1 a")]
    run("create table t (a int)")
    objects = run("show objects in schema db.public limit 10")
    assert [(row[1], row[4]) for row in objects] == [("T", "TABLE"), ("V", "VIEW")]
    assert run("show terse objects in schema db.public limit 1 from 'T'")[0][1] == "V"
    columns = run("show columns in table t")
    assert columns[0][:3] == ("T", "PUBLIC", "A")
    assert '"type": "FIXED"' in columns[0][3]


def test_dml_counts(run: Run, session: Session) -> None:
    run("create table t (a int, b varchar)")
    inserted = execute(session, "insert into t values (1, 'x'), (2, 'y')")
    assert (inserted.rows_affected, inserted.table.to_pydict()) == (2, {"number of rows inserted": [2]})
    assert run("update t set b = 'z' where a > 0") == [(2, 0)]
    merged = execute(
        session,
        "merge into t using (select 1 a, 'm' b union all select 3, 'n') s on t.a = s.a "
        "when matched and s.b = 'm' then update set t.b = s.b when not matched then insert (a, b) values (s.a, s.b)",
    )
    assert merged.table.to_pydict() == {"number of rows inserted": [1], "number of rows updated": [1]}
    assert run("select * from t order by a") == [(1, "m"), (2, "z"), (3, "n")]
    assert run("insert overwrite into t select 7, 'o'") == [(1,)]
    assert run("delete from t using (select 7 a) d where t.a = d.a") == [(1,)]
    assert run("select count(*) from t") == [(0,)]


def test_transactions(run: Run) -> None:
    run("create table t (a int)")
    run("begin")
    run("insert into t values (1)")
    run("rollback")
    assert run("select count(*) from t") == [(0,)]
    run("begin transaction")
    run("insert into t values (1)")
    run("create table u (a int)")  # DDL commits what is open
    run("rollback")
    assert run("select count(*) from t") == [(1,)]
    run("alter session set autocommit = false")
    run("insert into t values (2)")
    run("rollback")
    assert run("select count(*) from t") == [(1,)]


def test_insert_overwrite_is_atomic(run: Run) -> None:
    run("create table t (a int)")
    run("insert into t values (1)")
    with pytest.raises(SnowflakeError):
        run("insert overwrite into t select 'x'")
    assert run("select a from t") == [(1,)]


def test_variables_result_scan_and_explain(run: Run) -> None:
    run("set limit_a = 1 + 1")
    assert run("select $limit_a * 2") == [(4,)]
    assert run("select * from table(result_scan(last_query_id()))") == [(4,)]
    run("show schemas in database db")
    assert ("PUBLIC",) in run('select "name" from table(result_scan(last_query_id()))')
    run("unset limit_a")
    assert run("explain using text select 1")


def test_alter_session_records_parameters(run: Run, session: Session) -> None:
    run("alter session set query_tag = 'nightly', timezone = 'UTC'")
    assert session.parameters["QUERY_TAG"] == "nightly"
    run("alter session unset query_tag")
    assert "QUERY_TAG" not in session.parameters


@given(st.one_of(st.text(), st.integers(-(2**63), 2**63 - 1), st.booleans(), st.none(), st.binary(max_size=20)))
def test_a_bound_value_is_one_literal(value: Any) -> None:
    inlined = bindings.inline(Statement("select ?, '?' -- ?", (value,)))
    tokens = [token for token in inlined.tokens if token.token_type.name != "DASH"]
    assert inlined.text.endswith(", '?' -- ?")
    assert len(tokens) <= 5


@pytest.mark.parametrize("value", ["o'x", "a\\nb", "\\", "'; drop table t; --", "", "ü\n\t", "%s $$ ?"])
def test_bound_text_arrives_unchanged(session: Session, value: str) -> None:
    assert execute(session, "select ?", [value]).table.column(0).to_pylist() == [value]
    assert execute(session, "select ?::varchar", [value]).table.column(0).to_pylist() == [value]


def test_databases_survive(account: Account, run: Run) -> None:
    run("create table t as select 1 a")
    account.databases.create("OTHER")
    account.databases.rename("OTHER", "Lower case")
    assert account.databases.list() == ["DB", "Lower case"]
    account.databases.drop("Lower case")
    assert account.databases.list() == ["DB"]
    with pytest.raises(SnowflakeError, match="does not exist"):
        account.databases.drop("Lower case")
