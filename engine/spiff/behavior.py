"""Events that a multi-instance throws when one of its instances completes: for its own boundary events alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.model import EventDefinition, EventKind, Expression, MultiInstance
from engine.spiff.expressions import condition, evaluate
from engine.spiff.listeners import BoundarySpec
from engine.spiff.scopes import Scope
from engine.spiff.tokens import Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow


def events_due(
    instance: InstanceWorkflow, wrapper: Token, settings: MultiInstance, scope: Scope
) -> list[EventDefinition]:
    """Return what is thrown now that an instance has completed; `scope` is that instance's.

    Raises:
        StepFailed: A condition cannot be evaluated.
    """
    assert wrapper.many is not None
    if settings.behavior == "None":
        return [settings.none_event] if settings.none_event is not None else []
    if settings.behavior == "One":
        return [settings.one_event] if settings.one_event is not None and wrapper.many.done == 1 else []
    element_id = wrapper.task_spec.element.id
    return [
        event
        for test, event in settings.complex_events
        if settings.behavior == "Complex" and condition(test, scope, instance.context, element_id)
    ]


def throw_behavior(instance: InstanceWorkflow, wrapper: Token, event: EventDefinition, facts: dict[str, Any]) -> None:
    """Take an event to the boundary events of the whole that catch it: a signal to all of them, others to the first."""
    for boundary in wrapper.task_spec.boundary:
        if not any(_catches(instance, wrapper, caught, event) for caught in boundary.element.events):
            continue
        results = dict(facts) if boundary.element.outputs else {}
        _catch(wrapper, boundary, results)
        if event.kind is not EventKind.SIGNAL or not wrapper.alive:
            return


def _catch(wrapper: Token, boundary: BoundarySpec, results: dict[str, Any]) -> None:
    listener = next((child for child in wrapper.children if child.task_spec is boundary), None)
    if listener is None:
        boundary.catch(wrapper, results)
    else:
        boundary.fired(listener, results)


def _catches(instance: InstanceWorkflow, wrapper: Token, caught: EventDefinition, thrown: EventDefinition) -> bool:
    if caught.kind is not thrown.kind:
        return False
    if thrown.kind in (EventKind.ERROR, EventKind.ESCALATION) and caught.code is None:
        return True
    found, expected = (_named(event) for event in (caught, thrown))
    if found is None or expected is None:
        return False
    element_id = wrapper.task_spec.element.id
    values = [evaluate(name, wrapper.scope, instance.context, element_id) for name in (found, expected)]
    return bool(values[0] == values[1])


def _named(event: EventDefinition) -> Expression | None:
    if event.message is not None:
        return event.message.name
    return event.code if event.kind in (EventKind.ERROR, EventKind.ESCALATION) else event.name
