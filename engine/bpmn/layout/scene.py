"""What a file would have drawn: flow nodes, lanes, pools, notes and data, with what connects them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from engine.bpmn import vocabulary as v
from engine.bpmn.model import Definitions
from engine.bpmn.sheet import text_of
from engine.bpmn.vocabulary import bpmn, local

_ARTIFACTS: Final = {
    bpmn("textAnnotation"): (120.0, 50.0),
    bpmn("dataObjectReference"): (36.0, 50.0),
    bpmn("dataStoreReference"): (50.0, 50.0),
}
_DATA_ASSOCIATIONS: Final = frozenset({bpmn("dataInputAssociation"), bpmn("dataOutputAssociation")})


@dataclass(frozen=True, slots=True)
class Artifact:
    """A note or a piece of data in a scope."""

    id: str
    scope: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """Something drawn between two shapes that is no sequence flow."""

    id: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane with the lanes in it; only the innermost hold elements."""

    id: str
    inner: tuple[Lane, ...]
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """A participant, with the process in it unless it is a black box."""

    id: str
    process: str | None


@dataclass(slots=True)
class Scene:
    """Everything beside the flow nodes and flows of the model."""

    plane: str  # what the diagram shows: a collaboration, else the first process
    pools: list[Pool] = field(default_factory=list)
    lanes: dict[str, list[Lane]] = field(default_factory=dict)  # by process
    artifacts: list[Artifact] = field(default_factory=list)
    associations: list[Line] = field(default_factory=list)
    messages: list[Line] = field(default_factory=list)


def read_scene(root: etree._Element, definitions: Definitions) -> Scene:
    """Collect what is to be drawn of a file that has been read."""
    collaboration = root.find(v.COLLABORATION)
    first = definitions.processes[0].id if definitions.processes else ""
    scene = Scene(str(collaboration.get("id") or first) if collaboration is not None else first)
    if collaboration is not None:
        for xml in collaboration.iterchildren("*"):
            xml_id = xml.get("id")
            if xml.tag == bpmn("participant") and xml_id:
                process = (xml.get("processRef") or "").rpartition(":")[2]
                scene.pools.append(Pool(xml_id, process or None))
            elif xml.tag == bpmn("messageFlow") and xml_id:
                scene.messages.append(_line(xml, xml_id))
    for process_xml in root.iterchildren(v.PROCESS):
        lanes = [lane for lane_set in process_xml.iterchildren(v.LANE_SET) for lane in _lanes(lane_set)]
        scene.lanes[str(process_xml.get("id") or "")] = lanes
        for xml in process_xml.iter(*_ARTIFACTS, bpmn("association"), *_DATA_ASSOCIATIONS):
            _note(xml, scene)
    return scene


def _lanes(lane_set: etree._Element) -> Iterator[Lane]:
    for xml in lane_set.iterchildren(v.LANE):
        if not xml.get("id"):
            continue
        inner = tuple(lane for child in xml.iterchildren(v.CHILD_LANE_SET) for lane in _lanes(child))
        elements = tuple(text_of(each) for each in xml.iterchildren(v.FLOW_NODE_REF))
        yield Lane(str(xml.get("id")), inner, elements)


def _note(xml: etree._Element, scene: Scene) -> None:
    xml_id, parent = xml.get("id"), xml.getparent()
    if not xml_id or parent is None:
        return
    if xml.tag in _ARTIFACTS:
        scene.artifacts.append(Artifact(xml_id, str(parent.get("id") or ""), *_ARTIFACTS[str(xml.tag)]))
    elif xml.tag in _DATA_ASSOCIATIONS:
        end = xml.find(bpmn("sourceRef" if local(str(xml.tag)) == "dataInputAssociation" else "targetRef"))
        data, activity = (text_of(end) if end is not None else ""), str(parent.get("id") or "")
        ends = (data, activity) if local(str(xml.tag)) == "dataInputAssociation" else (activity, data)
        scene.associations.append(Line(xml_id, *ends))
    else:
        scene.associations.append(_line(xml, xml_id))


def _line(xml: etree._Element, xml_id: str) -> Line:
    ends = (str(xml.get(name) or "").rpartition(":")[2] for name in ("sourceRef", "targetRef"))
    return Line(xml_id, *ends)
