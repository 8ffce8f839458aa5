"""Runs a procedure's Python in this process, with a Snowpark session connected back to this endpoint.

https://docs.snowflake.com/en/developer-guide/stored-procedure/python/procedures-python-overview
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import traceback
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from snowflake.snowpark import DataFrame
from snowflake.snowpark import Session as Snowpark

from local_cloud.snowflake import errors
from local_cloud.snowflake.catalog import Entry
from local_cloud.snowflake.loading import stage_names, stages
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.work import callback, procedure_types

# The name that Snowflake gives to the code of a body; tracebacks show it.
_FILE = "_udf_code.py"
_IMPORT_DIRECTORY = "snowflake_import_directory"


def run(session: Session, entry: Entry, arguments: Sequence[Any]) -> pa.Table:
    """The handler's result: one row, or the rows of a data frame.

    Raises:
        SnowflakeError: 100357 with the handler's traceback.
    """
    document = entry.document
    with tempfile.TemporaryDirectory(prefix="procedure-") as folder, callback.connection(session) as connection:
        _fetch(session, document["IMPORTS"], Path(folder))
        snowpark = Snowpark.builder.configs({"connection": connection}).create()
        try:
            with _importing(Path(folder)):
                value = _answer(document, snowpark, arguments)
                return _table(document, value)
        finally:
            snowpark.close()


def _answer(document: dict[str, Any], snowpark: Snowpark, arguments: Sequence[Any]) -> Any:
    where = f"in function {document['NAME']} with handler {document['HANDLER']}"
    try:
        handler = _handler(document)
        value = handler(snowpark, *arguments)
        # A data frame is lazy: its errors belong to the handler as well.
        return value.to_arrow() if isinstance(value, DataFrame) else value
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        raise errors.SnowflakeError(
            100357, "P0000", f"Python Interpreter Error:\n{_traceback(error)} {where}"
        ) from error


def _handler(document: dict[str, Any]) -> Callable[..., Any]:
    """`function` of the body, or `module.function` of an import."""
    module_name, _, function = document["HANDLER"].rpartition(".")
    if module_name:
        module = importlib.import_module(module_name)
    else:
        module = types.ModuleType("_udf_code")
        exec(compile(document["BODY"], _FILE, "exec"), module.__dict__)  # noqa: S102  # running it is the purpose
    found = getattr(module, function, None)
    if not callable(found):
        raise AttributeError(f"Handler function {document['HANDLER']} is not defined")
    return found  # type: ignore[no-any-return]  # an attribute of a module that is made here


def _table(document: dict[str, Any], value: Any) -> pa.Table:
    if document["RETURNS"] != "TABLE":
        return procedure_types.result(document["NAME"], value, document["RETURNS"])
    if not isinstance(value, pa.Table):
        raise errors.SnowflakeError(
            100357,
            "P0000",
            "Python Interpreter Error:\n"
            f"The handler {document['HANDLER']} of a procedure that RETURNS TABLE must return a Snowpark data frame, "
            f"not {type(value).__name__}.",
        )
    return _microseconds(value)


def _microseconds(table: pa.Table) -> pa.Table:
    """Timestamps as every result of the endpoint has them; the client made nanoseconds of them."""
    fields = [
        pa.field(field.name, pa.timestamp("us", tz=field.type.tz) if pa.types.is_timestamp(field.type) else field.type)
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def _fetch(session: Session, imports: Sequence[str], folder: Path) -> None:
    """Bring staged files into a folder; raises SnowflakeError 002003 for one that is missing."""
    for reference in imports:
        name = stage_names.parse(reference)
        stage = stages.find(session, name)
        file = stage.file(name.path)
        if file is None:
            raise errors.does_not_exist("File", reference)
        target = folder / Path(name.path).name
        target.write_bytes(stage.local_copy(file, folder / f".{target.name}").read_bytes())


@contextmanager
def _importing(folder: Path) -> Iterator[None]:
    """Modules of the folder, and of archives in it, can be imported; afterwards they are forgotten."""
    paths = [str(folder), *(str(path) for path in sorted(folder.glob("*.zip")))]
    options = sys._xoptions  # Snowflake tells handlers there where their imports are
    before = options.get(_IMPORT_DIRECTORY)
    sys.path[:0] = paths
    options[_IMPORT_DIRECTORY] = f"{folder}/"
    importlib.invalidate_caches()
    try:
        yield
    finally:
        for path in paths:
            sys.path.remove(path)
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None) or "").startswith(str(folder)):
                del sys.modules[name]
        options[_IMPORT_DIRECTORY] = before or ""


def _traceback(error: BaseException) -> str:
    """From the first frame of the procedure's own code on."""
    frames = traceback.extract_tb(error.__traceback__)
    own = next((number for number, frame in enumerate(frames) if frame.filename != __file__), len(frames))
    lines = [f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}\n' for frame in frames[own:]]
    return "".join(["Traceback (most recent call last):\n", *lines, *traceback.format_exception_only(error)])
