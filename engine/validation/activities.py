"""What tasks, calls and repetitions need before they can work."""

from __future__ import annotations

from typing import Final

from engine.bpmn.model import Element, ElementKind, EventKind, Process
from engine.bpmn.vocabulary import EVENTS
from engine.validation.catalogue import settings as c
from engine.validation.catalogue.refused import MISPLACED_SETTING
from engine.validation.numbers import is_whole_number
from engine.validation.repetitions import check_repetition
from engine.validation.report import Report

_BINDINGS: Final = frozenset({"latest", "deployment", "versionTag"})
_HIGHEST_PRIORITY: Final = 100
_MESSAGE_THROWS: Final = frozenset({ElementKind.INTERMEDIATE_THROW_EVENT, ElementKind.END_EVENT})
_MAPS_IN: Final = frozenset({ElementKind.INTERMEDIATE_THROW_EVENT, ElementKind.END_EVENT})
_MAPS_OUT: Final = frozenset(
    {ElementKind.START_EVENT, ElementKind.INTERMEDIATE_CATCH_EVENT, ElementKind.BOUNDARY_EVENT}
)


def check_activities(process: Process, report: Report) -> None:
    """Report missing and wrong settings."""
    for element in process.elements.values():
        _check_work(element, report)
        _check_mappings(element, report)
        if element.kind is ElementKind.USER_TASK:
            _check_user_task(element, report)
        elif element.kind is ElementKind.SCRIPT_TASK:
            _check_script(element, report)
        elif element.kind is ElementKind.BUSINESS_RULE_TASK:
            _check_decision(element, report)
        elif element.kind is ElementKind.CALL_ACTIVITY:
            _check_call(element, report)
        check_repetition(element, report)


def _check_work(element: Element, report: Report) -> None:
    work = element.work
    throws_message = element.kind in _MESSAGE_THROWS and element.event_kind is EventKind.MESSAGE
    if work is None:
        if element.kind is ElementKind.SERVICE_TASK or (
            element.kind is ElementKind.SEND_TASK and element.message is None
        ):
            report(c.WORK_MISSING, element, kind=element.kind)
        return
    if not work.type.text.strip():
        report(c.WORK_MISSING, element, kind=element.kind)
    if work.retries is not None and not is_whole_number(work.retries, 1):
        report(c.RETRIES, element, value=work.retries.text)
    names_message = element.message is not None or any(event.message for event in element.events)
    if names_message:
        report(c.MESSAGE_AND_WORK, element, kind=element.kind)
    elif element.kind in EVENTS and not throws_message:
        report(MISPLACED_SETTING, element, name="taskDefinition")


def _check_mappings(element: Element, report: Report) -> None:
    if element.kind not in EVENTS:
        return
    if element.inputs and element.kind not in _MAPS_IN:
        report(c.MAPPING_NOT_APPLIED, element, kind=element.kind, direction="input")
    if element.outputs and element.kind not in _MAPS_OUT:
        report(c.MAPPING_NOT_APPLIED, element, kind=element.kind, direction="output")


def _check_user_task(element: Element, report: Report) -> None:
    priority = element.user_task.priority if element.user_task is not None else None
    if priority is not None and not is_whole_number(priority, 0, _HIGHEST_PRIORITY):
        report(c.PRIORITY, element, value=priority.text)


def _check_script(element: Element, report: Report) -> None:
    script = element.script
    if script is None or not script.expression.text.strip():
        report(c.SCRIPT_MISSING, element)
    elif not (script.result_variable or "").strip():
        report(c.RESULT_VARIABLE_MISSING, element)


def _check_decision(element: Element, report: Report) -> None:
    decision = element.decision
    if element.work is not None:
        if decision is not None:
            report(c.DECISION_AND_WORK, element)
        return
    if decision is None or not decision.decision_id.text.strip():
        report(c.DECISION_MISSING, element)
        return
    if not (decision.result_variable or "").strip():
        report(c.RESULT_VARIABLE_MISSING, element)
    _check_binding(element, decision.binding, decision.version_tag, report)


def _check_binding(element: Element, binding: str, version_tag: str | None, report: Report) -> None:
    if binding not in _BINDINGS:
        report(c.UNKNOWN_BINDING, element, value=binding)
    if binding == "versionTag" and not (version_tag or "").strip():
        report(c.VERSION_TAG_MISSING, element)


def _check_call(element: Element, report: Report) -> None:
    call = element.call
    if call is None or not call.process_id.text.strip():
        report(c.CALL_MISSING, element)
        return
    if call.binding != "version":
        _check_binding(element, call.binding, call.version_tag, report)
    elif call.version is None:
        report(c.VERSION_MISSING, element)
