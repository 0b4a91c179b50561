"""What stands beside the processes of a file and is referred to by id: messages, signals, errors, escalations."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lxml import etree

from engine.bpmn import rules
from engine.bpmn import vocabulary as v
from engine.bpmn.data_items import Data
from engine.bpmn.model import EventDefinition, EventKind, Expression, Message, Timer, TimerKind
from engine.bpmn.sheet import Attributes, Sheet, expression
from engine.bpmn.vocabulary import zeebe

# FEEL by its names; JUEL by its own and by the one that Java's tools write for it.
_KNOWN_LANGUAGES = ("feel", "juel", "java.sun.com/products/jsp", "java.com/products/jsp")
_TIMERS = {v.bpmn(kind.value): kind for kind in TimerKind}


@dataclass(slots=True)
class Roots:
    """The referable definitions of one file, by id."""

    messages: dict[str, Message] = field(default_factory=dict)
    signals: dict[str, Expression | None] = field(default_factory=dict)
    errors: dict[str, Expression | None] = field(default_factory=dict)
    escalations: dict[str, Expression | None] = field(default_factory=dict)
    events: dict[str, etree._Element] = field(default_factory=dict)
    data: Data = field(default_factory=Data)


def read_root(xml: etree._Element, roots: Roots, sheet: Sheet) -> bool:
    """Read one child of `definitions` into the roots; False when it is none of them."""
    tag = str(xml.tag)
    if tag in v.EVENT_DEFINITIONS:
        roots.events[str(xml.get("id", ""))] = xml
        return True
    if tag == v.MESSAGE:
        _read_message(xml, roots, sheet)
    elif tag == v.SIGNAL:
        _read_coded(xml, "name", roots.signals, sheet)
    elif tag == v.ERROR:
        _read_coded(xml, "errorCode", roots.errors, sheet)
    elif tag == v.ESCALATION:
        _read_coded(xml, "escalationCode", roots.escalations, sheet)
    else:
        return False
    return True


def read_event(
    xml: etree._Element, kind: EventKind, roots: Roots, sheet: Sheet, element_id: str | None
) -> EventDefinition:
    """Read an event definition, inside an event or at the root."""
    attributes = Attributes(xml, sheet, element_id)
    event_id = attributes.name("id")
    if kind is EventKind.TIMER:
        definition = EventDefinition(kind, event_id, timer=_read_timer(xml, sheet, element_id))
    elif kind is EventKind.CONDITIONAL:
        definition = EventDefinition(kind, event_id, condition=_read_condition(xml, sheet, element_id))
    elif kind is EventKind.LINK:
        name, reference = attributes.expression("name"), _read_link_target(xml, sheet, element_id)
        definition = EventDefinition(kind, event_id, name=name, reference=reference)
    else:
        definition = replace(_read_referring(attributes, kind, roots, sheet), id=event_id)
    attributes.close()
    return definition


def find_event(
    named: tuple[str, str], xml: etree._Element, roots: Roots, sheet: Sheet, element_id: str | None
) -> EventDefinition | None:
    """Return the event definition at the root of the file that is referred to; notes a reference into nothing."""
    attribute, reference = named  # what refers, and the id in it
    definition = roots.events.get(reference)
    if definition is None:
        sheet.report(rules.DANGLING_REFERENCE, xml, element_id, attribute=attribute, reference=reference)
        return None
    return read_event(definition, v.EVENT_DEFINITIONS[str(definition.tag)], roots, sheet, element_id)


def find_message(
    reference: str | None, xml: etree._Element, roots: Roots, sheet: Sheet, element_id: str | None
) -> Message | None:
    """Return the message that an event or task refers to; notes a reference into nothing."""
    if reference is None:
        return None
    if reference not in roots.messages:
        facts = {"attribute": "messageRef", "reference": reference}
        sheet.report(rules.DANGLING_REFERENCE, xml, element_id, **facts)
    return roots.messages.get(reference)


def _read_referring(attributes: Attributes, kind: EventKind, roots: Roots, sheet: Sheet) -> EventDefinition:
    xml = attributes.xml
    for child in xml.iterchildren("*"):
        if child.tag != v.DOCUMENTATION:
            sheet.leave(child, attributes.element_id)
    if kind is EventKind.MESSAGE:
        reference = attributes.reference("messageRef")
        message = find_message(reference, xml, roots, sheet, attributes.element_id)
        return EventDefinition(kind, message=message, reference=reference)
    if kind is EventKind.COMPENSATE:
        waits = attributes.flag("waitForCompletion", default=True)
        return EventDefinition(kind, reference=attributes.reference("activityRef"), wait_for_completion=waits)
    tables = {
        EventKind.SIGNAL: ("signalRef", roots.signals),
        EventKind.ERROR: ("errorRef", roots.errors),
        EventKind.ESCALATION: ("escalationRef", roots.escalations),
    }
    if kind not in tables:
        return EventDefinition(kind)
    attribute, table = tables[kind]
    reference = attributes.reference(attribute)
    if reference is not None and reference not in table:
        facts = {"attribute": attribute, "reference": reference}
        sheet.report(rules.DANGLING_REFERENCE, xml, attributes.element_id, **facts)
    found = None if reference is None else table.get(reference)
    if kind is EventKind.SIGNAL:
        return EventDefinition(kind, name=found, reference=reference)
    return EventDefinition(kind, code=found, reference=reference)


def _read_link_target(xml: etree._Element, sheet: Sheet, element_id: str | None) -> str | None:
    """Return which link definition a throw leads to, where the file says it beside the name; sources mirror it."""
    target: str | None = None
    for child in xml.iterchildren("*"):
        if child.tag == v.LINK_TARGET:
            target = sheet.text_in(child, element_id).rpartition(":")[2] or None
        elif child.tag not in (v.LINK_SOURCE, v.DOCUMENTATION):
            sheet.leave(child, element_id)
    return target


def _read_timer(xml: etree._Element, sheet: Sheet, element_id: str | None) -> Timer | None:
    timer: Timer | None = None
    for child in xml.iterchildren("*"):
        kind = _TIMERS.get(str(child.tag))
        if kind is None:
            if child.tag != v.DOCUMENTATION:
                sheet.leave(child, element_id)
            continue
        if timer is not None:
            sheet.report(rules.DOUBLED_SETTING, child, element_id, setting="timer")
        timer = Timer(kind, read_formal_expression(child, sheet, element_id))
    return timer


def _read_condition(xml: etree._Element, sheet: Sheet, element_id: str | None) -> Expression | None:
    condition: Expression | None = None
    for child in xml.iterchildren("*"):
        if child.tag == v.CONDITION:
            condition = read_formal_expression(child, sheet, element_id, is_condition=True)
        elif child.tag != v.DOCUMENTATION:
            sheet.leave(child, element_id)
    return condition


def read_formal_expression(
    xml: etree._Element, sheet: Sheet, element_id: str | None, *, is_condition: bool = False
) -> Expression:
    """Read an expression written as text; a condition may be a bare true or false, or name FEEL as its language."""
    attributes = Attributes(xml, sheet, element_id)
    attributes.text("id")
    language = attributes.text("language")
    attributes.close()
    text = sheet.text_in(xml, element_id)
    found = expression(text)
    if language is not None and _is_foreign(language):
        return Expression(text, is_feel=False, language=language)
    if found.is_feel or not is_condition:
        return found
    declared = "feel" in language.lower() if language is not None else sheet.feel_everywhere
    if found.text in ("true", "false") or (declared and found.text):
        return Expression(found.text, is_feel=True)
    return found


def _is_foreign(language: str) -> bool:
    return bool(language.strip()) and not any(known in language.lower() for known in _KNOWN_LANGUAGES)


def _read_message(xml: etree._Element, roots: Roots, sheet: Sheet) -> None:
    attributes = Attributes(xml, sheet)
    message_id = attributes.element_id = attributes.name("id")
    name = attributes.name("name") or ""
    attributes.close()
    key: Expression | None = None
    for child in xml.iterchildren("*"):
        if child.tag == v.DOCUMENTATION:
            continue
        if child.tag != v.EXTENSION_ELEMENTS:
            sheet.leave(child, message_id)
            continue
        for setting in child.iterchildren("*"):
            if setting.tag != zeebe("subscription"):
                sheet.leave(setting, message_id)
                continue
            inner = Attributes(setting, sheet, message_id)
            key = inner.expression("correlationKey")
            inner.close()
            sheet.text_in(setting, message_id)
    if message_id is not None:
        by_name = key is None and v.ZEEBE not in xml.nsmap.values()
        roots.messages.setdefault(message_id, Message(message_id, expression(name), key, by_name))


def _read_coded(xml: etree._Element, attribute: str, table: dict[str, Expression | None], sheet: Sheet) -> None:
    attributes = Attributes(xml, sheet)
    root_id = attributes.element_id = attributes.name("id")
    code = attributes.expression(attribute)
    attributes.name("name")
    attributes.close()
    for child in xml.iterchildren("*"):
        if child.tag != v.DOCUMENTATION:
            sheet.leave(child, root_id)
    if root_id is not None:
        table.setdefault(root_id, code)
