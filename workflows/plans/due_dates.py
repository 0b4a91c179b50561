"""Due dates as diagrams write them: a step of the cycle's calendar, or what the working-day calendar understands."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from engine import DueDateCalendar, Variables
from workflows.calendar import day_of, end_of
from workflows.plans.cycles import due_row, find_cycle
from workflows.plans.progress import CYCLE_DUE
from workflows.plans.values import text


class CycleDueDates:
    """Answers `cycle:<step>` from the cycle's calendar as it stands now, everything else by another calendar."""

    def __init__(self, otherwise: DueDateCalendar, *, without_date: dt.timedelta = dt.timedelta(days=14)) -> None:
        self._otherwise = otherwise
        self._without_date = without_date

    def resolve(self, session: Session, value: object, *, now: dt.datetime, variables: Variables) -> dt.datetime:
        """Return the due moment in UTC."""
        if not isinstance(value, str) or not value.startswith(CYCLE_DUE):
            return self._otherwise.resolve(session, value, now=now, variables=variables)
        cycle = find_cycle(session, text(variables, "cycle"))
        unit = text(variables, "unit")
        due = due_row(session, cycle, value.removeprefix(CYCLE_DUE), unit) if cycle is not None else None
        if due is not None:
            return due.due
        # Before the calendar is issued nothing is promised; a task without any date would never be looked at.
        return end_of(day_of(now + self._without_date))
