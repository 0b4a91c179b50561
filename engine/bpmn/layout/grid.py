"""One scope laid out: layers from left to right, a row for each branch, bands for lanes, one thing in each cell.

Horizontal parts of a flow run along the middle of rows in which it has cells of its own, vertical parts in the gutters
between the layers, and flows that lead back in channels above the rows: so a flow never crosses a shape. The layers
are those of longest paths after Sugiyama, Tagawa and Toda (1981), without their exchange of neighbours: branches keep
the order of the file, so that a diagram changes little when its file does. All work is linear.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

Point = tuple[float, float]

EVENT: Final = 36.0  # width and height
_MARGIN: Final = 30.0
_GUTTER: Final = 50.0
_ROW_GAP: Final = 40.0
_TRACK: Final = 12.0  # between flows side by side
_MOST_TRACKS: Final = 12
_DUMMIES_PER_EDGE: Final = 4  # more cells for long flows than that on average, and long ones take a channel


@dataclass(frozen=True, slots=True)
class Box:
    """What takes a place: its size, its lane's number, and how many boundary events hang at its lower edge."""

    width: float
    height: float
    lane: int = 0
    hanging: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A flow between two boxes; `hangs_at` is the place of the boundary event that it leaves from."""

    id: str
    source: str
    target: str
    hangs_at: int | None = None


@dataclass(slots=True)
class Arrangement:
    """Where everything is, from the upper left corner of the scope."""

    corners: dict[str, Point] = field(default_factory=dict)
    routes: dict[str, list[Point]] = field(default_factory=dict)
    lanes: list[tuple[float, float]] = field(default_factory=list)  # top and height of each
    width: float = 0.0
    height: float = 0.0


def hanging_corner(box: Box, corner: Point, place: int) -> Point:
    """Return the upper left corner of a boundary event, by its place among those of its host."""
    step = box.width / (box.hanging + 1)
    return (corner[0] + step * (place + 1) - EVENT / 2, corner[1] + box.height - EVENT / 2)


def arrange(boxes: Mapping[str, Box], links: Sequence[Link], lanes: int = 1) -> Arrangement:
    """Lay out one scope."""
    return _Grid(boxes, links, max(1, lanes)).arranged()


@dataclass(slots=True)
class _Cell:
    layer: int
    lane: int
    row: int = 0


class _Grid:
    def __init__(self, boxes: Mapping[str, Box], links: Sequence[Link], lanes: int) -> None:
        self._boxes = boxes
        self._links = links
        self._lanes = lanes
        self._back = _leading_back(boxes, links)
        self._layer = _layers(boxes, [link for link in links if link.id not in self._back])
        self._cells = {name: _Cell(self._layer[name], box.lane) for name, box in boxes.items()}
        self._paths = self._make_paths()
        self._place_rows()

    def arranged(self) -> Arrangement:
        found = Arrangement()
        columns = self._columns()
        rows, found.lanes = self._row_tops()
        for name, box in self._boxes.items():
            cell = self._cells[name]
            left, width = columns.spans[cell.layer]
            top, height = rows[cell.lane][cell.row]
            found.corners[name] = (left + (width - box.width) / 2, top + (height - box.height) / 2)
        for link in self._links:
            found.routes[link.id] = self._route(link, found, columns, rows)
        found.width = columns.width
        last_top, last_height = found.lanes[-1]
        found.height = last_top + last_height
        return found

    def _make_paths(self) -> dict[str, list[_Cell]]:
        """Give long flows a cell in every layer that they pass, unless that would be far too many."""
        spans = {
            link.id: self._layer[link.target] - self._layer[link.source]
            for link in self._links
            if link.id not in self._back
        }
        bounded = sum(spans.values()) <= _DUMMIES_PER_EDGE * (len(self._links) + len(self._boxes))
        paths: dict[str, list[_Cell]] = {}
        for link in self._links:
            if link.id not in spans or (spans[link.id] > 1 and not bounded):
                continue
            source = self._cells[link.source]
            between = [_Cell(source.layer + step, source.lane) for step in range(1, spans[link.id])]
            paths[link.id] = [source, *between, self._cells[link.target]]
        return paths

    def _place_rows(self) -> None:
        """Keep the first branch in the row that it comes from, the others below it, in the order of the file."""
        before: dict[int, list[_Cell]] = {}
        below: set[int] = set()  # cells that a boundary event leads to
        layers: list[dict[int, _Cell]] = [{} for _ in range(max(self._layer.values(), default=0) + 1)]
        for cell in self._cells.values():
            layers[cell.layer][id(cell)] = cell
        for link in self._links:
            path = self._paths.get(link.id, [])
            for one, other in pairwise(path):
                before.setdefault(id(other), []).append(one)
                layers[other.layer][id(other)] = other
            if link.hangs_at is not None and path:
                below.add(id(path[1]))
        for layer in layers:
            wanted = {key: _wanted_row(cell, before.get(key, ()), key in below) for key, cell in layer.items()}
            free: dict[int, int] = {}
            for key in sorted(layer, key=wanted.__getitem__):
                cell = layer[key]
                cell.row = max(free.get(cell.lane, 0), int(wanted[key]))
                free[cell.lane] = cell.row + 1

    def _columns(self) -> _Columns:
        widths = [0.0] * (max(self._layer.values(), default=0) + 1)
        for name, box in self._boxes.items():
            layer = self._layer[name]
            widths[layer] = max(widths[layer], box.width)
        crossing = [0] * (len(widths) + 1)  # flows that turn in the gutter before each layer
        for link in self._links:
            path = self._paths.get(link.id)
            if path is None:
                crossing[self._layer[link.source] + 1] += 1
                crossing[self._layer[link.target]] += 1
                continue
            for cell in path[1:]:
                crossing[cell.layer] += 1
        return _Columns(widths, crossing)

    def _row_tops(self) -> tuple[list[dict[int, tuple[float, float]]], list[tuple[float, float]]]:
        """Return top and height of each row of each lane, and top and height of the lanes."""
        heights: list[dict[int, float]] = [{} for _ in range(self._lanes)]
        hanging: list[dict[int, int]] = [{} for _ in range(self._lanes)]
        for path in self._paths.values():
            for cell in path:
                heights[cell.lane].setdefault(cell.row, _TRACK)
        for name, box in self._boxes.items():
            cell = self._cells[name]
            heights[cell.lane][cell.row] = max(heights[cell.lane].get(cell.row, 0.0), box.height)
            hanging[cell.lane][cell.row] = max(hanging[cell.lane].get(cell.row, 0), box.hanging)
        channels = min(_MOST_TRACKS, len(self._links) - len(self._paths))
        top = _TRACK * channels
        rows: list[dict[int, tuple[float, float]]] = []
        lanes: list[tuple[float, float]] = []
        for lane in range(self._lanes):
            start = 0.0 if lane == 0 else top
            top += _MARGIN
            tops: dict[int, tuple[float, float]] = {}
            for row in range(max(heights[lane], default=-1) + 1):
                height = heights[lane].get(row, _TRACK)
                tops[row] = (top, height)
                hangs = hanging[lane].get(row, 0)
                top += height + _ROW_GAP + (EVENT / 2 + _TRACK * hangs if hangs else 0.0)
            top += _MARGIN - (_ROW_GAP if tops else -60.0)
            rows.append(tops)
            lanes.append((start, top - start))
        return rows, lanes

    def _route(
        self, link: Link, found: Arrangement, columns: _Columns, rows: Sequence[Mapping[int, tuple[float, float]]]
    ) -> list[Point]:
        source, target = self._boxes[link.source], self._boxes[link.target]
        corner, goal = found.corners[link.source], found.corners[link.target]
        points: list[Point]
        if link.hangs_at is None:
            height = corner[1] + source.height / 2
            points = [(corner[0] + source.width, height)]
        else:
            hanging = hanging_corner(source, corner, link.hangs_at)
            height = hanging[1] + EVENT + _TRACK * (link.hangs_at % _MOST_TRACKS + 1) / 2
            points = [(hanging[0] + EVENT / 2, hanging[1] + EVENT), (hanging[0] + EVENT / 2, height)]
        end = (goal[0], goal[1] + target.height / 2)
        path = self._paths.get(link.id)
        if path is None:
            channel = _TRACK * (columns.channel() % _MOST_TRACKS + 1)
            first, last = columns.turn(self._layer[link.source] + 1), columns.turn(self._layer[link.target])
            points += [(first, height), (first, channel), (last, channel), (last, end[1]), end]
            return _straightened(points)
        for cell in path[1:]:
            turn = columns.turn(cell.layer)
            top, size = rows[cell.lane][cell.row]
            points += [(turn, points[-1][1]), (turn, top + size / 2)]
        return _straightened([*points, end])


class _Columns:
    """Left edge and width of each layer, and tracks in the gutters before them."""

    def __init__(self, widths: Sequence[float], crossing: Sequence[int]) -> None:
        self.spans: list[tuple[float, float]] = []
        self._gutters: list[tuple[float, float]] = []
        self._crossing = [min(count, _MOST_TRACKS) for count in crossing]
        self._used = [0] * len(crossing)
        self._channels = 0
        left = 0.0
        for width, count in zip([*widths, 0.0], self._crossing, strict=True):
            gutter = (_GUTTER if self.spans else _MARGIN) + 4.0 * count
            self._gutters.append((left, gutter))
            left += gutter
            self.spans.append((left, width))
            left += width
        del self.spans[-1]
        last, gutter = self._gutters[-1]
        self.width = last + (gutter if self._crossing[-1] else _MARGIN)

    def turn(self, layer: int) -> float:
        """Return where the next flow turns in the gutter before a layer."""
        left, width = self._gutters[layer]
        count = max(1, self._crossing[layer])
        place = self._used[layer] % count
        self._used[layer] += 1
        return left + width * (place + 1) / (count + 1)

    def channel(self) -> int:
        """Return the number of the next flow that leads back."""
        self._channels += 1
        return self._channels - 1


def _wanted_row(cell: _Cell, before: Iterable[_Cell], is_below: bool) -> float:  # noqa: FBT001 - of this file only
    rows = [one.row for one in before if one.lane == cell.lane]
    return float(min(rows, default=0) + is_below)


def _straightened(points: Sequence[Point]) -> list[Point]:
    """Leave out points between which a line does not turn."""
    kept: list[Point] = []
    for point in points:
        if kept and point == kept[-1]:
            continue
        while len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept.pop()
        kept.append(point)
    return kept if len(kept) > 1 else [*kept, *kept]


def _leading_back(boxes: Mapping[str, Box], links: Sequence[Link]) -> set[str]:
    """Return the links that close a ring, found from where tokens come in; without recursion."""
    outgoing: dict[str, list[Link]] = {}
    with_incoming: set[str] = set()
    for link in links:
        outgoing.setdefault(link.source, []).append(link)
        with_incoming.add(link.target)
    back: set[str] = set()
    state: dict[str, int] = {}  # 1: on the way, 2: left
    for root in (*(name for name in boxes if name not in with_incoming), *boxes):
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(outgoing.get(root, ())))]
        while stack:
            name, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                state[name] = 2
                stack.pop()
            elif state.get(following.target) == 1:
                back.add(following.id)
            elif following.target not in state:
                state[following.target] = 1
                stack.append((following.target, iter(outgoing.get(following.target, ()))))
    return back


def _layers(boxes: Mapping[str, Box], links: Sequence[Link]) -> dict[str, int]:
    """Return the length of the longest path to each box."""
    waiting_for = dict.fromkeys(boxes, 0)
    outgoing: dict[str, list[str]] = {}
    for link in links:
        waiting_for[link.target] += 1
        outgoing.setdefault(link.source, []).append(link.target)
    layers = dict.fromkeys(boxes, 0)
    ready = [name for name, count in waiting_for.items() if count == 0]
    while ready:
        name = ready.pop()
        for target in outgoing.get(name, ()):
            layers[target] = max(layers[target], layers[name] + 1)
            waiting_for[target] -= 1
            if waiting_for[target] == 0:
                ready.append(target)
    return layers
