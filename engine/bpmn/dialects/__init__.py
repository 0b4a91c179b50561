"""Files of other engines: what they say with an equal meaning here is written anew, before the file is read.

Only the tree in memory changes; the file is kept and handed out as it was given. What nobody translates stays in the
tree, where the reader has no place for it and the gate refuses it by name.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from engine.bpmn import rules
from engine.bpmn.dialects import java_family, jbpm, spiffworkflow
from engine.bpmn.sheet import Sheet
from engine.bpmn.vocabulary import BPMN, NODE_KINDS, PROCESS, ZEEBE, namespace

_DIALECTS: Final = {
    **dict.fromkeys(java_family.SPACES, java_family.translate),
    **dict.fromkeys(jbpm.SPACES, jbpm.translate),
    **dict.fromkeys(spiffworkflow.SPACES, spiffworkflow.translate),
}


def translate(root: etree._Element, sheet: Sheet) -> None:
    """Write anew what engines whose namespaces the file declares or uses say of its elements."""
    elements = list(root.iter(f"{{{BPMN}}}*"))
    spaces = _spaces_of(root, elements)
    dialects = dict.fromkeys(_DIALECTS[space] for space in spaces if space in _DIALECTS)
    if not dialects:
        return
    for xml in elements:
        for dialect in dialects:
            dialect(xml, sheet)
    if ZEEBE not in spaces:
        _assume_executable(root, sheet)


def _spaces_of(root: etree._Element, elements: list[etree._Element]) -> dict[str, None]:
    used = dict.fromkeys(str(space) for space in root.nsmap.values())
    for xml in elements:
        used.update(dict.fromkeys(namespace(str(name)) for name in xml.attrib if str(name).startswith("{")))
        if xml.tag == f"{{{BPMN}}}extensionElements":
            used.update(dict.fromkeys(namespace(str(child.tag)) for child in xml.iterchildren("*")))
    return used


def _assume_executable(root: etree._Element, sheet: Sheet) -> None:
    """These engines run a process that does not say whether it is executable; the standard leaves it open."""
    for process in root.iterchildren(PROCESS):
        if process.get("isExecutable") is None and any(str(child.tag) in NODE_KINDS for child in process):
            process.set("isExecutable", "true")
            sheet.report(rules.ASSUMED_EXECUTABLE, process, process.get("id"), process=process.get("id"))
