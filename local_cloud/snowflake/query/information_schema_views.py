"""The queries behind INFORMATION_SCHEMA, as DuckDB table macros of the database's name `db`.

https://docs.snowflake.com/en/sql-reference/info-schema
"""

from __future__ import annotations

# Notes are JSON in DuckDB's comments, see `notes`. A comment that is not ours cannot occur: we write all of them.
_TABLE_COLUMNS = """
    database_name as TABLE_CATALOG, schema_name as TABLE_SCHEMA, {name} as TABLE_NAME,
    comment::json->>'owner' as TABLE_OWNER
"""
_MOMENTS = """
    (comment::json->>'created_on')::timestamptz as CREATED, (comment::json->>'created_on')::timestamptz as LAST_ALTERED,
    (comment::json->>'created_on')::timestamptz as LAST_DDL, comment::json->>'owner' as LAST_DDL_BY
"""
_TABLES = f"""
select {_TABLE_COLUMNS.format(name="table_name")}, 'BASE TABLE' as TABLE_TYPE,
    case when comment::json->>'transient' = 'true' then 'YES' else 'NO' end as IS_TRANSIENT,
    comment::json->>'cluster_by' as CLUSTERING_KEY, estimated_size::bigint as ROW_COUNT, 0::bigint as BYTES,
    1::bigint as RETENTION_TIME, 'YES' as IS_INSERTABLE_INTO, 'YES' as IS_TYPED, {_MOMENTS},
    'NO' as AUTO_CLUSTERING_ON, comment::json->>'comment' as COMMENT, 'NO' as IS_TEMPORARY, 'NO' as IS_ICEBERG,
    'NO' as IS_DYNAMIC, 'NO' as IS_IMMUTABLE, 'NO' as IS_HYBRID
from duckdb_tables() where database_name = db
union all by name
select {_TABLE_COLUMNS.format(name="view_name")}, 'VIEW' as TABLE_TYPE, 'NO' as IS_TRANSIENT,
    {_MOMENTS}, comment::json->>'comment' as COMMENT, 'NO' as IS_TEMPORARY
from duckdb_views() where database_name = db and not internal
"""
_VIEWS = f"""
select {_TABLE_COLUMNS.format(name="view_name")}, comment::json->>'text' as VIEW_DEFINITION, 'NONE' as CHECK_OPTION,
    'NO' as IS_UPDATABLE, 'NO' as INSERTABLE_INTO,
    case when comment::json->>'secure' = 'true' then 'YES' else 'NO' end as IS_SECURE, {_MOMENTS},
    comment::json->>'comment' as COMMENT
from duckdb_views() where database_name = db and not internal
"""
_COLUMNS = """
select database_name as TABLE_CATALOG, schema_name as TABLE_SCHEMA, table_name as TABLE_NAME,
    column_name as COLUMN_NAME, column_index::bigint as ORDINAL_POSITION, column_default as COLUMN_DEFAULT,
    case when is_nullable then 'YES' else 'NO' end as IS_NULLABLE,
    coalesce(regexp_extract(comment::json->>'type', '^[A-Z_]+'), case
        when data_type in ('BIGINT', 'HUGEINT', 'INTEGER', 'SMALLINT', 'TINYINT', 'UBIGINT', 'UINTEGER')
            or data_type like 'DECIMAL%' then 'NUMBER'
        when data_type = 'DOUBLE' or data_type = 'FLOAT' then 'FLOAT'
        when data_type = 'TIMESTAMP WITH TIME ZONE' then 'TIMESTAMP_LTZ'
        when data_type like 'TIMESTAMP%' then 'TIMESTAMP_NTZ'
        when data_type = 'JSON' then 'VARIANT' when data_type = 'BLOB' then 'BINARY'
        when data_type in ('BOOLEAN', 'DATE', 'TIME') then data_type else 'TEXT' end)
        .replace('VARCHAR', 'TEXT') as DATA_TYPE,
    case when data_type = 'VARCHAR'
        then coalesce(regexp_extract(comment::json->>'type', '(\\d+)', 1), '16777216')::bigint end
        as CHARACTER_MAXIMUM_LENGTH,
    case when data_type = 'VARCHAR'
        then least(coalesce(regexp_extract(comment::json->>'type', '(\\d+)', 1), '16777216')::bigint * 4, 16777216) end
        as CHARACTER_OCTET_LENGTH,
    case when data_type like 'DECIMAL%' then numeric_precision
        when data_type in ('BIGINT', 'HUGEINT', 'INTEGER') then 38 end::bigint as NUMERIC_PRECISION,
    case when data_type like 'DECIMAL%' or data_type in ('BIGINT', 'HUGEINT', 'INTEGER') then 10 end::bigint
        as NUMERIC_PRECISION_RADIX,
    case when data_type like 'DECIMAL%' then numeric_scale
        when data_type in ('BIGINT', 'HUGEINT', 'INTEGER') then 0 end::bigint as NUMERIC_SCALE,
    case when data_type like 'TIME%' then 9 end::bigint as DATETIME_PRECISION, 'NO' as IS_IDENTITY,
    comment::json->>'comment' as COMMENT
from duckdb_columns() where database_name = db and not internal
"""
_SCHEMATA = """
select database_name as CATALOG_NAME, schema_name as SCHEMA_NAME, null::varchar as SCHEMA_OWNER, 'NO' as IS_TRANSIENT,
    'NO' as IS_MANAGED_ACCESS, 1::bigint as RETENTION_TIME, null::timestamptz as CREATED,
    null::timestamptz as LAST_ALTERED, null::varchar as COMMENT
from duckdb_schemas() where database_name = db and schema_name not in ('main', 'pg_catalog', 'information_schema')
union all select db, 'INFORMATION_SCHEMA', null, 'NO', 'NO', 1, null, null,
    'Views describing the contents of schemas in this database'
"""
_DATABASES = """
select database_name as DATABASE_NAME, null::varchar as DATABASE_OWNER, 'NO' as IS_TRANSIENT, null::varchar as COMMENT,
    null::timestamptz as CREATED, null::timestamptz as LAST_ALTERED, 1::bigint as RETENTION_TIME, 'STANDARD' as TYPE
from duckdb_databases() where not internal and path is not null
"""
QUERIES = {
    "TABLES": _TABLES,
    "VIEWS": _VIEWS,
    "COLUMNS": _COLUMNS,
    "SCHEMATA": _SCHEMATA,
    "DATABASES": _DATABASES,
}


def macro_name(view: str) -> str:
    return f"_sf_information_schema_{view.lower()}"
