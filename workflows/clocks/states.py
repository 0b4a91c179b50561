"""The states of a clock, the lines of its history, and the rules by which a due date is counted."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ClockState(StrEnum):
    """Where a clock stands. An open clock whose due date has passed is running still: it may yet be extended."""

    RUNNING = "running"
    PAUSED = "paused"  # by an order; reserved
    MET = "met"  # done by its due date
    MISSED = "missed"  # done after it
    CANCELLED = "cancelled"  # the task was no longer needed


class ClockEventKind(StrEnum):
    """What happened to a clock."""

    OPENED = "opened"
    MOVED = "moved"
    RUNG = "rung"
    MET = "met"
    MISSED = "missed"
    CANCELLED = "cancelled"


TASK_OPENED: Final = "task_created"
"""The event that starts a clock: its task waits for somebody."""
DUE_GIVEN: Final = "task_due_changed"
"""The event that starts a clock of a task that had no due date before."""
