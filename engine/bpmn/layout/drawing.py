"""The whole picture: scopes from the innermost outwards, then pools and lanes around them, then what lies between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.bpmn.layout.grid import EVENT, Arrangement, Box, Link, Point, arrange, hanging_corner
from engine.bpmn.layout.scene import Artifact, Lane, Line, Scene
from engine.bpmn.model import Definitions, Element, ElementKind, Process
from engine.bpmn.vocabulary import CONTAINERS, EVENTS, GATEWAYS

_ORIGIN: Final[Point] = (160.0, 80.0)
_HEAD: Final = 30.0  # of a pool or lane, where its name stands
_POOL_GAP: Final = 60.0
_BLACK_BOX: Final = 60.0
_INSIDE: Final[Point] = (10.0, 30.0)  # from the corner of a sub-process to what is in it
_LEAST: Final = (140.0, 100.0)  # of an expanded sub-process
_NOTES: Final = 80.0  # height of the row of notes and data


@dataclass(frozen=True, slots=True)
class Shape:
    """A rectangle of the diagram."""

    x: float
    y: float
    width: float
    height: float
    kind: str = ""


@dataclass(slots=True)
class Drawing:
    """Shapes and edges by the id of what they show."""

    plane: str
    shapes: dict[str, Shape] = field(default_factory=dict)
    edges: dict[str, list[Point]] = field(default_factory=dict)


@dataclass(slots=True)
class _Laid:
    """A scope that has been arranged: without its place in the picture yet."""

    arrangement: Arrangement
    boxes: dict[str, Box]
    notes: dict[str, Shape]
    width: float
    height: float


def draw(definitions: Definitions, scene: Scene) -> Drawing:
    """Lay out everything in a file."""
    drawing = Drawing(scene.plane)
    laid = {process.id: _lay_out(process, scene) for process in definitions.processes}
    processes = {process.id: process for process in definitions.processes}
    shown = [(pool.id, pool.process) for pool in scene.pools]
    shown += [("", process_id) for process_id in processes if process_id not in {name for _, name in shown}]
    depths = {process_id: _depth(scene.lanes.get(process_id, ())) for process_id in processes}
    width = max(
        (laid[name][name].width + _HEAD * (depths[name] + bool(pool)) for pool, name in shown if name in laid),
        default=600.0,
    )
    top = _ORIGIN[1]
    for pool, name in shown:
        if name is None or name not in laid:
            drawing.shapes[pool] = Shape(_ORIGIN[0], top, width, _BLACK_BOX, "pool")
            top += _BLACK_BOX + _POOL_GAP
            continue
        head = _HEAD if pool else 0.0
        whole = laid[name][name]
        if pool:
            drawing.shapes[pool] = Shape(_ORIGIN[0], top, width, whole.height, "pool")
        lanes = scene.lanes.get(name, ())
        _draw_lanes(lanes, whole, Shape(_ORIGIN[0] + head, top, width - head, whole.height), drawing)
        _draw_scopes(processes[name], laid[name], (_ORIGIN[0] + head + _HEAD * depths[name], top), drawing)
        top += whole.height + _POOL_GAP
    _draw_lines(scene, drawing)
    return drawing


def _lay_out(process: Process, scene: Scene) -> dict[str, _Laid]:
    notes: dict[str, list[Artifact]] = {}
    for artifact in scene.artifacts:
        notes.setdefault(artifact.scope, []).append(artifact)
    flows: dict[str, list[Line]] = {}
    for flow in process.flows.values():
        flows.setdefault(process.elements[flow.source].scope, []).append(Line(flow.id, flow.source, flow.target))
    for line in scene.associations:  # such as from a boundary event to its compensation
        source = process.elements.get(line.source)
        if source is not None and line.target in process.elements:
            flows.setdefault(source.scope, []).append(line)
    lane_of, lanes = _numbered(scene.lanes.get(process.id, ()))
    laid: dict[str, _Laid] = {}
    for scope in reversed(tuple(process.children)):  # an inner scope is read after the one around it
        elements = [process.elements[element_id] for element_id in process.children[scope]]
        boxes = {
            element.id: Box(*_size(element, laid), lane_of.get(element.id, 0), len(element.boundary))
            for element in elements
            if element.attached_to is None
        }
        links = _links(flows.get(scope, ()), process, boxes)
        arrangement = arrange(boxes, links, lanes if scope == process.id else 1)
        laid[scope] = _with_notes(arrangement, boxes, notes.get(scope, ()), scene.associations)
    return laid


def _size(element: Element, laid: Mapping[str, _Laid]) -> tuple[float, float]:
    if element.kind in CONTAINERS:
        inner = laid[element.id]
        return max(_LEAST[0], inner.width + 2 * _INSIDE[0]), max(_LEAST[1], inner.height + _INSIDE[0] + _INSIDE[1])
    if element.kind in EVENTS:
        return EVENT, EVENT
    return (50.0, 50.0) if element.kind in GATEWAYS else (100.0, 80.0)


def _links(flows: Sequence[Line], process: Process, boxes: Mapping[str, Box]) -> list[Link]:
    links: list[Link] = []
    for flow in flows:
        source = process.elements[flow.source]
        hangs_at: int | None = None
        name = flow.source
        if source.attached_to is not None:
            name = source.attached_to
            hangs_at = process.elements[name].boundary.index(source.id)
        if name in boxes and flow.target in boxes:
            links.append(Link(flow.id, name, flow.target, hangs_at))
    return links


def _with_notes(
    arrangement: Arrangement, boxes: dict[str, Box], artifacts: Sequence[Artifact], associations: Sequence[Line]
) -> _Laid:
    """Put notes and data into a row below, each as near under what it belongs to as there is room."""
    partner = {line.source: line.target for line in associations} | {line.target: line.source for line in associations}
    wanted = {
        artifact: arrangement.corners.get(partner.get(artifact.id, ""), (0.0, 0.0))[0] + 20.0 for artifact in artifacts
    }
    notes: dict[str, Shape] = {}
    left = 0.0
    for artifact in sorted(wanted, key=wanted.__getitem__):
        left = max(left, wanted[artifact])
        notes[artifact.id] = Shape(left, arrangement.height, artifact.width, artifact.height)
        left += artifact.width + 40.0
    height = arrangement.height + (_NOTES if notes else 0.0)
    return _Laid(arrangement, boxes, notes, max(arrangement.width, left), height)


def _numbered(lanes: Sequence[Lane]) -> tuple[dict[str, int], int]:
    """Number the innermost lanes from the top; an element lies in the last that names it."""
    found: dict[str, int] = {}
    count = 0
    for lane in _innermost(lanes):
        found.update(dict.fromkeys(lane.elements, count))
        count += 1
    return found, max(1, count)


def _innermost(lanes: Sequence[Lane]) -> Iterator[Lane]:
    for lane in lanes:
        if lane.inner:
            yield from _innermost(lane.inner)
        else:
            yield lane


def _depth(lanes: Sequence[Lane]) -> int:
    return 1 + max(_depth(lane.inner) for lane in lanes) if lanes else 0


def _draw_lanes(lanes: Sequence[Lane], whole: _Laid, around: Shape, drawing: Drawing) -> None:
    bands = iter(whole.arrangement.lanes)
    last = sum(1 for _ in _innermost(lanes)) - 1

    def put(lane: Lane, indent: float, number: int) -> tuple[float, float, int]:
        top = bottom = 0.0
        if lane.inner:
            for place, inner in enumerate(lane.inner):
                first, low, number = put(inner, indent + _HEAD, number)
                top = first if place == 0 else top
                bottom = low
        else:
            band_top, height = next(bands)
            top, bottom = band_top, band_top + height
            if number == last:
                bottom = around.height
            number += 1
        drawing.shapes[lane.id] = Shape(around.x + indent, around.y + top, around.width - indent, bottom - top, "lane")
        return top, bottom, number

    number = 0
    for lane in lanes:
        _, _, number = put(lane, 0.0, number)


def _draw_scopes(process: Process, laid: Mapping[str, _Laid], origin: Point, drawing: Drawing) -> None:
    corners = {process.id: origin}
    for scope, ids in process.children.items():  # an outer scope comes before those in it
        left, top = corners[scope]
        found = laid[scope]
        for name, (x, y) in found.arrangement.corners.items():
            box, element = found.boxes[name], process.elements[name]
            kind = "expanded" if element.kind in CONTAINERS else ""
            kind = "decision" if element.kind is ElementKind.EXCLUSIVE_GATEWAY else kind
            drawing.shapes[name] = Shape(left + x, top + y, box.width, box.height, kind)
            corners[name] = (left + x + _INSIDE[0], top + y + _INSIDE[1])
            for place, boundary in enumerate(element.boundary):
                x_hanging, y_hanging = hanging_corner(box, (left + x, top + y), place)
                drawing.shapes[boundary] = Shape(x_hanging, y_hanging, EVENT, EVENT)
        for name, note in found.notes.items():
            drawing.shapes[name] = Shape(left + note.x, top + note.y, note.width, note.height)
        for name, points in found.arrangement.routes.items():
            drawing.edges[name] = [(left + x, top + y) for x, y in points]
        del ids


def _draw_lines(scene: Scene, drawing: Drawing) -> None:
    for line in scene.associations:
        ends = drawing.shapes.get(line.source), drawing.shapes.get(line.target)
        if line.id not in drawing.edges and ends[0] is not None and ends[1] is not None:
            drawing.edges[line.id] = _straight(ends[0], ends[1])
    for line in scene.messages:
        ends = drawing.shapes.get(line.source), drawing.shapes.get(line.target)
        if ends[0] is not None and ends[1] is not None:
            drawing.edges[line.id] = _between_pools(ends[0], ends[1], drawing)


def _straight(one: Shape, other: Shape) -> list[Point]:
    down = one.y < other.y
    start = (one.x + one.width / 2, one.y + one.height if down else one.y)
    return [start, (other.x + other.width / 2, other.y if down else other.y + other.height)]


def _between_pools(one: Shape, other: Shape, drawing: Drawing) -> list[Point]:
    """Leave a shape up or down, cross over beside the pool that is reached, and go on straight."""
    start, end = _straight(one, other)
    if one.kind == "pool" and other.kind != "pool":
        return [(end[0], start[1]), end]
    if other.kind == "pool" or start[0] == end[0]:
        return [start, (start[0], end[1])]
    down = start[1] < end[1]
    borders = [shape.y if down else shape.y + shape.height for shape in drawing.shapes.values() if shape.kind == "pool"]
    between = [border for border in borders if min(start[1], end[1]) < border < max(start[1], end[1])]
    turn = (
        (max(between) - _POOL_GAP / 2 if down else min(between) + _POOL_GAP / 2) if between else (start[1] + end[1]) / 2
    )
    return [start, (start[0], turn), (end[0], turn), end]
