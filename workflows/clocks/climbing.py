"""Climbs the ladders: tells people what falls due, each rung of each clock once, in order, however many workers run.

Plugged in as a duty of the engine: `Ladder(areas_of=…, positions=OrganizationPositions())`. Its batches
claim clocks by row; what a rung tells, that it was told, and what comes next are one transaction.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from engine import SYSTEM, Prepared
from workflows.calendar import AreasOf, DaysOff, day_of, read_calendar
from workflows.clocks.audience import Ownership, people_of
from workflows.clocks.keeper import line
from workflows.clocks.ladder import LADDER, Audience, Planned, Rung, moment_of_rung, next_rung, rung_of
from workflows.clocks.models import LADDERED, Clock, ClockEvent
from workflows.clocks.positions import Positions
from workflows.clocks.states import ClockEventKind
from workflows.notifications import MessageKind, Notice, notify

if TYPE_CHECKING:
    from engine import UnitOfWork

log = logging.getLogger(__name__)

BATCH: Final = 100

_C: Final = Clock.__table__.c
_EARLIEST: Final = Prepared(select(func.min(_C.next_at)).where(LADDERED))
_DUE: Final = (
    select(Clock.__table__)
    .where(LADDERED, _C.next_at <= bindparam("now"))
    .order_by(_C.next_at, _C.id)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)  # on SQLite the transaction has the database to itself
)
_CLAIM: Final = (
    update(Clock)
    .where(_C.id == bindparam("key"), _C.next_rung == bindparam("seen_rung"), _C.next_at == bindparam("seen_at"))
    .values(next_rung=bindparam("rung"), next_at=bindparam("at"))
)
_TELL: Final = insert(ClockEvent)


class Ladder:
    """A duty of the engine: what the ladders of all clocks have to tell by now."""

    def __init__(self, *, areas_of: AreasOf, positions: Positions) -> None:
        self._areas_of = areas_of
        self._positions = positions

    def earliest(self, session: Session) -> dt.datetime | None:
        """Return when a rung is due next."""
        found: dt.datetime | None = _EARLIEST.scalar(session.connection(), {})
        return found

    def run(self, uow: UnitOfWork) -> int:
        """Climb a batch of rungs that are due, the earliest first; returns how many clocks it had in hand."""
        session, now = uow.session, uow.now
        clocks = session.connection().execute(_DUE, {"now": now, "count": BATCH}).all()
        for clock in clocks:
            self._climb(session, clock, now)
        return len(clocks)

    def _climb(self, session: Session, clock: Row[Any], now: dt.datetime) -> None:
        days_off = read_calendar(session, self._areas_of(session, clock.unit)).days_off
        rung = rung_of(clock.next_rung)
        if rung is None:  # the ladder has lost this rung since
            _claim(session, clock, _beyond(clock, days_off))
            return
        moment = moment_of_rung(rung, clock.due, days_off)
        if moment > now:  # holidays were announced since it was planned: nothing is told early
            _claim(session, clock, Planned(rung, moment))
        elif _claim(session, clock, next_rung(rung, clock.due, days_off)):
            self._tell(session, clock, Planned(rung, clock.next_at), days_off, now)

    def _tell(self, session: Session, clock: Row[Any], planned: Planned, days_off: DaysOff, now: dt.datetime) -> None:
        ownership = Ownership(clock.assignee, _split(clock.users), _split(clock.groups))
        people = people_of(session, self._positions, ownership, planned.rung.audiences, now)
        if not people:
            log.info("rung_without_anybody", extra={"clock": clock.id, "rung": planned.rung.days})
        facts = _facts(clock, planned, days_off, now)
        key = f"clock:{clock.id}:{planned.rung.days:+d}:{clock.due.isoformat()}"
        told = notify(
            session,
            [
                Notice(
                    person_id=person.person,
                    kind=_kind(planned.rung, person.part),
                    key=key,
                    facts={**facts, "as": str(person.part), "group": person.group},
                )
                for person in people
            ],
            now=now,
        )
        parts = {person.person: str(person.part) for person in people if person.person in told}
        session.connection().execute(
            _TELL,
            line(
                clock.id,
                ClockEventKind.RUNG,
                now,
                actor=SYSTEM.id,
                capacity=SYSTEM.capacity,
                due=clock.due,
                rung=planned.rung.days,
                planned_at=planned.at,
                told=json.dumps(parts, ensure_ascii=False),
            ),
        )


def _claim(session: Session, clock: Row[Any], planned: Planned | None) -> bool:
    """Take the next step of a clock; False when another worker was faster."""
    parameters = {
        "key": clock.id,
        "seen_rung": clock.next_rung,
        "seen_at": clock.next_at,
        "rung": planned.rung.days if planned is not None else None,
        "at": planned.at if planned is not None else None,
    }
    return session.connection().execute(_CLAIM, parameters).rowcount == 1


def _beyond(clock: Row[Any], days_off: DaysOff) -> Planned | None:
    following = next((rung for rung in LADDER if rung.days > clock.next_rung), None)
    return Planned(following, moment_of_rung(following, clock.due, days_off)) if following is not None else None


def _kind(rung: Rung, part: Audience) -> MessageKind:
    if rung.days < 0:
        return MessageKind.DUE_SOON
    if rung.days == 0:
        return MessageKind.DUE_TODAY
    return MessageKind.OVERDUE if part is Audience.OWNER else MessageKind.OVERDUE_BELOW


def _facts(clock: Row[Any], planned: Planned, days_off: DaysOff, now: dt.datetime) -> dict[str, object]:
    late = days_off.between(day_of(clock.due), day_of(now)) if now > clock.due else 0
    return {
        "clock": clock.id,
        "task_id": str(clock.task_id),
        "name": clock.name,
        "process_id": clock.process_id,
        "element_id": clock.element_id,
        "business_key": clock.business_key,
        "unit": clock.unit,
        "due": clock.due.isoformat(),
        "rung": planned.rung.days,
        "working_days_late": late,
        "assignee": clock.assignee,
        "late_seconds": int((now - planned.at).total_seconds()),
    }


def _split(text: str) -> list[str]:
    return [part for part in text.split(",") if part]
