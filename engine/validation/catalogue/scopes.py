"""Rules: event sub-processes, links, conditions, compensation and transactions."""

from __future__ import annotations

from typing import Final

from engine.problems import Rule, Severity

_WARNING: Final = Severity.WARNING

EVENT_SUB_PROCESS_START = Rule(
    "event_sub_process_start",
    "An event sub-process begins with one start event, but this one has {count}.",
    "Keep one start event; draw an event sub-process for each event.",
)
EVENT_SUB_PROCESS_PLAIN = Rule(
    "event_sub_process_plain",
    "An event sub-process begins by its event alone, but this one has {what}.",
    "Remove it; draw an embedded sub-process if it stands in the flow.",
)
LINK_NAME_MISSING = Rule(
    "link_name_missing",
    "Expected a link to have a name, but this one has none.",
    "Give both halves of the link the same name.",
)
LINK_DANGLING = Rule(
    "link_dangling",
    "Expected the other half of link `{name}` in the same scope, but there is none.",
    "Draw a throw event and a catch event with this name in the same process or sub-process.",
)
LINK_DOUBLED = Rule(
    "link_doubled",
    "Expected one catch event for link `{name}` in its scope, but there are {count}.",
    "Keep one; several throw events may lead to it.",
)
LINK_FLOW = Rule(
    "link_flow",
    "A link is a jump: nothing leads into its catch event or out of its throw event, but here stands flow {flow}.",
    "Remove the flow, or draw it without a link.",
)
EVENT_CONDITION_MISSING = Rule(
    "event_condition_missing",
    "Expected a condition to wait for, but the event has none.",
    "Write a FEEL expression that becomes true.",
)
COMPENSATION_HANDLER = Rule(
    "compensation_handler",
    "An association leads from a compensation boundary event to what undoes, but this one leads to {what}.",
    "Mark an activity of the same scope as compensation and draw an association to it.",
)
COMPENSATION_FLOW = Rule(
    "compensation_flow",
    "What undoes stands outside the flow, but here stands flow {flow}.",
    "Remove the flow; only an association leads from the boundary event to the activity that undoes.",
)
COMPENSATION_UNUSED = Rule(
    "compensation_unused",
    "The activity undoes something, but no boundary event leads to it: it is never done.",
    "Draw an association from a compensation boundary event to it, or remove it.",
    _WARNING,
)
COMPENSATION_TARGET = Rule(
    "compensation_target",
    "What is to be undone is an activity of the same scope that can be undone, but `{activity}` {what}.",
    "Name an activity beside the event that has a compensation boundary event, or name none to undo all.",
)
COMPENSATION_SCOPE = Rule(
    "compensation_scope",
    "An event sub-process that undoes belongs to a sub-process, but this one stands in a process.",
    "Put it into the sub-process that it undoes.",
)
COMPENSATION_DOUBLED = Rule(
    "compensation_doubled",
    "Expected one way to undo {host}, but there are {count}.",
    "Keep one.",
)
CANCEL_OUTSIDE = Rule(
    "cancel_outside",
    "A cancel event belongs to a transaction, but this one stands elsewhere.",
    "Put it into a transaction (an end event) or on it (a boundary event), or use an error.",
)
CANCEL_UNCAUGHT = Rule(
    "cancel_uncaught",
    "The transaction can be cancelled, but nothing on it says where it goes then.",
    "Attach a cancel boundary event to the transaction.",
)
