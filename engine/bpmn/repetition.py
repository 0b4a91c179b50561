"""How often an activity runs: the loop marker and multi-instance."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn import vocabulary as v
from engine.bpmn.data_items import Data, LoopData
from engine.bpmn.model import EventDefinition, Expression, MultiInstance, StandardLoop
from engine.bpmn.roots import Roots, find_event, read_event, read_formal_expression
from engine.bpmn.sheet import Attributes, Sheet, text_of
from engine.bpmn.vocabulary import zeebe

_ITEMS = frozenset(
    v.bpmn(name) for name in ("loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem")
)


def read_loop(xml: etree._Element, element_id: str, sheet: Sheet) -> StandardLoop:
    """Read a bpmn:standardLoopCharacteristics."""
    attributes = Attributes(xml, sheet, element_id)
    attributes.text("id")
    test_before = attributes.flag("testBefore", default=False)
    maximum = attributes.whole_number("loopMaximum")
    attributes.close()
    condition: Expression | None = None
    for child in xml.iterchildren("*"):
        if child.tag == v.LOOP_CONDITION:
            condition = read_formal_expression(child, sheet, element_id, is_condition=True)
        elif child.tag != v.DOCUMENTATION:
            sheet.leave(child, element_id)
    return StandardLoop(test_before, maximum, condition)


def read_multi_instance(xml: etree._Element, element_id: str, roots: Roots, sheet: Sheet) -> MultiInstance:
    """Read a bpmn:multiInstanceLoopCharacteristics with its zeebe:loopCharacteristics."""
    attributes = Attributes(xml, sheet, element_id)
    attributes.text("id")
    sequential = attributes.flag("isSequential", default=False)
    behavior = attributes.choice("behavior", "All", "None", "One", "Complex")
    none_event, one_event = (_referred(attributes, f"{name}BehaviorEventRef", roots, sheet) for name in ("none", "one"))
    attributes.close()
    cardinality: Expression | None = None
    completion: Expression | None = None
    complex_events: list[tuple[Expression, EventDefinition]] = []
    loop: Attributes | None = None
    for child in xml.iterchildren("*"):
        if child.tag == v.LOOP_CARDINALITY:
            cardinality = read_formal_expression(child, sheet, element_id, is_condition=True)
        elif child.tag == v.COMPLETION_CONDITION:
            completion = read_formal_expression(child, sheet, element_id, is_condition=True)
        elif child.tag == v.COMPLEX_BEHAVIOR:
            complex_events += _read_complex(child, element_id, roots, sheet)
        elif child.tag == v.EXTENSION_ELEMENTS:
            for setting in child.iterchildren("*"):
                if setting.tag == zeebe("loopCharacteristics") and loop is None:
                    loop = Attributes(setting, sheet, element_id)
                    sheet.text_in(setting, element_id)
                else:
                    sheet.leave(setting, element_id)
        elif child.tag != v.DOCUMENTATION and not _read_items(child, element_id, roots.data):
            sheet.leave(child, element_id)
    found = MultiInstance(
        sequential=sequential,
        input_collection=loop.expression("inputCollection") if loop else None,
        input_element=loop.name("inputElement") if loop else None,
        output_collection=loop.name("outputCollection") if loop else None,
        output_element=loop.expression("outputElement") if loop else None,
        completion_condition=completion,
        cardinality=cardinality,
        behavior=behavior,
        none_event=none_event,
        one_event=one_event,
        complex_events=tuple(complex_events),
    )
    if loop:
        loop.close()
    return found


def _read_items(xml: etree._Element, element_id: str, data: Data) -> bool:
    """Read the standard's way to say over which items it goes."""
    if xml.tag not in _ITEMS or next(xml.iterdescendants(*v.NODE_KINDS, v.SEQUENCE_FLOW), None) is not None:
        return False
    said = data.loops.setdefault(element_id, LoopData())
    data.keep(xml, element_id)
    match v.local(str(xml.tag)):
        case "loopDataInputRef":
            said.collection = text_of(xml).rpartition(":")[2]
        case "loopDataOutputRef":
            said.results = text_of(xml).rpartition(":")[2]
        case "inputDataItem":
            said.item = str(xml.get("id", ""))
            data.items[said.item] = str(xml.get("name", ""))
        case _:
            said.result = str(xml.get("id", ""))
            data.items[said.result] = str(xml.get("name", ""))
    return True


def _referred(attributes: Attributes, name: str, roots: Roots, sheet: Sheet) -> EventDefinition | None:
    reference = attributes.reference(name)
    return (
        None
        if reference is None
        else find_event((name, reference), attributes.xml, roots, sheet, attributes.element_id)
    )


def _read_complex(
    xml: etree._Element, element_id: str, roots: Roots, sheet: Sheet
) -> Iterator[tuple[Expression, EventDefinition]]:
    """Read a bpmn:complexBehaviorDefinition: a condition, and the events thrown when it holds."""
    attributes = Attributes(xml, sheet, element_id)
    attributes.text("id")
    attributes.close()
    test = Expression("", is_feel=True)
    events: list[EventDefinition] = []
    for child in xml.iterchildren("*"):
        if child.tag == v.CONDITION:
            test = read_formal_expression(child, sheet, element_id, is_condition=True)
        elif child.tag == v.COMPLEX_BEHAVIOR_EVENT:
            events += _read_thrown(child, element_id, roots, sheet)
        elif child.tag != v.DOCUMENTATION:
            sheet.leave(child, element_id)
    return ((test, event) for event in events)


def _read_thrown(xml: etree._Element, element_id: str, roots: Roots, sheet: Sheet) -> Iterator[EventDefinition]:
    attributes = Attributes(xml, sheet, element_id)
    for name in ("id", "name"):
        attributes.text(name)
    attributes.close()
    for child in xml.iterchildren("*"):
        tag = str(child.tag)
        if tag in v.EVENT_DEFINITIONS:
            yield read_event(child, v.EVENT_DEFINITIONS[tag], roots, sheet, element_id)
        elif tag == v.EVENT_DEFINITION_REF:
            reference = sheet.text_in(child, element_id).rpartition(":")[2]
            found = find_event(("eventDefinitionRef", reference), child, roots, sheet, element_id)
            if found is not None:
                yield found
        elif tag != v.DOCUMENTATION:
            sheet.leave(child, element_id)
