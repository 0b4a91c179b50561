"""What events wait for and throw: messages with their keys, signals, error and escalation codes, timers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.bpmn.model import Element, ElementKind, EventDefinition, EventKind, Message, Process
from engine.bpmn.vocabulary import EVENTS
from engine.validation.catalogue import settings as c
from engine.validation.report import Report
from engine.validation.timers import check_timers
from engine.validation.whitelist import Position, position_of

_THROWING: Final = frozenset({Position.THROW, Position.END})
_CODED: Final = {EventKind.ERROR: "an error", EventKind.ESCALATION: "an escalation"}


def check_events(process: Process, report: Report) -> None:
    """Report events and message tasks that name nothing, or name it so that it cannot be found."""
    starts: dict[tuple[EventKind, str], str] = {}
    for element in process.elements.values():
        if element.kind is ElementKind.RECEIVE_TASK:
            _check_message(element, element.message, Position.CATCH, report)
        elif element.kind is ElementKind.SEND_TASK and element.message is not None:
            _check_message(element, element.message, Position.THROW, report)
        if element.kind not in EVENTS:
            _check_handlers(element, process, report)
            continue
        position = position_of(element, process)
        check_timers(element, position, report)
        for definition in element.events:
            _check_definition(element, definition, position, report)
            name = _name(definition)
            if position is not Position.START or not name:
                continue
            if (definition.kind, name) in starts:
                report(c.DUPLICATE_START, element, name=name)
            starts[definition.kind, name] = element.id


def check_uncaught(process: Process, report: Report) -> None:
    """Warn of errors that no boundary event around them catches; the process is called by nobody in the bundle."""
    for element in process.elements.values():
        if element.kind is not ElementKind.END_EVENT or element.event_kind is not EventKind.ERROR:
            continue
        code = element.events[0].code
        if code is not None and not code.is_feel and not _is_caught(element, code.text, process):
            report(c.ERROR_UNCAUGHT, element, code=code.text)


def _is_caught(element: Element, code: str, process: Process) -> bool:
    around = process.elements.get(element.scope)
    while around is not None:
        for boundary in around.boundary:
            for definition in process.elements[boundary].events:
                caught = definition.code
                if definition.kind is EventKind.ERROR and (caught is None or caught.text == code):
                    return True
        around = process.elements.get(around.scope)
    return False


def _check_definition(element: Element, definition: EventDefinition, position: Position, report: Report) -> None:
    if definition.kind is EventKind.MESSAGE and not (position in _THROWING and element.work is not None):
        _check_message(element, definition.message, position, report)
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
        report(c.CORRELATION_KEY_MISSING, element, message=message.name.text)


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


def _check_handlers(host: Element, process: Process, report: Report) -> None:
    """Report two boundary events on one activity that catch the same thing: which one takes it would be chance."""
    caught: set[tuple[EventKind, str]] = set()
    for boundary_id, definition in _boundary_definitions(host, process):
        name = _name(definition)
        if definition.kind is EventKind.TIMER or name is None:
            continue
        if (definition.kind, name) in caught:
            facts = {"event": definition.kind, "name": name or "all", "host": host.id}
            report(c.DUPLICATE_HANDLER, process.elements[boundary_id], **facts)
        caught.add((definition.kind, name))


def _boundary_definitions(host: Element, process: Process) -> Iterator[tuple[str, EventDefinition]]:
    for boundary_id in host.boundary:
        for definition in process.elements[boundary_id].events:
            yield boundary_id, definition


def _name(definition: EventDefinition) -> str | None:
    """Return by what a definition is found: name or code; empty for one that catches all, None for no such thing."""
    if definition.message is not None:
        return definition.message.name.text
    if definition.kind in _CODED:
        return definition.code.text if definition.code is not None else ""
    return definition.name.text if definition.name is not None else None
