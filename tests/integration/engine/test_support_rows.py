"""Each row of docs/bpmn-support.md that says `executed` is deployed and run: its element is met, and the run comes to its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from engine import EngineError, Instance, Ports, ProcessEngine
from engine.bpmn.model import ElementKind, EventKind, TimerKind
from engine.bpmn.vocabulary import EVENTS
from engine.events import ElementEntered
from engine.validation.timers import ALLOWED
from engine.validation.whitelist import EVENTS_AT, KINDS, MARKERS, Marker, Position
from tests.support.bpmn_xml import bpmn_file, flow, line
from tests.support.clock import ManualClock
from tests.unit.decisions.models import decision, dmn, literal
from tests.unit.validation.test_whitelist import (
    DEFINITIONS,
    END,
    MARKED,
    ROOTS,
    START,
    activity,
    between,
    event_at,
    event_gateway,
)

OTHER = bpmn_file('<bpmn:startEvent id="s"/>', process_id="other")
DECISION = dmn(decision("d", literal("1")).replace('id="_d"', 'id="d"'))
WAIT = '<bpmn:userTask id="wait"/>'
_EVENT_SUB_PROCESS = (Position.EVENT_SUB_PROCESS_START, Position.EVENT_SUB_PROCESS_NON_INTERRUPTING)
_BOUNDARY = (Position.BOUNDARY, Position.BOUNDARY_NON_INTERRUPTING)


class Office:
    """One engine for all rows: each is a new version of one process, given everything that it may wait for."""

    def __init__(self) -> None:
        self.entered: set[str] = set()
        self._clock = ManualClock("2026-01-05T02:00:00+00:00")
        ports = Ports(clock=self._clock, listeners=[self._hear])
        self.engine = ProcessEngine.open("sqlite://", clock=self._clock, ports=ports)

    def run(self, data: bytes, variables: dict[str, object]) -> tuple[str, set[str]]:
        """Deploy and start a diagram as its start event asks; return the last state, and codes of its incidents."""
        self._clock.set("2026-01-05T02:00:00+00:00")
        before = {run.id for run in self.engine.instances(process_id="p")}
        self.engine.deploy({"a.bpmn": data, "other.bpmn": OTHER, "d.dmn": DECISION})
        self.entered.clear()
        try:
            self.engine.start("p", variables)
        except EngineError:  # nothing begins by itself: a message, a time, a signal or a condition starts it
            self._give(before)
        for _ in range(5):
            if all(str(run.state) != "active" for run in self._runs(before)):
                break
            self._give(before)
        run = self._runs(before)[-1]
        codes = {found.code for found in self.engine.incidents(instance_id=run.id)}
        for each in self._runs(before):
            if str(each.state) == "active":
                self.engine.cancel(each.id, reason="the next row")
        return str(run.state), codes

    def _hear(self, _session: object, event: object, _now: object) -> None:
        if isinstance(event, ElementEntered):
            self.entered.add(event.element_id)

    def _runs(self, before: set[str]) -> list[Instance]:
        self.engine.run_due()
        return [run for run in self.engine.instances(process_id="p") if run.id not in before]

    def _give(self, before: set[str]) -> None:
        engine = self.engine
        now = dt.timedelta(0)
        for name in ("plan", "other"):
            engine.correlate(name, "k", {"key": "k"}, time_to_live=now)
        engine.broadcast("all", {})
        self._clock.advance(days=300)
        for run in self._runs(before):
            if str(run.state) == "active":
                engine.set_variables(run.id, {"a": True})
        if not self._runs(before):
            engine.evaluate_conditions({"a": True, "key": "k"})
            engine.run_due()
        for job in engine.fetch_jobs("work", limit=10):
            engine.finish_job(job.id, {})
        for task in engine.tasks():
            engine.complete(task.id, {}, "somebody")


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    found = Office()
    yield found
    found.engine.close()


def met(
    office: Office, data: bytes, *, element: str = "x", incidents: frozenset[str] = frozenset(), **variables: object
) -> None:
    """Run a diagram, and expect its element on the way to the end."""
    state, codes = office.run(data, {"key": "k", "a": False} | variables)

    assert element in office.entered
    assert state == "completed"
    assert codes == incidents


def thrower(event: EventKind) -> str:
    """Return what stands in a scope so that an event of it can be caught: a throw, or something to wait for."""
    if event is EventKind.ERROR:
        return f'<bpmn:endEvent id="throw">{DEFINITIONS[event]}</bpmn:endEvent>' + line("in", "throw")
    if event is EventKind.ESCALATION:
        throw = f'<bpmn:intermediateThrowEvent id="throw">{DEFINITIONS[event]}</bpmn:intermediateThrowEvent>'
        return throw + '<bpmn:endEvent id="done"/>' + line("in", "throw", "done")
    return WAIT + line("in", "wait")


def caught_at(event: EventKind, position: Position, definition: str) -> bytes:
    """Return a diagram whose event `x` is caught while something around it is going on."""
    work = '<bpmn:startEvent id="in"/>' + thrower(event)
    if position in _BOUNDARY:
        cancel = "true" if position is Position.BOUNDARY else "false"
        boundary = (
            f'<bpmn:boundaryEvent id="x" attachedToRef="h" cancelActivity="{cancel}">{definition}</bpmn:boundaryEvent>'
        )
        host = f'<bpmn:subProcess id="h">{work}</bpmn:subProcess>'
        return bpmn_file(START + host + boundary + END + line("start", "h", "end") + flow("x", "end"), roots=ROOTS)
    interrupting = "true" if position is Position.EVENT_SUB_PROCESS_START else "false"
    handler = (
        f'<bpmn:subProcess id="sub" triggeredByEvent="true"><bpmn:startEvent id="x" isInterrupting="{interrupting}">{definition}'
        '</bpmn:startEvent><bpmn:endEvent id="out"/>' + line("x", "out") + "</bpmn:subProcess>"
    )
    return bpmn_file(work + handler, roots=ROOTS)


def undone_at(position: Position) -> bytes:
    """Return a diagram in which something is undone, by a handler at its boundary or inside it."""
    definition = DEFINITIONS[EventKind.COMPENSATE]
    throw = f'<bpmn:intermediateThrowEvent id="throw">{definition}</bpmn:intermediateThrowEvent>'
    if position in _BOUNDARY:
        cancel = "true" if position is Position.BOUNDARY else "false"
        done = f'<bpmn:task id="y"/><bpmn:boundaryEvent id="b" attachedToRef="y" cancelActivity="{cancel}">{definition}</bpmn:boundaryEvent>'
        done += '<bpmn:task id="x" isForCompensation="true"/><bpmn:association id="a" sourceRef="b" targetRef="x"/>'
    else:
        interrupting = "true" if position is Position.EVENT_SUB_PROCESS_START else "false"
        done = (
            f'<bpmn:subProcess id="y"><bpmn:startEvent id="in"/><bpmn:subProcess id="sub" triggeredByEvent="true">'
            f'<bpmn:startEvent id="s" isInterrupting="{interrupting}">{definition}</bpmn:startEvent><bpmn:task id="x"/>'
            + line("s", "x")
            + "</bpmn:subProcess></bpmn:subProcess>"
        )
    return bpmn_file(START + done + throw + END + line("start", "y", "throw", "end"))


@pytest.mark.parametrize("kind", [kind for kind, rule in KINDS.items() if rule is None and kind not in EVENTS])
def test_each_executed_activity_and_gateway_runs(office: Office, kind: ElementKind):
    met(office, event_gateway() if kind is ElementKind.EVENT_BASED_GATEWAY else between(activity(kind)))


@pytest.mark.parametrize(("event", "position"), [place for place, rule in EVENTS_AT.items() if rule is None])
def test_each_executed_event_runs_at_each_place(office: Office, event: EventKind, position: Position):
    catches = position in (*_EVENT_SUB_PROCESS, *_BOUNDARY)
    uncaught = frozenset({"error_uncaught"}) if (event, position) == (EventKind.ERROR, Position.END) else frozenset()
    if catches and event is EventKind.COMPENSATE:
        data = undone_at(position)
    elif catches and event is not EventKind.CANCEL:
        data = caught_at(event, position, DEFINITIONS[event])
    else:
        data = event_at(event, position)

    met(office, data, incidents=uncaught)


VALUES = {
    TimerKind.DATE: "2026-10-01T09:00:00+07:00",
    TimerKind.DURATION: "P10D",
    TimerKind.CYCLE: "R2/P10D",
}


def timers() -> Iterator[tuple[Position, TimerKind]]:
    for position, (kinds, _) in ALLOWED.items():
        yield from ((position, kind) for kind in TimerKind if kind in kinds)


@pytest.mark.parametrize(("position", "kind"), list(timers()))
def test_each_executed_timer_runs(office: Office, position: Position, kind: TimerKind):
    definition = f"<bpmn:timerEventDefinition><bpmn:{kind}>{VALUES[kind]}</bpmn:{kind}></bpmn:timerEventDefinition>"
    if position in (*_EVENT_SUB_PROCESS, *_BOUNDARY):
        met(office, caught_at(EventKind.TIMER, position, definition))
        return
    plain = event_at(EventKind.TIMER, position)
    met(office, plain.replace(DEFINITIONS[EventKind.TIMER].encode(), definition.encode()))


# Where the diagram of the gate's test is not enough to meet the element: two tokens, a throw, something to wait for.
RUN_AS = {
    "start or completion quantity above 1": bpmn_file(
        START + '<bpmn:parallelGateway id="g"/>' + activity(ElementKind.TASK, attributes='startQuantity="2"') + END
        + line("start", "g") + flow("g", "x", flow_id="one") + flow("g", "x", flow_id="two") + line("x", "end")
    ),
    "compensation activity (isForCompensation)": undone_at(Position.BOUNDARY),
    "event sub-process (triggeredByEvent)": caught_at(
        EventKind.SIGNAL, Position.EVENT_SUB_PROCESS_START, DEFINITIONS[EventKind.SIGNAL]
    ),
}  # fmt: skip
GIVEN = {
    "sequential multi-instance": {"a": [1, 2]},
    "multi-instance that throws events (behavior None, One or Complex)": {"a": True},
}


@pytest.mark.parametrize("marker", [each for each in MARKERS if each.rule is None], ids=lambda marker: marker.name)
def test_each_executed_marker_runs(office: Office, marker: Marker):
    met(office, RUN_AS.get(marker.name, MARKED[marker.name]), **GIVEN.get(marker.name, {}))
