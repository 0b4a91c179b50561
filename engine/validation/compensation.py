"""What undoes what: handlers and their associations, what may be named to be undone, cancel events of transactions."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.model import Element, ElementKind, EventDefinition, EventKind, Process
from engine.bpmn.vocabulary import ACTIVITIES, CONTAINERS
from engine.validation.catalogue import scopes as c
from engine.validation.report import Report

_THROWING = frozenset({ElementKind.INTERMEDIATE_THROW_EVENT, ElementKind.END_EVENT})


def check_compensation(process: Process, report: Report) -> None:
    """Report handlers that are not one, targets that cannot be undone, and cancel events outside transactions."""
    handlers = {element.handler for element in process.elements.values()}
    for element in process.elements.values():
        if element.for_compensation and not element.triggered_by_event:
            for flow in (*element.incoming, *element.outgoing):
                report(c.COMPENSATION_FLOW, element, flow=flow)
            if element.id not in handlers:
                report(c.COMPENSATION_UNUSED, element)
        if element.kind in CONTAINERS or element.boundary:
            _check_host(element, process, report)
        for definition in element.events:
            if definition.kind is EventKind.COMPENSATE:
                _check_compensate(element, definition, process, report)
            elif definition.kind is EventKind.CANCEL:
                _check_cancel(element, process, report)


def _check_host(host: Element, process: Process, report: Report) -> None:
    boundaries = [process.elements[boundary] for boundary in host.boundary]
    undoing = [event for event in boundaries if _has(event, EventKind.COMPENSATE)]
    inside = [
        handler
        for handler in (process.elements[element_id] for element_id in process.children.get(host.id, ()))
        if handler.triggered_by_event
        and any(_has(process.elements[one], EventKind.COMPENSATE, start=True) for one in process.children[handler.id])
    ]
    for found in (undoing, inside):
        if len(found) > 1:
            report(c.COMPENSATION_DOUBLED, found[1], host=host.id, count=len(found))
    if host.kind is ElementKind.TRANSACTION and not any(_has(event, EventKind.CANCEL) for event in boundaries):
        ends = (process.elements[element_id] for element_id in process.children.get(host.id, ()))
        if any(_has(end, EventKind.CANCEL) for end in ends):
            report(c.CANCEL_UNCAUGHT, host)


def _check_compensate(element: Element, definition: EventDefinition, process: Process, report: Report) -> None:
    if element.kind is ElementKind.BOUNDARY_EVENT:
        for flow in element.outgoing:
            report(c.COMPENSATION_FLOW, element, flow=flow)
        handler = process.elements.get(element.handler or "")
        if handler is None:
            report(c.COMPENSATION_HANDLER, element, what="nothing")
        elif not handler.for_compensation or handler.scope != element.scope:
            report(c.COMPENSATION_HANDLER, element, what=handler.id)
    elif element.kind is ElementKind.START_EVENT:
        around = process.elements.get(element.scope)
        if around is not None and around.triggered_by_event and around.scope == process.id:
            report(c.COMPENSATION_SCOPE, element)
    elif element.kind in _THROWING and definition.reference is not None:
        what = _why_not(process.elements.get(definition.reference), element, process)
        if what is not None:
            report(c.COMPENSATION_TARGET, element, activity=definition.reference, what=what)


def _why_not(target: Element | None, thrower: Element, process: Process) -> str | None:
    """Return why an activity cannot be undone from here; None when it can."""
    if target is None or target.kind not in ACTIVITIES:
        return "is none"
    if target.scope not in set(_scopes(thrower, process)):
        return "stands in another scope"
    boundaries = (process.elements[boundary] for boundary in target.boundary)
    if target.kind not in CONTAINERS and not any(_has(event, EventKind.COMPENSATE) for event in boundaries):
        return "has no compensation boundary event"
    return None


def _scopes(element: Element, process: Process) -> Iterator[str]:
    """Yield the scopes that an event undoes in: its own; for an event sub-process the one around it, too."""
    yield element.scope
    around = process.elements.get(element.scope)
    while around is not None and around.triggered_by_event:
        yield around.scope
        around = process.elements.get(around.scope)


def _check_cancel(element: Element, process: Process, report: Report) -> None:
    if element.kind is ElementKind.BOUNDARY_EVENT and element.interrupting:
        transaction = process.elements.get(element.attached_to or "")
    elif element.kind is ElementKind.END_EVENT:
        transaction = process.elements.get(element.scope)
    else:
        return
    if transaction is None or transaction.kind is not ElementKind.TRANSACTION:
        report(c.CANCEL_OUTSIDE, element)


def _has(element: Element, kind: EventKind, *, start: bool = False) -> bool:
    if start and element.kind is not ElementKind.START_EVENT:
        return False
    return any(definition.kind is kind for definition in element.events)
