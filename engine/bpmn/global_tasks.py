"""Global tasks: beside the processes of a file, called by call activities; each is read as a process of one task."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from lxml import etree

from engine.bpmn.model import ElementKind, Process
from engine.bpmn.nodes import read_node
from engine.bpmn.roots import Roots
from engine.bpmn.sheet import Sheet
from engine.bpmn.vocabulary import bpmn

GLOBAL_TASKS: Final = {
    bpmn("globalTask"): ElementKind.TASK,
    bpmn("globalUserTask"): ElementKind.USER_TASK,
    bpmn("globalManualTask"): ElementKind.MANUAL_TASK,
    bpmn("globalScriptTask"): ElementKind.SCRIPT_TASK,
    bpmn("globalBusinessRuleTask"): ElementKind.BUSINESS_RULE_TASK,
}
_TASK: Final = ".task"  # its only element is named by its id and this


def read_global_task(xml: etree._Element, roots: Roots, sheet: Sheet) -> Process:
    """Read one; whether it is executed depends on who calls it."""
    sheet.process = str(xml.get("id", ""))
    element = read_node(xml, GLOBAL_TASKS[str(xml.tag)], sheet.process, roots, sheet).element
    sheet.process = ""
    task = replace(element, id=f"{element.id}{_TASK}")
    return Process(
        id=element.id,
        name=element.name,
        executable=False,
        version_tag=None,
        elements={task.id: task} if element.id else {},
        flows={},
        children={element.id: (task.id,) if element.id else ()},
        documentation=element.documentation,
        global_task=True,
        line=element.line,
    )


def mark_called(processes: Iterable[Process]) -> tuple[Process, ...]:
    """Make those global tasks executable that a call activity of an executable process in the file names."""
    processes = tuple(processes)
    called = {
        element.call.process_id.text.strip()
        for process in processes
        for element in process.elements.values()
        if process.executable and element.call is not None and not element.call.process_id.is_feel
    }
    return tuple(
        replace(process, executable=True) if process.global_task and process.id in called else process
        for process in processes
    )
