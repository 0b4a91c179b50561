"""References of what joins, shows or names other elements and moves no token itself: each leads to something.

What the engine executes, and the ends of message flows, are looked up where they are read. Source of the attributes:
the XML schemas of BPMN 2.0.2: they are IDREFs, which lead nowhere else, or QNames, which may lead into an imported
file by another namespace.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lxml import etree

from engine.bpmn import rules
from engine.bpmn.sheet import Sheet
from engine.bpmn.vocabulary import bpmn

_REFERENCES: Final[Mapping[str, tuple[str, ...]]] = {
    bpmn("association"): ("sourceRef", "targetRef"),
    bpmn("dataObjectReference"): ("dataObjectRef",),
    bpmn("dataStoreReference"): ("dataStoreRef",),
    bpmn("messageFlow"): ("messageRef",),
    bpmn("participant"): ("processRef",),
}


def check_references(root: etree._Element, sheet: Sheet) -> None:
    """Report references to ids that the file does not have."""
    found = list(root.iter(*_REFERENCES))
    if not found:
        return
    ids = {xml.get("id") for xml in root.iter("*")}
    target = root.get("targetNamespace")
    for xml in found:
        for attribute in _REFERENCES[str(xml.tag)]:
            prefix, _, reference = (xml.get(attribute) or "").strip().rpartition(":")
            if not reference or reference in ids or (prefix and xml.nsmap.get(prefix, target) != target):
                continue
            sheet.report(rules.DANGLING_REFERENCE, xml, xml.get("id"), attribute=attribute, reference=reference)
