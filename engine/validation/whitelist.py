"""The table of what the engine executes: element × event × position × marker; what has no row of its own is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.bpmn.model import Element, ElementKind, EventKind, Process
from engine.bpmn.vocabulary import EVENTS
from engine.problems import Rule
from engine.validation.catalogue import refused as c
from engine.validation.report import Report


class Position(StrEnum):
    """Where an event stands."""

    START = "start event"
    SUB_PROCESS_START = "start event of a sub-process"
    EVENT_SUB_PROCESS_START = "interrupting start event of an event sub-process"
    EVENT_SUB_PROCESS_NON_INTERRUPTING = "non-interrupting start event of an event sub-process"
    CATCH = "intermediate catch event"
    THROW = "intermediate throw event"
    END = "end event"
    BOUNDARY = "interrupting boundary event"
    BOUNDARY_NON_INTERRUPTING = "non-interrupting boundary event"


KINDS: Final[Mapping[ElementKind, Rule | None]] = {
    **dict.fromkeys(EVENTS),  # by EVENTS_AT
    ElementKind.TASK: None,
    ElementKind.USER_TASK: None,
    ElementKind.MANUAL_TASK: None,
    ElementKind.SERVICE_TASK: None,
    ElementKind.SCRIPT_TASK: None,
    ElementKind.SEND_TASK: None,
    ElementKind.RECEIVE_TASK: None,
    ElementKind.BUSINESS_RULE_TASK: None,
    ElementKind.CALL_ACTIVITY: None,
    ElementKind.SUB_PROCESS: None,
    ElementKind.AD_HOC_SUB_PROCESS: None,
    ElementKind.TRANSACTION: None,
    ElementKind.EXCLUSIVE_GATEWAY: None,
    ElementKind.PARALLEL_GATEWAY: None,
    ElementKind.INCLUSIVE_GATEWAY: None,
    ElementKind.COMPLEX_GATEWAY: None,
    ElementKind.EVENT_BASED_GATEWAY: None,
}
"""None: executed."""

_YES: Final = None
_NOT: Final = c.EVENT_POSITION  # the standard has no such event there
_SUB: Final = c.SUB_PROCESS_START
_ERR: Final = c.ERROR_NON_INTERRUPTING

# fmt: off
_ROWS: Final[Mapping[EventKind, tuple[Rule | None, ...]]] = {
    #                       start sub-start event-sub non-int. catch throw end  boundary non-interrupting
    EventKind.NONE:        (_YES, _YES,     _NOT,     _NOT,    _NOT, _YES, _YES, _NOT, _NOT),
    EventKind.MESSAGE:     (_YES, _SUB,     _YES,     _YES,    _YES, _YES, _YES, _YES, _YES),
    EventKind.TIMER:       (_YES, _SUB,     _YES,     _YES,    _YES, _NOT, _NOT, _YES, _YES),
    EventKind.SIGNAL:      (_YES, _SUB,     _YES,     _YES,    _YES, _YES, _YES, _YES, _YES),
    EventKind.ERROR:       (_NOT, _SUB,     _YES,     _ERR,    _NOT, _NOT, _YES, _YES, _ERR),
    EventKind.ESCALATION:  (_NOT, _SUB,     _YES,     _YES,    _NOT, _YES, _YES, _YES, _YES),
    EventKind.TERMINATE:   (_NOT, _NOT,     _NOT,     _NOT,    _NOT, _NOT, _YES, _NOT, _NOT),
    EventKind.CONDITIONAL: (_YES, _SUB,     _YES,     _YES,    _YES, _NOT, _NOT, _YES, _YES),
    EventKind.LINK:        (_NOT, _NOT,     _NOT,     _NOT,    _YES, _YES, _NOT, _NOT, _NOT),
    EventKind.COMPENSATE:  (_NOT, _NOT,     _YES,     _YES,    _NOT, _YES, _YES, _YES, _YES),
    EventKind.CANCEL:      (_NOT, _NOT,     _NOT,     _NOT,    _NOT, _NOT, _YES, _YES, _NOT),
}
# fmt: on

EVENTS_AT: Final[Mapping[tuple[EventKind, Position], Rule | None]] = {
    (event, position): rule for event, row in _ROWS.items() for position, rule in zip(Position, row, strict=True)
}
"""None: executed."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A mark on an element that changes what it does."""

    name: str
    applies: Callable[[Element], bool]
    rule: Rule | None
    facts: Callable[[Element], Mapping[str, object]] = lambda _: {}


MARKERS: Final = (
    Marker("parallel multi-instance", lambda e: bool(e.multi_instance and not e.multi_instance.sequential), None),
    Marker("sequential multi-instance", lambda e: bool(e.multi_instance and e.multi_instance.sequential), None),
    Marker(
        "multi-instance that throws events (behavior None, One or Complex)",
        lambda e: bool(e.multi_instance and e.multi_instance.behavior != "All"),
        None,
    ),
    Marker("start or completion quantity above 1", lambda e: e.start_quantity > 1 or e.completion_quantity > 1, None),
    Marker("standard loop", lambda e: e.standard_loop is not None, None),
    Marker("compensation activity (isForCompensation)", lambda e: e.for_compensation, None),
    Marker("event sub-process (triggeredByEvent)", lambda e: e.triggered_by_event, None),
    Marker("several event definitions", lambda e: len(e.events) > 1 and not e.parallel_multiple, None),
    Marker("parallel multiple event", lambda e: e.parallel_multiple, None),
    Marker(
        "instantiating receive task or event-based gateway",
        lambda e: e.instantiate,
        None,
    ),
    Marker("event-based gateway of type Parallel", lambda e: e.event_gateway_type != "Exclusive", None),
)

_POSITIONS: Final = {
    ElementKind.END_EVENT: Position.END,
    ElementKind.INTERMEDIATE_CATCH_EVENT: Position.CATCH,
    ElementKind.INTERMEDIATE_THROW_EVENT: Position.THROW,
}


def position_of(element: Element, process: Process) -> Position:
    """Return where an event stands."""
    if element.kind is ElementKind.BOUNDARY_EVENT:
        return Position.BOUNDARY if element.interrupting else Position.BOUNDARY_NON_INTERRUPTING
    if element.kind is not ElementKind.START_EVENT:
        return _POSITIONS[element.kind]
    around = process.elements.get(element.scope)
    if around is None:
        return Position.START
    if not around.triggered_by_event:
        return Position.SUB_PROCESS_START
    return Position.EVENT_SUB_PROCESS_START if element.interrupting else Position.EVENT_SUB_PROCESS_NON_INTERRUPTING


def check_whitelist(process: Process, report: Report) -> frozenset[str]:
    """Report every element that is not executed; return the ids of those refused for what they are."""
    refused: set[str] = set()
    for element in process.elements.values():
        for rule, facts in _refusals(element, process):
            report(rule, element, **facts)
            refused.add(element.id)
        for marker in MARKERS:
            if marker.rule is not None and marker.applies(element):
                report(marker.rule, element, **marker.facts(element))
    return frozenset(refused)


def _refusals(element: Element, process: Process) -> Iterator[tuple[Rule, Mapping[str, object]]]:
    rule = KINDS[element.kind]
    if rule is not None:
        yield rule, {}
    if element.kind not in EVENTS:
        return
    position = position_of(element, process)
    for event in dict.fromkeys(definition.kind for definition in element.events) or (EventKind.NONE,):
        rule = EVENTS_AT[event, position]
        if rule is not None:
            yield rule, {"event": event, "position": position}
