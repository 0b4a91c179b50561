"""Pools and the messages between them: what the standard asks of their references (chapter 9)."""

from __future__ import annotations

from lxml import etree

from engine.bpmn import rules
from engine.bpmn.sheet import Sheet
from engine.bpmn.vocabulary import GATEWAYS, NODE_KINDS, PROCESS, bpmn

_PARTICIPANT = bpmn("participant")
_MESSAGE_FLOW = bpmn("messageFlow")


def read_collaboration(xml: etree._Element, sheet: Sheet) -> None:
    """Note a collaboration, which no token meets; report message flows that the standard does not allow."""
    root = xml.getroottree().getroot()
    processes = {str(process.get("id")): process for process in root.iterchildren(PROCESS)}
    pool_of: dict[str, str] = {}  # of pools and of what is in them
    kinds: dict[str, str] = {}
    for participant in xml.iterchildren(_PARTICIPANT):
        pool = str(participant.get("id") or "")
        pool_of[pool] = pool
        process = processes.get(_name(participant, "processRef"))
        for node in process.iter(*NODE_KINDS) if process is not None else ():
            pool_of[str(node.get("id"))] = pool
            kinds[str(node.get("id"))] = str(node.tag)
    for part in xml.iterchildren("*"):
        sheet.leave(part, part.get("id"))
        if part.tag == _MESSAGE_FLOW:
            _check_message_flow(part, pool_of, kinds, sheet)


def _check_message_flow(xml: etree._Element, pool_of: dict[str, str], kinds: dict[str, str], sheet: Sheet) -> None:
    element_id = xml.get("id")
    ends = {attribute: _name(xml, attribute) for attribute in ("sourceRef", "targetRef")}
    ids: set[str] | None = None
    for attribute, reference in ends.items():
        kind = NODE_KINDS.get(kinds.get(reference, ""))
        if kind in GATEWAYS:
            sheet.report(rules.MESSAGE_FLOW_END, xml, element_id, reference=reference, kind=kind)
        elif reference not in pool_of:
            ids = _all_ids(xml) if ids is None else ids
            if reference not in ids:
                facts = {"attribute": attribute, "reference": reference}
                sheet.report(rules.DANGLING_REFERENCE, xml, element_id, **facts)
    pools = {pool_of.get(reference) for reference in ends.values()}
    if len(pools) == 1 and None not in pools:
        sheet.report(rules.MESSAGE_FLOW_INSIDE, xml, element_id, pool=pools.pop())


def _all_ids(xml: etree._Element) -> set[str]:
    return {str(each.get("id")) for each in xml.getroottree().getroot().iter("*") if each.get("id")}


def _name(xml: etree._Element, attribute: str) -> str:
    return str(xml.get(attribute) or "").strip().rpartition(":")[2]
