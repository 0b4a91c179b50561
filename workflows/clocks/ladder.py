"""The ladder of reminders and escalation, as data: how many working days from the due day, and to whom.

The first, fixed form of the default ladder: the owner is reminded before and on the day; a day after it is late the
superior position learns of it, two days later the one above. Rungs stand on working days at the hour when offices open.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workflows.calendar import OFFICE_OPENS, DaysOff, day_of, moment_of


class Audience(StrEnum):
    """In which part somebody is told."""

    OWNER = "owner"  # who has the task, else all who may take it
    SUPERIOR = "superior"  # the holders of the position above
    SECOND_SUPERIOR = "second_superior"  # and of the one above that


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: working days after the due day (before it, where negative), and who is told."""

    days: int
    audiences: tuple[Audience, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A rung of a clock with the moment at which it is to be climbed, in UTC."""

    rung: Rung
    at: dt.datetime


LADDER: Final = (
    Rung(-3, (Audience.OWNER,)),
    Rung(0, (Audience.OWNER,)),
    Rung(1, (Audience.OWNER, Audience.SUPERIOR)),
    Rung(3, (Audience.SUPERIOR, Audience.SECOND_SUPERIOR)),
)


def rung_of(days: int) -> Rung | None:
    """Return the rung of the ladder so many working days from the due day, None where it has none."""
    return next((rung for rung in LADDER if rung.days == days), None)


def moment_of_rung(rung: Rung, due: dt.datetime, days_off: DaysOff) -> dt.datetime:
    """Return when a rung of a clock stands, in UTC; that of a due day on which offices are closed before it."""
    day = days_off.shift(day_of(due), rung.days)
    return moment_of(days_off.last_working(day), OFFICE_OPENS)


def first_rung(due: dt.datetime, now: dt.datetime, days_off: DaysOff) -> Planned:
    """Return where the ladder of a clock begins that gets this due date now.

    Rungs that have passed already are passed over, but for the newest of them: who gets a task that is due tomorrow,
    or late already, is told that at once and nothing of what would have been.
    """
    planned = [Planned(rung, moment_of_rung(rung, due, days_off)) for rung in LADDER]
    passed = [found for found in planned if found.at <= now]
    return Planned(passed[-1].rung, now) if passed else planned[0]


def next_rung(after: Rung, due: dt.datetime, days_off: DaysOff) -> Planned | None:
    """Return the rung after one, None after the last; it may have passed already: then it is caught up with."""
    following = LADDER[LADDER.index(after) + 1 :]
    return Planned(following[0], moment_of_rung(following[0], due, days_off)) if following else None
