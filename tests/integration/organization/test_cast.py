"""The people of the demo: one for each role, at any moment of the replayed year and of the demo."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import ProcessEngine
from tests.integration.organization.conftest import NOW
from workflows import cast
from workflows.organization.acting import ActingKind
from workflows.organization.directory import capacities_of_any, holders_of
from workflows.organization.errors import UnknownPerson
from workflows.organization.models import ActingOrder, Holding, Person, Position
from workflows.organization.roles import ROLES, split_group


def local(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime(year, month, day, tzinfo=dt.timezone(dt.timedelta(hours=7)))


@pytest.mark.parametrize("at", [local(2025, 5, 6), local(2025, 10, 3), local(2026, 9, 30), local(2026, 11, 25)])
def test_every_role_of_nu1_and_the_nation_is_filled_at_any_moment(staffed: Session, at: dt.datetime) -> None:
    held = {holder.position for holder in capacities_of_any(staffed, cast.people(), at)}

    assert {split_group(position)[0] for position in held} == set(ROLES)
    for unit in cast.PROVINCES:
        offices = (cast.agency_of(unit), f"{cast.LOCAL}@{unit}-PAO", f"governor@{unit}", f"province_strategy@{unit}")
        assert held.issuperset(offices)


def test_everybody_is_invented_and_says_so(staffed: Session) -> None:
    names = staffed.scalars(select(Person.name)).all()

    assert len(names) == len(set(names)) == len(cast.people())
    assert all(name.endswith("(สมมติ)") for name in names)


def test_seeding_again_changes_nothing(staffed: Session) -> None:
    tables = (Person, Holding, ActingOrder, Position)
    before = [staffed.scalars(select(func.count()).select_from(table)).one() for table in tables]

    cast.seed(staffed, NOW + dt.timedelta(days=400))

    assert [staffed.scalars(select(func.count()).select_from(table)).one() for table in tables] == before


def test_the_cast_is_there_on_a_clock_that_stands_before_it(session: Session) -> None:
    early = local(2020, 1, 1)

    cast.seed(session, early)

    assert [holder.person for holder in holders_of(session, "governor@TH-52", early)] == [
        "demo-th52-governor",
        "demo-th52-deputy",
    ]


def test_a_deputy_acts_in_the_place_of_a_governor_who_has_retired(staffed_engine: ProcessEngine) -> None:
    before, between, after = (
        cast.office_holder(staffed_engine, "governor@TH-58", moment)
        for moment in (local(2025, 9, 30), local(2025, 10, 1), local(2025, 11, 17))
    )

    assert [before.actor.id, between.actor.id, after.actor.id] == [
        "demo-th58-governor-before",
        "demo-th58-deputy",
        "demo-th58-governor",
    ]
    assert between.capacity == "ผู้ว่าราชการจังหวัดแม่ฮ่องสอน (รักษาราชการแทน)"
    assert between.actor.groups == {"governor@TH-58"}
    assert after.capacity == "ผู้ว่าราชการจังหวัดแม่ฮ่องสอน"


def test_somebody_of_the_demo_holds_a_position_and_acts_in_another_by_order(staffed: Session) -> None:
    own, acting = capacities_of_any(staffed, ["demo-th52-deputy"], local(2026, 11, 25))

    assert (own.position, own.kind) == ("deputy_governor@TH-52", None)
    assert (acting.position, acting.kind) == ("governor@TH-52", ActingKind.ON_BEHALF)
    assert acting.number
    assert acting.dated


def test_an_office_without_anybody_says_so(staffed_engine: ProcessEngine) -> None:
    with pytest.raises(UnknownPerson):
        cast.office_holder(staffed_engine, "governor@TH-57", NOW)
