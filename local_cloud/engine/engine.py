"""The engine's front: up, preview, destroy, outputs."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pulumi import RunError

from local_cloud.engine import stand_in
from local_cloud.engine.connections import Connections
from local_cloud.engine.deletion import deletion_order
from local_cloud.engine.deployment import Deployment
from local_cloud.engine.hooks import Hooks
from local_cloud.engine.model import EngineError, Event, OnEvent, Outcome, Plan, Step, count, ignore
from local_cloud.engine.monitor import Monitor, ProgramLog
from local_cloud.engine.operations import Operations
from local_cloud.engine.program import prepared_process, run_program
from local_cloud.engine.project import Project, read_project
from local_cloud.engine.registry import OPENING, handler_of
from local_cloud.engine.state import State, locked
from local_cloud.engine.values import masked, reveal, shown


class Engine:
    """Runs a Pulumi Python project against the clouds that its providers name.

    Args:
        project: the folder of Pulumi.yaml.
        stack: the stack, as in Pulumi.<stack>.yaml.
        state: the state's file; its key and lock lie beside it.
        config: values that override the stack's file, by full key (`project:key`).
        environment: variables of the run, such as credentials.
    """

    def __init__(
        self,
        project: Path,
        stack: str,
        state: Path,
        *,
        config: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._root, self._stack, self._path = project.resolve(), stack, state.resolve()
        self._config, self._environment = dict(config or {}), dict(environment or {})

    def up(self, *, refresh: bool = False, on_event: OnEvent = ignore) -> Outcome:
        """Bring everything to what the program says.

        Args:
            refresh: look first at what is really there, so that drift is mended and lost resources are made again.

        Raises:
            EngineError: something failed; what succeeded is kept, and the next `up` carries on.
        """
        on_event = _one_at_a_time(on_event)
        with self._running() as (project, state, connections):
            operations = Operations(state, connections, Hooks(), on_event)
            deployment = Deployment(project, state, operations, on_event, refresh=refresh)
            _run(project, deployment, operations, on_event)
            deployment.finish()
            return Outcome(tuple(deployment.steps), count(deployment.steps), reveal(deployment.outputs))

    def preview(self, *, on_event: OnEvent = ignore) -> Plan:
        """What `up` would do; nothing is changed.

        Raises:
            EngineError: `up` would fail.
        """
        on_event = _one_at_a_time(on_event)
        with self._running() as (project, state, connections):
            operations = Operations(state, connections, Hooks(), on_event)
            deployment = Deployment(project, state, operations, on_event, preview=True)
            _run(project, deployment, operations, on_event)
            deployment.finish()
            return Plan(tuple(deployment.steps), count(deployment.steps), shown(deployment.outputs))

    def blueprint(self, *, on_event: OnEvent = ignore) -> Plan:
        """What a first `up` would create, without state, credentials or accounts: `stand_in` answers for both clouds.

        Raises:
            EngineError: `up` would fail.
        """
        project = read_project(self._root, self._stack, self._config)
        with tempfile.TemporaryDirectory() as folder, prepared_process(project, self._environment):
            state = State(Path(folder) / "state.json", project.name, self._stack)
            operations = Operations(state, Connections({"aws": stand_in.StandInAws}, {}), Hooks(), on_event)
            deployment = Deployment(project, state, operations, on_event, preview=True, assumed=stand_in.outputs)
            _run(project, deployment, operations, on_event)
            return Plan(tuple(deployment.steps), count(deployment.steps), shown(deployment.outputs))

    def destroy(self, *, unprotect: bool = False, on_event: OnEvent = ignore) -> Outcome:
        """Delete everything, dependents first. The program does not run.

        Args:
            unprotect: delete protected resources too.

        Raises:
            EngineError: a resource is protected (nothing is deleted then), or a deletion failed (the rest is kept).
        """
        with self._running() as (_project, state, connections):
            operations, steps = Operations(state, connections, Hooks(), on_event), []
            protected = [f"{each.type} {each.name}" for each in state.resources.values() if each.protect]
            if protected and not unprotect:
                raise EngineError(f"protected, so nothing was deleted (unprotect to go on): {', '.join(protected)}")
            for urn, intended in list(state.pending.items()):
                operations.clean_up(urn, state.resources.get(str(intended["provider"])))
            doomed = [*state.resources.values(), *state.replaced]
            going = {each.urn for each in doomed}
            for each in deletion_order(doomed):
                provider = state.resources.get(each.provider)
                seconds = operations.delete(each, provider, skip=each.deleted_with in going)
                sql = (
                    handler_of(each.type, each.name).statements("delete", masked(each.inputs), None)
                    if each.custom
                    else []
                )
                steps.append(Step("delete", each.urn, each.type, each.name, (), tuple(sql)))
                on_event(Event("delete", each.urn, each.type, each.name, "", seconds))
            state.set_outputs(None)
            return Outcome(tuple(steps), count(steps), {})

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs as of the last `up`.

        Raises:
            EngineError: there has been none.
        """
        project = read_project(self._root, self._stack, self._config)
        state = State(self._path, project.name, self._stack)
        if state.outputs is None:
            raise EngineError(f"stack {self._stack} has no outputs yet; run `up` first")
        found: dict[str, Any] = reveal(state.outputs)
        return found

    @contextlib.contextmanager
    def _running(self) -> Iterator[tuple[Project, State, Connections]]:
        project = read_project(self._root, self._stack, self._config)
        with locked(self._path, self._stack), prepared_process(project, self._environment):
            connections = Connections(OPENING, self._environment)
            try:
                yield project, State(self._path, project.name, self._stack), connections
            finally:
                connections.close()


def _one_at_a_time(on_event: OnEvent) -> OnEvent:
    """Resources are worked on by several threads; whoever listens need not know."""
    lock = threading.Lock()

    def heard(event: Event) -> None:
        with lock:
            on_event(event)

    return heard


def _run(project: Project, deployment: Deployment, operations: Operations, on_event: OnEvent) -> None:
    """Run the program; of all that went wrong say what was first."""
    try:
        monitor, log = Monitor(deployment, operations), ProgramLog(on_event)
        run_program(project, monitor, log, deployment.cancel, preview=deployment.preview)
        if deployment.failure is not None:
            raise deployment.failure
    except Exception as error:
        cause = deployment.failure or error
        if isinstance(cause, EngineError):
            raise cause from error
        if isinstance(cause, RunError):
            raise EngineError(f"the program failed: {cause}") from error
        raise EngineError(f"the program failed{_place(cause, project)}: {type(cause).__name__}: {cause}") from error


def _place(error: BaseException, project: Project) -> str:
    """Where in the project's own files it happened."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(project.root) and "site-packages" not in frame.filename
    ]
    return f" in {Path(frames[-1].filename).relative_to(project.root)}, line {frames[-1].lineno}" if frames else ""
