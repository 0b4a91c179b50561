"""Changes of the calendar: seed it, add a day off, withdraw one; each is a revision, and nothing is lost."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from workflows.calendar.errors import HolidayNotFound, HolidayRefused
from workflows.calendar.models import CalendarRevision, Holiday
from workflows.calendar.reader import forget
from workflows.calendar.seed import ANNOUNCED_UNTIL, SeedHoliday, shipped_holidays

SHIPPED: Final = "as shipped"
_SEEDER: Final = "system"
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(4921830056112)")


def seed_holidays(session: Session, now: dt.datetime) -> int:
    """Write the shipped holidays into a calendar that has none yet; returns how many.

    A calendar that was ever written is left as it is: what administrators corrected is not brought back.
    """
    _wait_for_turn(session)
    if session.scalar(select(func.count()).select_from(CalendarRevision)):
        return 0
    holidays = shipped_holidays()
    return _add(session, holidays, announced_until=ANNOUNCED_UNTIL, actor=_SEEDER, note=SHIPPED, now=now)


def add_holidays(
    session: Session,
    holidays: Sequence[SeedHoliday],
    *,
    actor: str,
    note: str,
    now: dt.datetime,
    announced_until: dt.date | None = None,
) -> int:
    """Add days off in one revision; returns how many.

    Args:
        session: Where.
        holidays: The days; a source that is not known stays None.
        actor: Who adds them.
        note: Why: the announcement they come from.
        now: When.
        announced_until: Until when holidays are announced now; as before, unless given.

    Raises:
        HolidayRefused: One has no name, or stands in the calendar already.
    """
    _wait_for_turn(session)
    for holiday in holidays:
        if not holiday.name.strip():
            raise HolidayRefused(f"Expected a name for the day off on {holiday.date}, but there is none.")
        if _is_known(session, holiday):
            raise HolidayRefused(
                f"Expected a day off that is not in the calendar, but {holiday.name!r} on {holiday.date} is.",
                date=holiday.date.isoformat(),
                name=holiday.name,
            )
    known_until = announced_until or announced_until_now(session)
    return _add(session, holidays, announced_until=known_until, actor=actor, note=note, now=now)


def withdraw_holiday(session: Session, holiday_id: int, *, actor: str, note: str, now: dt.datetime) -> None:
    """Make a day off a working day again; it stays readable, with who withdrew it, when and why.

    Raises:
        HolidayNotFound: No holiday in force has this number.
    """
    _wait_for_turn(session)
    revision = _revise(session, announced_until_now(session), actor=actor, note=note, now=now)
    done = session.execute(
        update(Holiday)
        .where(Holiday.id == holiday_id, Holiday.withdrawn_in.is_(None))
        .values(withdrawn_in=revision)
        .returning(Holiday.id),
        execution_options={"synchronize_session": False},
    )
    if done.first() is None:
        raise HolidayNotFound(
            f"Expected a holiday in force with number {holiday_id}, but there is none.", id=holiday_id
        )


def announced_until_now(session: Session) -> dt.date:
    """Return until when holidays are announced; what is counted beyond it is provisional."""
    newest = session.scalar(select(CalendarRevision.announced_until).order_by(CalendarRevision.id.desc()).limit(1))
    return newest or ANNOUNCED_UNTIL


def _add(
    session: Session,
    holidays: Sequence[SeedHoliday],
    *,
    announced_until: dt.date,
    actor: str,
    note: str,
    now: dt.datetime,
) -> int:
    revision = _revise(session, announced_until, actor=actor, note=note, now=now)
    rows = [
        {
            "date": holiday.date,
            "area": holiday.area,
            "name": holiday.name,
            "kind": str(holiday.kind),
            "source": holiday.source,
            "announced_on": holiday.announced_on,
            "added_in": revision,
        }
        for holiday in holidays
    ]
    if rows:
        session.execute(insert(Holiday), rows)
    return len(rows)


def _revise(session: Session, announced_until: dt.date, *, actor: str, note: str, now: dt.datetime) -> int:
    revision = CalendarRevision(stamp=uuid.uuid4().hex, at=now, by=actor, note=note, announced_until=announced_until)
    session.add(revision)
    session.flush()
    forget(session)
    return revision.id


def _is_known(session: Session, holiday: SeedHoliday) -> bool:
    found = select(Holiday.id).where(
        Holiday.date == holiday.date,
        Holiday.area == holiday.area,
        Holiday.name == holiday.name,
        Holiday.withdrawn_in.is_(None),
    )
    return session.scalar(found) is not None


def _wait_for_turn(session: Session) -> None:
    """Let revisions be committed in the order of their numbers; on SQLite only one transaction writes anyway."""
    if session.connection().dialect.name == "postgresql":
        session.execute(_ONE_AT_A_TIME)
