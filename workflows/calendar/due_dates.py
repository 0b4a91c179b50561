"""Due dates as diagrams write them, in working days of the unit; and how late something is in those days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy.orm import Session

from workflows.calendar.counting import DaysOff, Unit, count
from workflows.calendar.errors import PeriodTooLong
from workflows.calendar.moments import BANGKOK, day_of, end_of
from workflows.calendar.reader import read_calendar, shipped_calendar

if TYPE_CHECKING:
    from engine import Variables

AreasOf = Callable[[Session, str], Sequence[str]]
"""Names the areas that a unit lies in (`TH-52` → `TH`, `NORTH`, `TH-52`); the nation for a unit it does not know."""

PERIODS: Final = {"working-days:": Unit.WORKING, "calendar-days:": Unit.CALENDAR}
"""How a diagram writes a period that begins with the task."""

_UNIT: Final = "unit"


class DueDates:
    """Answers `working-days:<n>` and `calendar-days:<n>` from now in the unit of the variables, and ISO 8601."""

    def __init__(self, areas_of: AreasOf) -> None:
        from engine import IsoCalendar  # brings the interpreter, which counting does not need

        self._areas_of = areas_of
        self._iso = IsoCalendar(BANGKOK)

    def resolve(self, session: Session, value: object, *, now: dt.datetime, variables: Variables) -> dt.datetime:
        """Return the due moment in UTC: the end of the last day of a period, or of a date.

        Raises:
            ValueError: The value is no date, moment, duration or period.
        """
        for prefix, unit in PERIODS.items():
            if isinstance(value, str) and value.startswith(prefix):
                areas = self._areas_of(session, str(variables.get(_UNIT) or ""))
                return self._end(session, areas, day_of(now), int(value.removeprefix(prefix)), unit)
        return self._iso.resolve(session, value, now=now, variables=variables)

    def _end(self, session: Session, areas: Sequence[str], start: dt.date, days: int, unit: Unit) -> dt.datetime:
        try:
            return end_of(count(start, days, unit, read_calendar(session, areas).days_off).due)
        except PeriodTooLong as error:
            raise ValueError(error.message) from error


class WorkingDaysBetween:
    """Counts the working days of a unit after the day of one moment up to and with that of a later one."""

    def __init__(self, areas_of: AreasOf) -> None:
        self._areas_of = areas_of

    def __call__(self, session: Session, start: dt.datetime, end: dt.datetime, unit: str) -> int:
        """Return how many; 0 when the second moment is not on a later day."""
        first, last = day_of(start), day_of(end)
        if last <= first:
            return 0
        return read_calendar(session, self._areas_of(session, unit)).days_off.between(first, last)


class UnitCalendar:
    """The working days of units, as expressions count them; without a session by the shipped calendar."""

    def __init__(self, areas_of: Callable[[str], Sequence[str]]) -> None:
        self._areas_of = areas_of

    def add(self, session: Session | None, day: dt.date, count: int, unit: str) -> dt.date:
        """Return the day so many working days of a unit after a day; before it, where negative."""
        return self._days_off(session, unit).shift(day, count)

    def between(self, session: Session | None, start: dt.date, end: dt.date, unit: str) -> int:
        """Return how many working days of a unit lie after a day up to and with another; negative backwards."""
        return self._days_off(session, unit).between(start, end)

    def _days_off(self, session: Session | None, unit: str) -> DaysOff:
        areas = tuple(self._areas_of(unit))
        return (shipped_calendar(areas) if session is None else read_calendar(session, areas)).days_off
