"""The calendar as a table: seeded once, changed by revisions, nothing lost; reading it costs next to nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.integration.calendar.conftest import NOW, Statements
from workflows.calendar import (
    Kind,
    SeedHoliday,
    Unit,
    add_holidays,
    count,
    read_calendar,
    seed_holidays,
    shipped_calendar,
    withdraw_holiday,
)
from workflows.calendar.errors import HolidayNotFound, HolidayRefused
from workflows.calendar.models import CalendarRevision, Holiday
from workflows.calendar.seed import shipped_holidays

LAMPANG = ("TH", "NORTH", "TH-52")
LAMPHUN = ("TH", "NORTH", "TH-51")
SPECIAL = dt.date(2027, 3, 2)  # a Tuesday


def add(session: Session, *, area: str = "TH", day: dt.date = SPECIAL, name: str = "วันหยุดพิเศษ") -> None:
    holiday = SeedHoliday(day, name, Kind.SPECIAL, area=area, source="มติคณะรัฐมนตรี วันที่ 1 ธันวาคม 2569")
    add_holidays(session, [holiday], actor="admin", note="ประกาศใหม่", now=NOW)


def is_off(session: Session, areas: tuple[str, ...], day: dt.date = SPECIAL) -> bool:
    return not read_calendar(session, areas).days_off.is_working(day)


def test_seeding_writes_the_shipped_holidays_once(session: Session) -> None:
    first = seed_holidays(session, NOW)
    second = seed_holidays(session, NOW)

    assert (first, second) == (len(shipped_holidays()), 0)
    assert session.scalar(select(func.count()).select_from(Holiday)) == first
    revision = session.scalars(select(CalendarRevision)).one()
    assert (revision.at, revision.announced_until) == (NOW, dt.date(2026, 12, 31))


def test_a_seeded_calendar_counts_as_the_shipped_one(session: Session) -> None:
    seed_holidays(session, NOW)

    for areas in (LAMPANG, ("TH",), ("TH", "EAST", "TH-20")):
        read, shipped = read_calendar(session, areas), shipped_calendar(areas)
        assert read.announced_until == shipped.announced_until
        for start in (dt.date(2021, 3, 20), dt.date(2023, 12, 20), dt.date(2027, 4, 1)):
            assert count(start, 30, Unit.WORKING, read.days_off) == count(start, 30, Unit.WORKING, shipped.days_off)


def test_a_calendar_that_nobody_has_written_is_the_shipped_one(session: Session) -> None:
    assert read_calendar(session, LAMPANG) is shipped_calendar(LAMPANG)


def test_a_day_off_counts_in_its_area_only(session: Session) -> None:
    seed_holidays(session, NOW)

    add(session, area="TH-52")

    assert is_off(session, LAMPANG)
    assert not is_off(session, LAMPHUN)


@pytest.mark.parametrize("area", ["TH", "NORTH"])
def test_a_day_off_of_a_larger_area_counts_in_the_smaller(session: Session, area: str) -> None:
    seed_holidays(session, NOW)

    add(session, area=area)

    assert is_off(session, LAMPANG)
    assert is_off(session, ("TH", "EAST", "TH-20")) == (area == "TH")


def test_a_withdrawn_day_off_is_worked_again_and_stays_readable(session: Session) -> None:
    seed_holidays(session, NOW)
    add(session)
    holiday = session.scalars(select(Holiday).where(Holiday.date == SPECIAL)).one()

    withdraw_holiday(session, holiday.id, actor="other", note="ยกเลิก", now=NOW + dt.timedelta(days=1))

    assert not is_off(session, LAMPANG)
    session.refresh(holiday)
    withdrawn = session.get(CalendarRevision, holiday.withdrawn_in)
    assert withdrawn is not None
    assert (withdrawn.by, withdrawn.note) == ("other", "ยกเลิก")
    add(session)  # and may be announced again
    assert is_off(session, LAMPANG)


def test_what_is_not_in_force_cannot_be_withdrawn(session: Session) -> None:
    seed_holidays(session, NOW)
    add(session)
    number = session.scalars(select(Holiday.id).where(Holiday.date == SPECIAL)).one()
    withdraw_holiday(session, number, actor="admin", note="x", now=NOW)

    for unknown in (number, 10**9):
        with pytest.raises(HolidayNotFound):
            withdraw_holiday(session, unknown, actor="admin", note="x", now=NOW)


def test_the_same_day_off_twice_is_refused(session: Session) -> None:
    add(session)

    with pytest.raises(HolidayRefused):
        add(session)
    add(session, name="วันหยุดประจำจังหวัด")  # another reason for the same day

    assert read_calendar(session, LAMPANG).days_off.find(SPECIAL) is not None


def test_a_day_off_without_a_name_is_refused(session: Session) -> None:
    with pytest.raises(HolidayRefused):
        add(session, name=" ")


def test_seeding_does_not_bring_back_what_administrators_corrected(session: Session) -> None:
    seed_holidays(session, NOW)
    number = session.scalars(select(Holiday.id).where(Holiday.date == dt.date(2027, 12, 31))).one()
    withdraw_holiday(session, number, actor="admin", note="x", now=NOW)

    seed_holidays(session, NOW)

    assert not is_off(session, LAMPANG, dt.date(2027, 12, 31))


def test_announcing_a_year_makes_its_counts_final(session: Session) -> None:
    seed_holidays(session, NOW)
    year_end = dt.date(2027, 12, 31)

    add_holidays(session, [], actor="admin", note="ประกาศปี 2570", now=NOW, announced_until=year_end)
    add(session)

    assert read_calendar(session, LAMPANG).announced_until == year_end


def test_counting_asks_the_database_once_a_transaction(database: Engine, statements: Statements) -> None:
    with Session(database) as session:
        seed_holidays(session, NOW)
        read_calendar(session, LAMPANG)
        session.commit()
    with Session(database) as session:
        statements.asked.clear()
        for _ in range(50):
            read_calendar(session, LAMPANG)

        assert len(statements.asked) == 1


def test_a_change_is_seen_in_its_own_transaction_at_once_and_by_others_after_it(database: Engine) -> None:
    with Session(database) as session:
        seed_holidays(session, NOW)
        session.commit()
    with Session(database) as reader:
        before = is_off(reader, LAMPANG)
        reader.rollback()
        with Session(database) as writer:
            add(writer)
            own = is_off(writer, LAMPANG)
            writer.commit()
        after = is_off(reader, LAMPANG)

    assert (before, own, after) == (False, True, True)


def test_a_change_that_is_rolled_back_is_never_counted(database: Engine) -> None:
    with Session(database) as session:
        seed_holidays(session, NOW)
        session.commit()
    with Session(database) as session:
        add(session)
        assert is_off(session, LAMPANG)
        session.rollback()
        other = dt.date(2027, 3, 3)
        add(session, day=other)

        assert not is_off(session, LAMPANG)
        assert is_off(session, LAMPANG, other)
        session.rollback()
