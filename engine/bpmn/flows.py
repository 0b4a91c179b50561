"""The sequence flows of one process: read, named where they have no id, and joined to their nodes."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.bpmn import rules
from engine.bpmn import vocabulary as v
from engine.bpmn.model import Expression, SequenceFlow
from engine.bpmn.nodes import Node
from engine.bpmn.roots import read_formal_expression
from engine.bpmn.settings import Settings, read_extensions, read_own_attributes
from engine.bpmn.sheet import Attributes, Sheet


class Flows:
    """Reads flows; a flow is in `read` only when both its ends exist, so that nobody meets a dangling one."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._noted: list[tuple[etree._Element, str]] = []
        self._next_number: dict[str, int] = {}
        self.read: dict[str, SequenceFlow] = {}
        self.incoming: dict[str, list[str]] = {}
        self.outgoing: dict[str, list[str]] = {}

    def note(self, xml: etree._Element, scope: str) -> None:
        """Keep a flow for the pass over the flows."""
        self._noted.append((xml, scope))

    def connect(self, nodes: Mapping[str, Node]) -> None:
        """Read all noted flows in document order."""
        taken = {xml.get("id") for xml, _ in self._noted} | set(nodes)
        for xml, scope in self._noted:
            flow = self._read(xml, scope, nodes, taken)
            if flow is None or flow.id in self.read:
                continue
            self.read[flow.id] = flow
            self.outgoing.setdefault(flow.source, []).append(flow.id)
            self.incoming.setdefault(flow.target, []).append(flow.id)

    def compare(self, node: Node, sheet: Sheet) -> None:
        """Report where a node's own list of flows contradicts the flows."""
        element = node.element
        for direction, listed in (("incoming", node.incoming), ("outgoing", node.outgoing)):
            for reference in listed:
                flow = self.read.get(reference)
                if flow is None:
                    facts = {"attribute": direction, "reference": reference}
                    rule = rules.DANGLING_REFERENCE
                elif element.id == (flow.target if direction == "incoming" else flow.source):
                    continue
                else:
                    facts = {"flow": flow.id, "direction": direction, "source": flow.source, "target": flow.target}
                    rule = rules.FLOW_MISMATCH
                sheet.problems.append(rule.problem(element_id=element.id, file=sheet.file, line=element.line, **facts))

    def _read(
        self, xml: etree._Element, scope: str, nodes: Mapping[str, Node], taken: set[str | None]
    ) -> SequenceFlow | None:
        attributes = Attributes(xml, self._sheet)
        source = (attributes.text("sourceRef") or "").strip()
        target = (attributes.text("targetRef") or "").strip()
        flow_id = attributes.name("id") or self._made_id(source, target, taken)
        attributes.element_id = flow_id
        name = attributes.name("name")
        settings = Settings()
        read_own_attributes(attributes, settings.properties)
        attributes.close()
        condition: Expression | None = None
        for child in xml.iterchildren("*"):
            if child.tag == v.CONDITION_EXPRESSION:
                condition = read_formal_expression(child, self._sheet, flow_id, is_condition=True)
            elif child.tag == v.EXTENSION_ELEMENTS:
                read_extensions(child, settings, None, flow_id, self._sheet)
            elif child.tag != v.DOCUMENTATION:
                self._sheet.leave(child, flow_id)
        for attribute, reference in (("sourceRef", source), ("targetRef", target)):
            if reference not in nodes:
                facts = {"attribute": attribute, "reference": reference}
                self._sheet.report(rules.DANGLING_REFERENCE, xml, flow_id, **facts)
        if source not in nodes or target not in nodes:
            return None
        return SequenceFlow(
            flow_id, source, target, condition, name, scope=scope, properties=settings.properties, line=xml.sourceline
        )

    def _made_id(self, source: str, target: str, taken: set[str | None]) -> str:
        """Name a flow by its ends, not by its place in the file: the name stands in saved state."""
        stem = f"flow_{source}_{target}"
        number = self._next_number.get(stem, 1)
        made = stem if number == 1 else f"{stem}_{number}"
        while made in taken:
            number += 1
            made = f"{stem}_{number}"
        self._next_number[stem] = number + 1
        taken.add(made)
        return made
