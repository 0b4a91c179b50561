"""Every expression of a diagram is FEEL that compiles, in every place that takes one; every target can be a name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from engine.bpmn.juel import Untranslatable, is_juel, to_feel
from engine.bpmn.model import Element, EventKind, Expression, Process, SequenceFlow
from engine.feel import FeelSyntaxError, compile_expression
from engine.validation.catalogue import settings as c
from engine.validation.report import Report

_KEYWORDS = frozenset(
    {"and", "between", "else", "every", "false", "for", "function", "if", "in", "instance", "not", "null", "or"}
    | {"return", "satisfies", "some", "then", "true"}
)


@dataclass(frozen=True, slots=True)
class Place:
    """An expression and where it stands; `must_be_feel` when a literal there means nothing."""

    name: str
    expression: Expression | None
    must_be_feel: bool = False
    required: bool = False


def check_expressions(process: Process, report: Report) -> None:
    """Report expressions that are not FEEL, and names that no variable can have."""
    for flow in process.flows.values():
        _check(Place("condition", flow.condition, must_be_feel=True, required=True), flow, report)
    for element in process.elements.values():
        for place in _places(element):
            _check(place, element, report)
        for name, target in _targets(element):
            if not is_variable_path(target):
                report(c.MAPPING_TARGET, element, place=name, text=target)


def is_variable_path(text: str) -> bool:
    """Tell whether a text names a variable, or a part of one with full stops between."""
    return all(_is_name(part) for part in text.split("."))


def _is_name(text: str) -> bool:
    if not text or text in _KEYWORDS or text != text.strip():
        return False
    if not (text[0].isalpha() or text[0] in "_?"):
        return False
    return all(sign.isalnum() or sign in "_ -'" or unicodedata.category(sign) in ("Mn", "Mc") for sign in text[1:])


def _check(place: Place, at: Element | SequenceFlow, report: Report) -> None:
    expression = place.expression
    if expression is None:
        return
    text = expression.text.strip()
    if expression.language:
        report(c.FOREIGN_LANGUAGE, at, place=place.name, language=expression.language, text=text)
    elif not text:
        if place.required or expression.is_feel:
            report(c.EXPRESSION_EMPTY, at, place=place.name)
    elif expression.is_feel:
        if expression.written:
            report(c.EXPRESSION_TRANSLATED, at, place=place.name, text=expression.written, feel=text)
        _check_feel(text, place, at, report)
    elif is_juel(text):
        report(c.VENDOR_EXPRESSION, at, place=place.name, text=text, reason=_why_not(text))
    elif place.must_be_feel:
        report(c.EXPRESSION_EXPECTED, at, place=place.name, text=text)


def _check_feel(text: str, place: Place, at: Element | SequenceFlow, report: Report) -> None:
    try:
        compiled = compile_expression(text)
    except FeelSyntaxError as error:
        facts = {"place": place.name, "reason": error.message, "position": error.position, "text": text}
        report(c.FEEL_SYNTAX, at, **facts)
        return
    for name in sorted(compiled.unknown_functions):  # it would be null each time
        report(c.FEEL_FUNCTION, at, place=place.name, name=name, text=text)


def _why_not(text: str) -> str:
    try:
        to_feel(text)
    except Untranslatable as error:
        return error.reason
    return ""


def _places(element: Element) -> Iterator[Place]:
    for mapping in element.inputs:
        yield Place(f"input mapping to {mapping.target}", mapping.source, required=True)
    for mapping in element.outputs:
        yield Place(f"output mapping to {mapping.target}", mapping.source, required=True)
    yield from _event_places(element)
    if element.user_task is not None:
        settings = element.user_task
        yield Place("assignee", settings.assignee)
        yield Place("candidate groups", settings.candidate_groups)
        yield Place("candidate users", settings.candidate_users)
        yield Place("due date", settings.due_date)
        yield Place("follow-up date", settings.follow_up_date)
        yield Place("priority", settings.priority)
    yield from _work_places(element)
    yield from _repetition_places(element)


def _repetition_places(element: Element) -> Iterator[Place]:
    if element.multi_instance is not None:
        loop = element.multi_instance
        yield Place("input collection", loop.input_collection, must_be_feel=True)
        yield Place("output element", loop.output_element, must_be_feel=True)
        yield Place("completion condition", loop.completion_condition, must_be_feel=True, required=True)
        yield Place("cardinality", loop.cardinality)
        for test, _ in loop.complex_events:
            yield Place("condition of the behavior", test, must_be_feel=True, required=True)
    if element.ad_hoc is not None:
        yield Place("completion condition", element.ad_hoc.completion_condition, must_be_feel=True, required=True)
        yield Place("active elements", element.ad_hoc.active_elements, must_be_feel=True)
    yield Place("activation condition", element.activation, must_be_feel=True, required=True)
    if element.standard_loop is not None:
        yield Place("loop condition", element.standard_loop.condition, must_be_feel=True, required=True)


def _work_places(element: Element) -> Iterator[Place]:
    if element.work is not None:
        yield Place("work type", element.work.type)
        yield Place("retries", element.work.retries)
    if element.script is not None:
        yield Place("script", element.script.expression, must_be_feel=True)
    if element.decision is not None:
        yield Place("called decision", element.decision.decision_id)
    if element.call is not None:
        yield Place("called process", element.call.process_id)


def _event_places(element: Element) -> Iterator[Place]:
    for definition in element.events:
        if definition.kind is EventKind.TIMER and definition.timer is not None:
            yield Place("timer", definition.timer.value)
        yield Place("signal name", definition.name)
        yield Place("code", definition.code)
        yield Place("condition", definition.condition, must_be_feel=True)
    for message in (element.message, *(definition.message for definition in element.events)):
        if message is not None:
            yield Place("message name", message.name)
            yield Place("correlation key", message.correlation_key)


def _targets(element: Element) -> Iterator[tuple[str, str]]:
    for mapping in element.inputs:
        yield "input mapping", mapping.target
    for mapping in element.outputs:
        yield "output mapping", mapping.target
    if element.script is not None and element.script.result_variable:
        yield "result variable", element.script.result_variable
    if element.multi_instance is not None:
        if element.multi_instance.input_element is not None:
            yield "input element", element.multi_instance.input_element
        if element.multi_instance.output_collection is not None:
            yield "output collection", element.multi_instance.output_collection
