"""Data of a diagram: objects, properties, inputs and outputs are variables, and associations are mappings between them.

A data object that nobody has given a value is null: nothing waits for data to become available.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lxml import etree

from engine.bpmn import vocabulary as v
from engine.bpmn.data_items import Association, Data, LoopData
from engine.bpmn.model import Element, Expression, Mapping_, MultiInstance
from engine.bpmn.roots import read_formal_expression
from engine.bpmn.sheet import Sheet, text_of
from engine.bpmn.vocabulary import bpmn

_INPUT, _OUTPUT = bpmn("dataInputAssociation"), bpmn("dataOutputAssociation")
_SPECIFICATION, _PROPERTY, _OBJECT = bpmn("ioSpecification"), bpmn("property"), bpmn("dataObject")
_REFERENCE, _STORE = bpmn("dataObjectReference"), bpmn("dataStoreReference")
_ITEMS = frozenset({_PROPERTY, _OBJECT, bpmn("dataInput"), bpmn("dataOutput")})
_SETS = frozenset({bpmn("inputSet"), bpmn("outputSet")})
_ALL = _ITEMS | _SETS | {_INPUT, _OUTPUT, _SPECIFICATION, _REFERENCE, _STORE}
_STREAMED = frozenset({bpmn("whileExecutingInputRefs"), bpmn("whileExecutingOutputRefs")})


def read_data(xml: etree._Element, owner: str, data: Data, sheet: Sheet) -> bool:
    """Read a child of a process, sub-process, activity or event that is about data; False when it is none.

    What hides a flow node, which a token would meet, is none either.
    """
    if xml.tag not in _ALL or next(xml.iterdescendants(*v.NODE_KINDS, v.SEQUENCE_FLOW), None) is not None:
        return False
    data.keep(xml, owner)
    _read_item(xml, owner, data, sheet)
    return True


def _read_item(xml: etree._Element, owner: str, data: Data, sheet: Sheet) -> None:
    """Read one, or all in a specification; a data store has no variable: an association with it is left unread."""
    tag = str(xml.tag)
    if tag in _ITEMS:
        item_id = str(xml.get("id", ""))
        data.items[item_id] = str(xml.get("name", ""))
        if tag == _OBJECT:
            data.object_scopes[item_id] = owner
    elif tag == _REFERENCE:
        object_id = str(xml.get("dataObjectRef", ""))
        data.references[str(xml.get("id", ""))] = object_id
        data.reference_names.setdefault(object_id, str(xml.get("name", "")))
    elif tag in (_INPUT, _OUTPUT):
        data.associations.setdefault(owner, []).append(_read_association(xml, owner, sheet))
    elif tag == _SPECIFICATION or tag in _SETS:
        for child in xml.iterchildren("*"):
            if child.tag in _STREAMED:
                sheet.leave(child, owner)
            else:
                _read_item(child, owner, data, sheet)


def apply_data(element: Element, data: Data, sheet: Sheet) -> Element:
    """Return an element with its associations as mappings, and its repetition over items as over variables."""
    associations = list(data.associations.get(element.id, ()))
    repeated = element.multi_instance
    if repeated is not None and element.id in data.loops:
        repeated, associations = _repeat(repeated, data.loops[element.id], associations, data)
    inputs: list[Mapping_] = []
    outputs: list[Mapping_] = []
    for association in associations:
        moved = _moves(association, data)
        if moved is None:
            sheet.leave(association.xml, element.id)
        else:
            (inputs if association.is_input else outputs).extend(moved)
    call = element.call
    if call is not None and inputs and call.is_standard:
        call = replace(call, propagate_all_parent_variables=False)
    return replace(
        element,
        inputs=(*element.inputs, *inputs),
        outputs=(*element.outputs, *outputs),
        multi_instance=repeated,
        call=call,
        data=tuple(data.written.get(element.id, ())),
    )


def objects_of(scopes: Mapping[str, object], data: Data) -> dict[str, list[str]]:
    """Return the variables of data objects that take part in an association, by the sub-process they stand in."""
    used = {item for found in data.associations.values() for one in found for item in (*one.sources, one.target)}
    found: dict[str, list[str]] = {}
    for item in sorted(used):
        object_id = data.references.get(item, item)
        scope = data.object_scopes.get(object_id)
        if scope in scopes:
            found.setdefault(str(scope), []).append(data.variable(object_id) or "")
    return found


def _read_association(xml: etree._Element, owner: str, sheet: Sheet) -> Association:
    found = Association(xml, xml.tag == _INPUT)
    for child in xml.iterchildren("*"):
        tag = v.local(str(child.tag))
        if tag == "sourceRef":
            found.sources.append(text_of(child).rpartition(":")[2])
        elif tag == "targetRef":
            found.target = text_of(child).rpartition(":")[2]
        elif tag == "transformation":
            found.transformation = read_formal_expression(child, sheet, owner, is_condition=True)
        elif tag == "assignment":
            ends = {v.local(str(end.tag)): end for end in child.iterchildren("*")}
            if "from" in ends and "to" in ends:
                source = read_formal_expression(ends["from"], sheet, owner, is_condition=True)
                found.assignments.append((source, text_of(ends["to"]).removeprefix("=").strip()))
            else:
                sheet.leave(child, owner)
        elif child.tag != v.DOCUMENTATION:
            sheet.leave(child, owner)
    return found


def _moves(association: Association, data: Data) -> list[Mapping_] | None:
    """Return what an association moves: nothing, where it is only drawn; None where the engine cannot move it."""
    if association.assignments:
        return [Mapping_(source, data.variable(to) or to) for source, to in association.assignments]
    if data.is_placeholder(association.target) or not (association.sources or association.transformation):
        return []
    target = data.variable(association.target)
    if target is None or any(data.variable(source) is None for source in association.sources):
        return None
    if association.transformation is not None:
        return [Mapping_(association.transformation, target)]
    if len(association.sources) > 1:
        return None
    return [Mapping_(_read(association.sources[0], data), target)]


def _read(item_id: str, data: Data) -> Expression:
    return Expression(data.variable(item_id) or "", is_feel=True)


def _repeat(
    repeated: MultiInstance, said: LoopData, associations: list[Association], data: Data
) -> tuple[MultiInstance, list[Association]]:
    """Go over what the collection is filled from, and collect into what it is read from: once, not for each item."""
    filled = [one for one in associations if one.is_input and said.collection and one.target == said.collection]
    emptied = [one for one in associations if not one.is_input and said.results and said.results in one.sources]
    source = next(_sources(filled, data), None) or (_read(said.collection, data) if said.collection else None)
    target = emptied[0].target if emptied else said.results
    found = replace(
        repeated,
        input_collection=repeated.input_collection or source,
        input_element=repeated.input_element or (data.variable(said.item) if said.item else None),
        output_collection=repeated.output_collection or (data.variable(target) if target else None),
        output_element=repeated.output_element or (_read(said.result, data) if said.result else None),
    )
    return found, [one for one in associations if one not in filled and one not in emptied]


def _sources(associations: list[Association], data: Data) -> Iterator[Expression]:
    for association in associations:
        for mapping in _moves(association, data) or ():
            yield mapping.source
