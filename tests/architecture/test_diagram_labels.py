"""The shipped diagrams can be read: no label lies on a line, on another shape, or on another label."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from lxml import etree

from workflows.definitions import ORDER

FOLDER = Path(__file__).resolve().parents[2] / "workflows" / "definitions"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAY = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
FRAMES = {"participant", "lane", "subProcess"}
LETTER, LINE = 7.2, 16  # of a label's text in the viewer, pixels


class Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Box) -> bool:
        return (
            min(self.x + self.width, other.x + other.width) - max(self.x, other.x) > 1
            and min(self.y + self.height, other.y + other.height) - max(self.y, other.y) > 1
        )


class Drawing:
    """The boxes of a diagram file: what labels must stay clear of, and the labels."""

    def __init__(self, process_id: str) -> None:
        tree = etree.parse(FOLDER / f"{process_id}.bpmn")
        drawn = {str(node.get("id")): node for node in tree.iter(etree.Element) if node.get("id")}
        self._names = {key: node.get("name") or "" for key, node in drawn.items()}
        self.labels: dict[str, Box] = {}
        self.solid: dict[str, Box] = {}
        self.lines: list[tuple[str, Box]] = []
        for shape in tree.iter(f"{DI}BPMNShape"):
            key = str(shape.get("bpmnElement"))
            self._label(key, shape)
            if etree.QName(drawn[key]).localname in FRAMES:
                self.lines += [(key, side) for side in _sides(_bounds(shape))]
            else:
                self.solid[key] = _bounds(shape)
        for edge in tree.iter(f"{DI}BPMNEdge"):
            key = str(edge.get("bpmnElement"))
            self._label(key, edge)
            points = [(float(way.get("x")), float(way.get("y"))) for way in edge.iter(WAY)]
            self.lines += [(key, _stroke(*start, *end)) for start, end in pairwise(points)]

    def _label(self, key: str, node: etree._Element) -> None:
        """The text stands in the middle of the label's bounds, on one line."""
        label = node.find(f"{DI}BPMNLabel")
        if label is None or not self._names[key]:
            return
        bounds, width = _bounds(label), _width(self._names[key])
        self.labels[key] = Box(bounds.x + (bounds.width - width) / 2, bounds.y, width, LINE)

    def collisions(self) -> Iterator[str]:
        for key, label in self.labels.items():
            yield from (f"{key} on {other}" for other, box in self.solid.items() if label.meets(box))
            yield from (f"{key} on the line {other}" for other, box in self.lines if label.meets(box))
        for (key, label), (other, box) in combinations(self.labels.items(), 2):
            if label.meets(box):
                yield f"{key} on the label of {other}"


def _bounds(node: etree._Element) -> Box:
    found = node.find(f"{DC}Bounds")
    assert found is not None
    return Box(*(float(found.get(name)) for name in ("x", "y", "width", "height")))


def _sides(box: Box) -> list[Box]:
    right, bottom = box.x + box.width, box.y + box.height
    return [
        _stroke(box.x, box.y, right, box.y),
        _stroke(box.x, bottom, right, bottom),
        _stroke(box.x, box.y, box.x, bottom),
        _stroke(right, box.y, right, bottom),
    ]


def _stroke(x1: float, y1: float, x2: float, y2: float) -> Box:
    return Box(min(x1, x2) - 1, min(y1, y2) - 1, abs(x1 - x2) + 2, abs(y1 - y2) + 2)


def _width(text: str) -> float:
    return LETTER * sum(unicodedata.category(sign) != "Mn" for sign in text)


@pytest.mark.parametrize("process_id", ORDER)
def test_no_label_lies_on_anything(process_id: str) -> None:
    assert list(Drawing(process_id).collisions()) == []


def test_a_label_on_a_line_would_be_found() -> None:
    drawing = Drawing("consultation")
    key, label = next(iter(drawing.labels.items()))
    drawing.lines.append(("crossing", _stroke(label.x - 20, label.y + 8, label.x + 200, label.y + 8)))

    assert f"{key} on the line crossing" in drawing.collisions()
