"""What a person can be told, and the facts that each message has; the words for them are the pages' own."""

from __future__ import annotations

from enum import StrEnum


class MessageKind(StrEnum):
    """The kinds of messages.

    All of them are about a task and have these facts: `clock`, `task_id`, `name`, `process_id`, `element_id`,
    `business_key`, `unit`, `due` (ISO 8601, UTC), `rung` (working days after the due day, negative before it),
    `working_days_late` (0 until it is late), `as` (`owner`, `superior` or `second_superior`: why this person is told),
    `group` (the candidate group through which), `assignee` (a person id, or null) and `late_seconds` (how much later
    than planned it was told).
    """

    DUE_SOON = "due_soon"  # a task is due in some working days
    DUE_TODAY = "due_today"  # a task is due today, or before the next working day
    OVERDUE = "overdue"  # a task is late
    OVERDUE_BELOW = "overdue_below"  # a task of a subordinate position is late
