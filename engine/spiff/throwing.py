"""Errors, escalations and signals on their way to who catches them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.model import EventKind
from engine.spiff.expressions import evaluate
from engine.spiff.steps import EndKind, ErrorUncaught, EscalationUncaught, SignalThrown, StepFailed, Variables, WaitKind
from engine.spiff.tokens import Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow
    from engine.spiff.listeners import BoundarySpec

UNHANDLED = "unhandled_error"


def throw_error(
    instance: InstanceWorkflow, token: Token, code: str, message: str, variables: Variables | None = None
) -> None:
    """Take a business error from work to the nearest boundary event with its code, outwards.

    Raises:
        StepFailed: Nobody catches it, neither here nor in the caller.
    """
    if _catch(instance, token, EventKind.ERROR, code, variables or {}):
        return
    if instance.context.called:
        _leave_instance(instance, code)
        return
    raise StepFailed(
        token.task_spec.element.id,
        UNHANDLED,
        f"Expected an event that catches the error {code!r}, but there is none. {message}".strip(),
    )


def end_with_error(instance: InstanceWorkflow, token: Token, code: str, variables: Variables) -> None:
    """Take the error of an end event outwards; uncaught, it ends the instance for its caller, else only its token."""
    if _catch(instance, token, EventKind.ERROR, code, variables):
        return
    if instance.context.called:
        _leave_instance(instance, code)
        return
    instance.emit(ErrorUncaught(token.task_spec.element.id, code))
    instance.error = code


def escalate(instance: InstanceWorkflow, token: Token, code: str, variables: Variables) -> None:
    """Take an escalation outwards; uncaught, it is told to the caller and the thrower goes on."""
    if not _catch(instance, token, EventKind.ESCALATION, code, variables):
        instance.emit(EscalationUncaught(token.task_spec.element.id, code, variables))


def broadcast(instance: InstanceWorkflow, element_id: str, name: str, variables: Variables) -> None:
    """Take a signal to every listener of this instance, the oldest first, and out to all others."""
    instance.emit(SignalThrown(element_id, name, variables))
    load_hearing_bodies(instance)
    listeners = [t for t in instance.index.values() if t.wait is WaitKind.SIGNAL and t.name == name]
    for listener in sorted(listeners, key=instance.age):
        if listener.alive and listener.wait is WaitKind.SIGNAL:
            listener.task_spec.fired(listener, dict(variables))


def load_hearing_bodies(instance: InstanceWorkflow) -> None:
    """Load the multi-instance bodies in which something may wait for a signal."""
    seen: set[str] = set()
    while True:
        wrappers = [t for t in instance.index.values() if t.many is not None and t.id not in seen]
        if not wrappers:
            return
        for wrapper in wrappers:
            seen.add(wrapper.id)
            if wrapper.task_spec.hears_signals:
                wrapper.task_spec.load_bodies(wrapper)


def _catch(instance: InstanceWorkflow, thrower: Token, kind: EventKind, code: str, variables: Variables) -> bool:
    """Walk outwards from the thrower; on each level a boundary event with the code comes before one for all."""
    token: Token | None = thrower
    while token is not None:
        host = token.wrapper or token
        boundary = _boundary_for(instance, host, kind, code)
        if boundary is not None:
            boundary.catch(host, dict(variables))
            return True
        token = host.workflow.host
    return False


def _boundary_for(instance: InstanceWorkflow, host: Token, kind: EventKind, code: str) -> BoundarySpec | None:
    catch_all = None
    for boundary in host.task_spec.boundary:
        definition = boundary.definition
        if definition.kind is not kind:
            continue
        if definition.code is None:
            catch_all = catch_all or boundary
        elif _value(definition.code, host, instance, boundary.element.id) == code:
            return boundary
    return catch_all


def _value(expression: Any, host: Token, instance: InstanceWorkflow, element_id: str) -> Any:
    return evaluate(expression, host.scope, instance.context, element_id)


def _leave_instance(instance: InstanceWorkflow, code: str) -> None:
    instance.cancel_scope(instance)
    instance.end(EndKind.ERROR, code)
