"""Explains how a period is counted for an area, day off by day off: behind `saanphaen clocks explain` and pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows.calendar import Calendar, DayOff, Unit, count, read_calendar, shipped_calendar
from workflows.clocks.errors import UnitRefused
from workflows.organization.geography import areas_of_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A counted period: its sum, line by line."""

    start: dt.date
    days: int
    unit: Unit
    area: str
    due: dt.date
    counted: int
    """Days counted towards the period, without sign: as many as were asked for."""
    skipped: tuple[DayOff, ...]
    """Days off that were passed over, or across which the end ran, in the order of counting."""
    provisional: bool
    """Whether it reaches beyond the days for which holidays are announced."""

    def as_json(self) -> dict[str, object]:
        """Return it for machines: due date, counted days, skipped days with their names and sources."""
        return {
            "due": self.due.isoformat(),
            "counted": self.counted,
            "skipped": [{"date": day.date.isoformat(), "name": day.name, "source": day.source} for day in self.skipped],
        }


def explain(session: Session | None, start: dt.date, days: int, unit: Unit | str, area: str) -> Explanation:
    """Count a period from a day in an area and explain it; without a session by the shipped calendar.

    Args:
        session: Of a database whose calendar counts, or None.
        start: The day of the event; it is not counted.
        days: How many, backwards where negative.
        unit: `working` or `calendar`.
        area: A province (`TH-50`), region (`NORTH`), cluster (`NU1`) or the nation (`TH`).

    Raises:
        UnknownUnit: No area has this code.
        UnitRefused: The period is in neither of the two units.
        PeriodTooLong: It reaches further than a hundred years.
    """
    try:
        counted_in = Unit(unit)
    except ValueError as error:
        raise UnitRefused(f"Expected working or calendar days, but got {unit!r}.", unit=str(unit)) from error
    areas = areas_of_code(area)
    calendar = shipped_calendar(areas) if session is None else read_calendar(session, areas)
    return counted(calendar, start, days, counted_in, area)


def counted(calendar: Calendar, start: dt.date, days: int, unit: Unit, area: str) -> Explanation:
    """Count a period by a calendar and explain it."""
    found = count(start, days, unit, calendar.days_off)
    return Explanation(
        start=start,
        days=days,
        unit=unit,
        area=area,
        due=found.due,
        counted=found.counted,
        skipped=found.skipped,
        provisional=max(start, found.due) > calendar.announced_until,
    )
