"""Throw and end events: what they throw, and how a branch or a whole scope ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from engine.bpmn.model import EventDefinition, EventKind
from engine.spiff.expressions import required_text
from engine.spiff.scopes import copied
from engine.spiff.specs import WorkSpec
from engine.spiff.steps import ElementLeft, EndKind
from engine.spiff.throwing import broadcast, end_with_error, escalate, publish
from engine.spiff.tokens import Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow

# Of several events an end event throws first those after which it still stands.
_ORDER: Final = (
    EventKind.MESSAGE,
    EventKind.SIGNAL,
    EventKind.ESCALATION,
    EventKind.ERROR,
    EventKind.TERMINATE,
)


class ThrowSpec(WorkSpec):
    """An intermediate throw event of a signal or an escalation, or of several events."""

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        self.throw(my_task)
        return True

    def throw(self, token: Token) -> None:
        """Throw what the event says, what ends the scope last; what an earlier one has called off is not thrown."""
        around = token.workflow.host if not token.alive else token
        for definition in sorted(self.element.events, key=_order):
            if not token.workflow.top_workflow.ended and (around is None or around.alive):
                self._throw(token, definition)

    def _throw(self, token: Token, definition: EventDefinition) -> None:
        instance: InstanceWorkflow = token.workflow.top_workflow
        element_id = self.element.id
        handed: dict[str, Any] = copied(dict(token.scope.values)) if token.own_scope else {}
        if definition.kind is EventKind.MESSAGE:
            publish(token, definition.message)
            return
        if definition.kind is EventKind.TERMINATE:
            terminate(token.workflow)
            return
        if definition.kind is EventKind.SIGNAL:
            name = required_text(definition.name, token.scope, instance.context, element_id, what="a signal's name")
            broadcast(instance, element_id, name, handed)
            return
        what = "an error's code" if definition.kind is EventKind.ERROR else "an escalation's code"
        code = required_text(definition.code, token.scope, instance.context, element_id, what=what)
        if definition.kind is EventKind.ESCALATION:
            escalate(instance, token, code, handed)
        else:
            end_with_error(instance, token, code, handed)


class ThrowingEndSpec(ThrowSpec):
    """An end event that throws: its token has ended before anybody catches, so that none is called off by its own."""

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        instance: InstanceWorkflow = my_task.workflow.top_workflow
        workflow = my_task.workflow
        instance.emit(ElementLeft(self.element.id, my_task.id))
        instance.remove(my_task)
        self.throw(my_task)
        instance.end_if_empty(workflow)
        return None


class TerminateSpec(WorkSpec):
    """A terminate end event: its scope ends with all that is in it."""

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        instance: InstanceWorkflow = my_task.workflow.top_workflow
        workflow = my_task.workflow
        instance.emit(ElementLeft(self.element.id, my_task.id))
        instance.remove(my_task)
        terminate(workflow)
        return None


def terminate(workflow: Any) -> None:
    """End a scope with all that is in it."""
    instance: InstanceWorkflow = workflow.top_workflow
    instance.cancel_scope(workflow)
    if workflow.host is None:
        instance.end(EndKind.TERMINATED)
    else:
        instance.finish(workflow.host)


def _order(definition: EventDefinition) -> int:
    return _ORDER.index(definition.kind) if definition.kind in _ORDER else -1
