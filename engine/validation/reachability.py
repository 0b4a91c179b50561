"""Where tokens can and cannot come: every search visits each element and flow a bounded number of times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from engine.bpmn.links import link_targets
from engine.bpmn.model import Element, ElementKind, Process
from engine.validation.alternatives import Alternatives
from engine.validation.catalogue import structure as c
from engine.validation.report import Report
from engine.validation.structure import begins_alone


def check_reachability(process: Process, report: Report) -> None:
    """Warn of elements no token reaches, of tokens that can never end, and of joins that can never fire."""
    reached = _reached(process, patient_joins=False)
    for element in process.elements.values():
        if element.id not in reached and not _outside_the_flow(element):
            report(c.UNREACHABLE, element)
    _check_ends(process, reached, report)
    _check_joins(process, reached, report)


def _outside_the_flow(element: Element) -> bool:
    return element.triggered_by_event or element.for_compensation


def _entries(process: Process, scope: str) -> Iterator[str]:
    for element_id in process.children.get(scope, ()):
        element = process.elements[element_id]
        is_start = element.kind is ElementKind.START_EVENT or element.instantiate
        if is_start or begins_alone(element) or _outside_the_flow(element):
            yield element_id


def _reached(process: Process, *, patient_joins: bool) -> set[str]:
    """Spread from the entries; with patient joins a parallel gateway is passed only when all its flows came."""
    reached: set[str] = set()
    links = link_targets(process)
    arrived: Counter[str] = Counter()
    waiting = list(_entries(process, process.id))
    while waiting:
        element_id = waiting.pop()
        if element_id in reached:
            continue
        reached.add(element_id)
        element = process.elements[element_id]
        waiting.extend(element.boundary)
        waiting.extend(_entries(process, element_id))
        if element_id in links:
            waiting.append(links[element_id])
        for flow_id in element.outgoing:
            target = process.elements[process.flows[flow_id].target]
            arrived[target.id] += 1
            is_join = patient_joins and target.kind is ElementKind.PARALLEL_GATEWAY
            if not is_join or arrived[target.id] == len(target.incoming):
                waiting.append(target.id)
    return reached


def _check_ends(process: Process, reached: set[str], report: Report) -> None:
    """Walk backward from where tokens end; what is not met there can never end."""
    ending: set[str] = set()
    throws: dict[str, list[str]] = {}
    for throw, catch in link_targets(process).items():
        throws.setdefault(catch, []).append(throw)
    jumping = frozenset(throw for found in throws.values() for throw in found)
    waiting = [
        element.id for element in process.elements.values() if not element.outgoing and element.id not in jumping
    ]
    while waiting:
        element_id = waiting.pop()
        if element_id in ending:
            continue
        ending.add(element_id)
        element = process.elements[element_id]
        waiting.extend(process.flows[flow_id].source for flow_id in element.incoming)
        waiting.extend(throws.get(element_id, ()))
        if element.attached_to is not None:
            waiting.append(element.attached_to)
    for ids in process.children.values():
        stuck = [element_id for element_id in ids if element_id not in ending and element_id in reached]
        if stuck:
            report(c.CANNOT_END, process.elements[stuck[0]], elements=", ".join(stuck[:20]))


def _check_joins(process: Process, reached: set[str], report: Report) -> None:
    joins = [
        element
        for element in process.elements.values()
        if element.kind is ElementKind.PARALLEL_GATEWAY and len(element.incoming) > 1
    ]
    if not joins:
        return
    patient = _reached(process, patient_joins=True)
    alternatives = Alternatives(process, _entries(process, process.id))
    for element in joins:
        sources = [process.flows[flow_id].source for flow_id in element.incoming]
        if element.id in reached and element.id not in patient and any(source in patient for source in sources):
            missing = [flow_id for flow_id in element.incoming if process.flows[flow_id].source not in patient]
            report(c.JOIN_NEVER_FIRES, element, flows=", ".join(missing))
        elif flows := alternatives.into(element):
            report(c.JOIN_NEVER_FIRES, element, flows=", ".join(flows))
