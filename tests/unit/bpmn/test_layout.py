"""A layout shows everything once, nothing on top of another, boundary events at their hosts, and flows around shapes."""

from __future__ import annotations

from functools import partial
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.layout import with_layout
from engine.bpmn.reader import read
from engine.validation import validate
from tests.support.bpmn_xml import bpmn_file, flow, line

DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
HERE = Path(__file__).resolve().parents[3]
SHIPPED = sorted((HERE / "workflows" / "definitions").glob("*.bpmn"))
MODELS = sorted((HERE.parent / "shared" / "conformance" / "miwg").glob("*.bpmn"))

Rectangle = tuple[float, float, float, float]


def drawn(data: bytes) -> tuple[dict[str, Rectangle], dict[str, list[tuple[float, float]]]]:
    root = etree.fromstring(with_layout(data))
    shapes = {}
    for shape in root.iter(f"{DI}BPMNShape"):
        bounds = shape.find(f"{DC}Bounds")
        assert shape.get("bpmnElement") not in shapes
        shapes[shape.get("bpmnElement")] = tuple(float(bounds.get(n)) for n in ("x", "y", "width", "height"))
    edges = {
        edge.get("bpmnElement"): [(float(p.get("x")), float(p.get("y"))) for p in edge.iter(WAYPOINT)]
        for edge in root.iter(f"{DI}BPMNEdge")
    }
    return shapes, edges


def undrawn(path: Path) -> bytes:
    root = etree.fromstring(path.read_bytes())
    for diagram in root.findall(f"{DI}BPMNDiagram"):
        root.remove(diagram)
    return etree.tostring(root)


def overlaps(one: Rectangle, other: Rectangle) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def runs_through(start: tuple[float, float], end: tuple[float, float], box: Rectangle) -> bool:
    line_box = (
        min(start[0], end[0]),
        min(start[1], end[1]),
        abs(start[0] - end[0]) or 0.001,
        abs(start[1] - end[1]) or 0.001,
    )
    return overlaps(line_box, (box[0] + 0.5, box[1] + 0.5, box[2] - 1, box[3] - 1))


def is_inside(inner: Rectangle, outer: Rectangle) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and inner[0] + inner[2] <= outer[0] + outer[2]
        and inner[1] + inner[3] <= outer[1] + outer[3]
    )


def check(data: bytes) -> None:
    shapes, edges = drawn(data)
    for process in read(data, "a.bpmn").processes:
        assert set(process.elements) <= set(shapes)
        for ids in process.children.values():
            boxes = [name for name in ids if process.elements[name].attached_to is None]
            for one, other in combinations(boxes, 2):
                assert not overlaps(shapes[one], shapes[other]), (one, other)
        for element in process.elements.values():
            if element.attached_to is not None:
                x, y, width, height = shapes[element.id]
                host = shapes[element.attached_to]
                assert y + height / 2 == host[1] + host[3]
                assert host[0] <= x + width / 2 <= host[0] + host[2]
            if element.scope in process.elements:
                assert is_inside(shapes[element.id], shapes[element.scope])
        for sequence_flow in process.flows.values():
            source = process.elements[sequence_flow.source]
            own = {source.id, source.attached_to, sequence_flow.target}
            for start, end in pairwise(edges[sequence_flow.id]):
                assert start[0] == end[0] or start[1] == end[1]
                for name in process.children[source.scope]:
                    if name not in own and process.elements[name].attached_to is None:
                        assert not runs_through(start, end, shapes[name]), (sequence_flow.id, name)


@pytest.mark.parametrize("path", SHIPPED + MODELS, ids=lambda path: path.stem)
def test_real_diagrams_without_their_drawing_are_laid_out(path: Path):
    data = undrawn(path)

    check(data)

    shapes, edges = drawn(data)
    original = etree.fromstring(path.read_bytes())
    named = {shape.get("bpmnElement") for shape in original.iter(f"{DI}BPMNShape")}
    named -= {element.get("id") for element in original.iter("{*}group")}  # whose extent is their drawing
    assert named <= set(shapes)
    flows = {xml.get("id") for tag in ("sequenceFlow", "messageFlow") for xml in original.iter(f"{{*}}{tag}")}
    assert flows <= set(edges)


def graph(size: int, pairs: list[tuple[int, int]], hosts: list[int], lanes: int) -> bytes:
    tags = ("task", "exclusiveGateway", "userTask", "endEvent")
    nodes = "".join(f'<bpmn:{tags[n % 4]} id="n{n}"/>' for n in range(size))
    hung = [f'<bpmn:boundaryEvent id="b{n}" attachedToRef="n{host % size}"/>' for n, host in enumerate(hosts)]
    flows = "".join(flow(f"n{a % size}", f"n{b % size}", flow_id=f"f{k}") for k, (a, b) in enumerate(pairs))
    flows += "".join(flow(f"b{n}", f"n{(host * 7 + 1) % size}") for n, host in enumerate(hosts))
    sets = "".join(
        f'<bpmn:lane id="l{lane}">'
        + "".join(f"<bpmn:flowNodeRef>n{n}</bpmn:flowNodeRef>" for n in range(size) if n % lanes == lane)
        + "</bpmn:lane>"
        for lane in range(lanes)
    )
    return bpmn_file(
        (f'<bpmn:laneSet id="ls">{sets}</bpmn:laneSet>' if lanes > 1 else "") + nodes + "".join(hung) + flows
    )


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 14),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=25),
    st.lists(st.integers(0, 30), max_size=4),
    st.integers(1, 3),
)
def test_any_graph_is_laid_out_without_overlaps_and_crossed_shapes(size, pairs, hosts, lanes):
    check(graph(size, pairs, hosts, lanes))


def test_nested_scopes_hold_what_is_in_them():
    inside = ""
    for depth in range(20):
        inner = f'<bpmn:startEvent id="s{depth}"/><bpmn:task id="t{depth}"/>{line(f"s{depth}", f"t{depth}")}'
        inside = inner + (f'<bpmn:subProcess id="g{depth}">{inside}</bpmn:subProcess>' if inside else "")

    check(bpmn_file(inside))


def test_nothing_but_a_diagram_at_the_end_is_added_and_drawn_files_stay_as_they_are():
    data = (
        b"<!-- kept -->\n"
        + bpmn_file('<bpmn:startEvent id="s"/><bpmn:task id="t"/>' + line("s", "t")).partition(b"\n")[2]
    )
    out = with_layout(data)

    assert out.startswith(data.removesuffix(b"</bpmn:definitions>"))
    assert out.endswith(b"</bpmn:definitions>")
    assert with_layout(out) == out
    assert validate({"a.bpmn": out}).problems == ()
    assert read(out, "a.bpmn").has_diagram


def test_flows_without_an_id_get_the_one_that_the_engine_gives_them():
    data = bpmn_file('<bpmn:startEvent id="s"/><bpmn:task id="t"/><bpmn:sequenceFlow sourceRef="s" targetRef="t"/>')

    shapes, edges = drawn(data)

    assert set(edges) == {"flow_s_t"}
    assert set(shapes) == {"s", "t"}
    assert b'<bpmn:sequenceFlow sourceRef="s" targetRef="t" id="flow_s_t"/>' in with_layout(data)


def test_other_encodings_come_out_as_utf_8():
    data = bpmn_file('<bpmn:task id="t" name="ร่างแผน"/>').decode().replace("UTF-8", "UTF-16").encode("utf-16")

    out = with_layout(data)

    assert "ร่างแผน".encode() in out
    assert "t" in drawn(data)[0]


def test_a_large_diagram_is_laid_out_at_a_cost_that_grows_with_its_size():
    from tests.unit.validation.test_any_input import calls_of, chain, comb, ladder

    for shape in (chain, comb, ladder):
        small, large = (calls_of(partial(with_layout, shape(size))) for size in (200, 400))
        assert large < 2.3 * small
