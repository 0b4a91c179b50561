"""What the standard asks of references between the parts of a file: message flows between pools, lanes, no loose ends."""

from __future__ import annotations

import pytest

from engine.validation import validate
from tests.support.bpmn_xml import bpmn_file, line

INSIDE = '<bpmn:startEvent id="s"/><bpmn:task id="t"/><bpmn:exclusiveGateway id="g"/><bpmn:endEvent id="e"/>'
POOLS = '<bpmn:participant id="one" processRef="p"/><bpmn:participant id="two"/>'


def told(collaboration: str = "", lanes: str = "") -> list[tuple[str, str, str | None]]:
    data = bpmn_file(
        lanes + INSIDE + line("s", "t", "g", "e"),
        roots=f'<bpmn:collaboration id="c">{POOLS}{collaboration}</bpmn:collaboration>',
    )
    return [(p.rule, str(p.severity), p.element_id) for p in validate({"a.bpmn": data}).problems]


def message(source: str, target: str) -> str:
    return f'<bpmn:messageFlow id="m" sourceRef="{source}" targetRef="{target}"/>'


@pytest.mark.parametrize(("source", "target"), [("t", "two"), ("two", "s"), ("ns:t", "ns:two")])
def test_messages_go_between_pools(source: str, target: str):
    assert told(message(source, target)) == []


@pytest.mark.parametrize(
    ("source", "target", "rule"),
    [
        ("s", "e", "message_flow_inside"),
        ("one", "t", "message_flow_inside"),
        ("two", "g", "message_flow_end"),
        ("two", "nowhere", "dangling_reference"),
        ("", "t", "dangling_reference"),
    ],
)
def test_message_flows_that_the_standard_does_not_know_are_refused(source: str, target: str, rule: str):
    assert told(message(source, target)) == [(rule, "error", "m")]


def test_an_element_in_two_lanes_beside_each_other_is_told_and_in_an_inner_one_too_is_not():
    ref = "<bpmn:flowNodeRef>t</bpmn:flowNodeRef>"
    beside = (
        f'<bpmn:laneSet id="ls"><bpmn:lane id="a">{ref}</bpmn:lane><bpmn:lane id="b">{ref}</bpmn:lane></bpmn:laneSet>'
    )
    inner = f'<bpmn:childLaneSet id="cs"><bpmn:lane id="b">{ref}</bpmn:lane></bpmn:childLaneSet>'
    nested = f'<bpmn:laneSet id="ls"><bpmn:lane id="a">{ref}{inner}</bpmn:lane></bpmn:laneSet>'

    assert told(lanes=beside) == [("lane_twice", "warning", "b")]
    assert told(lanes=nested) == []
