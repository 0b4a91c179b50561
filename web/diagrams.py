"""A diagram for people: its steps in words and reading order, and where a run stands on it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from web.composition import Reading

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
OWN = "{https://saanphaen.org/schema/1.0}"
STEPS = ("userTask", "manualTask", "serviceTask", "scriptTask", "sendTask", "receiveTask", "callActivity", "subProcess")
WAITS = ("intermediateCatchEvent", "eventBasedGateway")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a process, in words."""

    element_id: str
    name: str
    kind: str
    lane: str = ""
    documentation: str = ""
    legal_basis: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands: the marks of its tokens, the elements with one, and those that it has passed."""

    marks: list[dict[str, object]]
    here: frozenset[str]
    done: list[str]


def standing_of(read: Reading, instance_id: str, *, late: Collection[str] = (), first: str | None = None) -> Standing:
    """Return where a run stands; `late` elements are marked so, also where a stuck run has no token any more.

    The diagram opens at the first mark: at `first`, else where somebody has work, not at what only listens.
    """
    tokens = read.instances.tokens(instance_id)
    counts: dict[str, int] = {}
    for token in sorted(tokens, key=lambda token: (token.element_id != first, token.kind != "user_task")):
        counts[token.element_id] = counts.get(token.element_id, 0) + 1
    here = frozenset(counts)
    counts |= dict.fromkeys(sorted(set(late) - here), 1)
    marks: list[dict[str, object]] = [
        {"element": element, "count": count, "late": element in late} for element, count in counts.items()
    ]
    return Standing(marks, here, sorted(read.history.entered(instance_id) - here))


@lru_cache(maxsize=64)
def steps_of(xml: bytes, process_id: str) -> tuple[Step, ...]:
    """Return the steps of a process from left to right; the bytes are immutable, so the answer is kept."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(xml, parser)
    process = next((found for found in root.iter(f"{BPMN}process") if found.get("id") == process_id), None)
    if process is None:
        return ()
    lanes = {
        (reference.text or "").strip(): lane.get("name", "")
        for lane in process.iter(f"{BPMN}lane")
        for reference in lane.iter(f"{BPMN}flowNodeRef")
    }
    places = {shape.get("bpmnElement", ""): _place(shape) for shape in root.iter(f"{DI}BPMNShape")}
    found = [_step(element, lanes) for element in _elements(process)]
    return tuple(sorted(found, key=lambda step: places.get(step.element_id, (0.0, 0.0))))


def step_of(xml: bytes, process_id: str, element_id: str) -> Step | None:
    """Return one step, None when the diagram has none with this id."""
    return next((step for step in steps_of(xml, process_id) if step.element_id == element_id), None)


def _elements(process: etree._Element) -> Iterator[etree._Element]:
    steps, waits = ({f"{BPMN}{name}" for name in names} for names in (STEPS, WAITS))
    for element in process.iter():
        if element.get("id") and (element.tag in steps or (element.tag in waits and element.get("name"))):
            yield element


def _step(element: etree._Element, lanes: dict[str, str]) -> Step:
    identifier = element.get("id", "")
    documentation = element.findtext(f"{BPMN}documentation") or ""
    return Step(
        element_id=identifier,
        name=element.get("name") or identifier,
        kind=etree.QName(element).localname,
        lane=lanes.get(identifier, ""),
        documentation=documentation.strip(),
        legal_basis=element.get(f"{OWN}legalBasis", ""),
    )


def _place(shape: etree._Element) -> tuple[float, float]:
    bounds = shape.find(BOUNDS)
    return (0.0, 0.0) if bounds is None else (float(bounds.get("x", 0)), float(bounds.get("y", 0)))
