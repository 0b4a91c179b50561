"""In which capacities somebody may act at a moment, and who may act in a position."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select, bindparam, or_, select, union_all
from sqlalchemy.orm import Session

from engine import SYSTEM, Actor, Prepared, UtcDateTime
from workflows.organization.acting import ActingKind
from workflows.organization.models import ActingOrder, At, Holding, Person, covers

_ORDER_MARK: Final = "#"


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who may act in a position: because they hold it, or by an order."""

    person: str
    name: str
    position: str  # the candidate group: governor@TH-52
    valid_from: dt.datetime
    valid_to: dt.datetime | None
    order: int | None = None
    kind: ActingKind | None = None
    number: str = ""
    dated: dt.date | None = None

    @property
    def capacity(self) -> str:
        """What the history keeps of an act: the position, and the order where there is one."""
        return self.position if self.order is None else f"{self.position}{_ORDER_MARK}{self.order}"

    @property
    def actor(self) -> Actor:
        """The person in this capacity."""
        return Actor(self.person, self.capacity, frozenset({self.position}))


def split_capacity(capacity: str) -> tuple[str, int | None]:
    """Return the position and the acting order that a capacity names; both empty for what is none."""
    position, mark, order = capacity.partition(_ORDER_MARK)
    if mark and not order.isdecimal():
        return "", None
    return position, int(order) if mark else None


class Directory:
    """Answers the engine in which candidate groups somebody is (engine.IdentityProvider)."""

    def groups_of(self, session: Session, actor: Actor, at: dt.datetime) -> frozenset[str]:
        """Return the groups of a person at a moment; of one who acts in a capacity, only that one, if it still holds.

        The engine itself is in none: it needs no group. Asked with every command, so its statements are made once.
        """
        if actor.id == SYSTEM.id:
            return frozenset()
        session.flush()
        connection = session.connection()
        whose: dict[str, object] = {"person": actor.id, "at": at}
        if not actor.capacity:
            return frozenset(_GROUPS.column(connection, whose))
        position, order = split_capacity(actor.capacity)
        if order is None:
            return frozenset(_OWN_GROUP.column(connection, {**whose, "position": position}))
        return frozenset(_ACTED_GROUP.column(connection, {**whose, "position": position, "order": order}))


def capacities_of(session: Session, person_id: str, at: dt.datetime) -> list[Holder]:
    """Return the capacities of a person at a moment, the own positions before those by order, the oldest first.

    Asked with every request, so its statements are made once.
    """
    session.flush()
    connection, whose = session.connection(), {"person": person_id, "at": at}
    own = [Holder(**row) for row in _OWN_CAPACITIES.rows(connection, whose)]
    by_order = [Holder(**{**row, "kind": ActingKind(row["kind"])}) for row in _ACTED_CAPACITIES.rows(connection, whose)]
    return own + by_order


def capacities_of_any(session: Session, person_ids: Collection[str], at: dt.datetime) -> list[Holder]:
    """Return the capacities of these persons at a moment, all own positions before those by order."""
    wanted = Person.id.in_(set(person_ids))
    return _own(session, at, wanted) + _by_order(session, at, wanted)


def holders_of(session: Session, group: str, at: dt.datetime) -> list[Holder]:
    """Return who may act in a position at a moment, its holders before those by order."""
    return holders_of_any(session, [group], at)


def holders_of_any(session: Session, groups: Collection[str], at: dt.datetime) -> list[Holder]:
    """Return who may act in one of these positions at a moment."""
    if not groups:
        return []
    wanted = sorted(set(groups))
    own = _own(session, at, Holding.position.in_(wanted))
    return own + _by_order(session, at, ActingOrder.position.in_(wanted))


def may_act_in(session: Session, person_id: str, groups: Collection[str], at: dt.datetime) -> bool:
    """Tell whether a person may act in one of these positions, in whatever capacity."""
    return not Directory().groups_of(session, Actor(person_id), at).isdisjoint(groups)


def is_active(session: Session, person_id: str, at: dt.datetime) -> bool:
    """Tell whether a person is in the register and has not left."""
    return session.scalar(select(Person.id).where(Person.id == person_id, _present(at))) is not None


def names_of(session: Session, person_ids: Collection[str]) -> Mapping[str, str]:
    """Return the names of persons; unknown ones are missing."""
    if not person_ids:
        return {}
    if len(person_ids) == 1:  # asked with every request
        (person_id,) = person_ids
        session.flush()
        name = _NAME.scalar(session.connection(), {"person": person_id})
        return {} if name is None else {person_id: name}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(set(person_ids))))
    return {person: name for person, name in rows}  # noqa: C416 (rows are no pairs to mypy)


def _own(session: Session, at: dt.datetime, which: ColumnElement[bool]) -> list[Holder]:
    query = select(Holding, Person.name).join(Person, Person.id == Holding.person_id).where(_held(at), which)
    return [
        Holder(row.person_id, name, row.position, row.valid_from, row.valid_to)
        for row, name in session.execute(query.order_by(Holding.valid_from, Holding.id))
    ]


def _by_order(session: Session, at: dt.datetime, which: ColumnElement[bool]) -> list[Holder]:
    query = select(ActingOrder, Person.name).join(Person, Person.id == ActingOrder.person_id).where(_acted(at), which)
    return [
        Holder(
            row.person_id, name, row.position, row.valid_from, row.valid_to,
            order=row.id, kind=ActingKind(row.kind), number=row.number, dated=row.dated,
        )
        for row, name in session.execute(query.order_by(ActingOrder.valid_from, ActingOrder.id))
    ]  # fmt: skip


def _held(at: At) -> ColumnElement[bool]:
    return covers(Holding, at) & _present(at)


def _acted(at: At) -> ColumnElement[bool]:
    return covers(ActingOrder, at) & _present(at)


def _present(at: At) -> ColumnElement[bool]:
    return or_(Person.left_at.is_(None), Person.left_at > at)


def _groups_held() -> Select[str]:
    whose = select(Holding.position).join(Person, Person.id == Holding.person_id)
    return whose.where(Person.id == bindparam("person"), _held(_AT))


def _groups_acted() -> Select[str]:
    whose = select(ActingOrder.position).join(Person, Person.id == ActingOrder.person_id)
    return whose.where(Person.id == bindparam("person"), _acted(_AT))


_AT: Final = bindparam("at", type_=UtcDateTime())
_GROUPS: Final = Prepared(union_all(_groups_held(), _groups_acted()))
_OWN_GROUP: Final = Prepared(_groups_held().where(Holding.position == bindparam("position")))
_ACTED_GROUP: Final = Prepared(
    _groups_acted().where(ActingOrder.position == bindparam("position"), ActingOrder.id == bindparam("order"))
)
_NAME: Final = Prepared(select(Person.name).where(Person.id == bindparam("person")))
_OWN_CAPACITIES: Final = Prepared(
    select(Holding.person_id.label("person"), Person.name, Holding.position, Holding.valid_from, Holding.valid_to)
    .join(Person, Person.id == Holding.person_id)
    .where(Person.id == bindparam("person"), _held(_AT))
    .order_by(Holding.valid_from, Holding.id)
)
_ACTED_CAPACITIES: Final = Prepared(
    select(
        ActingOrder.person_id.label("person"), Person.name, ActingOrder.position, ActingOrder.valid_from,
        ActingOrder.valid_to, ActingOrder.id.label("order"), ActingOrder.kind, ActingOrder.number, ActingOrder.dated,
    )
    .join(Person, Person.id == ActingOrder.person_id)
    .where(Person.id == bindparam("person"), _acted(_AT))
    .order_by(ActingOrder.valid_from, ActingOrder.id)
)  # fmt: skip
