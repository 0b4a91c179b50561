"""What loop markers and multi-instance need before they can work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.bpmn.model import Element, EventDefinition, EventKind, MultiInstance
from engine.validation.catalogue import settings as c
from engine.validation.numbers import is_whole_number
from engine.validation.report import Report

_THROWN: Final = frozenset({EventKind.MESSAGE, EventKind.SIGNAL, EventKind.ESCALATION, EventKind.ERROR})


def check_repetition(element: Element, report: Report) -> None:
    """Report what is missing or wrong about how often an activity runs."""
    loop = element.standard_loop
    if loop is not None and loop.condition is None and loop.maximum is None:
        report(c.LOOP_ENDLESS, element)
    if element.multi_instance is not None:
        _check_multi_instance(element, report)
        _check_behavior(element, element.multi_instance, report)


def _check_multi_instance(element: Element, report: Report) -> None:
    loop = element.multi_instance
    if loop is None:
        return
    if loop.input_collection is None and loop.cardinality is None:
        report(c.MULTI_INSTANCE_SOURCE, element)
    if loop.cardinality is not None and not is_whole_number(loop.cardinality, 0):
        report(c.CARDINALITY, element, value=loop.cardinality.text)
    if loop.input_collection is not None and loop.cardinality is not None:
        report(c.MULTI_INSTANCE_BOTH, element)
    if loop.output_element is None and loop.output_collection is not None:
        report(c.MULTI_INSTANCE_PAIR, element, one="The output collection", other="an output element")
    if loop.output_collection is None and loop.output_element is not None:
        report(c.MULTI_INSTANCE_PAIR, element, one="The output element", other="an output collection")
    if loop.input_collection is None and loop.input_element is not None:
        report(c.MULTI_INSTANCE_PAIR, element, one="The input element", other="an input collection")


def _check_behavior(element: Element, loop: MultiInstance, report: Report) -> None:
    events = list(_events(loop))
    if loop.behavior != "All" and not events:
        report(c.BEHAVIOR_EVENT_MISSING, element, behavior=loop.behavior)
    for event in events:
        named = event.message is not None or event.name is not None or event.code is not None
        if event.kind not in _THROWN or not named:
            report(c.BEHAVIOR_EVENT, element, event=event.kind)


def _events(loop: MultiInstance) -> Iterator[EventDefinition]:
    if loop.behavior == "None" and loop.none_event is not None:
        yield loop.none_event
    elif loop.behavior == "One" and loop.one_event is not None:
        yield loop.one_event
    elif loop.behavior == "Complex":
        yield from (event for _, event in loop.complex_events)
