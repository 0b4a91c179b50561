"""Small BPMN files for tests, written as their inside only."""

from __future__ import annotations

from itertools import pairwise

NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:saanphaen="https://saanphaen.org/schema/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def bpmn_file(inside: str, *, process_id: str = "p", roots: str = "", process: str = "", head: str = "") -> bytes:
    """Return a file with one executable process; `inside` and `roots` are XML with the prefixes above."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<bpmn:definitions {NAMESPACES} id="defs" targetNamespace="http://example.org" {head}>{roots}'
        f'<bpmn:process id="{process_id}" isExecutable="true" {process}>{inside}</bpmn:process>'
        "</bpmn:definitions>"
    ).encode()


def flow(source: str, target: str, condition: str | None = None, flow_id: str | None = None) -> str:
    """Return a sequence flow; its id is `source_target` unless given."""
    inner = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    name = flow_id or f"{source}_{target}"
    return f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def line(*ids: str) -> str:
    """Return flows that connect the ids in a row."""
    return "".join(flow(source, target) for source, target in pairwise(ids))
