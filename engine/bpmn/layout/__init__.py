"""Files without diagram interchange get a layout, so that people see them: added at the end, nothing else changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import quoteattr

from lxml import etree

from engine.bpmn.hardened_xml import decoded, parse
from engine.bpmn.layout.drawing import Drawing, draw
from engine.bpmn.layout.scene import read_scene
from engine.bpmn.limits import Limits
from engine.bpmn.model import Definitions
from engine.bpmn.reader import read
from engine.bpmn.vocabulary import BPMNDI, DIAGRAM, SEQUENCE_FLOW

_SPACES: Final = (
    f'xmlns:bpmndi="{BPMNDI}" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
)
_ENCODING: Final = re.compile(r"""(<\?xml\b[^>]*?\bencoding\s*=\s*["'])[^"']*""")
_CLOSING: Final = re.compile(r"</[^<>]*>(?:\s|<!--.*?-->|<\?.*?\?>)*\Z", re.DOTALL)
_DEFAULT_LIMITS: Final = Limits()


def with_layout(data: bytes, file: str = "", limits: Limits = _DEFAULT_LIMITS) -> bytes:
    """Return a BPMN file with a diagram; one that has shapes already, or nothing to show, comes back unchanged.

    Raises:
        UnreadableXml: The bytes are no BPMN 2.0 XML, are hostile, or are beyond the limits.
    """
    if b"BPMNShape" in data:
        return data
    definitions = read(data, file, limits)
    root = parse(data, file, limits)
    if root.find(f".//{{{BPMNDI}}}BPMNShape") is not None:  # in UTF-16
        return data
    drawing = draw(definitions, read_scene(root, definitions))
    if not drawing.plane or not drawing.shapes:
        return data
    text = _text(data, file, root, definitions)
    place = _CLOSING.search(text)
    if place is None:
        return data
    diagram = "\n".join(_written(drawing))
    return f"{text[: place.start()]}{diagram}\n{text[place.start() :]}".encode()


def _text(data: bytes, file: str, root: etree._Element, definitions: Definitions) -> str:
    """Return the file as text; written anew where flows have no id yet, or an empty diagram stands in the way."""
    nameless = [xml for xml in root.iter(SEQUENCE_FLOW) if not xml.get("id")]
    empty = list(root.iterchildren(DIAGRAM))
    if not nameless and not empty:
        return _ENCODING.sub(r"\g<1>UTF-8", decoded(data, file), count=1)
    for xml in empty:
        root.remove(xml)
    named = {xml.get("id") for xml in root.iter(SEQUENCE_FLOW)}
    made: dict[tuple[str, str], list[str]] = {}
    for process in definitions.processes:
        for flow in process.flows.values():
            if flow.id not in named:
                made.setdefault((flow.source, flow.target), []).append(flow.id)
    for xml in nameless:
        ids = made.get((str(xml.get("sourceRef")).strip(), str(xml.get("targetRef")).strip()))
        if ids:
            xml.set("id", ids.pop(0))
    return etree.tostring(root, encoding="utf-8", xml_declaration=True).decode()


def _written(drawing: Drawing) -> Iterator[str]:
    yield f'  <bpmndi:BPMNDiagram {_SPACES} id="BPMNDiagram_1">'
    yield f'    <bpmndi:BPMNPlane id="BPMNPlane_1" bpmnElement={quoteattr(drawing.plane)}>'
    for name, shape in drawing.shapes.items():
        more = {"expanded": ' isExpanded="true"', "decision": ' isMarkerVisible="true"'}.get(shape.kind, "")
        more = ' isHorizontal="true"' if shape.kind in ("pool", "lane") else more
        yield f"      <bpmndi:BPMNShape id={quoteattr(f'{name}_di')} bpmnElement={quoteattr(name)}{more}>"
        yield f'        <dc:Bounds x="{shape.x:g}" y="{shape.y:g}" width="{shape.width:g}" height="{shape.height:g}" />'
        yield "      </bpmndi:BPMNShape>"
    for name, points in drawing.edges.items():
        yield f"      <bpmndi:BPMNEdge id={quoteattr(f'{name}_di')} bpmnElement={quoteattr(name)}>"
        for x, y in points:
            yield f'        <di:waypoint x="{x:.8g}" y="{y:.8g}" />'
        yield "      </bpmndi:BPMNEdge>"
    yield "    </bpmndi:BPMNPlane>"
    yield "  </bpmndi:BPMNDiagram>"
