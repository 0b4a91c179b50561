"""Errors, escalations and signals on their way to who catches them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from engine.bpmn.model import EventKind, Message
from engine.spiff.event_sub_processes import ScopeListenerSpec, handlers_of
from engine.spiff.expressions import FAILED, evaluate, null_because, required_text, text
from engine.spiff.listeners import BoundarySpec
from engine.spiff.scopes import Scope, copied
from engine.spiff.steps import (
    EndKind,
    ErrorUncaught,
    EscalationUncaught,
    MessageThrown,
    SignalThrown,
    StepFailed,
    Variables,
    WaitKind,
)
from engine.spiff.tokens import Token
from engine.spiff.undoing import is_opened_again
from engine.spiff.waiting import ListeningSpec, PartSpec

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow
    from engine.spiff.repeating import RepeatedSpec

_Catching = TypeVar("_Catching", bound=ListeningSpec)

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
    load_hearing_bodies(instance, lambda spec: spec.hears_signals)
    hear(instance, [t for t in instance.index.values() if t.wait is WaitKind.SIGNAL and t.name == name], variables)


def hear(instance: InstanceWorkflow, listeners: list[Token], variables: Mapping[str, Any]) -> None:
    """Let listeners hear a signal, the oldest first, each unless an earlier one has ended it.

    Listeners of scopes come before boundary events: where an interrupting event sub-process takes the signal, the
    interrupting boundary event of its scope does not.
    """
    taken: set[str] = set()
    for listener in sorted(listeners, key=lambda token: (not token.task_spec.beside_scope, instance.age(token))):
        if not listener.alive or listener.wait is not WaitKind.SIGNAL:
            continue
        spec = listener.task_spec
        if spec.element.interrupting:
            whole: Any = listener.parent if isinstance(spec, PartSpec) else listener
            host = whole.workflow.host if spec.beside_scope else whole.parent
            host_id = "" if host is None else (getattr(host, "wrapper", None) or host).id
            if spec.beside_scope:
                taken.add(host_id)
            elif whole.task_spec.host is not None and host_id in taken:
                continue
        spec.fired(listener, copied(dict(variables)))


def publish(token: Token, message: Message | None) -> None:
    """Publish a message, with the variables of the thrower's input mappings.

    Raises:
        StepFailed: There is no message, or its name or key cannot be worked out.
    """
    instance: InstanceWorkflow = token.workflow.top_workflow
    element_id, scope, context = token.task_spec.element.id, token.scope, instance.context
    if message is None:
        raise StepFailed(element_id, FAILED, "Expected a message to send, but there is none.")
    name = required_text(message.name, scope, context, element_id, what="a message's name")
    key = text(message.correlation_key, scope, context, element_id, what="a correlation key")
    if key is None and message.correlation_key is not None:
        source = message.correlation_key
        told = f"Expected a correlation key from {source.text!r}, but got {null_because(source, scope)}."
        raise StepFailed(element_id, FAILED, told)
    handed = copied(dict(token.scope.values)) if token.own_scope else {}
    instance.emit(MessageThrown(element_id, name, key or "", handed))


def load_hearing_bodies(instance: InstanceWorkflow, hears: Callable[[RepeatedSpec], bool]) -> None:
    """Load the bodies of those multi-instances in which something may wait for what comes."""
    seen: set[str] = set()
    while True:
        wrappers = [t for t in instance.index.values() if t.many is not None and t.id not in seen]
        if not wrappers:
            return
        for wrapper in wrappers:
            seen.add(wrapper.id)
            if hears(wrapper.task_spec):
                wrapper.task_spec.load_bodies(wrapper)


def _catch(instance: InstanceWorkflow, thrower: Token, kind: EventKind, code: str, variables: Variables) -> bool:
    """Walk outwards from the thrower: on each level its boundary events, then the event sub-processes beside it.

    Of each kind one with the code comes before one for all.
    """
    token: Token | None = thrower
    while token is not None:
        host = token.wrapper or token
        boundary = _boundary_for(instance, host, kind, code)
        if boundary is not None:
            boundary.catch(host, dict(variables))
            return True
        listener = _listener_for(instance, host, kind, code)
        if listener is not None:
            listener.catch(host.workflow, dict(variables))
            return True
        token = host.workflow.host
    return False


def _boundary_for(instance: InstanceWorkflow, host: Token, kind: EventKind, code: str) -> BoundarySpec | None:
    return None if is_opened_again(host) else _best(instance, host.task_spec.boundary, host.scope, kind, code)


def _listener_for(instance: InstanceWorkflow, token: Token, kind: EventKind, code: str) -> ScopeListenerSpec | None:
    return _best(instance, handlers_of(token.workflow, token), token.workflow.scope, kind, code)


def _best(
    instance: InstanceWorkflow, catching: Iterable[_Catching], scope: Scope, kind: EventKind, code: str
) -> _Catching | None:
    catch_all = None
    for spec in catching:
        for definition in (definition for definition in spec.definitions if definition.kind is kind):
            if definition.code is None:
                catch_all = catch_all or spec
            elif evaluate(definition.code, scope, instance.context, spec.element.id) == code:
                return spec
    return catch_all


def _leave_instance(instance: InstanceWorkflow, code: str) -> None:
    instance.cancel_scope(instance)
    instance.end(EndKind.ERROR, code)
