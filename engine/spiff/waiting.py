"""Waiting for an event: a message, a timer, a signal or a condition; or for several, any of them or all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from engine.bpmn.model import Element, ElementKind, EventDefinition, EventKind, TimerKind
from engine.spiff.expressions import evaluate, names_in, null_because, required_text
from engine.spiff.expressions import text as evaluated_text
from engine.spiff.scopes import Scope
from engine.spiff.specs import NodeSpec, ScopeSpec
from engine.spiff.steps import (
    CloseReason,
    StepFailed,
    Wait,
    WaitKind,
)
from engine.spiff.timers import Cycle, UnreadableTimer, resolve
from engine.spiff.tokens import LIVE, Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow

# Looked up when they are thrown; nothing waits for them.
THROWN = frozenset({EventKind.ERROR, EventKind.ESCALATION, EventKind.COMPENSATE, EventKind.CANCEL})


_PART = "?"  # one of several events is named by its element's id, this and its number; no XML id has it


class ListeningSpec(NodeSpec):
    """A flow node that waits for an event; where it has several, each part of it waits for one of them."""

    def __init__(
        self,
        scope_spec: ScopeSpec,
        element: Element,
        name: str | None = None,
        definition: EventDefinition | None = None,
    ) -> None:
        super().__init__(scope_spec, element, name)
        self.definitions = element.events if definition is None else (definition,)
        if not self.definitions and element.kind is ElementKind.RECEIVE_TASK:
            self.definitions = (EventDefinition(EventKind.MESSAGE, message=element.message),)
        self.definition = self.definitions[0]
        self.names = names_in(self.definition.condition)
        several = self.definitions if len(self.definitions) > 1 else ()
        self.parts = tuple(PartSpec(self, number, one) for number, one in enumerate(several) if one.kind not in THROWN)

    @property
    def listens(self) -> bool:
        """Whether it waits; others are looked up when they are thrown."""
        return any(definition.kind not in THROWN for definition in self.definitions)

    def happened(self, token: Token, cause: Token | None, results: dict[str, Any]) -> None:
        """What is waited for has happened: the cause is the token that waited, None when several had to come."""
        raise NotImplementedError

    @override
    def fired(self, token: Token, results: dict[str, Any]) -> None:
        self.happened(token, None if self.parts else token, results)

    def stay(self, token: Token, cause: Token | None, group: str) -> None:
        """Go on waiting after the event has happened, as far as it can happen again."""
        instance: InstanceWorkflow = token.workflow.top_workflow
        if cause is None and self.element.parallel_multiple and self.parts:
            timers = (definition.timer for definition in self.definitions)
            if all(timer is None or timer.kind is TimerKind.CYCLE for timer in timers):
                self.open(token, self.scope_for(token), group)
            else:
                instance.remove(token)
        elif cause is not None and cause.task_spec.definition.kind is EventKind.TIMER:
            instance.close_wait(cause, CloseReason.COMPLETED)
            if not cause.task_spec.repeat(cause, group):
                instance.remove(cause)

    def scope_for(self, token: Token) -> Scope:
        """Return where the event's condition is looked at."""
        return token.scope

    def open(self, token: Token, scope: Scope, group: str) -> None:
        """Begin to wait.

        Args:
            token: Waits.
            scope: Where the expressions of the event are evaluated.
            group: Id of the token whose element the wait belongs to.
        """
        instance: InstanceWorkflow = token.workflow.top_workflow
        kind = self.definition.kind
        token.mark(LIVE)
        for part in self.parts:
            part.open(instance.new_token(part, token.workflow, parent=token), scope, group)
        if self.parts:
            return
        if kind is EventKind.TIMER:
            self._open_timer(instance, token, scope, group)
        elif kind is EventKind.MESSAGE:
            self._open_message(instance, token, scope, group)
        elif kind is EventKind.CONDITIONAL:
            instance.open_wait(self._wait(token, WaitKind.CONDITION, group), token)
            instance.to_look = True
        else:
            name = required_text(self.definition.name, scope, instance.context, self.element.id, what="a signal's name")
            token.name = name
            instance.open_wait(self._wait(token, WaitKind.SIGNAL, group, message_name=name), token)

    def repeat(self, token: Token, group: str) -> bool:
        """Wait for the next firing of a repeated timer; False when there is none."""
        context = token.workflow.top_workflow.context
        try:
            following = token.cycle.following(context.now, context.zone) if token.cycle is not None else None
        except (OverflowError, ValueError) as error:
            raise StepFailed(self.element.id, "timer_error", str(error)) from error
        if following is None:
            return False
        token.cycle = following
        token.firing += 1
        self._open_cycle(token.workflow.top_workflow, token, following, group)
        return True

    def _open_timer(self, instance: InstanceWorkflow, token: Token, scope: Scope, group: str) -> None:
        timer, context = self.definition.timer, instance.context
        assert timer is not None
        value = evaluate(timer.value, scope, context, self.element.id)
        try:
            due = resolve(timer, value, context.now, context.zone)
        except UnreadableTimer as error:
            raise StepFailed(self.element.id, "timer_error", str(error)) from error
        if isinstance(due, Cycle):
            token.cycle = due
            self._open_cycle(instance, token, due, group)
        else:
            instance.open_wait(self._wait(token, WaitKind.TIMER, group, due_at=due, repeat=0), token)

    def _open_cycle(self, instance: InstanceWorkflow, token: Token, cycle: Cycle, group: str) -> None:
        try:
            due = cycle.due(instance.context.zone)
        except (OverflowError, ValueError) as error:
            raise StepFailed(self.element.id, "timer_error", str(error)) from error
        instance.open_wait(self._wait(token, WaitKind.TIMER, group, due_at=due, repeat=cycle.left), token)

    def _open_message(self, instance: InstanceWorkflow, token: Token, scope: Scope, group: str) -> None:
        message, context, element = self.definition.message, instance.context, self.element.id
        if message is None:
            raise StepFailed(element, "expression_error", "Expected a message to wait for, but there is none.")
        name = required_text(message.name, scope, context, element, what="a message's name")
        key = evaluated_text(message.correlation_key, scope, context, element, what="a correlation key")
        source = message.correlation_key
        if key is None and source is not None:
            got = null_because(source, scope)
            raise StepFailed(
                element, "expression_error", f"Expected a correlation key from {source.text!r}, but got {got}."
            )
        wait = self._wait(token, WaitKind.MESSAGE, group, message_name=name, correlation_key=key or "")
        instance.open_wait(wait, token)

    def _wait(self, token: Token, kind: WaitKind, group: str, **fields: Any) -> Wait:
        return Wait(
            id=token.wait_id,
            token=group,
            part=token.part,
            kind=kind,
            element_id=self.element.id,
            name=self.element.name,
            **fields,
        )


class PartSpec(ListeningSpec):
    """One of the several events that an element waits for."""

    def __init__(self, owner: ListeningSpec, number: int, definition: EventDefinition) -> None:
        super().__init__(owner.scope_spec, owner.element, f"{owner.element.id}{_PART}{number}", definition)
        self.owner = owner
        self.beside_scope = owner.beside_scope

    @override
    def scope_for(self, token: Token) -> Scope:
        assert isinstance(token.parent, Token)
        return self.owner.scope_for(token.parent)

    @override
    def fired(self, token: Token, results: dict[str, Any]) -> None:
        """Tell the element, at once or when the last of its events has come."""
        whole = token.parent
        assert isinstance(whole, Token)
        if not self.element.parallel_multiple:
            self.owner.happened(whole, token, results)
            return
        instance: InstanceWorkflow = token.workflow.top_workflow
        instance.close_wait(token, CloseReason.COMPLETED)
        instance.remove(token)
        results = {**(whole.results or {}), **results}
        whole.results = None if not whole.children else results
        if not whole.children:
            self.owner.happened(whole, None, results)
