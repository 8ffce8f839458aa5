"""One statement, from text to result: a registered handler, or the data plane, or a refusal."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import duckdb
from sqlglot import exp

from local_cloud.snowflake import clock, errors, registry
from local_cloud.snowflake.enforcement import statements
from local_cloud.snowflake.errors import SnowflakeError
from local_cloud.snowflake.query import bindings, dml, failures, names, query_log, run, translate
from local_cloud.snowflake.query.query_log import Ran

# Imported for their handlers.
from local_cloud.snowflake.query import alter, ddl, session_statements, show  # noqa: F401  isort: skip
from local_cloud.snowflake.results import Result
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

# Snowpark's temporary objects are scoped to a stored procedure; outside of one they are plain temporary objects.
_SCOPED = re.compile(r"^(CREATE\s+(?:OR\s+REPLACE\s+)?)SCOPED\s+", re.IGNORECASE)

_LOG = logging.getLogger(__name__)

_DATA_PLANE: dict[type[exp.Expr], Callable[[Session, exp.Expr], Result]] = {
    exp.Select: dml.select,
    exp.Union: dml.select,
    exp.Except: dml.select,
    exp.Intersect: dml.select,
    exp.Subquery: dml.select,
    exp.Values: dml.select,
    exp.Insert: dml.insert,
    exp.Update: dml.update,
    exp.Delete: dml.delete,
    exp.Merge: dml.merge,
    exp.TruncateTable: dml.truncate,
}


def execute(session: Session, text: str, values: Sequence[object] | None = None) -> Result:
    """Run one Snowflake statement as the session's user; `values` fill its `?` placeholders in order.

    Raises:
        SnowflakeError: what Snowflake would report; nothing else.
    """
    return run_statement(session, Statement(text, tuple(values) if values is not None else None))


def run_statement(session: Session, given: Statement, query_id: str | None = None) -> Result:
    """The same, for a caller that has named the statement already."""
    query_id = query_id or str(uuid.uuid4())
    with session.lock, _logged(session, given, query_id) as log:
        try:
            result = _dispatch(session, _normal(given))
            log["rows"] = result.table.num_rows
        except duckdb.Error as error:
            raise failures.from_duckdb(error) from error
        except SnowflakeError:
            raise
        except Exception as error:
            _LOG.exception("statement failed inside the local cloud: %s", given.text)
            raise SnowflakeError(370001, "XX000", f"Internal error of the local cloud: {error!r}") from error
        finally:
            session.queries.append(query_id)
            run.forget_registered(session)
    kept = session.account.results.save(query_id, result.table)
    return Result(kept, result.rows_affected, result.payload)


@contextmanager
def _logged(session: Session, given: Statement, query_id: str) -> Iterator[dict[str, int]]:
    """Writes the statement into the account's log when it ends; the caller says its rows."""
    now = clock.of(session.account).now
    start, rows = now(), {"rows": 0}
    error: tuple[int, str] | None = None
    # A procedure's statements run inside of the CALL.
    outer, session.computed_in = session.computed_in, None
    tag = str(session.parameters.get("QUERY_TAG", ""))
    try:
        yield rows
    except SnowflakeError as failure:
        error = failure.errno, failure.message
        raise
    finally:
        ran = Ran(
            query_id=query_id,
            text=given.text[: query_log.TEXT_KEPT],
            kind=(given.text.split() or [""])[0].upper(),
            session_id=session.id,
            user=session.user,
            role=session.role,
            # What fails mostly does not compile and never reaches a warehouse.
            warehouse=None if error else session.computed_in,
            database=session.database,
            schema=session.schema,
            start=start,
            end=now(),
            rows=rows["rows"],
            error=error,
            tag=tag,
        )
        query_log.of(session.account).add(ran)
        session.computed_in = outer


def _normal(given: Statement) -> Statement:
    """Without surrounding blanks and trailing semicolons, and with bound values in place."""
    text = _SCOPED.sub(r"\1", given.text.strip().rstrip(";").strip())
    return bindings.inline(Statement(text, given.bindings))


def _dispatch(session: Session, given: Statement) -> Result:
    if not given.tokens:
        raise errors.SnowflakeError(900, "42601", "SQL compilation error:\nEmpty SQL statement.")
    statements.check(session, given)
    if handler := registry.find_statement(given.kind_words):
        return handler(session, given)
    tree = translate.parse(given.text)
    if data_plane := _DATA_PLANE.get(type(tree)):
        return _run_tree(session, tree, data_plane)
    if isinstance(tree, exp.Alias | exp.Column | exp.Identifier):
        # sqlglot reads any two words as a column with an alias; no statement begins like that.
        raise errors.syntax_error(1, 0, given.tokens[0].text)
    raise errors.not_supported(" ".join(given.kind_words[:2]))


def _run_tree(session: Session, tree: exp.Expr, data_plane: Callable[[Session, exp.Expr], Result]) -> Result:
    try:
        with ExitStack() as stack:
            if isinstance(tree, exp.Insert | exp.Update | exp.Delete | exp.Merge):
                mentioned = frozenset(table.name.upper() for table in tree.find_all(exp.Table))
                for change in registry.data_changes:
                    stack.enter_context(change(session, mentioned))
            return data_plane(session, tree)
    except duckdb.CatalogException as error:
        if found := failures.missing_object(error, list(names.stored_tables(tree)), session):
            raise found from error
        raise
