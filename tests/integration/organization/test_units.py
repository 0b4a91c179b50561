"""Units and dated membership: seeded once, moved with a source, the past stays as it was."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine import ProcessEngine
from tests.integration.organization.conftest import NOW
from workflows import cast, install
from workflows.organization.errors import PeriodRefused, UnknownUnit
from workflows.organization.models import ClusterMembership, Position, Unit
from workflows.organization.roles import UnitKind
from workflows.organization.units import (
    add_unit,
    cluster_at,
    members_at,
    move_province,
    seed_units,
    units_below,
    units_of_kind,
)
from workflows.plans.errors import CycleRefused
from workflows.plans.known_parties import KnownParties
from workflows.plans.states import Level, Sector

LATER = NOW + dt.timedelta(days=100)


def counts(session: Session) -> list[int]:
    return [
        session.scalars(select(func.count()).select_from(table)).one() for table in (Unit, Position, ClusterMembership)
    ]


def test_a_new_database_gets_the_country_and_a_second_seeding_adds_nothing(session: Session) -> None:
    before = counts(session)

    seed_units(session)

    assert counts(session) == before
    assert before[0] == 1 + 6 + 18 + 76
    assert before[2] == 76
    assert [len(units_of_kind(session, kind)) for kind in (UnitKind.PROVINCE, UnitKind.CLUSTER, UnitKind.REGION)] == [
        76,
        18,
        6,
    ]


def test_seeding_leaves_what_was_corrected(session: Session) -> None:
    unit = session.get(Unit, "TH-52")
    assert unit is not None
    unit.name_en = "Nakhon Lampang"
    move_province(session, "TH-52", "NU2", at=NOW, source="ประกาศ ก.น.บ. (สมมติ)")

    seed_units(session)

    assert unit.name_en == "Nakhon Lampang"
    assert cluster_at(session, "TH-52", LATER) == "NU2"


def test_a_province_belongs_to_its_cluster_of_the_moment(session: Session) -> None:
    move_province(session, "TH-52", "NU2", at=LATER, source="ประกาศ ก.น.บ. (สมมติ)")

    just_before = LATER - dt.timedelta(microseconds=1)
    assert cluster_at(session, "TH-52", just_before) == "NU1"
    assert cluster_at(session, "TH-52", LATER) == "NU2"
    assert members_at(session, "NU1", just_before) == ["TH-50", "TH-51", "TH-52", "TH-58"]
    assert members_at(session, "NU1", LATER) == ["TH-50", "TH-51", "TH-58"]
    assert cluster_at(session, "TH-52", dt.datetime(2010, 1, 1, tzinfo=dt.UTC)) is None


def test_a_move_needs_a_source_and_comes_after_the_last_one(session: Session) -> None:
    with pytest.raises(PeriodRefused):
        move_province(session, "TH-52", "NU2", at=LATER, source=" ")
    move_province(session, "TH-52", "NU2", at=LATER, source="ประกาศ")
    with pytest.raises(PeriodRefused):
        move_province(session, "TH-52", "NU1", at=LATER, source="ประกาศ")
    with pytest.raises(UnknownUnit):
        move_province(session, "TH-52", "NU99", at=LATER + dt.timedelta(days=1), source="ประกาศ")


def test_memberships_are_never_deleted(session: Session) -> None:
    with pytest.raises(DBAPIError, match="are kept"):
        session.execute(delete(ClusterMembership))


def test_an_agency_lies_in_a_province_and_says_so_in_its_code(session: Session) -> None:
    with pytest.raises(UnknownUnit):
        add_unit(session, "TH-51-X", kind=UnitKind.AGENCY, name_th="ก", name_en="a", parent="TH-52")
    with pytest.raises(UnknownUnit):
        add_unit(session, "TH-99-X", kind=UnitKind.AGENCY, name_th="ก", name_en="a", parent="TH-99")

    made = add_unit(session, "TH-52-X", kind=UnitKind.AGENCY, name_th="ก", name_en="a", parent="TH-52")

    assert [unit.code for unit in units_below(session, ["TH-52"])] == [made.code]
    assert session.get(Position, "agency@TH-52-X") is not None


def test_units_for_a_cycle_carry_region_and_the_cluster_of_the_moment(session: Session) -> None:
    move_province(session, "TH-52", "NU2", at=LATER, source="ประกาศ")

    province, cluster = install.units_for_cycle(session, ["TH-52", "NU1"], NOW)

    assert (province.level, province.name, province.region, province.cluster) == (
        Level.PROVINCE,
        "ลำปาง",
        "NORTH",
        "NU1",
    )
    assert (cluster.level, cluster.name, cluster.region) == (Level.CLUSTER, "กลุ่มจังหวัดภาคเหนือตอนบน 1", "NORTH")
    assert install.units_for_cycle(session, ["TH-52"], LATER)[0].cluster == "NU2"
    with pytest.raises(UnknownUnit):
        install.units_for_cycle(session, ["TH-10"], NOW)
    with pytest.raises(CycleRefused):
        install.units_for_cycle(session, ["NORTH"], NOW)


def test_a_province_asks_its_agencies_and_local_governments_for_data(staffed: Session) -> None:
    owing = KnownParties().owing_data(staffed, "TH-52", NOW)

    assert [(party.unit, party.role) for party in owing] == [
        ("TH-52-AGRI", "agency"),
        ("TH-52-PAO", "local_government"),
    ]


def test_all_sectors_are_invited_and_a_cluster_invites_those_of_its_provinces(staffed: Session) -> None:
    parties = KnownParties()

    province = parties.of_consultation(staffed, "TH-52", NOW)
    cluster = parties.of_consultation(staffed, "NU1", NOW)

    assert {party.sector for party in province} == {Sector.REGIONAL, Sector.LOCAL, Sector.CIVIL, Sector.BUSINESS}
    assert {party.unit.rpartition("-")[0] for party in cluster} == set(cast.PROVINCES)
    assert len(cluster) == 4 * len(province)


def test_who_has_nobody_to_answer_here_is_invited_by_letter_only(staffed: Session) -> None:
    name = "สำนักงานพาณิชย์จังหวัดลำปาง"
    add_unit(
        staffed, "TH-52-MOC", kind=UnitKind.AGENCY, name_th=name, name_en="Commerce", parent="TH-52", sector="regional"
    )

    parties = {party.name: party for party in KnownParties().of_consultation(staffed, "TH-52", NOW)}

    assert (parties[name].unit, parties[name].role, parties[name].sector) == ("", "", Sector.REGIONAL)


def test_opening_the_engine_prepares_a_database_once(staffed_engine: ProcessEngine) -> None:
    with staffed_engine.reading() as read:
        before = counts(read.session)

    install.prepare(staffed_engine)

    with staffed_engine.reading() as read:
        assert counts(read.session) == before
    assert install.is_prepared(staffed_engine)
