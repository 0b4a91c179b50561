"""Event-based gateways, and what begins a run by an event of its own: what may stand behind, around and in front."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.bpmn.model import Element, ElementKind, EventKind, Process
from engine.bpmn.starts import awaited_by
from engine.validation.catalogue import structure as c
from engine.validation.report import Report

_AWAITED: Final = frozenset({EventKind.MESSAGE, EventKind.TIMER, EventKind.SIGNAL, EventKind.CONDITIONAL})
_STARTING: Final = {
    "Exclusive": (frozenset({EventKind.MESSAGE, EventKind.SIGNAL}), "messages and signals"),
    "Parallel": (frozenset({EventKind.MESSAGE}), "messages"),
}


def check_instantiating(element: Element, process: Process, report: Report) -> None:
    """Report what keeps a receive task or event-based gateway from beginning a run."""
    for what in _in_its_way(element, process):
        report(c.INSTANTIATE, element, kind=element.kind, what=what)
    if element.kind is not ElementKind.EVENT_BASED_GATEWAY:
        return
    kinds, events = _STARTING[element.event_gateway_type]
    for target in _targets(element, process):
        if any(definition.kind not in kinds for definition in awaited_by(target)):
            facts = {"type": element.event_gateway_type, "events": events, "target": target.id}
            report(c.INSTANTIATE_EVENT, element, **facts)


def check_event_gateway(gateway: Element, process: Process, report: Report) -> None:
    """Report what cannot be waited for behind an event-based gateway."""
    targets = _targets(gateway, process)
    if gateway.event_gateway_type == "Parallel" and not gateway.instantiate:
        report(c.PARALLEL_EVENT_GATEWAY, gateway)
    if len(targets) < 2:  # noqa: PLR2004 - a choice needs two
        report(c.EVENT_GATEWAY_FEW, gateway, count=len(targets))
    receives = [target for target in targets if target.kind is ElementKind.RECEIVE_TASK]
    catches = [target for target in targets if target.kind is ElementKind.INTERMEDIATE_CATCH_EVENT]
    if receives and any(target.event_kind is EventKind.MESSAGE for target in catches):
        report(c.EVENT_GATEWAY_MIXED, gateway)
    for target in targets:
        awaited = target.kind is ElementKind.INTERMEDIATE_CATCH_EVENT and target.event_kind in _AWAITED
        if not awaited and target.kind is not ElementKind.RECEIVE_TASK:
            report(c.EVENT_GATEWAY_SUCCESSOR, gateway, target=target.id)
        if len(target.incoming) > 1:
            report(c.EVENT_GATEWAY_SHARED, gateway, target=target.id)
        if target.boundary:
            report(c.EVENT_GATEWAY_PLAIN, gateway, target=target.id, what="boundary events")
        if target.multi_instance is not None or target.standard_loop is not None:
            report(c.EVENT_GATEWAY_PLAIN, gateway, target=target.id, what="a repetition")
        if target.inputs and target.kind is ElementKind.RECEIVE_TASK:
            report(c.EVENT_GATEWAY_PLAIN, gateway, target=target.id, what="input mappings")


def _targets(gateway: Element, process: Process) -> list[Element]:
    return [process.elements[process.flows[flow_id].target] for flow_id in gateway.outgoing]


def _in_its_way(element: Element, process: Process) -> Iterator[str]:
    if element.scope != process.id:
        yield "a sub-process around it"
    sources = [process.elements[process.flows[flow_id].source] for flow_id in element.incoming]
    plain_start = [source for source in sources if source.kind is ElementKind.START_EVENT and not source.events]
    if sources and not (element.kind is ElementKind.RECEIVE_TASK and len(sources) == len(plain_start) == 1):
        yield "a flow into it"
    if element.multi_instance is not None or element.standard_loop is not None:
        yield "a repetition"
    if element.inputs:
        yield "input mappings"
