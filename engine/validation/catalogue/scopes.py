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
