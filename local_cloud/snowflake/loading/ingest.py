"""From staged files to rows: the fast way, and the careful way for files with errors in them.

Large files without errors go straight from DuckDB's reader into the table. All others are read and converted first on
a connection of their own into a Parquet file in the spool folder, because in DuckDB an error ends the transaction that
it happens in, and with it the client's.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from local_cloud.snowflake import errors
from local_cloud.snowflake.loading import conversions, projection, scan
from local_cloud.snowflake.loading.copy_statement import CopyIntoTable, OnError
from local_cloud.snowflake.loading.formats import FileFormat
from local_cloud.snowflake.loading.history import Target
from local_cloud.snowflake.loading.projection import Assignment, Column
from local_cloud.snowflake.loading.scan import Fields, LocalFile, UnreadableError, literal
from local_cloud.snowflake.query.database import identifier

# Below this a second pass over a file's rows costs less than the care for a transaction that may break.
DIRECT_FROM = 4 * 1024 * 1024
_ROW_NUMBER = identifier(scan.ROW_NUMBER)


@dataclass(frozen=True)
class Plan:
    """One COPY, ready for any file of its stage. `columns` are the targets in order."""

    copy: CopyIntoTable
    form: FileFormat
    target: Target
    columns: Sequence[Column]
    on_error: OnError


@dataclass(frozen=True)
class FirstError:
    """`line` and `character` count from 1 (None where the format has none); `row` is the record's number."""

    code: int
    message: str
    line: int | None = None
    character: int | None = None
    column: str | None = None
    row: int | None = None
    position: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What a file gave. `good` of `parsed` rows can be loaded; `loaded` of them are."""

    file: LocalFile
    parsed: int
    loaded: int
    errors_seen: int = 0
    first: FirstError | None = None


@dataclass(frozen=True)
class Staged:
    """Converted rows of some files in a Parquet file, or None when there are none to load."""

    outcomes: list[Outcome]
    rows: Path | None
    names: tuple[str, ...]


class DirectError(Exception):
    """A file that was to be loaded directly has an error; the transaction is gone."""


def load_directly(
    main: duckdb.DuckDBPyConnection, files: Sequence[LocalFile], fields: Fields, plan: Plan, counts: Sequence[int] = ()
) -> list[Outcome]:
    """Insert the rows of files that are alike, in the transaction of `main`.

    Args:
        counts: rows of each file; may be left out for a single file.

    Raises:
        DirectError: something in a file is wrong; roll back, then use `stage`.
    """
    made = projection.assignments(plan.copy, plan.form, fields, plan.columns)
    source = scan.relation(files, plan.form, fields)
    try:
        row = main.execute(
            f"insert into {plan.target.sql} ({_names(made)}) select {', '.join(a.sql for a in made)} from ({source}) "
        ).fetchone()
    except duckdb.Error as error:
        raise DirectError(str(error)) from error
    inserted = int(row[0]) if row else 0
    counts = counts or [inserted]
    if sum(counts) != inserted:
        raise DirectError(f"{inserted} rows came from files that say they hold {sum(counts)}")
    return [Outcome(file, count, count) for file, count in zip(files, counts, strict=True)]


def insert_staged(main: duckdb.DuckDBPyConnection, staged: Staged, plan: Plan) -> None:
    """Insert what `stage` has converted; nothing in it can fail."""
    if staged.rows is None:
        return
    columns = {column.name: column for column in plan.columns}
    values = ", ".join(f"cast({identifier(name)} as {columns[name].type})" for name in staged.names)
    names = ", ".join(map(identifier, staged.names))
    main.execute(
        f"insert into {plan.target.sql} ({names}) select {values} from read_parquet({literal(str(staged.rows))})"
    )


def stage(side: duckdb.DuckDBPyConnection, files: Sequence[LocalFile], plan: Plan, spool: Path) -> list[Staged]:
    """Read and convert files; several at once when they are alike and without errors.

    Raises:
        SnowflakeError: the COPY itself is wrong, whatever the files.
    """
    described: list[tuple[LocalFile, Fields]] = []
    found: list[Staged] = []
    for file in files:
        try:
            described.append((file, scan.describe(side, file, plan.form)))
        except UnreadableError as error:
            found.append(_refused(file, str(error)))
    for _, group in itertools.groupby(described, key=lambda pair: _likeness(pair, plan)):
        pairs = list(group)
        found += _stage_alike(side, [file for file, _ in pairs], pairs[0][1], plan, spool)
    return found


def _likeness(pair: tuple[LocalFile, Fields], plan: Plan) -> tuple[object, ...]:
    """Files of equal likeness can be read together: CSV only."""
    file, fields = pair
    if plan.form.kind != "CSV" or fields.count == 0:
        return (file.path,)
    return (fields, scan.compression(file, plan.form))


def _stage_alike(
    side: duckdb.DuckDBPyConnection, files: Sequence[LocalFile], fields: Fields, plan: Plan, spool: Path
) -> list[Staged]:
    if plan.form.kind == "CSV" and fields.count == 0:
        return [Staged([Outcome(file, 0, 0)], None, ()) for file in files]
    if plan.form.kind == "CSV":
        odd = [file for file in files if is_miscounted(fields, plan) or scan.needs_strict(file, plan.form)]
        files = [file for file in files if file not in odd]
    else:
        odd = []
    found: list[Staged] = [_stage_carefully(side, file, fields, plan, spool) for file in odd]
    if not files:
        return found
    try:
        return [*found, _stage_fast(side, files, fields, plan, spool)]
    except duckdb.Error:
        if len(files) == 1:
            return [*found, _stage_carefully(side, files[0], fields, plan, spool)]
    half = len(files) // 2
    for part in (files[:half], files[half:]):
        found += _stage_alike(side, part, fields, plan, spool)
    return found


def is_miscounted(fields: Fields, plan: Plan) -> bool:
    return _counted(plan) and fields.count != len(plan.columns)


def _counted(plan: Plan) -> bool:
    """Whether each record must have as many fields as the table has columns; a transformation never minds."""
    plain = plan.copy.select is None and plan.copy.option("MATCH_BY_COLUMN_NAME", "NONE") == "NONE"
    return plan.form.kind == "CSV" and plain and plan.form.error_on_column_count_mismatch


def _stage_fast(
    side: duckdb.DuckDBPyConnection, files: Sequence[LocalFile], fields: Fields, plan: Plan, spool: Path
) -> Staged:
    made = projection.assignments(plan.copy, plan.form, fields, plan.columns)
    path = spool / f"{uuid.uuid4().hex}.parquet"
    values = ", ".join(f"{_storable(a.sql, a.column.type)} as {identifier(a.column.name)}" for a in made)
    source = scan.relation(files, plan.form, fields)
    required = [identifier(a.column.name) for a in made if not a.column.nullable]
    try:
        side.execute(f'copy (select {values}, "#file" from ({source})) to {literal(str(path))} (format parquet)')
        nulls = " or ".join(f"{name} is null" for name in required) or "false"
        rows = side.execute(
            f'select "#file", count(*), count(*) filter ({nulls}) from read_parquet({literal(str(path))}) group by 1'
        ).fetchall()
    except duckdb.Error:
        path.unlink(missing_ok=True)
        raise
    if any(bad for _, _, bad in rows):
        path.unlink()
        raise duckdb.ConstraintException(conversions.NULL_IN_REQUIRED[1])
    counts = {int(place): int(count) for place, count, _ in rows}
    outcomes = [Outcome(file, counts.get(place, 0), counts.get(place, 0)) for place, file in enumerate(files)]
    return Staged(outcomes, path, tuple(a.column.name for a in made))


def _stage_carefully(
    side: duckdb.DuckDBPyConnection, file: LocalFile, fields: Fields, plan: Plan, spool: Path
) -> Staged:
    """Convert row by row: TRY of a one-element list is NULL exactly when the conversion fails."""
    name = f'"strict_{uuid.uuid4().hex}"'
    try:
        if plan.form.kind == "CSV":
            fields = Fields("CSV", fields.names, count=max(fields.count, _widest(plan)))
            source = scan.strict_relation(side, file, plan.form, fields, name)
        else:
            plain = scan.relation([file], plan.form, fields)
            source = f'select *, {_ROW_NUMBER} as "#line", null::varchar as "#fault" from ({plain})'
        return _evaluate(side, file, fields, source, plan, spool)
    except UnreadableError as error:
        return _refused(file, str(error))
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        return _refused(file, scan.damaged(error, plan.form.kind))
    finally:
        side.execute(f"drop table if exists {name}")


def _widest(plan: Plan) -> int:
    return len(plan.columns) if plan.copy.select is None else 0


def _evaluate(
    side: duckdb.DuckDBPyConnection, file: LocalFile, fields: Fields, source: str, plan: Plan, spool: Path
) -> Staged:
    made = projection.assignments(plan.copy, plan.form, fields, plan.columns)
    fault = '"#fault"'
    if _counted(plan):
        fault = f'coalesce("#fault", case when "#fields" <> {len(plan.columns)} then \'#count\' end)'
    tried = ", ".join(f"{_tried(a)} as v{place}" for place, a in enumerate(made))
    table = f'"tried_{uuid.uuid4().hex}"'
    side.execute(f'create temp table {table} as select * replace ({fault} as "#fault"), {tried} from ({source})')
    try:
        failed = " or ".join(['"#fault" is not null', *(_failed(place, a) for place, a in enumerate(made))])
        row = side.execute(f"select count(*), count(*) filter ({failed}) from {table}").fetchone()
        parsed, bad = (int(row[0]), int(row[1])) if row else (0, 0)
        first = _first_error(side, table, failed, made, plan) if bad else None
        path = spool / f"{uuid.uuid4().hex}.parquet"
        values = ", ".join(
            f"{_storable(f'v{place}[1]', a.column.type)} as {identifier(a.column.name)}" for place, a in enumerate(made)
        )
        side.execute(
            f"copy (select {values} from {table} where not ({failed})) to {literal(str(path))} (format parquet)"
        )
    finally:
        side.execute(f"drop table {table}")
    return Staged([Outcome(file, parsed, parsed - bad, bad, first)], path, tuple(a.column.name for a in made))


def _tried(assignment: Assignment) -> str:
    return f"try([{assignment.sql}])"


def _failed(place: int, assignment: Assignment) -> str:
    """True for a row whose value is no value of the column: not convertible, or NULL where that is not allowed."""
    return f"v{place} is null" if assignment.column.nullable else f"(v{place} is null or v{place}[1] is null)"


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _first_error(
    side: duckdb.DuckDBPyConnection, table: str, failed: str, made: Sequence[Assignment], plan: Plan
) -> FirstError:
    is_csv = plan.form.kind == "CSV"
    extra = ', "#code", "#character", "#fields", "#text"' if is_csv else ""
    flags = ", ".join(_failed(place, a) for place, a in enumerate(made))
    nulls = ", ".join(f"v{place} is not null" for place in range(len(made)))
    sources = ", ".join(f"try(cast({a.source} as varchar))" for a in made)
    row = side.execute(
        f'select {_ROW_NUMBER}, "#line", "#fault", [{flags}], [{sources}], [{nulls}]{extra} '
        f"from {table} where {failed} order by {_ROW_NUMBER} limit 1"
    ).fetchone()
    assert row is not None
    number, line, fault, flags_found, values, converted = row[:6]
    text = str(row[9]) if is_csv else ""
    if fault == "#count":
        return FirstError(100080, _miscount(int(row[8]), len(plan.columns)), line, max(len(text), 1), row=number)
    if fault is not None:
        return FirstError(int(row[6]), str(fault), line, int(row[7]), row=number)
    place = flags_found.index(True)
    column, value = made[place].column, values[place]
    code, message = (
        conversions.NULL_IN_REQUIRED if converted[place] else conversions.failure(made[place].kind, _text(value))
    )
    character = text.find(str(value)) + 1 if is_csv and value is not None and str(value) in text else None
    return FirstError(
        code,
        message,
        line if is_csv else None,
        character or (1 if is_csv else None),
        column.name,
        number,
        column.position,
    )


def _miscount(found: int, expected: int) -> str:
    return (
        f"Number of columns in file ({found}) does not match that of the corresponding table ({expected}), "
        "use file format option error_on_column_count_mismatch=false to ignore this error"
    )


def _refused(file: LocalFile, message: str) -> Staged:
    return Staged([Outcome(file, 0, 0, 1, FirstError(100069, message, 1, 1))], None, ())


def _storable(sql: str, kind: str) -> str:
    """Parquet has no 128-bit integers."""
    return f"cast({sql} as varchar)" if kind == "HUGEINT" else f"({sql})"


def _names(made: Sequence[Assignment]) -> str:
    return ", ".join(identifier(a.column.name) for a in made)


def aborting(outcome: Outcome, plan: Plan) -> errors.SnowflakeError:
    """The error that ends a COPY with ON_ERROR = ABORT_STATEMENT."""
    first = outcome.first
    assert first is not None
    lines = [
        first.message,
        f"  File '{outcome.file.staged.name}', line {first.line or 1}, character {first.character or 1}",
    ]
    if first.column is not None:
        lines.append(f'  Row {first.row}, column "{plan.target.table}"["{first.column}":{first.position}]')
    lines.append(
        "  If you would like to continue loading when an error is encountered, use other values such as 'SKIP_FILE' or "
        "'CONTINUE' for the ON_ERROR option. For more information on loading options, please run 'info loading_data' "
        "in a SQL client."
    )
    return errors.SnowflakeError(first.code, "22018" if first.column else "22000", "\n".join(lines))
