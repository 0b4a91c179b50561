"""The door of the room: one running process, loaded, acted on, run to its next wait states, and saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.errors import InvalidVariables, StateConflict
from engine.spiff.ad_hoc import AdHocSpec
from engine.spiff.beginning import begin
from engine.spiff.build import NotExecutable, build
from engine.spiff.codec import load_head, write_parts
from engine.spiff.expressions import whole_number
from engine.spiff.instance import InstanceWorkflow
from engine.spiff.listeners import BoundarySpec
from engine.spiff.mappings import write
from engine.spiff.model import ProcessModel
from engine.spiff.parts import Parts
from engine.spiff.scopes import Scope, copied
from engine.spiff.steps import (
    Effect,
    ProcessState,
    StateChange,
    StepContext,
    StepFailed,
    Variables,
    WaitKind,
)
from engine.spiff.throwing import escalate, hear, throw_error
from engine.spiff.tokens import AT_A_JOIN, Token
from engine.spiff.waiting import ListeningSpec, PartSpec

__all__ = ["NotExecutable", "ProcessModel", "SpiffProcess", "build"]


class SpiffProcess:
    """A process instance in memory, for one step.

    `start`, `complete`, `fire` and their like only note what happened: the wait is closed, results are kept. `run` does
    the rest, so that what happened can be saved by itself even when the rest fails.
    """

    def __init__(self, instance: InstanceWorkflow) -> None:
        self._instance = instance
        self._parked = tuple(instance.parked)

    @classmethod
    def start(
        cls,
        model: ProcessModel,
        variables: Mapping[str, Any],
        context: StepContext,
        *,
        start_element_id: str | None = None,
    ) -> SpiffProcess:
        """Begin an instance at its plain start events, or at the given element whose event has come.

        Raises:
            StepFailed: There is no such place to start.
        """
        instance = InstanceWorkflow(model, context, Parts())
        begin(instance, variables, start_element_id)
        return cls(instance)

    @classmethod
    def load(cls, model: ProcessModel, state: ProcessState, context: StepContext) -> SpiffProcess:
        """Take an instance up from its stored state."""
        instance = InstanceWorkflow(model, context, Parts(state))
        load_head(instance)
        return cls(instance)

    # -- what happened ------------------------------------------------------------------------------------------------

    def complete(self, wait_id: str, part: str, variables: Mapping[str, Any] | None = None) -> None:
        """Note that a user task or job is done.

        Raises:
            StateConflict: Nothing waits under this id.
        """
        token = self._waiting(wait_id, part)
        self._instance.finish(token, copied(dict(variables or {})))

    def fire(self, wait_id: str, part: str, variables: Mapping[str, Any] | None = None) -> None:
        """Note that a timer is due, or that a message or signal has come.

        Raises:
            StateConflict: Nothing waits under this id.
        """
        token = self._waiting(wait_id, part)
        token.task_spec.fired(token, copied(dict(variables or {})))

    def signal(self, waits: Iterable[tuple[str, str]], variables: Mapping[str, Any] | None = None) -> None:
        """Note that a signal has come to waits, by id and part; those that it ended itself are passed over."""
        found = [self._find(wait_id) for wait_id, _part in waits]
        hear(self._instance, [token for token in found if token is not None], variables or {})

    def child_completed(self, wait_id: str, part: str, variables: Mapping[str, Any] | None = None) -> None:
        """Note that the child of a call activity has ended.

        Raises:
            StateConflict: Nothing waits under this id.
        """
        self.fire(wait_id, part, variables)

    def child_escalated(self, wait_id: str, part: str, code: str, variables: Mapping[str, Any] | None = None) -> None:
        """Take an escalation that the child did not catch outwards from the call activity.

        Raises:
            StateConflict: Nothing waits under this id.
        """
        escalate(self._instance, self._waiting(wait_id, part), code, copied(dict(variables or {})))

    def throw_error(
        self, wait_id: str, part: str, code: str, message: str = "", variables: Mapping[str, Any] | None = None
    ) -> None:
        """Take a business error outwards from a job, user task or call activity.

        Raises:
            StateConflict: Nothing waits under this id.
            StepFailed: Nobody catches it.
        """
        throw_error(self._instance, self._waiting(wait_id, part), code, message, copied(dict(variables or {})))

    def cancel(self) -> None:
        """Remove everything: all waits close."""
        self._instance.cancel_scope(self._instance)
        self._instance.ended = True

    def set_variables(self, scope: str, variables: Mapping[str, Any]) -> None:
        """Give variables values in a scope: the process by its id (or nothing), others by the id of their token.

        Raises:
            StateConflict: There is no such scope.
        """
        instance = self._instance
        target: Scope | None = instance.scope
        if scope not in ("", instance.scope.id):
            token = instance.find(scope)
            target = token.scope if token is not None and token.own_scope else None
        if target is None:
            raise StateConflict(f"Expected a scope of variables {scope!r}, but there is none.")
        for name, value in variables.items():
            target.values[name] = copied(value)
            instance.note_variable(target, name)

    def merge_variables(self, wait_id: str, part: str, variables: Mapping[str, Any]) -> None:
        """Give variables values as seen from a wait: each where its name lives, else in the outermost scope.

        Raises:
            StateConflict: Nothing waits under this id.
        """
        write(self._instance, self._waiting(wait_id, part).scope, copied(dict(variables)))

    def activate(self, ad_hoc: str, element_ids: Sequence[str]) -> None:
        """Begin what somebody has chosen inside an ad-hoc sub-process: named by its token's id, or by its element's.

        Raises:
            StateConflict: None is running, or several are: name its token; or nothing may be begun now.
            InvalidArgument: It is none of what may be chosen.
        """
        found = [one for one in self._ad_hoc() if ad_hoc in (one.host.id, one.host.task_spec.element.id)]
        if len(found) != 1:
            raise StateConflict(
                f"Expected one running ad-hoc sub-process {ad_hoc!r}, but there are {len(found)}.", ad_hoc=ad_hoc
            )
        found[0].host.task_spec.activate(found[0], element_ids)

    def choices(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Return the running ad-hoc sub-processes: token, element, and what may be begun; bodies are loaded for it."""
        return [
            (one.host.id, one.host.task_spec.element.id, tuple(s.element.id for s in one.host.task_spec.choices(one)))
            for one in self._ad_hoc()
        ]

    def take_up(self, token: str | None = None) -> None:
        """Let a parked token try again, or all of them; one that is parked no more is none of our business."""
        for one in (token,) if token is not None else tuple(self._instance.parked):
            self._instance.take_up(one)

    # -- run and save -------------------------------------------------------------------------------------------------

    def run(self, budget: int, avoid: frozenset[str] = frozenset()) -> bool:
        """Move tokens until none can move; False when `budget` elements were used up before: go on after loading.

        Args:
            budget: How many elements may be entered.
            avoid: Tokens, by id, that have failed: they are parked where they failed, and the others go on.

        Raises:
            StepFailed: An element cannot go on; the process in memory is spoilt.
        """
        return self._instance.run(budget, avoid)

    @property
    def parked(self) -> tuple[str, ...]:
        """Tokens, by id, that wait to be taken up."""
        return tuple(self._instance.parked)

    def attempts_of(self, token: str) -> int | None:
        """Return how often the work at a parked token is tried, where its element says so."""
        found = self._instance.find(token)
        work = None if found is None else found.task_spec.element.work
        if found is None or work is None:
            return None
        try:
            return whole_number(work.retries, found.scope, self._instance.context, found.task_spec.element.id)
        except StepFailed:
            return None  # what cannot be counted is tried as often as anything else

    @property
    def parked_before(self) -> tuple[str, ...]:
        """Those that were parked when the process was loaded."""
        return self._parked

    def drain(self) -> list[Effect]:
        """Return what happened since the last time, in order."""
        effects, self._instance.effects = self._instance.effects, []
        return effects

    def change(self) -> StateChange:
        """Return what is to be written.

        Raises:
            StepFailed: A variable has a value that cannot be stored exactly.
        """
        try:
            write_parts(self._instance)
        except InvalidVariables as error:
            raise StepFailed(self._instance.model.process.id, "invalid_variables", str(error)) from error
        return self._instance.parts.change()

    # -- reading ------------------------------------------------------------------------------------------------------

    def is_waiting(self, wait_id: str) -> bool:
        """Tell whether something waits under this id."""
        return self._find(wait_id) is not None

    def variables(self, wait_id: str | None = None, part: str = "") -> Variables:
        """Return everything visible from a wait, or from the process scope.

        Raises:
            StateConflict: Nothing waits under this id.
        """
        if wait_id is None:
            return copied(self._instance.scope.everything())
        token = self._waiting(wait_id, part)
        spec = token.task_spec
        scope = spec.scope_for(token) if isinstance(spec, ListeningSpec) else token.scope
        return copied(scope.everything())

    def tokens(self) -> list[tuple[str, str, str]]:
        """Return where the instance stands: id, element and kind of every token; bodies are loaded for it."""
        found = []
        to_see = list(reversed(self._instance.root_tokens()))
        while to_see:
            token = to_see.pop()
            if token.task_spec.beside_scope:
                continue
            found.append((token.id, token.task_spec.element.id, _kind(token)))
            below = reversed(self._instance.below(token))
            to_see.extend(child for child in below if not isinstance(child.task_spec, (BoundarySpec, PartSpec)))
        return found

    def _ad_hoc(self) -> list[Any]:
        if not self._instance.model.has_ad_hoc:
            return []
        self.tokens()  # loads all
        inside = self._instance.workflows()[1:]
        return [one for one in inside if isinstance(one.host.task_spec, AdHocSpec)]

    def _find(self, wait_id: str) -> Token | None:
        token = self._instance.find(wait_id.partition(":")[0])
        return token if token is not None and token.wait is not None and token.wait_id == wait_id else None

    def _waiting(self, wait_id: str, part: str) -> Token:
        token = self._find(wait_id)
        if token is None:
            raise StateConflict(
                f"Expected something that waits under {wait_id!r}, but it is over.", wait=wait_id, part=part
            )
        return token


def _kind(token: Token) -> str:
    if token.wait is not None:
        return WaitKind(token.wait).value
    for part in token.children:
        if isinstance(part.task_spec, PartSpec) and part.wait is not None:
            return WaitKind(part.wait).value
    return "join" if token.state == AT_A_JOIN else "other"
