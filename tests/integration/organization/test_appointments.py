"""Who holds a position and who acts in it: to the moment, without overlap, and nothing is deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine import SYSTEM, Actor, open_database, upgrade
from tests.integration.organization.conftest import CLERK, NOW
from workflows.organization.acting import ActingKind, make_order, withdraw_order
from workflows.organization.appointments import appoint, end_holding, leave, register_person
from workflows.organization.directory import (
    Directory,
    capacities_of,
    holders_of,
    is_active,
    may_act_in,
    split_capacity,
)
from workflows.organization.errors import (
    OrderRefused,
    PeriodRefused,
    PositionTaken,
    UnknownPerson,
    UnknownRecord,
    UnknownRole,
)
from workflows.organization.models import ActingOrder, Holding
from workflows.organization.units import seed_units

DAY = dt.timedelta(days=1)
TICK = dt.timedelta(microseconds=1)
GOVERNOR, DEPUTY, PLANNERS = "governor@TH-52", "deputy_governor@TH-52", "province_strategy@TH-52"


def person(session: Session, name: str = "สมชาย ใจดี") -> str:
    return register_person(session, name).id


def hold(
    session: Session, who: str, position: str, start: dt.datetime = NOW, end: dt.datetime | None = None
) -> Holding:
    return appoint(session, who, position, start=start, end=end, actor=CLERK, now=NOW)


def order(
    session: Session,
    who: str,
    position: str = GOVERNOR,
    *,
    kind: ActingKind = ActingKind.ON_BEHALF,
    number: str = "2145/2567",
    start: dt.datetime = NOW,
    end: dt.datetime | None = None,
) -> ActingOrder:
    return make_order(
        session, who, position, kind=kind, number=number, dated=NOW.date(), start=start, end=end, actor=CLERK, now=NOW
    )


def groups(session: Session, who: str, at: dt.datetime, capacity: str = "") -> set[str]:
    return set(Directory().groups_of(session, Actor(who, capacity), at))


def test_a_holding_begins_and_ends_to_the_moment(session: Session) -> None:
    who = person(session)
    hold(session, who, PLANNERS, NOW, NOW + DAY)

    assert groups(session, who, NOW - TICK) == set()
    assert groups(session, who, NOW) == {PLANNERS}
    assert groups(session, who, NOW + DAY - TICK) == {PLANNERS}
    assert groups(session, who, NOW + DAY) == set()


def test_there_is_one_governor_at_a_time_but_many_planners(session: Session) -> None:
    first, second = person(session), person(session, "วิชัย คำปัน")
    hold(session, first, GOVERNOR, NOW, NOW + 10 * DAY)
    hold(session, first, PLANNERS)

    with pytest.raises(PositionTaken) as refused:
        hold(session, second, GOVERNOR, NOW + 9 * DAY)
    hold(session, second, GOVERNOR, NOW + 10 * DAY)
    hold(session, second, PLANNERS)

    assert refused.value.facts["by"] == first
    assert [holder.person for holder in holders_of(session, GOVERNOR, NOW + 10 * DAY)] == [second]
    assert [holder.person for holder in holders_of(session, PLANNERS, NOW)] == [first, second]


def test_nobody_holds_one_position_twice(session: Session) -> None:
    who = person(session)
    hold(session, who, PLANNERS, NOW, NOW + DAY)

    with pytest.raises(PositionTaken):
        hold(session, who, PLANNERS, NOW)
    hold(session, who, PLANNERS, NOW + DAY)


def test_what_does_not_exist_cannot_be_held(session: Session) -> None:
    with pytest.raises(UnknownPerson):
        hold(session, "nobody", PLANNERS)
    with pytest.raises(UnknownRole):
        hold(session, person(session), "governor@NU1")
    with pytest.raises(PeriodRefused):
        hold(session, person(session), PLANNERS, NOW, NOW)
    with pytest.raises(UnknownPerson):
        register_person(session, "ระบบ", person_id=SYSTEM.id)


def test_an_end_is_brought_forward_with_a_reason_and_never_moved_back(session: Session) -> None:
    who = person(session)
    held = hold(session, who, PLANNERS, NOW, NOW + 9 * DAY)

    with pytest.raises(PeriodRefused):
        end_holding(session, held.id, end=NOW + DAY, reason=" ", actor=CLERK)
    end_holding(session, held.id, end=NOW + DAY, reason="ย้าย", actor=CLERK)
    with pytest.raises(PeriodRefused):
        end_holding(session, held.id, end=NOW + 2 * DAY, reason="ย้าย", actor=CLERK)
    with pytest.raises(UnknownRecord):
        end_holding(session, 10**9, end=NOW, reason="ย้าย", actor=CLERK)

    assert groups(session, who, NOW + DAY) == set()
    kept = session.scalars(select(Holding).where(Holding.person_id == who)).one()
    assert (kept.ended_by, kept.end_reason) == (CLERK.id, "ย้าย")


def test_a_holding_that_ends_at_its_start_never_was(session: Session) -> None:
    first, second = person(session), person(session, "วิชัย คำปัน")
    held = hold(session, first, GOVERNOR)
    end_holding(session, held.id, end=NOW, reason="คำสั่งถูกยกเลิก", actor=CLERK)

    hold(session, second, GOVERNOR)

    assert groups(session, first, NOW) == set()
    assert groups(session, second, NOW) == {GOVERNOR}


def test_an_acting_order_begins_and_expires_to_the_moment(session: Session) -> None:
    governor, deputy = person(session), person(session, "วิชัย คำปัน")
    hold(session, governor, GOVERNOR)
    hold(session, deputy, DEPUTY)
    acting = order(session, deputy, start=NOW + DAY, end=NOW + 2 * DAY)
    capacity = f"{GOVERNOR}#{acting.id}"

    assert groups(session, deputy, NOW + DAY - TICK) == {DEPUTY}
    assert groups(session, deputy, NOW + DAY) == {DEPUTY, GOVERNOR}
    assert groups(session, deputy, NOW + 2 * DAY - TICK, capacity) == {GOVERNOR}
    assert groups(session, deputy, NOW + 2 * DAY, capacity) == set()


def test_who_names_a_capacity_acts_in_that_one_only(session: Session) -> None:
    governor, deputy = person(session), person(session, "วิชัย คำปัน")
    hold(session, governor, GOVERNOR)
    hold(session, deputy, DEPUTY)
    acting = order(session, deputy)

    own, by_order = capacities_of(session, deputy, NOW)

    assert (own.capacity, own.kind) == (DEPUTY, None)
    assert (by_order.capacity, by_order.kind, by_order.number) == (
        f"{GOVERNOR}#{acting.id}",
        ActingKind.ON_BEHALF,
        "2145/2567",
    )
    assert groups(session, deputy, NOW, own.capacity) == {DEPUTY}
    assert groups(session, deputy, NOW, by_order.capacity) == {GOVERNOR}
    for forged in (GOVERNOR, f"{GOVERNOR}#{acting.id + 1}", f"{DEPUTY}#{acting.id}", f"{GOVERNOR}#", "ผู้ว่าราชการ", "#1"):
        assert groups(session, deputy, NOW, forged) == set()


def test_an_order_withdrawn_ends_at_once_and_stays_on_record(session: Session) -> None:
    governor, deputy = person(session), person(session, "วิชัย คำปัน")
    hold(session, governor, GOVERNOR)
    acting = order(session, deputy, start=NOW, end=NOW + 9 * DAY)

    withdraw_order(session, acting.id, end=NOW + DAY, reason="ผู้ว่าฯ กลับมาปฏิบัติหน้าที่", actor=CLERK)

    assert may_act_in(session, deputy, [GOVERNOR], NOW + DAY - TICK)
    assert not may_act_in(session, deputy, [GOVERNOR], NOW + DAY)
    assert session.get(ActingOrder, acting.id) is acting
    with pytest.raises(UnknownRecord):
        withdraw_order(session, 10**9, end=NOW, reason="ยกเลิก", actor=CLERK)


def test_an_order_must_fit(session: Session) -> None:
    governor, deputy, other = (person(session, name) for name in ("ก", "ข", "ค"))
    with pytest.raises(OrderRefused, match="delegates"):
        order(session, deputy)
    order(session, deputy, kind=ActingKind.IN_PLACE, end=NOW + DAY)
    with pytest.raises(OrderRefused, match="one person in the place"):
        order(session, other, kind=ActingKind.IN_PLACE)
    hold(session, governor, GOVERNOR, NOW + DAY)
    for start in (NOW, NOW + DAY):
        with pytest.raises(OrderRefused):
            order(session, governor, start=start)
    with pytest.raises(OrderRefused, match="number"):
        order(session, other, number=" ", start=NOW + DAY)
    order(session, deputy, start=NOW + DAY)
    order(session, other, start=NOW + DAY)

    assert [holder.person for holder in holders_of(session, GOVERNOR, NOW)] == [deputy]
    assert [holder.person for holder in holders_of(session, GOVERNOR, NOW + DAY)] == [governor, deputy, other]


def test_who_has_left_may_do_nothing_and_has_nothing(session: Session) -> None:
    governor, deputy = person(session), person(session, "วิชัย คำปัน")
    hold(session, governor, GOVERNOR)
    hold(session, deputy, DEPUTY)
    hold(session, deputy, PLANNERS, NOW + 9 * DAY)
    order(session, deputy)

    leave(session, deputy, at=NOW + DAY, reason="ลาออก", actor=CLERK)

    assert groups(session, deputy, NOW + DAY - TICK) == {DEPUTY, GOVERNOR}
    assert groups(session, deputy, NOW + DAY) == groups(session, deputy, NOW + 10 * DAY) == set()
    assert is_active(session, deputy, NOW)
    assert not is_active(session, deputy, NOW + DAY)
    assert [holder.person for holder in holders_of(session, GOVERNOR, NOW + DAY)] == [governor]
    with pytest.raises(PeriodRefused):
        leave(session, governor, at=NOW, reason="", actor=CLERK)


@pytest.mark.parametrize("table", [Holding, ActingOrder])
def test_who_held_or_acted_when_is_never_deleted(session: Session, table: type[Holding | ActingOrder]) -> None:
    governor, deputy = person(session), person(session, "วิชัย คำปัน")
    hold(session, governor, GOVERNOR)
    order(session, deputy)

    with pytest.raises(DBAPIError, match="are kept"):
        session.execute(delete(table))


@pytest.mark.parametrize(
    ("capacity", "split"),
    [
        ("governor@TH-52", ("governor@TH-52", None)),
        ("governor@TH-52#17", ("governor@TH-52", 17)),
        ("governor@TH-52#x", ("", None)),
        ("governor@TH-52#", ("", None)),
        ("", ("", None)),
    ],
)
def test_a_capacity_names_a_position_and_perhaps_an_order(capacity: str, split: tuple[str, int | None]) -> None:
    assert split_capacity(capacity) == split


@pytest.fixture(scope="module")
def memory() -> Iterator[Session]:
    database = open_database("sqlite://")
    upgrade(database)
    with Session(database) as opened:
        seed_units(opened)
        yield opened
        opened.rollback()
    database.dispose()


PERIODS = st.tuples(st.integers(0, 20), st.one_of(st.none(), st.integers(0, 20)))


@given(wanted=st.lists(st.tuples(st.integers(0, 2), PERIODS), max_size=8))
@settings(max_examples=60, deadline=None)
def test_whatever_is_asked_for_there_is_never_more_than_one_governor(
    memory: Session, wanted: list[tuple[int, tuple[int, int | None]]]
) -> None:
    savepoint = memory.begin_nested()
    people = [person(memory, name) for name in ("ก", "ข", "ค")]
    accepted: list[tuple[str, int, int]] = []
    for who, (start, end) in wanted:
        last = 10**3 if end is None else end
        free = last > start and all(last <= begun or start >= ended for _, begun, ended in accepted)
        try:
            hold(memory, people[who], GOVERNOR, NOW + start * DAY, None if end is None else NOW + end * DAY)
        except (PositionTaken, PeriodRefused):
            assert not free
        else:
            assert free
            accepted.append((people[who], start, last))

    for day in range(22):
        expected = [who for who, begun, ended in accepted if begun <= day < ended]
        assert [holder.person for holder in holders_of(memory, GOVERNOR, NOW + day * DAY)] == expected
        assert len(expected) <= 1
    savepoint.rollback()
