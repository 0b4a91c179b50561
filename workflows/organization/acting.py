"""Acting orders: somebody acts in a position from a moment to another, by an order with number and date."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Actor
from workflows.organization.appointments import bring_to_end, check_period, get_person, get_position
from workflows.organization.errors import OrderRefused, UnknownRecord
from workflows.organization.models import ActingOrder, Holding, overlaps


class ActingKind(StrEnum):
    """The two ways of the State Administration Act 2534 to act for an office: sections 41–50 and 38–40."""

    IN_PLACE = "in_place"  # รักษาราชการแทน: nobody holds the office, or the holder cannot perform it
    ON_BEHALF = "on_behalf"  # ปฏิบัติราชการแทน: the holder delegates


KIND_NAMES: Final = {ActingKind.IN_PLACE: "รักษาราชการแทน", ActingKind.ON_BEHALF: "ปฏิบัติราชการแทน"}
KIND_NAMES_EN: Final = {ActingKind.IN_PLACE: "Acting in the place of", ActingKind.ON_BEHALF: "Acting on behalf of"}


def make_order(
    session: Session,
    person_id: str,
    position: str,
    *,
    kind: ActingKind,
    number: str,
    dated: dt.date,
    start: dt.datetime,
    end: dt.datetime | None = None,
    actor: Actor,
    now: dt.datetime,
) -> ActingOrder:
    """Write an acting order.

    Raises:
        UnknownPerson: There is no such person.
        UnknownRole: There is no such position.
        PeriodRefused: It ends before it begins.
        OrderRefused: It has no number, the person holds the position or acts in it already, nobody is there who could
            delegate, or somebody else is in the place already.
    """
    get_person(session, person_id)
    get_position(session, position)
    check_period(start, end)
    if not number.strip():
        raise OrderRefused("Expected the number of the order, but there is none.")
    for table in (Holding, ActingOrder):
        same = select(table.id).where(
            table.person_id == person_id, table.position == position, overlaps(table, start, end)
        )
        if session.scalar(same.limit(1)) is not None:
            raise OrderRefused(
                f"Expected a person who has no authority in {position} yet, but {person_id} has.",
                position=position,
                person=person_id,
            )
    _check_kind(session, position, kind, start, end)
    order = ActingOrder(
        person_id=person_id, position=position, kind=kind, number=number.strip(), dated=dated, valid_from=start,
        valid_to=end, recorded_at=now, recorded_by=actor.id, end_reason="",
    )  # fmt: skip
    session.add(order)
    session.flush()
    return order


def withdraw_order(session: Session, order_id: int, *, end: dt.datetime, reason: str, actor: Actor) -> ActingOrder:
    """Let an acting order end at a moment, at once or earlier than it says; the row stays.

    Raises:
        UnknownRecord: There is no such order.
        PeriodRefused: It would end before it begins or after the end that it has, or no reason is given.
    """
    order = session.get(ActingOrder, order_id)
    if order is None:
        raise UnknownRecord(f"Expected an acting order, but {order_id} is none.", order=order_id)
    bring_to_end(order, end, reason, actor)
    session.flush()
    return order


def _check_kind(session: Session, position: str, kind: ActingKind, start: dt.datetime, end: dt.datetime | None) -> None:
    if kind is ActingKind.ON_BEHALF:
        delegators = select(Holding.id).where(Holding.position == position, overlaps(Holding, start, end))
        if session.scalar(delegators.limit(1)) is None:
            raise OrderRefused(f"Expected a holder of {position} who delegates, but there is none.", position=position)
        return
    others = select(ActingOrder).where(
        ActingOrder.position == position, ActingOrder.kind == kind, overlaps(ActingOrder, start, end)
    )
    taken = session.scalars(others.limit(1)).first()
    if taken is not None:
        raise OrderRefused(
            f"Expected one person in the place of {position} at a time, but {taken.person_id} is, by {taken.number}.",
            position=position,
            by=taken.person_id,
        )
