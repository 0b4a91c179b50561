"""One flow node: its attributes, event definitions, loop and settings → `Element`, still without its flows."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn import rules
from engine.bpmn import vocabulary as v
from engine.bpmn.data import read_data
from engine.bpmn.model import (
    AdHoc,
    CallSettings,
    Element,
    ElementKind,
    EventDefinition,
    Expression,
    MultiInstance,
    StandardLoop,
)
from engine.bpmn.repetition import read_loop, read_multi_instance
from engine.bpmn.roots import Roots, find_event, find_message, read_event, read_formal_expression
from engine.bpmn.settings import Settings, read_extensions, read_own_attributes
from engine.bpmn.sheet import Attributes, Sheet, expression

_WITH_MESSAGE = frozenset({ElementKind.SEND_TASK, ElementKind.RECEIVE_TASK})
_CONDITIONS = {
    (ElementKind.COMPLEX_GATEWAY, v.ACTIVATION_CONDITION): "activation",
    (ElementKind.AD_HOC_SUB_PROCESS, v.COMPLETION_CONDITION): "completion",
}
_WITH_DEFAULT = v.ACTIVITIES | v.GATEWAYS


@dataclass(slots=True)
class Node:
    """A read flow node, what it says about its flows, and the XML of what is inside it."""

    element: Element
    incoming: list[str]
    outgoing: list[str]
    inside: list[etree._Element]


@dataclass(slots=True)
class _Parts:
    """The child elements of a node, sorted."""

    kind: ElementKind
    incoming: list[str] = field(default_factory=list)
    outgoing: list[str] = field(default_factory=list)
    inside: list[etree._Element] = field(default_factory=list)
    documentation: list[str] = field(default_factory=list)
    events: list[EventDefinition] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)
    multi_instance: MultiInstance | None = None
    standard_loop: StandardLoop | None = None
    activation: Expression | None = None
    completion: Expression | None = None  # of an ad-hoc sub-process


def read_node(xml: etree._Element, kind: ElementKind, scope: str, roots: Roots, sheet: Sheet) -> Node:
    """Read one flow node. The id is empty when the file gives none; that is reported."""
    attributes = Attributes(xml, sheet)
    attributes.element_id = attributes.name("id") or None
    element_id = attributes.element_id or ""
    if not element_id:
        sheet.report(rules.MISSING_ID, xml, None, tag=v.local(str(xml.tag)))
    parts = _read_parts(xml, kind, element_id, roots, sheet)
    settings = parts.settings
    read_own_attributes(attributes, settings.properties)
    is_boundary = kind is ElementKind.BOUNDARY_EVENT
    is_start = kind is ElementKind.START_EVENT
    is_gateway = kind is ElementKind.EVENT_BASED_GATEWAY
    catches = is_boundary or is_start or kind is ElementKind.INTERMEDIATE_CATCH_EVENT
    reference = attributes.reference("messageRef") if kind in _WITH_MESSAGE else None
    interrupting = "cancelActivity" if is_boundary else "isInterrupting"
    element = Element(
        id=element_id,
        kind=kind,
        scope=scope,
        name=attributes.name("name"),
        documentation="\n".join(parts.documentation) or None,
        default_flow=attributes.text("default") if kind in _WITH_DEFAULT else None,
        events=tuple(parts.events),
        attached_to=attributes.text("attachedToRef") if is_boundary else None,
        interrupting=attributes.flag(interrupting, default=True) if is_boundary or is_start else True,
        triggered_by_event=attributes.flag("triggeredByEvent", default=False) if kind in v.CONTAINERS else False,
        parallel_multiple=attributes.flag("parallelMultiple", default=False) if catches else False,
        instantiate=(
            attributes.flag("instantiate", default=False) if is_gateway or kind is ElementKind.RECEIVE_TASK else False
        ),
        for_compensation=attributes.flag("isForCompensation", default=False) if kind in v.ACTIVITIES else False,
        start_quantity=attributes.whole_number("startQuantity", default=1) if kind in v.ACTIVITIES else 1,
        completion_quantity=attributes.whole_number("completionQuantity", default=1) if kind in v.ACTIVITIES else 1,
        event_gateway_type=attributes.choice("eventGatewayType", "Exclusive", "Parallel")
        if is_gateway
        else "Exclusive",
        activation=parts.activation,
        ad_hoc=_ad_hoc(attributes, parts) if kind is ElementKind.AD_HOC_SUB_PROCESS else None,
        multi_instance=parts.multi_instance,
        standard_loop=parts.standard_loop,
        inputs=tuple(settings.inputs),
        outputs=tuple(settings.outputs),
        user_task=settings.user_task_settings() if kind is ElementKind.USER_TASK else None,
        work=settings.work_settings(),
        script=settings.script,
        decision=settings.decision,
        call=_call(attributes, settings, sheet) if kind is ElementKind.CALL_ACTIVITY else None,
        message=find_message(reference, xml, roots, sheet, element_id),
        properties=settings.properties,
        line=xml.sourceline,
    )
    attributes.close()
    return Node(element, parts.incoming, parts.outgoing, parts.inside)


def _read_parts(xml: etree._Element, kind: ElementKind, element_id: str, roots: Roots, sheet: Sheet) -> _Parts:
    parts = _Parts(kind)
    for child in xml.iterchildren("*"):
        tag = str(child.tag)
        if tag == v.INCOMING:
            parts.incoming.append(sheet.text_in(child, element_id))
        elif tag == v.OUTGOING:
            parts.outgoing.append(sheet.text_in(child, element_id))
        elif tag == v.DOCUMENTATION:
            parts.documentation.append(sheet.words_in(child, element_id))
        elif tag == v.EXTENSION_ELEMENTS:
            read_extensions(child, parts.settings, kind, element_id, sheet)
        elif (kind in v.EVENTS and _read_event_part(child, parts, element_id, roots, sheet)) or (
            kind in v.ACTIVITIES and _read_repetition(child, parts, element_id, roots, sheet)
        ):
            continue
        elif kind in v.CONTAINERS and tag in v.INSIDE:
            parts.inside.append(child)
        elif not _read_rest(child, parts, element_id, roots, sheet):
            sheet.leave(child, element_id)
    return parts


def _read_rest(xml: etree._Element, parts: _Parts, element_id: str, roots: Roots, sheet: Sheet) -> bool:
    """Read a condition of the element itself, or its data."""
    name = _CONDITIONS.get((parts.kind, str(xml.tag)))
    if name is not None:
        setattr(parts, name, read_formal_expression(xml, sheet, element_id, is_condition=True))
        return True
    return parts.kind not in v.GATEWAYS and read_data(xml, element_id, roots.data, sheet)


def _read_event_part(xml: etree._Element, parts: _Parts, element_id: str, roots: Roots, sheet: Sheet) -> bool:
    if xml.tag == v.EVENT_DEFINITION_REF:
        reference = sheet.text_in(xml, element_id).rpartition(":")[2]
        found = find_event(("eventDefinitionRef", reference), xml, roots, sheet, element_id)
        parts.events += [] if found is None else [found]
        return True
    kind = v.EVENT_DEFINITIONS.get(str(xml.tag))
    if kind is None:
        return False
    parts.events.append(read_event(xml, kind, roots, sheet, element_id))
    return True


def _read_repetition(xml: etree._Element, parts: _Parts, element_id: str, roots: Roots, sheet: Sheet) -> bool:
    if xml.tag not in (v.STANDARD_LOOP, v.MULTI_INSTANCE):
        return False
    if parts.multi_instance is not None or parts.standard_loop is not None:
        sheet.report(rules.DOUBLED_SETTING, xml, element_id, setting=v.local(str(xml.tag)))
    if xml.tag == v.STANDARD_LOOP:
        parts.standard_loop = read_loop(xml, element_id, sheet)
    else:
        parts.multi_instance = read_multi_instance(xml, element_id, roots, sheet)
    return True


def _ad_hoc(attributes: Attributes, parts: _Parts) -> AdHoc:
    return AdHoc(
        sequential=attributes.choice("ordering", "Parallel", "Sequential") == "Sequential",
        completion_condition=parts.completion,
        cancel_remaining=attributes.flag("cancelRemainingInstances", default=True),
        active_elements=parts.settings.active_elements,
    )


def _call(attributes: Attributes, settings: Settings, sheet: Sheet) -> CallSettings | None:
    """Return which process is called: zeebe's word, else the standard's own attribute."""
    standard = attributes.text("calledElement")
    if settings.call is None:
        return (
            None
            if standard is None
            else CallSettings(expression(standard), propagate_all_child_variables=True, is_standard=True)
        )
    if standard is not None and standard != settings.call.process_id.text:
        sheet.report(rules.DOUBLED_SETTING, attributes.xml, attributes.element_id, setting="calledElement")
    return settings.call
