"""A BPMN file → `Definitions`: a pass over the nodes, one over the flows, no recursion, nothing cut without a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from lxml import etree

from engine.bpmn import rules
from engine.bpmn import vocabulary as v
from engine.bpmn.collaboration import read_collaboration
from engine.bpmn.data import apply_data, objects_of, read_data
from engine.bpmn.data_items import Data
from engine.bpmn.dialects import translate
from engine.bpmn.flows import Flows
from engine.bpmn.global_tasks import GLOBAL_TASKS, mark_called, read_global_task
from engine.bpmn.hardened_xml import parse
from engine.bpmn.lanes import read_lanes
from engine.bpmn.limits import Limits
from engine.bpmn.model import Definitions, Element, ElementKind, EventKind, Process
from engine.bpmn.nodes import Node, read_node
from engine.bpmn.references import check_references
from engine.bpmn.roots import Roots, read_root
from engine.bpmn.rules import UnreadableXml
from engine.bpmn.settings import Settings, read_extensions, read_own_attributes
from engine.bpmn.sheet import Attributes, Sheet

__all__ = ["Limits", "UnreadableXml", "read"]

_DEFAULT_LIMITS = Limits()
_Associations = Mapping[str, list[str]]


def read(data: bytes, file: str, limits: Limits = _DEFAULT_LIMITS) -> Definitions:
    """Read a BPMN 2.0 file.

    Raises:
        UnreadableXml: The bytes are no BPMN 2.0 XML, are hostile, or are beyond the limits.
    """
    root = parse(data, file, limits)
    sheet = Sheet(file, limits)
    translate(root, sheet)
    attributes = Attributes(root, sheet)
    attributes.element_id = attributes.text("id")
    exporter = attributes.text("exporter")
    language = root.get("expressionLanguage") or ""
    sheet.feel_everywhere = "feel" in language.lower()
    attributes.close()

    _report_duplicates(root, sheet)
    check_references(root, sheet)
    roots = Roots()
    processes_xml: list[etree._Element] = []
    tasks_xml: list[etree._Element] = []
    has_diagram = False
    for child in root.iterchildren("*"):
        if child.tag == v.PROCESS:
            processes_xml.append(child)
        elif child.tag in GLOBAL_TASKS:
            tasks_xml.append(child)
        elif child.tag == v.DIAGRAM:
            has_diagram = True
        elif child.tag == v.COLLABORATION:
            read_collaboration(child, sheet)
        elif not read_root(child, roots, sheet):
            sheet.leave(child, child.get("id"))
    joined = _read_associations(root)
    processes = [_read_process(xml, roots, joined, sheet) for xml in processes_xml]
    processes += [read_global_task(xml, roots, sheet) for xml in tasks_xml]
    return Definitions(
        file=file,
        processes=mark_called(processes),
        unread=tuple(sheet.unread),
        exporter=exporter,
        has_diagram=has_diagram,
        problems=tuple(sheet.problems),
    )


def _report_duplicates(root: etree._Element, sheet: Sheet) -> None:
    seen: Counter[str] = Counter()
    second: dict[str, etree._Element] = {}
    for xml in root.iter(f"{{{v.BPMN}}}*"):
        if xml.tag == v.DEFINITIONS:
            continue
        xml_id = xml.get("id")
        if xml_id is not None:
            seen[xml_id] += 1
            if seen[xml_id] == 2:  # noqa: PLR2004 - the second is the duplicate
                second[xml_id] = xml
    for xml_id, xml in second.items():
        sheet.report(rules.DUPLICATE_ID, xml, xml_id, id=xml_id, count=seen[xml_id])


def _read_associations(root: etree._Element) -> _Associations:
    """Return what each element is joined to by associations, whichever way they are drawn."""
    found: dict[str, list[str]] = {}
    for xml in root.iter(v.ASSOCIATION):
        ends = [str(xml.get(name, "")).strip().rpartition(":")[2] for name in ("sourceRef", "targetRef")]
        for one, other in (ends, reversed(ends)):
            found.setdefault(one, []).append(other)
    return found


def _read_process(xml: etree._Element, roots: Roots, joined: _Associations, sheet: Sheet) -> Process:
    attributes = Attributes(xml, sheet)
    attributes.element_id = attributes.name("id") or None
    process_id = attributes.element_id or ""
    if not process_id:
        sheet.report(rules.MISSING_ID, xml, None, tag="process")
    sheet.process = process_id
    settings = Settings()
    read_own_attributes(attributes, settings.properties)
    name = attributes.name("name")
    executable = attributes.flag("isExecutable", default=False)
    attributes.close()

    documentation: list[str] = []
    inside: list[etree._Element] = []
    for child in xml.iterchildren("*"):
        if child.tag == v.DOCUMENTATION:
            documentation.append(sheet.words_in(child, process_id))
        elif child.tag == v.EXTENSION_ELEMENTS:
            read_extensions(child, settings, None, process_id, sheet)
        elif child.tag in v.INSIDE:
            inside.append(child)
        elif not read_data(child, process_id, roots.data, sheet):
            sheet.leave(child, child.get("id") or process_id)

    nodes, flows, lanes, children = _read_inside(process_id, inside, roots, sheet)
    flows.connect(nodes)
    elements = _with_data(_elements(nodes, flows, lanes, joined, sheet), children, roots.data, sheet)
    sheet.process = ""
    return Process(
        id=process_id,
        name=name,
        executable=executable,
        version_tag=settings.version_tag,
        elements=elements,
        flows=flows.read,
        children=children,
        documentation="\n".join(documentation) or None,
        data=tuple(roots.data.written.get(process_id, ())),
        properties=settings.properties,
        line=xml.sourceline,
    )


def _read_inside(
    process_id: str, inside: list[etree._Element], roots: Roots, sheet: Sheet
) -> tuple[dict[str, Node], Flows, list[etree._Element], dict[str, tuple[str, ...]]]:
    """Visit everything in a process in document order with a stack of our own: depth costs nothing."""
    nodes: dict[str, Node] = {}
    flows = Flows(sheet)
    lanes: list[etree._Element] = []
    children: dict[str, list[str]] = {process_id: []}
    waiting = [(xml, process_id) for xml in reversed(inside)]
    while waiting:
        xml, scope = waiting.pop()
        kind = v.NODE_KINDS.get(str(xml.tag))
        if kind is None:
            if xml.tag == v.LANE_SET:
                lanes.append(xml)
            else:
                flows.note(xml, scope)
            continue
        node = read_node(xml, kind, scope, roots, sheet)
        element_id = node.element.id
        if not element_id or element_id in nodes or element_id == process_id:
            continue  # reported; what is inside cannot be told apart from the first one's
        nodes[element_id] = node
        children[scope].append(element_id)
        if kind in v.CONTAINERS:
            children.setdefault(element_id, [])
            waiting.extend((child, element_id) for child in reversed(node.inside))
    return nodes, flows, lanes, {scope: tuple(ids) for scope, ids in children.items()}


def _elements(
    nodes: Mapping[str, Node], flows: Flows, lanes: list[etree._Element], joined: _Associations, sheet: Sheet
) -> dict[str, Element]:
    lane_of = read_lanes(lanes, nodes, sheet)
    boundary: dict[str, list[str]] = {}
    for node in nodes.values():
        host = node.element.attached_to
        if host is not None and host in nodes:
            boundary.setdefault(host, []).append(node.element.id)
    elements: dict[str, Element] = {}
    for element_id, node in nodes.items():
        element = node.element
        flows.compare(node, sheet)
        elements[element_id] = replace(
            element,
            incoming=tuple(flows.incoming.get(element_id, ())),
            outgoing=tuple(flows.outgoing.get(element_id, ())),
            default_flow=_existing(element, "default", element.default_flow, flows.read, sheet),
            attached_to=_existing(element, "attachedToRef", element.attached_to, nodes, sheet),
            boundary=tuple(boundary.get(element_id, ())),
            handler=_handler(element, joined, nodes),
            lane=lane_of.get(element_id),
        )
    return elements


def _handler(element: Element, joined: _Associations, nodes: Mapping[str, Node]) -> str | None:
    """Return the activity that a compensation boundary event is joined to; notes may be joined to it, too."""
    if element.kind is not ElementKind.BOUNDARY_EVENT or element.event_kind is not EventKind.COMPENSATE:
        return None
    found = [other for other in joined.get(element.id, ()) if other in nodes]
    return next((other for other in found if nodes[other].element.for_compensation), next(iter(found), None))


def _with_data(
    elements: Mapping[str, Element], children: Mapping[str, object], data: Data, sheet: Sheet
) -> dict[str, Element]:
    objects = objects_of(children, data)
    return {
        element.id: replace(apply_data(element, data, sheet), data_objects=tuple(objects.get(element.id, ())))
        for element in elements.values()
    }


def _existing(
    element: Element, attribute: str, reference: str | None, known: Mapping[str, object], sheet: Sheet
) -> str | None:
    if reference is None or reference in known:
        return reference
    sheet.problems.append(
        rules.DANGLING_REFERENCE.problem(
            element_id=element.id, file=sheet.file, line=element.line, attribute=attribute, reference=reference
        )
    )
    return None
