"""Each row of the whitelist is run through the gate: executed, or refused with the element's id and the rule."""

from __future__ import annotations

import pytest

from engine.bpmn.model import ElementKind, EventKind
from engine.bpmn.vocabulary import EVENTS
from engine.validation import Known, validate
from engine.validation.whitelist import EVENTS_AT, KINDS, MARKERS, Position
from tests.support.bpmn_xml import bpmn_file, flow, line

ROOTS = """<bpmn:message id="M" name="plan"><bpmn:extensionElements><zeebe:subscription correlationKey="=key"/>
</bpmn:extensionElements></bpmn:message><bpmn:signal id="S" name="all"/><bpmn:error id="E" errorCode="E1"/>
<bpmn:escalation id="X" escalationCode="X1"/>"""
START = '<bpmn:startEvent id="start"/>'
END = '<bpmn:endEvent id="end"/>'

EXTENSIONS = {
    ElementKind.SERVICE_TASK: '<zeebe:taskDefinition type="work"/>',
    ElementKind.AD_HOC_SUB_PROCESS: '<zeebe:adHoc activeElementsCollection="=[&quot;in&quot;]"/>',
    ElementKind.SCRIPT_TASK: '<zeebe:script expression="=1" resultVariable="r"/>',
    ElementKind.CALL_ACTIVITY: '<zeebe:calledElement processId="other"/>',
    ElementKind.BUSINESS_RULE_TASK: '<zeebe:calledDecision decisionId="d" resultVariable="r"/>',
}
ATTRIBUTES = {ElementKind.SEND_TASK: 'messageRef="M"', ElementKind.RECEIVE_TASK: 'messageRef="M"'}
DEFINITIONS = {
    EventKind.NONE: "",
    EventKind.MESSAGE: '<bpmn:messageEventDefinition messageRef="M"/>',
    EventKind.TIMER: "<bpmn:timerEventDefinition><bpmn:timeDate>2026-10-01T09:00:00+07:00</bpmn:timeDate></bpmn:timerEventDefinition>",
    EventKind.SIGNAL: '<bpmn:signalEventDefinition signalRef="S"/>',
    EventKind.ERROR: '<bpmn:errorEventDefinition errorRef="E"/>',
    EventKind.ESCALATION: '<bpmn:escalationEventDefinition escalationRef="X"/>',
    EventKind.TERMINATE: "<bpmn:terminateEventDefinition/>",
    EventKind.CONDITIONAL: "<bpmn:conditionalEventDefinition><bpmn:condition>=a</bpmn:condition></bpmn:conditionalEventDefinition>",
    EventKind.LINK: '<bpmn:linkEventDefinition name="l"/>',
    EventKind.COMPENSATE: "<bpmn:compensateEventDefinition/>",
    EventKind.CANCEL: "<bpmn:cancelEventDefinition/>",
}


def errors_of(data: bytes) -> set[tuple[str, str | None]]:
    result = validate({"a.bpmn": data}, known=Known(processes=frozenset({"other"}), decisions=frozenset({"d"})))
    assert all(problem.message and problem.remedy and problem.file for problem in result.problems)
    return {(problem.rule, problem.element_id) for problem in result.errors}


def activity(kind: ElementKind, *, attributes: str = "", parts: str = "") -> str:
    inner = parts
    if kind is ElementKind.AD_HOC_SUB_PROCESS:
        inner += '<bpmn:task id="in"/>'
    if kind in (ElementKind.SUB_PROCESS, ElementKind.TRANSACTION):
        inner += '<bpmn:startEvent id="in"/><bpmn:endEvent id="out"/>' + line("in", "out")
    extensions = f"<bpmn:extensionElements>{EXTENSIONS.get(kind, '')}</bpmn:extensionElements>"
    return f'<bpmn:{kind} id="x" {ATTRIBUTES.get(kind, "")} {attributes}>{extensions}{inner}</bpmn:{kind}>'


def between(inside: str, **more: str) -> bytes:
    return bpmn_file(START + inside + END + line("start", "x", "end"), roots=ROOTS, **more)


def event_gateway(attributes: str = "") -> bytes:
    catches = "".join(
        f'<bpmn:intermediateCatchEvent id="c{n}">{DEFINITIONS[kind]}</bpmn:intermediateCatchEvent>'
        + line("x", f"c{n}", "end")
        for n, kind in enumerate((EventKind.MESSAGE, EventKind.TIMER))
    )
    gateway = f'<bpmn:eventBasedGateway id="x" {attributes}/>'
    return bpmn_file(START + gateway + END + catches + line("start", "x"), roots=ROOTS)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in EVENTS])
def test_each_activity_and_gateway_is_executed_or_refused(kind: ElementKind):
    rule = KINDS[kind]
    data = event_gateway() if kind is ElementKind.EVENT_BASED_GATEWAY else between(activity(kind))

    assert errors_of(data) == (set() if rule is None else {(rule.code, "x")})


UNDONE = '<bpmn:task id="u" isForCompensation="true"/><bpmn:association id="a" sourceRef="x" targetRef="u"/>'


def compensation_at(position: Position) -> bytes:
    definition = DEFINITIONS[EventKind.COMPENSATE]
    if position in (Position.BOUNDARY, Position.BOUNDARY_NON_INTERRUPTING):
        cancel = "true" if position is Position.BOUNDARY else "false"
        boundary = (
            f'<bpmn:boundaryEvent id="x" attachedToRef="t" cancelActivity="{cancel}">{definition}</bpmn:boundaryEvent>'
        )
        return bpmn_file(START + '<bpmn:task id="t"/>' + boundary + UNDONE + END + line("start", "t", "end"))
    beside = 'isInterrupting="false"' if position is Position.EVENT_SUB_PROCESS_NON_INTERRUPTING else ""
    handler = (
        f'<bpmn:subProcess id="sub" triggeredByEvent="true"><bpmn:startEvent id="x" {beside}>{definition}'
        '</bpmn:startEvent><bpmn:endEvent id="out"/>' + line("x", "out") + "</bpmn:subProcess>"
    )
    around = f'<bpmn:subProcess id="y"><bpmn:startEvent id="ys"/>{handler}</bpmn:subProcess>'
    return bpmn_file(START + around + END + line("start", "y", "end"))


def cancel_at(position: Position) -> bytes:
    end, boundary = ("x", "b") if position is Position.END else ("y", "x")
    definition = DEFINITIONS[EventKind.CANCEL]
    inside = f'<bpmn:startEvent id="ts"/><bpmn:endEvent id="{end}">{definition}</bpmn:endEvent>' + line("ts", end)
    caught = f'<bpmn:boundaryEvent id="{boundary}" attachedToRef="t">{definition}</bpmn:boundaryEvent>'
    transaction = f'<bpmn:transaction id="t">{inside}</bpmn:transaction>{caught}'
    return bpmn_file(START + transaction + END + line("start", "t", "end") + flow(boundary, "end"))


def link_at(position: Position) -> bytes:
    definition = DEFINITIONS[EventKind.LINK]
    catch, throw = ("x", "y") if position is Position.CATCH else ("y", "x")
    pair = (
        f'<bpmn:intermediateThrowEvent id="{throw}">{definition}</bpmn:intermediateThrowEvent>'
        f'<bpmn:intermediateCatchEvent id="{catch}">{definition}</bpmn:intermediateCatchEvent>'
    )
    return bpmn_file(START + pair + END + line("start", throw) + line(catch, "end"))


def event_at(event: EventKind, position: Position) -> bytes:
    executed = EVENTS_AT[event, position] is None
    if executed and event is EventKind.COMPENSATE and position not in (Position.THROW, Position.END):
        return compensation_at(position)
    if executed and event is EventKind.CANCEL:
        return cancel_at(position)
    if executed and event is EventKind.LINK:
        return link_at(position)
    return plain_event_at(event, position)


def plain_event_at(event: EventKind, position: Position) -> bytes:
    definition = DEFINITIONS[event]
    match position:
        case Position.START:
            return bpmn_file(
                f'<bpmn:startEvent id="x">{definition}</bpmn:startEvent>{END}' + line("x", "end"), roots=ROOTS
            )
        case (
            Position.SUB_PROCESS_START | Position.EVENT_SUB_PROCESS_START | Position.EVENT_SUB_PROCESS_NON_INTERRUPTING
        ):
            triggered = "" if position is Position.SUB_PROCESS_START else 'triggeredByEvent="true"'
            beside = 'isInterrupting="false"' if position is Position.EVENT_SUB_PROCESS_NON_INTERRUPTING else ""
            scope = (
                f'<bpmn:subProcess id="sub" {triggered}><bpmn:startEvent id="x" {beside}>{definition}</bpmn:startEvent>'
                '<bpmn:endEvent id="out"/>' + line("x", "out") + "</bpmn:subProcess>"
            )
            flows = line("start", "end") if triggered else line("start", "sub", "end")
            return bpmn_file(START + scope + END + flows, roots=ROOTS)
        case Position.CATCH | Position.THROW:
            tag = "intermediateCatchEvent" if position is Position.CATCH else "intermediateThrowEvent"
            return between(f'<bpmn:{tag} id="x">{definition}</bpmn:{tag}>')
        case Position.END:
            end = f'<bpmn:endEvent id="x">{definition}</bpmn:endEvent>'
            return bpmn_file(START + end + line("start", "x"), roots=ROOTS)
        case _:
            cancel = "true" if position is Position.BOUNDARY else "false"
            boundary = (
                f'<bpmn:task id="t"/><bpmn:boundaryEvent id="x" attachedToRef="t" cancelActivity="{cancel}">'
                f"{definition}</bpmn:boundaryEvent>"
            )
            return bpmn_file(START + boundary + END + line("start", "t", "end") + flow("x", "end"), roots=ROOTS)


@pytest.mark.parametrize(("event", "position"), EVENTS_AT)
def test_each_event_at_each_place_is_executed_or_refused(event: EventKind, position: Position):
    rule = EVENTS_AT[event, position]
    expected = set() if rule is None else {(rule.code, "x")}

    assert errors_of(event_at(event, position)) == expected


MARKED = {
    "parallel multi-instance": between(
        activity(
            ElementKind.TASK,
            parts="<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality>"
            "</bpmn:multiInstanceLoopCharacteristics>",
        )
    ),
    "sequential multi-instance": between(
        activity(
            ElementKind.SUB_PROCESS,
            parts='<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:extensionElements>'
            '<zeebe:loopCharacteristics inputCollection="=a" inputElement="b" outputCollection="c" outputElement="=d"/>'
            "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>",
        )
    ),
    "multi-instance that throws events (behavior None, One or Complex)": between(
        activity(
            ElementKind.TASK,
            parts='<bpmn:multiInstanceLoopCharacteristics behavior="Complex"><bpmn:loopCardinality>3</bpmn:loopCardinality>'
            "<bpmn:complexBehaviorDefinition><bpmn:condition>=a</bpmn:condition><bpmn:event>"
            '<bpmn:signalEventDefinition signalRef="S"/></bpmn:event></bpmn:complexBehaviorDefinition>'
            "</bpmn:multiInstanceLoopCharacteristics>",
        )
    ),
    "start or completion quantity above 1": between(
        activity(ElementKind.TASK, attributes='startQuantity="2" completionQuantity="3"')
    ),
    "standard loop": between(activity(ElementKind.TASK, parts='<bpmn:standardLoopCharacteristics loopMaximum="3"/>')),
    "compensation activity (isForCompensation)": compensation_at(Position.BOUNDARY),
    "event sub-process (triggeredByEvent)": event_at(EventKind.SIGNAL, Position.EVENT_SUB_PROCESS_START),
    "several event definitions": between(
        f'<bpmn:intermediateCatchEvent id="x">{DEFINITIONS[EventKind.MESSAGE]}{DEFINITIONS[EventKind.TIMER]}'
        "</bpmn:intermediateCatchEvent>"
    ),
    "parallel multiple event": between(
        f'<bpmn:intermediateCatchEvent id="x" parallelMultiple="true">{DEFINITIONS[EventKind.MESSAGE]}'
        f"{DEFINITIONS[EventKind.SIGNAL]}</bpmn:intermediateCatchEvent>"
    ),
    "instantiating receive task or event-based gateway": bpmn_file(
        activity(ElementKind.RECEIVE_TASK, attributes='instantiate="true"') + END + line("x", "end"), roots=ROOTS
    ),
    "event-based gateway of type Parallel": bpmn_file(
        '<bpmn:eventBasedGateway id="x" instantiate="true" eventGatewayType="Parallel"/>'
        + "".join(
            f'<bpmn:receiveTask id="r{name}" messageRef="{name}"/>' + line("x", f"r{name}", "end") for name in "MN"
        )
        + END,
        roots=ROOTS + ROOTS.replace("plan", "other").partition("<bpmn:signal")[0].replace('"M"', '"N"'),
    ),
}


@pytest.mark.parametrize("marker", MARKERS, ids=lambda marker: marker.name)
def test_each_marker_is_executed_or_refused(marker):
    found = errors_of(MARKED[marker.name])

    if marker.rule is None:
        assert found == set()
    else:
        assert (marker.rule.code, "x") in found
        assert {element for _, element in found} <= {"x", "in"}
