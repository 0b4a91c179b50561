"""Who holds a position from when to when: register a person, appoint, end a holding; nothing is ever deleted."""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import SYSTEM, Actor
from workflows.organization.errors import PeriodRefused, PositionTaken, UnknownPerson, UnknownRecord, UnknownRole
from workflows.organization.models import ActingOrder, Holding, Person, Position, overlaps
from workflows.organization.roles import role_of


def register_person(session: Session, name: str, *, email: str | None = None, person_id: str | None = None) -> Person:
    """Write a person under an id that says nothing about them, unless one is given.

    Raises:
        UnknownPerson: The id is the engine's own, or the name is empty.
    """
    if person_id == SYSTEM.id or not name.strip():
        raise UnknownPerson("Expected a name, and an id that is not the engine's, but got something else.")
    person = Person(id=person_id or secrets.token_hex(8), name=name.strip(), email=email)
    session.add(person)
    session.flush()
    return person


def get_person(session: Session, person_id: str) -> Person:
    """Return a person.

    Raises:
        UnknownPerson: There is none.
    """
    found = session.get(Person, person_id)
    if found is None:
        raise UnknownPerson(f"Expected a person of the register, but {person_id!r} is none.", person=person_id)
    return found


def leave(session: Session, person_id: str, *, at: dt.datetime, reason: str, actor: Actor) -> None:
    """Let a person do nothing any more from a moment on: everything that they hold or act in ends then.

    Raises:
        UnknownPerson: There is none.
        PeriodRefused: Nobody says why.
    """
    person = get_person(session, person_id)
    if not reason.strip():
        raise PeriodRefused("Expected a reason for the end, but there is none.")
    person.left_at = at
    rows: list[Holding | ActingOrder] = []
    for table in (Holding, ActingOrder):
        still = or_(table.valid_to.is_(None), table.valid_to > at)
        rows += session.scalars(select(table).where(table.person_id == person_id, still))
    for row in rows:
        row.valid_to, row.ended_by, row.end_reason = max(at, row.valid_from), actor.id, reason.strip()
    session.flush()


def get_position(session: Session, code: str) -> Position:
    """Return a position.

    Raises:
        UnknownRole: The unit has no such position.
    """
    found = session.get(Position, code)
    if found is None:
        raise UnknownRole(f"Expected a position `role@unit` of the organisation, but got {code!r}.", position=code)
    return found


def appoint(
    session: Session,
    person_id: str,
    position: str,
    *,
    start: dt.datetime,
    end: dt.datetime | None = None,
    actor: Actor,
    now: dt.datetime,
) -> Holding:
    """Let a person hold a position from a moment up to another.

    Raises:
        UnknownPerson: There is no such person.
        UnknownRole: There is no such position.
        PeriodRefused: It ends before it begins.
        PositionTaken: The same person holds it then, or another one whom there can be only one of.
    """
    get_person(session, person_id)
    role = role_of(get_position(session, position).role)
    check_period(start, end)
    others = select(Holding).where(Holding.position == position, overlaps(Holding, start, end))
    if not role.sole:
        others = others.where(Holding.person_id == person_id)
    taken = session.scalars(others.limit(1)).first()
    if taken is not None:
        raise PositionTaken(
            f"Expected {position} to be free from {start.isoformat()}, but {taken.person_id} holds it.",
            position=position,
            by=taken.person_id,
            since=taken.valid_from,
            until=taken.valid_to,
        )
    holding = Holding(
        person_id=person_id, position=position, valid_from=start, valid_to=end, recorded_at=now, recorded_by=actor.id,
        end_reason="",
    )  # fmt: skip
    session.add(holding)
    session.flush()
    return holding


def end_holding(session: Session, holding_id: int, *, end: dt.datetime, reason: str, actor: Actor) -> Holding:
    """Let a holding end at a moment; an end that was set before may be brought forward, never moved back.

    Raises:
        UnknownRecord: There is no such holding.
        PeriodRefused: It would end before it begins or after the end that it has, or no reason is given.
    """
    holding = session.get(Holding, holding_id)
    if holding is None:
        raise UnknownRecord(f"Expected a holding, but {holding_id} is none.", holding=holding_id)
    bring_to_end(holding, end, reason, actor)
    session.flush()
    return holding


def check_period(start: dt.datetime, end: dt.datetime | None) -> None:
    """Refuse a period that ends before it begins, or at once.

    Raises:
        PeriodRefused: It does.
    """
    if end is not None and end <= start:
        raise PeriodRefused(f"Expected an end after {start.isoformat()}, but got {end.isoformat()}.")


def bring_to_end(row: Holding | ActingOrder, end: dt.datetime, reason: str, actor: Actor) -> None:
    """Let a dated row end at a moment; to end at its start means it never began.

    Raises:
        PeriodRefused: The end is before the start or after the end that it has, or nobody says why it ends.
    """
    start, known = row.valid_from, row.valid_to
    if not reason.strip():
        raise PeriodRefused("Expected a reason for the end, but there is none.")
    if end < start or (known is not None and end > known):
        raise PeriodRefused(
            f"Expected an end from {start.isoformat()} to {known.isoformat() if known else 'ever'}, "
            f"but got {end.isoformat()}."
        )
    row.valid_to, row.ended_by, row.end_reason = end, actor.id, reason.strip()
