"""How often an activity runs: the loop marker and multi-instance."""

from __future__ import annotations

from lxml import etree

from engine.bpmn import vocabulary as v
from engine.bpmn.model import Expression, MultiInstance, StandardLoop
from engine.bpmn.roots import read_formal_expression
from engine.bpmn.sheet import Attributes, Sheet
from engine.bpmn.vocabulary import zeebe


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


def read_multi_instance(xml: etree._Element, element_id: str, sheet: Sheet) -> MultiInstance:
    """Read a bpmn:multiInstanceLoopCharacteristics with its zeebe:loopCharacteristics."""
    attributes = Attributes(xml, sheet, element_id)
    attributes.text("id")
    sequential = attributes.flag("isSequential", default=False)
    attributes.close()
    cardinality: Expression | None = None
    completion: Expression | None = None
    loop: Attributes | None = None
    for child in xml.iterchildren("*"):
        if child.tag == v.LOOP_CARDINALITY:
            cardinality = read_formal_expression(child, sheet, element_id)
        elif child.tag == v.COMPLETION_CONDITION:
            completion = read_formal_expression(child, sheet, element_id, is_condition=True)
        elif child.tag == v.EXTENSION_ELEMENTS:
            for setting in child.iterchildren("*"):
                if setting.tag == zeebe("loopCharacteristics") and loop is None:
                    loop = Attributes(setting, sheet, element_id)
                else:
                    sheet.leave(setting, element_id)
        elif child.tag != v.DOCUMENTATION:
            sheet.leave(child, element_id)
    found = MultiInstance(
        sequential=sequential,
        input_collection=loop.expression("inputCollection") if loop else None,
        input_element=loop.name("inputElement") if loop else None,
        output_collection=loop.name("outputCollection") if loop else None,
        output_element=loop.expression("outputElement") if loop else None,
        completion_condition=completion,
        cardinality=cardinality,
    )
    if loop:
        loop.close()
    return found
