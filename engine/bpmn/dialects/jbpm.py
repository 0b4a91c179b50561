"""jBPM and its relatives: who may do a user task stands among its data inputs, and work items on plain tasks.

Source: the BPMN 2.0 chapter of the jBPM documentation. Scripts, rule flow groups and conditions in Java, MVEL or
DRL have no equal here and are left for the gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.bpmn.dialects.editing import Foreign, as_source, drop, holds_only, only_expression
from engine.bpmn.sheet import Sheet, text_of
from engine.bpmn.vocabulary import bpmn, local

SPACES: Final = frozenset({"http://www.jboss.org/drools", "http://www.jboss.org/drools/flow"})

WITHOUT_EFFECT: Final = frozenset({"packageName", "version", "dtype", "elementname", "selectable"})
_NOTHING_WHEN: Final = {"adHoc": "false", "waitForCompletion": "true", "independent": "false", "priority": "1"}
_NOTES: Final = frozenset({"TaskName", "NodeName", "Comment", "Description", "Skippable", "Locale", "Content"})
_HARMLESS_META: Final = frozenset({"elementname", "customAsync", "customTags", "customDescription", "customSLADueDate"})
_WORK_TASKS: Final = frozenset({"task", "serviceTask", "sendTask"})


def translate(xml: etree._Element, sheet: Sheet) -> None:
    """Write anew what jBPM says of one BPMN element."""
    foreign = Foreign(xml, SPACES, sheet)
    for name in foreign.names():
        if name in WITHOUT_EFFECT or foreign.peek(name) == _NOTHING_WHEN.get(name):
            foreign.take(name)
    tag = local(str(xml.tag))
    if tag in _WORK_TASKS and foreign.says("taskName"):
        xml.tag = bpmn("serviceTask")
        foreign.put("taskDefinition", type=foreign.take("taskName"))
    elif tag == "userTask":
        _user_task(foreign)
    for child in foreign.children():
        name = local(str(child.tag))
        if not holds_only(child, "metaValue"):
            continue
        if name == "metaData" and child.get("name") in _HARMLESS_META - {"customSLADueDate"}:
            drop(child)
        elif name in ("import", "global"):
            foreign.without_effect(name)
            drop(child)


def _user_task(foreign: Foreign) -> None:
    inputs = {
        str(each.get("id")): str(each.get("name"))
        for each in foreign.xml.iterfind(f"{bpmn('ioSpecification')}/{bpmn('dataInput')}")
    }
    said = dict(_constants(foreign.xml, inputs))
    actors = [text for text, _ in [said.pop("ActorId", ("", []))] if text]
    for owner in list(foreign.xml.iterchildren(bpmn("potentialOwner"))):
        actor = only_expression(owner)
        if actor:
            actors.append(actor)
            drop(owner)
    if len(actors) == 1 and "," not in actors[0]:
        foreign.put("assignmentDefinition", assignee=as_source(actors[0]))  # one owner has the task at once
    elif actors:
        foreign.put("assignmentDefinition", candidateUsers=",".join(actors))
    groups, _ = said.pop("GroupId", ("", []))
    if groups:
        foreign.put("assignmentDefinition", candidateGroups=as_source(groups))
    for name, (text, _) in said.items():
        if name in _NOTES and text:
            foreign.note(name, text)
    _remove(foreign.xml, inputs, frozenset({"ActorId", "GroupId"} | _NOTES))


def _constants(xml: etree._Element, inputs: dict[str, str]) -> Iterator[tuple[str, tuple[str, list[str]]]]:
    """Yield the data inputs that are given a fixed text, by name."""
    for association in xml.iterchildren(bpmn("dataInputAssociation")):
        target = association.find(bpmn("targetRef"))
        value = association.find(f"{bpmn('assignment')}/{bpmn('from')}")
        if target is not None and value is not None and _is_plain(association):
            yield inputs.get(text_of(target), ""), (text_of(value), [text_of(target)])


def _is_plain(association: etree._Element) -> bool:
    said = {local(str(name)) for each in association.iterdescendants("*") for name in each.attrib}
    return said <= {"id", "type"} and holds_only(association, "sourceRef", "targetRef", "assignment", "from", "to")


def _remove(xml: etree._Element, inputs: dict[str, str], names: frozenset[str]) -> None:
    """Take these inputs out of the data of the task: declaration, set and association; empty holders go with them."""
    gone = {input_id for input_id, name in inputs.items() if name in names}
    for association in list(xml.iterchildren(bpmn("dataInputAssociation"))):
        target = association.find(bpmn("targetRef"))
        if target is not None and text_of(target) in gone and _is_plain(association):
            drop(association)
    for specification in list(xml.iterchildren(bpmn("ioSpecification"))):
        for each in list(specification.iterchildren(bpmn("dataInput"))):
            if each.get("id") in gone and holds_only(each):
                drop(each)
        for each in list(specification.iterfind(f"{bpmn('inputSet')}/{bpmn('dataInputRefs')}")):
            if text_of(each) in gone:
                drop(each)
        if holds_only(specification, "inputSet", "outputSet"):
            drop(specification)
