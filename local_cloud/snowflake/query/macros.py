"""Functions that Snowflake has and DuckDB lacks, or that answer differently there, as DuckDB macros.

They live in the root catalog, which every session searches. `fakesnow`'s own macros come first, because its
transforms call them.
"""

from __future__ import annotations

from fakesnow.macros import FS_FLATTEN, FS_HAVERSINE, FS_OBJECT_CONSTRUCT, FS_OBJECT_CONSTRUCT_STAR

from local_cloud.snowflake.query.information_schema_views import QUERIES, macro_name

_CATALOG = "memory.main"

# No macro has overloads: DuckDB does not know the type of an aggregate, a window or an alias when it chooses between
# them, and refuses or takes a wrong one (SUM(amount) / 3 lost its cents). typeof() is known a step later and constant.

# A moment under the type of `d`: dates and zoned timestamps stay what they are, all else is a timestamp.
_LIKE_D = """cast_to_type({}, struct_extract(
        {{'date': null::date, 'zoned': null::timestamptz, 'plain': null::timestamp}},
        case typeof(d) when 'DATE' then 'date' when 'TIMESTAMP WITH TIME ZONE' then 'zoned' else 'plain' end))"""
# DuckDB's error() has side effects, so that an alias of what calls it could not be used; a failing cast has none.
_DIVISOR = "case when b = 0 then cast('Division by zero' as tinyint) else b end"

_OWN = [
    # Snowflake refuses to divide by zero, where DuckDB answers infinity, and divides whole numbers into six decimals:
    # https://docs.snowflake.com/en/sql-reference/operators-arithmetic#division
    f"""_sf_div(a, b) as case
        when typeof(a) in ('BIGINT', 'INTEGER', 'HUGEINT') and typeof(b) in ('BIGINT', 'INTEGER', 'HUGEINT')
        then round(a / {_DIVISOR}, 6) else a / {_DIVISOR} end""",
    # Days and more added to a date stay a date: https://docs.snowflake.com/en/sql-reference/functions/dateadd
    f"_sf_add_interval(d, i) as {_LIKE_D.format('d::timestamp + i')}",
    f"_sf_date_trunc(u, d) as {_LIKE_D.format('date_trunc(u, d::timestamp)')}",
    # The default output formats, with milliseconds: https://docs.snowflake.com/en/sql-reference/date-time-input-output
    """_sf_text(v) as case
        when typeof(v) = 'TIMESTAMP WITH TIME ZONE'
        then strftime(try_cast(v as timestamptz), '%Y-%m-%d %H:%M:%S.%g +0000')
        when typeof(v) like 'TIMESTAMP%' then strftime(try_cast(v as timestamp), '%Y-%m-%d %H:%M:%S.%g')
        else v::varchar end""",
    """_sf_format(v, f) as case
        when typeof(v) = 'DATE' then strftime(try_cast(v as date), f)
        when typeof(v) = 'TIMESTAMP WITH TIME ZONE' then strftime(try_cast(v as timestamptz), f)
        else strftime(v::varchar::timestamp, f) end""",
    # A number or a string of digits is a time since 1970 at the given scale, everything else a timestamp as text:
    # https://docs.snowflake.com/en/sql-reference/functions/to_timestamp
    """_sf_to_timestamp(v, scale) as coalesce(
        try_cast(v as timestamp), make_timestamp(try_cast(try_cast(v as decimal(38, 9)) * case scale
            when 0 then 1000000 when 3 then 1000 when 6 then 1 else 0.001 end as bigint)),
        cast(v::varchar as timestamp))""",
    """_sf_try_to_timestamp(v, scale) as coalesce(
        try_cast(v as timestamp), make_timestamp(try_cast(try_cast(v as decimal(38, 9)) * case scale
            when 0 then 1000000 when 3 then 1000 when 6 then 1 else 0.001 end as bigint)))""",
    # https://docs.snowflake.com/en/sql-reference/functions/width_bucket
    """_sf_width_bucket(v, low, high, n) as case when v is null then null when v < low then 0
        when v >= high then n + 1 else floor((v - low) * n / (high - low))::bigint + 1 end""",
    # Whole months count one each when the days agree or both are month ends, else a 31-day month's fraction:
    # https://docs.snowflake.com/en/sql-reference/functions/months_between
    """_sf_months_between(a timestamp, b timestamp) as case
        when day(a) = day(b) or (a::date = last_day(a::date) and b::date = last_day(b::date))
        then ((year(a) - year(b)) * 12 + month(a) - month(b))::double
        else round((year(a) - year(b)) * 12 + month(a) - month(b)
            + (day(a) - day(b) + (epoch(a::timestamp) % 86400 - epoch(b::timestamp) % 86400) / 86400.0) / 31.0, 6)
        end""",
    # Regression of fewer than two points is unknown in Snowflake; DuckDB answers NaN.
    "_sf_nan_null(v) as case when isnan(v) then null else v end",
    "_sf_hash(v) as (v >> 1)::bigint",
]

MACROS = [
    FS_FLATTEN.substitute(catalog=_CATALOG),
    FS_HAVERSINE.substitute(catalog=_CATALOG),
    FS_OBJECT_CONSTRUCT.substitute(catalog=_CATALOG),
    FS_OBJECT_CONSTRUCT_STAR.substitute(catalog=_CATALOG),
    *[f"create or replace macro {_CATALOG}.{macro}" for macro in _OWN],
    *[f"create or replace macro {_CATALOG}.{macro_name(view)}(db) as table {query}" for view, query in QUERIES.items()],
]
