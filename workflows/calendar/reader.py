"""Reads the days off of areas; a calendar that did not change costs one small question a transaction."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, SessionTransaction

from workflows.calendar.counting import DayOff, DaysOff
from workflows.calendar.models import CalendarRevision, Holiday
from workflows.calendar.seed import ANNOUNCED_UNTIL, shipped_holidays

_KEPT: Final = 256
_IN_SESSION: Final = "workflows.calendar"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days off of an area in one revision, and until when they are announced."""

    days_off: DaysOff
    announced_until: dt.date


@dataclass(frozen=True, slots=True)
class _Revision:
    id: int
    stamp: str
    announced_until: dt.date


def read_calendar(session: Session, areas: Sequence[str]) -> Calendar:
    """Return the calendar in force for areas (`TH`, a region, a province); the shipped one before any was written."""
    revision = _newest(session)
    if revision is None:
        return shipped_calendar(tuple(areas))
    key = (revision.stamp, tuple(areas))
    found = _loaded.find(key)
    if found is None:
        found = Calendar(DaysOff(_read(session, revision, areas)), revision.announced_until)
        _loaded.keep(key, found)
    return found


@cache
def shipped_calendar(areas: tuple[str, ...]) -> Calendar:
    """Return the calendar of areas as the product is shipped with it, without a database."""
    return Calendar(
        DaysOff(holiday.as_day_off() for holiday in shipped_holidays() if holiday.area in areas), ANNOUNCED_UNTIL
    )


class _Loaded:
    """Calendars by the stamp of their revision, which names their content in whatever database it stands."""

    def __init__(self) -> None:
        self._calendars: OrderedDict[tuple[str, tuple[str, ...]], Calendar] = OrderedDict()
        self._turn = Lock()

    def find(self, key: tuple[str, tuple[str, ...]]) -> Calendar | None:
        with self._turn:
            if key in self._calendars:
                self._calendars.move_to_end(key)
            return self._calendars.get(key)

    def keep(self, key: tuple[str, tuple[str, ...]], calendar: Calendar) -> None:
        with self._turn:
            self._calendars[key] = calendar
            while len(self._calendars) > _KEPT:
                self._calendars.popitem(last=False)


_loaded: Final = _Loaded()


def _newest(session: Session) -> _Revision | None:
    """Return the newest revision, asked for once a transaction."""
    transaction = session.get_transaction()
    asked: tuple[SessionTransaction, _Revision | None] | None = session.info.get(_IN_SESSION)
    if asked is not None and asked[0] is transaction:
        return asked[1]
    row = session.execute(
        select(CalendarRevision.id, CalendarRevision.stamp, CalendarRevision.announced_until)
        .order_by(CalendarRevision.id.desc())
        .limit(1)
    ).first()
    revision = _Revision(row.id, row.stamp, row.announced_until) if row is not None else None
    begun = session.get_transaction()
    if begun is not None:
        session.info[_IN_SESSION] = (begun, revision)
    return revision


def forget(session: Session) -> None:
    """Ask again in this transaction: the calendar was changed in it."""
    session.info.pop(_IN_SESSION, None)


def _read(session: Session, revision: _Revision, areas: Sequence[str]) -> list[DayOff]:
    rows = session.execute(
        select(Holiday.date, Holiday.name, Holiday.source)
        .where(
            Holiday.area.in_(areas),
            Holiday.added_in <= revision.id,
            or_(Holiday.withdrawn_in.is_(None), Holiday.withdrawn_in > revision.id),
        )
        .order_by(Holiday.date, Holiday.id)
    )
    return [DayOff(row.date, row.name, row.source) for row in rows]
