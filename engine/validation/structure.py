"""How elements and flows may be joined: starts, ends, boundaries, scopes, conditions, defaults, event gateways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.bpmn.links import link_of
from engine.bpmn.model import Element, ElementKind, EventKind, Process, SequenceFlow
from engine.bpmn.vocabulary import ACTIVITIES, EVENTS
from engine.validation.catalogue import scopes
from engine.validation.catalogue import structure as c
from engine.validation.coverage import covers_all
from engine.validation.event_gateways import check_event_gateway, check_instantiating
from engine.validation.report import Report

_DECIDING: Final = frozenset({ElementKind.EXCLUSIVE_GATEWAY, ElementKind.INCLUSIVE_GATEWAY})
_WITH_DEFAULT: Final = _DECIDING | ACTIVITIES | {ElementKind.COMPLEX_GATEWAY}
_UNCONDITIONAL: Final = EVENTS | {ElementKind.PARALLEL_GATEWAY, ElementKind.EVENT_BASED_GATEWAY}


def check_structure(process: Process, report: Report) -> None:
    """Report what is joined as the standard does not allow."""
    for scope, ids in process.children.items():
        _check_starts(process, scope, [process.elements[element_id] for element_id in ids], report)
    for element in process.elements.values():
        _check_ends(element, report)
        if element.triggered_by_event:
            _check_event_sub_process(element, report)
        if element.kind is ElementKind.BOUNDARY_EVENT:
            _check_boundary(element, process, report)
        _check_decision(element, process, report)
        if element.kind is ElementKind.COMPLEX_GATEWAY and element.activation is None and len(element.incoming) > 1:
            report(c.ACTIVATION_MISSING, element)
        if element.kind is ElementKind.EVENT_BASED_GATEWAY:
            check_event_gateway(element, process, report)
        if element.instantiate:
            check_instantiating(element, process, report)
    for flow in process.flows.values():
        _check_flow(flow, process, report)


def begins_alone(element: Element) -> bool:
    """Tell whether an element without incoming flow begins together with its scope."""
    return not (
        element.incoming
        or element.kind in (ElementKind.START_EVENT, ElementKind.BOUNDARY_EVENT)
        or element.triggered_by_event
        or element.for_compensation
        or link_of(element) is not None
        or element.instantiate
    )


def _check_starts(process: Process, scope: str, elements: Sequence[Element], report: Report) -> None:
    around = process.elements.get(scope)
    if around is not None and around.ad_hoc is not None:
        _check_ad_hoc(around, elements, report)
        return
    starts = [element for element in elements if element.kind is ElementKind.START_EVENT]
    plain = [start for start in starts if around is not None or start.event_kind is EventKind.NONE]
    alone = [element for element in elements if begins_alone(element)]
    if around is not None and around.triggered_by_event:
        if len(starts) != 1:
            report(scopes.EVENT_SUB_PROCESS_START, around, count=len(starts))
        plain = []
    elif not starts and not alone and not any(element.instantiate for element in elements):
        report(c.NO_START, around or process, scope=scope)
    if len(plain) > 1 and around is not None:
        report(c.SEVERAL_STARTS, plain[1], scope=scope, count=len(plain))
    elif len(plain) > 1:
        report(c.SEVERAL_PLAIN_STARTS, plain[1], starts=", ".join(start.id for start in plain))
    for element in alone if not process.global_task else ():
        report(c.IMPLICIT_START, element, scope=scope)


def _check_event_sub_process(element: Element, report: Report) -> None:
    found = {
        "an incoming or outgoing flow": element.incoming or element.outgoing,
        "multi-instance": element.multi_instance,
        "a loop marker": element.standard_loop,
        "the compensation marker": element.for_compensation,
        "boundary events": element.boundary,
    }
    for what in (what for what, has in found.items() if has):
        report(scopes.EVENT_SUB_PROCESS_PLAIN, element, what=what)


def _check_ad_hoc(around: Element, elements: Sequence[Element], report: Report) -> None:
    for element in elements:
        if element.kind in (ElementKind.START_EVENT, ElementKind.END_EVENT):
            report(c.AD_HOC_CONTENT, element, kind=element.kind)
    if not any(begins_alone(element) for element in elements):
        report(c.AD_HOC_EMPTY, around)


def _check_ends(element: Element, report: Report) -> None:
    if element.kind is ElementKind.START_EVENT and element.incoming:
        report(c.START_WITH_INCOMING, element, flow=element.incoming[0])
    if element.kind is ElementKind.END_EVENT and element.outgoing:
        report(c.END_WITH_OUTGOING, element, flow=element.outgoing[0])


def _check_boundary(element: Element, process: Process, report: Report) -> None:
    host = process.elements.get(element.attached_to or "")
    if host is None or host.kind not in ACTIVITIES or host.scope != element.scope:
        report(c.BOUNDARY_HOST, element, host=element.attached_to or "nothing")
    if element.incoming:
        report(c.BOUNDARY_WITH_INCOMING, element, flow=element.incoming[0])
    if not element.outgoing and element.event_kind is not EventKind.COMPENSATE:
        report(c.BOUNDARY_WITHOUT_OUTGOING, element)


def _check_decision(element: Element, process: Process, report: Report) -> None:
    default = element.default_flow
    if default is not None:
        if element.kind not in _WITH_DEFAULT:
            report(c.DEFAULT_NOT_ALLOWED, element, kind=element.kind, flow=default)
        elif process.flows[default].source != element.id:
            report(c.DEFAULT_NOT_OUTGOING, element, flow=default)
        elif process.flows[default].condition is not None:
            report(c.DEFAULT_WITH_CONDITION, element, flow=default)
    bare = [flow_id for flow_id in element.outgoing if process.flows[flow_id].condition is None]
    if element.kind in _DECIDING and len(element.outgoing) > 1:
        for flow_id in bare:
            if flow_id != default:
                report(c.CONDITION_MISSING, process.flows[flow_id], flow=flow_id)
    can_miss = element.outgoing and not bare and default is None and element.kind in _WITH_DEFAULT
    if can_miss and not covers_all([process.flows[flow_id].condition for flow_id in element.outgoing]):
        report(c.DEFAULT_MISSING, element)


def _check_flow(flow: SequenceFlow, process: Process, report: Report) -> None:
    source, target = process.elements[flow.source], process.elements[flow.target]
    if source.scope != target.scope:
        report(c.FLOW_CROSSES, flow, source=source.scope, target=target.scope)
    if flow.condition is not None and source.kind in _UNCONDITIONAL:
        report(c.CONDITION_NOT_ALLOWED, flow, kind=source.kind)
