"""By which events a process begins a run of its own: start events, receive tasks, and event-based gateways."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.model import Element, ElementKind, EventDefinition, EventKind, Process


def entries(process: Process) -> Iterator[Element]:
    """Yield the elements whose event begins a run, in the diagram's order; plain start events are not among them."""
    seen: set[str] = set()
    for element_id in process.children.get(process.id, ()):
        element = process.elements[element_id]
        for found in _entries_at(element, process):
            if found.id not in seen:
                seen.add(found.id)
                yield found


def awaited_by(element: Element) -> tuple[EventDefinition, ...]:
    """Return what an event or a receive task waits for."""
    if element.kind is ElementKind.RECEIVE_TASK:
        return (EventDefinition(EventKind.MESSAGE, message=element.message),)
    return element.events


def entry_gateway(element: Element, process: Process) -> Element | None:
    """Return the event-based gateway in front of an element, when a run can begin there."""
    for flow_id in element.incoming:
        source = process.elements[process.flows[flow_id].source]
        if source.kind is ElementKind.EVENT_BASED_GATEWAY and source.instantiate:
            return source
    return None


def _entries_at(element: Element, process: Process) -> Iterator[Element]:
    if element.kind is ElementKind.START_EVENT:
        if element.events:
            yield element
    elif not element.instantiate:
        return
    elif element.kind is ElementKind.RECEIVE_TASK:
        yield element
    else:
        for flow_id in element.outgoing:
            yield process.elements[process.flows[flow_id].target]
