"""What events wait for and throw: messages with their keys, signals, error and escalation codes, timers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from engine.bpmn.model import Element, ElementKind, EventDefinition, EventKind, Message, Process
from engine.bpmn.starts import awaited_by, entries, entry_gateway
from engine.bpmn.vocabulary import EVENTS
from engine.validation.catalogue import refused, scopes
from engine.validation.catalogue import settings as c
from engine.validation.report import Report
from engine.validation.timers import check_timers
from engine.validation.whitelist import Position, position_of

_THROWING: Final = frozenset({Position.THROW, Position.END})
_TOGETHER: Final = {
    False: frozenset({EventKind.MESSAGE, EventKind.TIMER, EventKind.SIGNAL, EventKind.CONDITIONAL}),
    True: frozenset({EventKind.MESSAGE, EventKind.SIGNAL, EventKind.ESCALATION, EventKind.ERROR, EventKind.TERMINATE}),
}
_CODED: Final = {EventKind.ERROR: "an error", EventKind.ESCALATION: "an escalation"}


def check_events(process: Process, report: Report) -> None:
    """Report events and message tasks that name nothing, or name it so that it cannot be found."""
    starts: dict[tuple[EventKind, str], str] = {}
    for scope, ids in process.children.items():
        _check_handlers(scope, list(_starts_of_handlers(ids, process)), report)
    begins = frozenset(element.id for element in entries(process))
    for element in process.elements.values():
        if element.id in begins:
            _check_entry(element, process, starts, report)
        if element.kind is ElementKind.RECEIVE_TASK:
            position = Position.CATCH if waits_too(element, process) else Position.START
            _check_message(element, element.message, position, report)
        elif element.kind is ElementKind.SEND_TASK and element.message is not None:
            _check_message(element, element.message, Position.THROW, report)
        if element.kind not in EVENTS:
            _check_handlers(element.id, [process.elements[boundary] for boundary in element.boundary], report)
            continue
        position = position_of(element, process)
        check_timers(element, position, report)
        if len(element.events) > 1:
            _check_several(element, position, report)
        if element.id in begins and not waits_too(element, process):
            position = Position.START
        for definition in element.events:
            _check_definition(element, definition, position, report)


def waits_too(element: Element, process: Process) -> bool:
    """Tell whether a run that has begun may wait for the element's event; it then needs a correlation key."""
    if element.kind is ElementKind.START_EVENT:
        return False
    gateway = entry_gateway(element, process)
    if gateway is not None:
        return gateway.event_gateway_type == "Parallel"
    return bool(element.incoming) or not element.instantiate


def _check_entry(element: Element, process: Process, starts: dict[tuple[EventKind, str], str], report: Report) -> None:
    """Report two beginnings of a process that wait for the same, and names that only a running one could tell."""
    for definition in awaited_by(element):
        name = _name(definition)
        if not name:
            continue
        if (definition.kind, name) in starts:
            report(c.DUPLICATE_START, element, name=name)
        starts[definition.kind, name] = element.id
        expression = definition.message.name if definition.message is not None else definition.name
        if waits_too(element, process) and expression is not None and expression.is_feel:
            report(c.START_NAME_NOT_LITERAL, element, event=definition.kind)


def _check_several(element: Element, position: Position, report: Report) -> None:
    """Report events that cannot be one of several: those that belong to a place of their own, or cannot be awaited."""
    together = _TOGETHER[position in _THROWING]
    if not (position in _THROWING or element.parallel_multiple):
        together |= frozenset(_CODED)
    for kind in dict.fromkeys(definition.kind for definition in element.events if definition.kind not in together):
        report(refused.MULTIPLE_EVENT, element, event=kind)
    if element.work is not None:
        report(refused.MISPLACED_SETTING, element, name="taskDefinition")


def check_uncaught(process: Process, report: Report) -> None:
    """Warn of errors that nothing around them catches; the process is called by nobody in the bundle."""
    for element in process.elements.values():
        thrown = element.events if element.kind is ElementKind.END_EVENT else ()
        for code in (definition.code for definition in thrown if definition.kind is EventKind.ERROR):
            if code is not None and not code.is_feel and not _is_caught(element, code.text, process):
                report(c.ERROR_UNCAUGHT, element, code=code.text)


def _is_caught(element: Element, code: str, process: Process) -> bool:
    scope, inner = element.scope, element.id
    while True:
        beside = [one for one in process.children[scope] if one != inner]  # a handler does not catch its own errors
        around = process.elements.get(scope)
        handlers = list(_starts_of_handlers(beside, process))
        handlers += [process.elements[boundary] for boundary in around.boundary] if around is not None else []
        for definition in (definition for handler in handlers for definition in handler.events):
            if definition.kind is EventKind.ERROR and (definition.code is None or definition.code.text == code):
                return True
        if around is None:
            return False
        scope, inner = around.scope, around.id


def _check_definition(element: Element, definition: EventDefinition, position: Position, report: Report) -> None:
    if definition.kind is EventKind.MESSAGE and not (position in _THROWING and element.work is not None):
        _check_message(element, definition.message, position, report)
    elif definition.kind is EventKind.CONDITIONAL and definition.condition is None:
        report(scopes.EVENT_CONDITION_MISSING, element)
    elif definition.kind is EventKind.SIGNAL:
        _check_signal(element, definition, position, report)
    elif definition.kind in _CODED:
        _check_code(element, definition, position, report)


def _check_message(element: Element, message: Message | None, position: Position, report: Report) -> None:
    if message is None:
        report(c.MESSAGE_MISSING, element)
        return
    if not message.name.text.strip():
        report(c.MESSAGE_NAME_MISSING, element, message=message.id)
        return
    if position is Position.START:
        if message.name.is_feel:
            report(c.START_NAME_NOT_LITERAL, element, event="message")
        if message.correlation_key is not None:
            report(c.START_KEY_UNUSED, element, message=message.name.text)
    elif message.correlation_key is None and position not in _THROWING:
        rule = c.FOUND_BY_NAME if message.by_name else c.CORRELATION_KEY_MISSING
        report(rule, element, message=message.name.text)


def _check_signal(element: Element, definition: EventDefinition, position: Position, report: Report) -> None:
    if definition.name is None:
        report(c.SIGNAL_MISSING, element)
    elif position is Position.START and definition.name.is_feel:
        report(c.START_NAME_NOT_LITERAL, element, event="signal")


def _check_code(element: Element, definition: EventDefinition, position: Position, report: Report) -> None:
    event = _CODED[definition.kind]
    if definition.code is None:
        if position in _THROWING or definition.reference is not None:
            report(c.CODE_MISSING, element, event=event)
    elif definition.code.is_feel and position not in _THROWING:
        report(c.CODE_NOT_LITERAL, element, event=event)


def _check_handlers(host: str, handlers: Sequence[Element], report: Report) -> None:
    """Report two events on one activity or in one scope that catch the same: which one takes it would be chance."""
    caught: set[tuple[EventKind, str]] = set()
    for handler, definition in ((one, definition) for one in handlers for definition in one.events):
        name = _name(definition)
        if definition.kind is EventKind.TIMER or name is None:
            continue
        if (definition.kind, name) in caught:
            facts = {"event": definition.kind, "name": name or "all", "host": host}
            report(c.DUPLICATE_HANDLER, handler, **facts)
        caught.add((definition.kind, name))


def _starts_of_handlers(ids: Sequence[str], process: Process) -> Iterator[Element]:
    """Find the start events of the event sub-processes among the elements of a scope."""
    for element in (process.elements[element_id] for element_id in ids):
        if element.triggered_by_event:
            inside = (process.elements[element_id] for element_id in process.children[element.id])
            yield from (start for start in inside if start.kind is ElementKind.START_EVENT)


def _name(definition: EventDefinition) -> str | None:
    """Return by what a definition is found: name or code; empty for one that catches all, None for no such thing."""
    if definition.message is not None:
        return definition.message.name.text
    if definition.kind in _CODED:
        return definition.code.text if definition.code is not None else ""
    return definition.name.text if definition.name is not None else None
