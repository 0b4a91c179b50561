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
