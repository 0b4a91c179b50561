"""What waits for a message, timer, signal or condition: catch events, receive tasks, boundary events beside a host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from engine.bpmn.model import Element, ElementKind, EventDefinition, EventKind
from engine.spiff.expressions import evaluate, names_in, required_text
from engine.spiff.expressions import text as evaluated_text
from engine.spiff.scopes import Scope
from engine.spiff.specs import NodeSpec, ScopeSpec
from engine.spiff.steps import (
    CloseReason,
    ElementLeft,
    FlowTaken,
    StepFailed,
    Wait,
    WaitKind,
)
from engine.spiff.timers import Cycle, UnreadableTimer, resolve
from engine.spiff.tokens import LIVE, Token
from engine.spiff.undoing import drive_on

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow

# Looked up when they are thrown; nothing waits for them.
THROWN = frozenset({EventKind.ERROR, EventKind.ESCALATION, EventKind.COMPENSATE, EventKind.CANCEL})


class ListeningSpec(NodeSpec):
    """A flow node that waits for one event."""

    def __init__(self, scope_spec: ScopeSpec, element: Element, name: str | None = None) -> None:
        super().__init__(scope_spec, element, name)
        definition = element.events[0] if element.events else None
        if definition is None and element.kind is ElementKind.RECEIVE_TASK:
            definition = EventDefinition(EventKind.MESSAGE, message=element.message)
        assert definition is not None
        self.definition = definition
        self.names = names_in(definition.condition)

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
        if key is None:
            text = message.correlation_key.text if message.correlation_key else ""
            raise StepFailed(element, "expression_error", f"Expected a correlation key from {text!r}, but got null.")
        wait = self._wait(token, WaitKind.MESSAGE, group, message_name=name, correlation_key=key)
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


class CatchSpec(ListeningSpec):
    """An intermediate catch event or a receive task."""

    @override
    def _on_ready(self, my_task: Token) -> None:
        self.open(my_task, my_task.scope, my_task.id)

    @override
    def fired(self, token: Token, results: dict[str, Any]) -> None:
        """Go on; one of a race lets its gateway leave first and calls off the others."""
        instance: InstanceWorkflow = token.workflow.top_workflow
        race = token.parent
        if isinstance(race, Token) and isinstance(race.task_spec, EventGatewaySpec):
            race.task_spec.decide(race, token)
            self.announce(token)
        instance.finish(token, results)


class BoundarySpec(ListeningSpec):
    """A boundary event: a listener beside its host, and the place where a token starts when it fires."""

    @property
    def listens(self) -> bool:
        """Whether it waits; others are looked up when they are thrown."""
        return self.definition.kind not in THROWN

    @override
    def scope_for(self, token: Token) -> Scope:
        host = token.parent
        assert isinstance(host, Token)
        return host.scope

    @override
    def listen(self, host: Token) -> None:
        """Wait beside the host."""
        if self.listens:
            listener = host.workflow.top_workflow.new_token(self, host.workflow, parent=host)
            self.open(listener, host.scope, host.id)

    @override
    def fired(self, token: Token, results: dict[str, Any]) -> None:
        """Leave the host by this event, or beside it."""
        instance: InstanceWorkflow = token.workflow.top_workflow
        host = token.parent
        assert isinstance(host, Token)
        if self.element.interrupting:
            instance.close_wait(token, CloseReason.COMPLETED)
            self.catch(host, results)
            return
        if self.definition.kind is EventKind.TIMER:
            instance.close_wait(token, CloseReason.COMPLETED)
            if not self.repeat(token, host.id):
                instance.remove(token)
        self.catch(host, results)

    def catch(self, host: Token, results: dict[str, Any]) -> None:
        """Start a token here; an interrupting event removes the host with all that is in it."""
        instance: InstanceWorkflow = host.workflow.top_workflow
        if self.element.interrupting:
            instance.cancel(host)
        token = instance.new_token(self, host.workflow)
        self.announce(token)
        instance.finish(token, results)
        if self.element.interrupting and host.driver is not None:
            drive_on(instance, host)


class EventGatewaySpec(NodeSpec):
    """An event-based gateway: what follows it waits in a race, each with its own due moment."""

    @override
    def _on_ready(self, my_task: Token) -> None:
        instance: InstanceWorkflow = my_task.workflow.top_workflow
        my_task.mark(LIVE)
        for flow in self.flows:
            assert isinstance(flow.target, ListeningSpec)
            runner = instance.new_token(flow.target, my_task.workflow, parent=my_task)
            runner.flow = flow.id
            flow.target.open(runner, runner.scope, my_task.id)

    def begin_with(self, instance: InstanceWorkflow, happened: NodeSpec, results: dict[str, Any]) -> None:
        """Begin an instance by one of the events; of a parallel gateway the others are waited for, too."""
        gateway = instance.new_token(self, instance)
        self.announce(gateway)
        instance.emit(ElementLeft(self.element.id, gateway.id))
        for flow in self.flows:
            if flow.target is happened:
                instance.emit(FlowTaken(flow.id))
                token = instance.new_token(happened, instance)
                happened.announce(token)
                instance.finish(token, results)
            elif self.element.event_gateway_type == "Parallel":
                instance.emit(FlowTaken(flow.id))
                instance.set_out(instance, [flow.target])
        instance.remove(gateway)

    def decide(self, gateway: Token, winner: Token) -> None:
        """End the race."""
        instance: InstanceWorkflow = gateway.workflow.top_workflow
        instance.lift(winner)
        instance.emit(ElementLeft(self.element.id, gateway.id))
        instance.emit(FlowTaken(winner.flow or ""))
        gateway.entered = False
        instance.cancel(gateway)
        winner.flow = None
