"""Lanes, nested to any depth: which one an element lies in, innermost first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import etree

from engine.bpmn import rules
from engine.bpmn import vocabulary as v
from engine.bpmn.sheet import Attributes, Sheet


def read_lanes(lane_sets: Iterable[etree._Element], nodes: Mapping[str, object], sheet: Sheet) -> dict[str, str]:
    """Return the innermost lane's name (or id) by element id; an inner lane is read after its outer one."""
    lane_of: dict[str, str] = {}
    waiting = list(lane_sets)[::-1]
    while waiting:
        lane_set = waiting.pop()
        Attributes(lane_set, sheet, lane_set.get("id")).close()
        beside: set[str] = set()  # what other lanes of this set hold
        for lane in lane_set.iterchildren("*"):
            if lane.tag != v.LANE:
                _leave(lane, lane_set, sheet)
                continue
            inner = _read_lane(lane, lane_of, nodes, beside, sheet)
            waiting.extend(inner)
    return lane_of


def _read_lane(
    lane: etree._Element, lane_of: dict[str, str], nodes: Mapping[str, object], beside: set[str], sheet: Sheet
) -> list[etree._Element]:
    attributes = Attributes(lane, sheet)
    lane_id = attributes.element_id = attributes.name("id")
    name = attributes.name("name") or lane_id or ""
    attributes.close()
    inner: list[etree._Element] = []
    for child in lane.iterchildren("*"):
        if child.tag == v.FLOW_NODE_REF:
            reference = sheet.text_in(child, lane_id)
            if reference in nodes:
                lane_of[reference] = name
                if reference in beside:
                    sheet.report(rules.LANE_TWICE, child, lane_id, lane=name, reference=reference)
                beside.add(reference)
            else:
                sheet.report(rules.LANE_REFERENCE, child, lane_id, lane=name, reference=reference)
        elif child.tag == v.CHILD_LANE_SET:
            inner.append(child)
        else:
            _leave(child, lane, sheet)
    return inner


def _leave(xml: etree._Element, owner: etree._Element, sheet: Sheet) -> None:
    if xml.tag != v.DOCUMENTATION:
        sheet.leave(xml, xml.get("id") or owner.get("id"))
