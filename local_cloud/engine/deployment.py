"""One run of the engine: compares what the program asks for with the state, and does (or plans) what is missing."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from local_cloud.engine import urns
from local_cloud.engine.decision import Decision, decide
from local_cloud.engine.deletion import deletion_order, dependents
from local_cloud.engine.diff import with_ignored
from local_cloud.engine.goal import Goal, goal_of
from local_cloud.engine.model import EngineError, Event, Kind, OnEvent, Step
from local_cloud.engine.operations import Operations
from local_cloud.engine.project import Project
from local_cloud.engine.providers import Providers
from local_cloud.engine.refresh import drift, refreshed
from local_cloud.engine.registry import handler_of
from local_cloud.engine.resources.base import Handler
from local_cloud.engine.state import ResourceState, State
from local_cloud.engine.values import UNKNOWN, Properties, Secret, masked, reveal

Assumed = Callable[[str, Properties, Properties], Properties]
"""A plan's guess at what a new resource computes, from its type, its inputs and its provider's."""


def nothing_assumed(_type: str, _inputs: Properties, _provider: Properties) -> Properties:
    """What only `up` can know stays unknown."""
    return {}


class Deployment:
    """State of a run. Registrations arrive concurrently; the steps of one resource never do."""

    def __init__(
        self,
        project: Project,
        state: State,
        operations: Operations,
        on_event: OnEvent,
        *,
        preview: bool = False,
        refresh: bool = False,
        assumed: Assumed = nothing_assumed,
    ) -> None:
        self._project, self._state, self._operations, self._on_event = project, state, operations, on_event
        self.preview, self._refresh, self._assumed = preview, refresh, assumed
        self.providers = Providers(project, self._register)
        self.hooks = operations.hooks
        self.steps: list[Step] = []
        self.outputs: Properties = {}
        self.failure: BaseException | None = None
        self._lock = threading.RLock()
        # Two replacements at once may have dependents in common.
        self._deleting = threading.Lock()
        self._registered: dict[str, ResourceState] = {}
        self._claimed: set[str] = set()
        self._aliases: dict[str, tuple[str, ...]] = {}
        self._replaced: set[str] = set()
        self._stack_urn = ""

    def cancel(self) -> None:
        """Begin nothing more."""
        with self._lock:
            self.failure = self.failure or EngineError(
                "interrupted; what was done until then is recorded, and the next `up` carries on"
            )

    # Registration -----------------------------------------------------------------------------------------------------

    def register(self, request: Any) -> ResourceState:
        """Bring one resource to what the program asks for, or plan to.

        Raises:
            EngineError: it cannot be done, or something failed before.
        """
        if self.failure is not None:
            raise EngineError(f"{request.type} {request.name} was not reached: an earlier resource failed")
        try:
            return self._register(request)
        except BaseException as error:
            with self._lock:
                self.failure = self.failure or error
            raise

    def _register(self, request: Any) -> ResourceState:
        with self._lock:
            goal = goal_of(request, self._project.stack, self._project.name, self._aliases.get(request.parent, ()))
            if goal.urn in self._claimed:
                raise EngineError(
                    f"{goal.type} {goal.name} is registered twice; names are unique within a type and parent"
                )
            self._claimed.add(goal.urn)
            if goal.type == urns.STACK_TYPE:
                self._stack_urn = goal.urn
                return goal.state("", {}, {})
            old = self._former(goal)
        state = self._custom(goal, old) if goal.custom else self._component(goal, old)
        with self._lock:
            self._registered[goal.urn] = state
            if goal.is_provider:
                self.providers.add(state)
        return state

    def _former(self, goal: Goal) -> ResourceState | None:
        """The recorded resource, under this or a former URN."""
        self._aliases[goal.urn] = goal.aliases
        for alias in goal.aliases:
            if goal.urn not in self._state.resources and alias in self._state.resources and alias not in self._claimed:
                if self.preview:
                    return replace(self._state.resources[alias], urn=goal.urn, name=goal.name)
                self._state.rename(alias, goal.urn)
        return self._state.resources.get(goal.urn)

    def _component(self, goal: Goal, old: ResourceState | None) -> ResourceState:
        if goal.request.remote:
            raise EngineError(f"{goal.type} {goal.name}: components of another process are not supported locally")
        new = goal.state("", goal.inputs, old.outputs if old else {})
        if not self.preview and new != old:
            self._state.put(new)
        self._done("same" if old else "create", goal, Decision("create"))
        return new

    def _custom(self, goal: Goal, old: ResourceState | None) -> ResourceState:
        if goal.request.importId:
            raise EngineError(f"{goal.type} {goal.name}: import is not supported locally; leave `import_` out")
        handler = handler_of(goal.type, goal.name)
        goal, provider = self.providers.resolve(goal)
        if self._refresh and old is not None and old.custom:
            old = self._looked_at(goal, handler, old)
        inputs = self._checked(goal, handler, old, provider)
        decision = decide(goal, handler, old, inputs, self._replaced)
        if self.preview:
            return self._plan(goal, handler, old, inputs, decision, provider)
        if decision.kind == "same" and old is not None:
            new = goal.state(old.id, inputs, old.outputs)
            if new != old:
                self._state.put(new)
            self._done("same", goal, decision)
            return new
        return self._perform(goal, handler, old, inputs, decision)

    def _looked_at(self, goal: Goal, handler: Handler, old: ResourceState) -> ResourceState | None:
        """The resource as it really is, recorded; None if it is gone."""
        found = refreshed(old, handler, self.providers.connection(goal, self._operations.connections))
        if found is None:
            self._state.remove(old)
            self._on_event(Event("log", old.urn, old.type, old.name, "is gone and will be made again"))
        elif found != old:
            self._state.put(found)
            if changed := drift(old, found):
                self._on_event(
                    Event("log", old.urn, old.type, old.name, f"was changed by others: {', '.join(changed)}")
                )
        return found

    def _checked(self, goal: Goal, handler: Handler, old: ResourceState | None, provider: Properties) -> Properties:
        """The inputs as the provider would store them: ignored changes undone, a name made up, defaults filled in."""
        known = old.inputs if old else self._state.pending.get(goal.urn, {}).get("inputs", {})
        inputs = with_ignored(known, goal.inputs, goal.request.ignoreChanges) if old else goal.inputs
        key = handler.auto_named
        if key and key not in inputs:
            prefix = f"{goal.name}-"
            former = known.get(key)
            keeps = isinstance(former, str) and former.startswith(prefix)
            inputs = inputs | {key: former if keeps else prefix + secrets.token_hex(4)[:7]}
        checked = handler.check(goal.name, inputs, provider)
        for secret in goal.request.additionalSecretOutputs:
            if secret in checked and not isinstance(checked[secret], Secret):
                checked = checked | {secret: Secret(checked[secret])}
        return checked

    # Doing ------------------------------------------------------------------------------------------------------------

    def _perform(
        self, goal: Goal, handler: Handler, old: ResourceState | None, inputs: Properties, decision: Decision
    ) -> ResourceState:
        connection = self.providers.connection(goal, self._operations.connections)
        replaced = old if decision.kind == "replace" else None
        if replaced is not None:
            self._refuse_protected(replaced)
            if decision.delete_first:
                self._delete_with_dependents(replaced)
        if decision.kind == "update" and old is not None:
            return self._operations.update(
                goal,
                handler,
                connection,
                old,
                inputs,
                lambda seconds: self._done("update", goal, decision, old, inputs, seconds),
            )
        keep = replaced if replaced is not None and not decision.delete_first else None
        state = self._operations.create(
            goal,
            handler,
            connection,
            keep,
            inputs,
            lambda seconds: self._done(decision.kind, goal, decision, old, inputs, seconds),
        )
        if decision.kind == "replace":
            self._replaced.add(goal.urn)
        return state

    def _refuse_protected(self, resource: ResourceState) -> None:
        if resource.protect:
            raise EngineError(
                f"{resource.type} {resource.name} is protected, so it can be neither replaced nor deleted; "
                "take `protect` away and run `up` first"
            )

    def _delete_with_dependents(self, old: ResourceState) -> None:
        """Delete a resource, and before it everything that its loss replaces."""
        with self._deleting:
            doomed = self._doomed(old)
            for each in doomed:
                self._refuse_protected(each)
            for each in deletion_order([old, *doomed]):
                self._operations.delete(each, self._provider_state(each), skip=self._goes_with(each, [old, *doomed]))
                self._replaced.add(each.urn)

    def _doomed(self, old: ResourceState) -> list[ResourceState]:
        """Dependents that are replaced too: an input from the replaced resource forces it, or they say so."""
        gone, found = {old.urn}, []
        for each in dependents(self._state.resources.values(), old.urn):
            if each.urn in self._registered or not each.custom or each.type.startswith("pulumi:providers:"):
                continue
            touched = {key for key, sources in each.property_dependencies.items() if gone & set(sources)}
            lost = each.inputs | dict.fromkeys(touched, UNKNOWN)
            handler = handler_of(each.type, each.name)
            if gone & set(each.replace_with) or handler.replaced_by(each.inputs, lost, touched):
                gone.add(each.urn)
                found.append(each)
        return found

    @staticmethod
    def _goes_with(resource: ResourceState, others: list[ResourceState]) -> bool:
        return bool(resource.deleted_with) and any(each.urn == resource.deleted_with for each in others)

    # Planning ---------------------------------------------------------------------------------------------------------

    def _plan(
        self,
        goal: Goal,
        handler: Handler,
        old: ResourceState | None,
        inputs: Properties,
        decision: Decision,
        provider: Properties,
    ) -> ResourceState:
        if decision.kind == "replace" and old is not None:
            self._refuse_protected(old)
            self._plan_replacement(goal, old, decision)
        self._done(decision.kind, goal, decision, old, inputs)
        if decision.kind == "same" and old is not None:
            return goal.state(old.id, inputs, old.outputs)
        if decision.kind == "update" and old is not None:
            unsure = dict.fromkeys(handler.recomputed(set(decision.changed)), UNKNOWN)
            return goal.state(old.id, inputs, old.outputs | inputs | unsure)
        known = handler.predicted(reveal(inputs)) | self._assumed(goal.type, inputs, provider)
        return goal.state("", inputs, inputs | known)

    def _plan_replacement(self, goal: Goal, old: ResourceState, decision: Decision) -> None:
        with self._lock:
            self._replaced.add(goal.urn)
            if decision.delete_first:
                self._replaced |= {each.urn for each in self._doomed(old)}

    # The end ----------------------------------------------------------------------------------------------------------

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Outputs of a component or, as exports, of the stack."""
        if urn == self._stack_urn:
            self.outputs = outputs
        elif not self.preview and urn in self._state.resources:
            with self._lock:
                current = self._state.resources[urn]
                if current.outputs != outputs:
                    self._state.put(replace(current, outputs=outputs))

    def finish(self) -> None:
        """Delete what the program no longer asks for, once it has come to its end."""
        superfluous = [each for urn, each in self._state.resources.items() if urn not in self._claimed]
        for each in superfluous:
            self._refuse_protected(each)
        for each in deletion_order([*superfluous, *self._state.replaced]):
            if each.custom and not self.preview:
                skip = self._goes_with(each, superfluous)
                seconds = self._operations.delete(each, self._provider_state(each), skip=skip)
            else:
                seconds = self._operations.forget(each) if not self.preview else 0.0
            if not each.is_replaced:
                self._deleted(each, seconds)
        if not self.preview:
            for urn in [urn for urn in self._state.pending if urn not in self._claimed]:
                self._operations.clean_up(urn, self._state.resources.get(str(self._state.pending[urn]["provider"])))
            self._state.set_outputs(self.outputs)

    def _provider_state(self, resource: ResourceState) -> ResourceState | None:
        return self._registered.get(resource.provider) or self._state.resources.get(resource.provider)

    def _done(
        self,
        kind: Kind,
        goal: Goal,
        decision: Decision,
        old: ResourceState | None = None,
        inputs: Properties | None = None,
        seconds: float = 0.0,
    ) -> None:
        sql: list[str] = []
        documents: dict[str, str] = {}
        if kind != "same" and goal.custom and inputs is not None:
            handler = handler_of(goal.type, goal.name)
            before, after = masked(old.inputs, "[former secret]") if old else None, masked(inputs)
            if kind == "replace" and before is not None:
                sql += handler.statements("delete", before, None)
            sql += handler.statements("update" if kind == "update" else "create", before, after)
            documents = dict(handler.documents(after))
        step = Step(
            kind,
            goal.urn,
            goal.type,
            goal.name,
            decision.changes,
            tuple(sql),
            documents,
            goal.dependencies,
            tuple(goal.request.replace_with),
            goal.request.protect,
        )
        detail = ", ".join(change.path for change in decision.changes) if kind in ("update", "replace") else ""
        self._record(step, detail, seconds)

    def _deleted(self, resource: ResourceState, seconds: float) -> None:
        sql = []
        if resource.custom:
            sql = handler_of(resource.type, resource.name).statements("delete", masked(resource.inputs), None)
        self._record(Step("delete", resource.urn, resource.type, resource.name, (), tuple(sql)), "", seconds)

    def _record(self, step: Step, detail: str, seconds: float) -> None:
        with self._lock:
            self.steps.append(step)
            self._on_event(Event(step.kind, step.urn, step.type, step.name, detail, seconds))
