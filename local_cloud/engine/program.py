"""Runs the program as Pulumi does, in this process.

The folder of `main` becomes the working directory and, if `main` is a folder, the first entry of sys.path; then runpy
runs it as `__main__` (https://github.com/pulumi/pulumi/blob/master/sdk/python/cmd/pulumi-language-python-exec). A
thread of its own gives every run its own event loop and, because the SDK keeps its settings in context variables, its
own SDK.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import runpy
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from pulumi.runtime import Settings, configure, set_all_config
from pulumi.runtime.stack import run_in_stack

from local_cloud.engine.project import Project

# Registrations wait for their resource's cloud, not for the processor.
_PARALLEL = 8

# The working directory, sys.path and the environment belong to the process.
_PROCESS = threading.RLock()


class Log(Protocol):
    """The SDK's engine service, of which a program only uses the log."""

    def Log(self, request: Any) -> Any: ...  # noqa: N802  # the service's name


@contextlib.contextmanager
def prepared_process(project: Project, environment: Mapping[str, str]) -> Iterator[None]:
    """Working directory, sys.path and environment of the program; all as before afterwards.

    Modules that were imported meanwhile from the project are forgotten, so that the next run reads them anew.
    """
    with _PROCESS:
        folder, path, modules, variables = Path.cwd(), list(sys.path), set(sys.modules), dict(os.environ)
        try:
            os.chdir(project.folder)
            os.environ.update(environment)
            if project.entry.is_dir():
                sys.path.insert(0, str(project.folder))
            importlib.invalidate_caches()
            yield
        finally:
            os.chdir(folder)
            sys.path[:] = path
            os.environ.clear()
            os.environ.update(variables)
            for name in set(sys.modules) - modules:
                if _is_inside(sys.modules[name], project.root):
                    del sys.modules[name]


def _is_inside(module: object, root: Path) -> bool:
    file = str(getattr(module, "__file__", None) or "")
    return file != "" and Path(file).is_relative_to(root) and "site-packages" not in file


def run_program(project: Project, monitor: object, log: Log, cancel: Callable[[], None], *, preview: bool) -> None:
    """Run the program to its end: until every registration was answered.

    Args:
        cancel: called on Ctrl-C; what has begun is then finished before this returns.

    Raises:
        BaseException: whatever the program, the SDK or the monitor raised first.
    """
    failures: list[BaseException] = []
    # Not join(): in Python 3.11 a join that Ctrl-C interrupts takes the thread for ended.
    ended = threading.Event()

    def run() -> None:
        try:
            _run(project, monitor, log, preview, failures.append)
        finally:
            ended.set()

    threading.Thread(target=run, name="program").start()
    try:
        ended.wait()
    except KeyboardInterrupt:
        cancel()
        ended.wait()
    if failures:
        raise failures[0]


def _run(project: Project, monitor: object, log: Log, preview: bool, failed: Callable[[BaseException], None]) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(_PARALLEL, thread_name_prefix="register")
    loop.set_default_executor(executor)
    # After a failure the SDK leaves tasks behind whose errors nobody awaits: the first one is reported, once.
    loop.set_exception_handler(lambda _loop, _context: None)
    configure(
        Settings(
            monitor=monitor,  # an object with the stub's methods, as in set_mocks
            engine=log,
            project=project.name,
            stack=project.stack,
            parallel=_PARALLEL,
            dry_run=preview,
            organization="organization",
            root_directory=str(project.root),
        )
    )
    set_all_config(project.config, list(project.secret_keys))
    try:
        loop.run_until_complete(run_in_stack(lambda: _run_path(project.entry)))
    except BaseException as error:  # handed to the caller's thread
        failed(error)
    finally:
        # What has begun is finished and recorded before anything else happens.
        executor.shutdown(wait=True)
        _cancel_all(loop)
        loop.close()


def _run_path(entry: Path) -> None:
    runpy.run_path(str(entry), run_name="__main__")


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
