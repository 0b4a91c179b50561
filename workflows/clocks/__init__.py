"""Statutory clocks: every due date as a record with its history, and the ladder of reminders and escalation.

`workflows.install` plugs into the engine the listener `ClockKeeper(areas_of=…, basis_of=…)` and the duty
`Ladder(areas_of=…, positions=OrganizationPositions())`. Pages read `find_clock` and `sum_of`; `explain` is behind
`saanphaen clocks explain`.
"""

from __future__ import annotations

from workflows.clocks.climbing import Ladder
from workflows.clocks.explanation import Explanation, explain
from workflows.clocks.keeper import ClockKeeper
from workflows.clocks.ladder import LADDER, Audience, Rung
from workflows.clocks.positions import OrganizationPositions, Positions
from workflows.clocks.queries import ClockLine, ClockView, find_clock, sum_of
from workflows.clocks.states import ClockEventKind, ClockState

__all__ = [
    "LADDER",
    "Audience",
    "ClockEventKind",
    "ClockKeeper",
    "ClockLine",
    "ClockState",
    "ClockView",
    "Explanation",
    "Ladder",
    "OrganizationPositions",
    "Positions",
    "Rung",
    "explain",
    "find_clock",
    "sum_of",
]
