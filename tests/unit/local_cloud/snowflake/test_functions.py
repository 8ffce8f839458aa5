"""Functions answer what Snowflake documents: values from docs.snowflake.com, or that follow from its text."""
# ruff: noqa: DTZ001 - TIMESTAMP_NTZ has no time zone

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from local_cloud.snowflake.errors import SnowflakeError
from tests.unit.local_cloud.snowflake.conftest import Run

CASES: list[tuple[str, Any]] = [
    # conversions
    ("try_to_timestamp_ntz('2020-01-01 10:00:00')", datetime(2020, 1, 1, 10)),
    ("try_to_timestamp_ntz('2020-13-01')", None),
    ("to_timestamp(1577836800)", datetime(2020, 1, 1)),
    ("to_timestamp_ntz(1577836800000, 3)", datetime(2020, 1, 1)),
    ("'2020-01-01T00:00:00Z'::timestamp_ntz", datetime(2020, 1, 1)),
    ("try_to_number('12.345', 38, 2)", Decimal("12.35")),
    ("try_to_decimal('abc', 10, 2)", None),
    ("to_number('12.7')", Decimal(13)),
    ("try_to_date('2020-02-30')", None),
    ("to_date('01/02/2020', 'MM/DD/YYYY')", date(2020, 1, 2)),
    ("try_cast('x' as int)", None),
    ("to_boolean('yes')", True),
    ("'2020-01-31 10:11:12.5'::timestamp_ntz::varchar", "2020-01-31 10:11:12.500"),
    ("1.50::number(5,2)::varchar", "1.50"),
    ("to_char('2020-01-31 10:11:12'::timestamp_ntz, 'YYYY-MM-DD HH24:MI:SS')", "2020-01-31 10:11:12"),
    ("to_char('2020-01-31'::date, 'MON DD, YYYY')", "Jan 31, 2020"),
    # conditions
    ("iff(1 = 1, 'a', 'b')", "a"),
    ("zeroifnull(null)", 0),
    ("nvl2(1, 2, 3)", 2),
    ("div0(1, 0)", 0),
    ("equal_null(null, null)", True),
    ("greatest(1, null, 3)", None),
    ("least(1, null)", None),
    # arithmetic
    ("7 / 2", Decimal("3.500000")),
    ("1 / 3", Decimal("0.333333")),
    ("round(2.5)", Decimal(3)),
    ("round(-2.5)", Decimal(-3)),
    ("round(1.005, 2)", Decimal("1.01")),
    ("mod(-5, 3)", -2),
    ("width_bucket(5, 0, 10, 5)", 3),
    ("width_bucket(-1, 0, 10, 5)", 0),
    ("width_bucket(10, 0, 10, 5)", 6),
    # dates
    ("dateadd(day, 1, '2020-01-31'::date)", date(2020, 2, 1)),
    ("dateadd(month, 1, '2020-01-31'::date)", date(2020, 2, 29)),
    ("dateadd(hour, 1, '2020-01-31 10:00'::timestamp_ntz)", datetime(2020, 1, 31, 11)),
    ("datediff(day, '2020-01-01', '2020-03-01')", 60),
    ("datediff(month, '2020-01-31'::date, '2020-02-01'::date)", 1),
    ("datediff(hour, '2020-01-01 00:59'::timestamp, '2020-01-01 01:00'::timestamp)", 1),
    ("date_trunc('month', '2020-02-10'::date)", date(2020, 2, 1)),
    ("last_day('2020-02-10'::date)", date(2020, 2, 29)),
    ("months_between('2019-03-15'::date, '2019-02-15'::date)", 1.0),
    ("months_between('2019-03-31'::date, '2019-02-28'::date)", 1.0),
    ("months_between('2019-03-01'::date, '2019-02-15'::date)", 0.548387),
    ("convert_timezone('UTC', 'America/New_York', '2020-01-01 12:00:00'::timestamp_ntz)", datetime(2020, 1, 1, 7)),
    ("dateadd(day, 1, to_timestamp_ntz(dateadd(day, 1, to_timestamp_ntz('2020-01-01'))))", datetime(2020, 1, 3)),
    ("to_timestamp_ntz(convert_timezone('UTC', '2020-01-01'::timestamp_tz))", datetime(2020, 1, 1)),
    ("8 / 2 / 2", Decimal("2.000000")),
    # text
    ("split_part('a-b-c', '-', 2)", "b"),
    ("split_part('a-b', '-', -1)", "b"),
    ("regexp_like('abc', 'a.*')", True),
    ("regexp_like('abc', 'b')", False),
    ("'ABC' ilike 'a%'", True),
    ("regexp_replace('a1b2', '[0-9]', 'x')", "axbx"),
    ("md5('a')", "0cc175b9c0f1b6a831c399e269772661"),
    ("sha2('a')", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
    ("object_construct('a', 1, 'b', null)::varchar", '{"a":1}'),
    ("parse_json('{\"k\":[1,2]}'):k[1]::int", 2),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_scalar_functions(run: Run, expression: str, expected: Any) -> None:
    found = run(f"select {expression}")[0][0]
    assert found == expected
    assert isinstance(found, type(expected) | int | float | Decimal)


@pytest.fixture
def sales(run: Run) -> Run:
    run("create table sales (shop varchar, n number(38,0), amount number(12,2), day date)")
    run(
        "insert into sales values ('a', 1, 1.50, '2020-01-31'), ('a', 2, 2.25, '2020-02-29'), "
        "('b', 3, null, '2021-03-01')"
    )
    return run


AGGREGATES: list[tuple[str, Any]] = [
    ("sum(amount)", Decimal("3.75")),
    ("median(n)", 2),
    ("stddev(n)", 1.0),
    ("regr_slope(n, amount)", pytest.approx(4 / 3)),
    ("percentile_cont(0.5) within group (order by n)", 2),
    ("count_if(n > 1)", 2),
    ("booland_agg(n > 0)", True),
    ("min_by(shop, n)", "a"),
    ("max_by(shop, n)", "b"),
    ("listagg(shop, ',') within group (order by n)", "a,a,b"),
    ("array_agg(n) within group (order by n)", "[1,2,3]"),
    ("sum(n) / count(*)", Decimal("2.000000")),
    ("sum(amount) / 5", pytest.approx(0.75)),
    ("sum(amount) / count(*)", pytest.approx(1.25)),
]


@pytest.mark.parametrize(("expression", "expected"), AGGREGATES, ids=[case[0] for case in AGGREGATES])
def test_aggregates(sales: Run, expression: str, expected: Any) -> None:
    assert sales(f"select {expression} from sales")[0][0] == expected


def test_window_functions_and_qualify(sales: Run) -> None:
    assert sales("select n, row_number() over (order by n desc) rn from sales qualify rn = 1") == [(3, 1)]
    shares = sales("select ratio_to_report(n) over (partition by shop) from sales order by n")
    assert [share for (share,) in shares] == pytest.approx([1 / 3, 2 / 3, 1.0])


def test_division_of_a_window_or_an_alias_keeps_its_cents(sales: Run) -> None:
    divided = sales("select sum(amount) over () / 5, amount as a, a / 2 from sales where n = 2")
    assert divided == [(pytest.approx(0.45), Decimal("2.25"), pytest.approx(1.125))]


def test_dates_of_columns_stay_dates(sales: Run) -> None:
    assert sales("select dateadd(month, -1, day), day + 1 from sales where n = 1") == [
        (date(2019, 12, 31), date(2020, 2, 1))
    ]


@pytest.fixture
def moments(run: Run) -> Run:
    run("create table moments (d date, ts timestamp_ntz, zoned timestamp_ltz, n number(10,2), s varchar)")
    run(
        "insert into moments values (null, null, null, null, null), "
        "('2020-01-31', '2020-01-31 10:00:00.5', '2020-01-31 10:00:00.5', 1.25, '2020-01-31'), "
        "('2020-03-31', '2020-03-31 10:00:00', '2020-03-31 10:00:00', 3.50, '2020-03-31')"
    )
    return run


# Of the later row; {} is the argument: a column, an aggregate, a window or an alias.
OF_ANY_ARGUMENT: list[tuple[str, str, Any]] = [
    ("dateadd(month, -1, {})", "d", date(2020, 2, 29)),
    ("dateadd(month, -1, {})", "ts", datetime(2020, 2, 29, 10)),
    ("dateadd(month, -1, {})", "zoned", datetime(2020, 2, 29, 10, tzinfo=UTC)),
    ("dateadd(month, -1, {})", "s", datetime(2020, 2, 29)),
    ("date_trunc('month', {})", "d", date(2020, 3, 1)),
    ("date_trunc('month', {})", "ts", datetime(2020, 3, 1)),
    ("date_trunc('month', {})", "zoned", datetime(2020, 3, 1, tzinfo=UTC)),
    ("date_trunc('hour', {})", "s", datetime(2020, 3, 31)),
    ("{}::varchar", "d", "2020-03-31"),
    ("{}::varchar", "ts", "2020-03-31 10:00:00.000"),
    ("{}::varchar", "zoned", "2020-03-31 10:00:00.000 +0000"),
    ("{}::varchar", "n", "3.50"),
    ("to_varchar({})", "s", "2020-03-31"),
    ("to_char({}, 'YYYY-MM')", "d", "2020-03"),
    ("to_char({}, 'YYYY-MM')", "ts", "2020-03"),
    ("to_char({}, 'HH24:MI')", "zoned", "10:00"),
    ("months_between({}, '2020-01-31'::date)", "d", 2.0),
    ("months_between({}, '2020-01-31'::date)", "ts", 2.0),
    ("width_bucket({}, 0, 10, 5)", "n", 2),
    ("{} / 2", "n", pytest.approx(1.75)),
]


@pytest.mark.parametrize(("function", "column", "expected"), OF_ANY_ARGUMENT)
def test_functions_of_columns_aggregates_windows_and_aliases(
    moments: Run, function: str, column: str, expected: Any
) -> None:
    later = "from moments where d = '2020-03-31'"
    found = [
        *moments(f"select {function.format(column)} {later}"),
        *moments(f"select {function.format(f'max({column})')} from moments"),
        *moments(f"select {function.format(f'max({column}) over ()')} from moments limit 1"),
        *moments(f"select {function.format('latest')} from (select max({column}) as latest from moments)"),
        *[row[1:] for row in moments(f"select max({column}) as latest, {function.format('latest')} from moments")],
    ]
    assert found == [(expected,)] * 5
    assert {type(value) for (value,) in found} == {type(found[0][0])}
    assert moments(f"select {function.format(column)} from moments where d is null") == [(None,)]
    assert moments(f"select {function.format(f'max({column})')} from moments where d is null") == [(None,)]
    assert moments(f"select {function.format('null')}") == [(None,)]


def test_an_alias_of_a_division_can_be_used_in_the_same_select(moments: Run) -> None:
    assert moments("select sum(n) / 2 as q, q * 2, q / 2 from moments") == [(2.375, 4.75, 1.1875)]
    assert moments("select n / 2 as q from moments where q > 1") == [(1.75,)]
    assert moments("select n / (n - 1.25) from moments where n > 2") == [(pytest.approx(3.5 / 2.25),)]
    with pytest.raises(SnowflakeError, match="Division by zero"):
        moments("select n / (n - 1.25) as q, q + 1 from moments")


def test_generator_flatten_and_pivot(sales: Run) -> None:
    assert sales("select seq4() from table(generator(rowcount => 3))") == [(0,), (1,), (2,)]
    flat = "select f.value::int, f.index from table(flatten(input => parse_json('[7,8]'))) f order by 2"
    assert sales(flat) == [(7, 0), (8, 1)]
    pivoted = sales("select * from (select shop, n from sales) pivot(sum(n) for shop in ('a','b')) as p (a, b)")
    assert pivoted == [(Decimal(3), Decimal(3))]


def test_division_by_zero_is_an_error(run: Run) -> None:
    with pytest.raises(SnowflakeError, match="Division by zero") as caught:
        run("select 1 / 0")
    assert (caught.value.errno, caught.value.sqlstate) == (100051, "22012")
