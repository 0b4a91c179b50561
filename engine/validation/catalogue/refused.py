"""Rules: what this engine does not execute, and what has no place in the executable model."""

from __future__ import annotations

from typing import Final

from engine.problems import Rule, Severity

_WARNING: Final = Severity.WARNING

MULTIPLE_EVENT = Rule(
    "multiple_event",
    "Expected events that can stand together, but `{event}` is not one of several here.",
    "Draw an event of its own for it.",
)
EVENT_POSITION = Rule(
    "event_position",
    "The standard has no {event} event as {position}.",
    "Choose another kind of event for this place.",
)
SUB_PROCESS_START = Rule(
    "sub_process_start",
    "A sub-process begins with a plain start event, but this one is a {event} start.",
    "Make it a plain start event; wait for the event after it.",
)
ERROR_NON_INTERRUPTING = Rule(
    "error_non_interrupting",
    "An error always interrupts, but this event is drawn as non-interrupting.",
    "Make it interrupting, or use an escalation.",
)
NOT_EXECUTED = Rule(
    "not_executed",
    "The engine does not execute `{name}` here.",
    "Remove it, or draw what it means with elements that are executed (docs/bpmn-support.md).",
)
DATA_ASSOCIATION = Rule(
    "data_association",
    "No data can move along `{name}`: it leads to a data store or to nothing, or has several sources.",
    "Connect data objects, properties, inputs and outputs, or use input and output mappings.",
)
RESOURCE_ROLE = Rule(
    "resource_role",
    "The engine does not read people from `{name}`.",
    "Write assignee or candidate groups in zeebe:assignmentDefinition.",
)
LISTENER = Rule(
    "listener",
    "This version of the engine does not call listeners.",
    "Draw the work as a service task.",
)
FOREIGN_SCRIPT = Rule(
    "foreign_script",
    "Scripts of a diagram are FEEL, but this one is {value}.",
    "Write it as zeebe:script with a FEEL expression, or make it a service task.",
)
FOREIGN_EXTENSION = Rule(
    "foreign_extension",
    "`{name}` is an instruction to another engine ({namespace}), which this one does not follow.",
    "Write it with zeebe: elements (Camunda 8 mode of the modeler), or remove it.",
)
FOREIGN_CODE = Rule(
    "foreign_code",
    "`{name}` calls code of another engine: `{value}`.",
    "Make it work of a type (zeebe:taskDefinition), which a handler or an external worker does.",
)
UNKNOWN_EXTENSION = Rule(
    "unknown_extension",
    "`{name}` ({namespace}) is kept in the file but means nothing to the engine.",
    "Remove it if it was meant to change what happens.",
    _WARNING,
)
EMBEDDED_FORM = Rule(
    "embedded_form",
    "The engine does not read forms inside a diagram.",
    "Save the form as a .form file in the bundle and name its id in zeebe:formDefinition.",
)
MISPLACED_SETTING = Rule(
    "misplaced_setting",
    "`{name}` means nothing on this element.",
    "Remove it, or change the type of the element.",
)
