"""The table of roles and the grouping of the country, without a database."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workflows.organization.errors import UnknownRole, UnknownUnit
from workflows.organization.geography import (
    areas_of_code,
    areas_or_nation,
    cluster_of,
    clusters,
    lead_of,
    province_of,
    provinces,
    regions,
)
from workflows.organization.roles import ROLES, UnitKind, group, split_group, superior_of

DIAGRAMS = Path(__file__).resolve().parents[3] / "workflows" / "definitions"
A_UNIT_OF = {
    UnitKind.NATION: "TH",
    UnitKind.REGION: "NORTH",
    UnitKind.CLUSTER: "NU1",
    UnitKind.PROVINCE: "TH-52",
    UnitKind.AGENCY: "TH-52-AGRI",
    UnitKind.LOCAL: "TH-52-PAO",
    UnitKind.CIVIL: "TH-52-BASIN",
    UnitKind.BUSINESS: "TH-52-CHAMBER",
}


def test_the_country_has_76_provinces_in_18_clusters_and_6_regions_and_bangkok_is_none() -> None:
    assert (len(provinces()), len(clusters()), len(regions())) == (76, 18, 6)
    assert "TH-10" not in provinces()
    assert set(regions()) == {"NORTH", "NORTHEAST", "CENTRAL", "EAST", "SOUTH", "SOUTHERN_BORDER"}


def test_every_cluster_has_one_leading_province_and_lies_in_one_region() -> None:
    for code, cluster in clusters().items():
        members = [province for province in provinces().values() if province.cluster == code]

        assert [province.code for province in members if province.leads] == [lead_of(code)]
        assert {province.region for province in members} == {cluster.region}


@pytest.mark.parametrize(
    ("code", "areas"),
    [
        ("TH", ("TH",)),
        ("NORTH", ("TH", "NORTH")),
        ("NU1", ("TH", "NORTH", "NU1")),
        ("TH-50", ("TH", "NORTH", "TH-50")),
        ("TH-52-PAO", ("TH", "NORTH", "TH-52", "TH-52-PAO")),
        ("TH-52-MUAENG-2", ("TH", "NORTH", "TH-52", "TH-52-MUAENG-2")),
    ],
)
def test_a_unit_lies_in_areas_the_largest_first(code: str, areas: tuple[str, ...]) -> None:
    assert areas_of_code(code) == areas


@pytest.mark.parametrize("code", ["", "TH-10", "TH-1", "TH-", "th-50", "NU9", "TH-10-PAO", "-", "TH--50"])
def test_what_is_no_unit_is_refused_and_counts_days_as_the_nation(code: str) -> None:
    with pytest.raises(UnknownUnit):
        areas_of_code(code)

    assert areas_or_nation(code) == ("TH",)


def test_a_unit_knows_its_province_and_its_cluster() -> None:
    assert [province_of(code) for code in ("TH-52-PAO", "TH-52", "NU1", "TH")] == ["TH-52", "TH-52", None, None]
    assert [cluster_of(code) for code in ("TH-52-PAO", "TH-52", "NU1", "TH")] == ["NU1", "NU1", "NU1", None]


def test_every_role_that_a_shipped_diagram_names_is_in_the_table() -> None:
    named = set()
    for path in DIAGRAMS.glob("*.bpmn"):
        named |= set(re.findall(r"\"(\w+)@", path.read_text("utf-8")))

    assert named
    assert named <= set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_climbing_from_any_role_ends_at_the_top_and_stays_in_the_country(role: str) -> None:
    seen = [group(role, A_UNIT_OF[ROLES[role].level])]
    while (above := superior_of(seen[-1])) is not None:
        assert above not in seen
        superior, unit = split_group(above)
        assert unit == A_UNIT_OF[ROLES[superior].level]
        seen.append(above)

    assert len(seen) <= 6


@pytest.mark.parametrize(
    ("late", "told"),
    [
        ("province_strategy@TH-52", "province_office_head@TH-52"),
        ("province_office_head@TH-52", "governor@TH-52"),
        ("agency@TH-52-AGRI", "governor@TH-52"),
        ("local_government@TH-58-PAO", "governor@TH-58"),
        ("governor@TH-52", "nesdc@TH"),
        ("cluster_office@NU1", "cluster_head@NU1"),
        ("regional_subcommittee@NORTH", "policy_committee@TH"),
        ("civil_society@TH-52-BASIN", None),
        ("system_admin@TH", None),
    ],
)
def test_who_learns_of_it_when_somebody_is_late(late: str, told: str | None) -> None:
    assert superior_of(late) == told


def test_a_group_of_no_role_has_no_superior_but_an_error() -> None:
    with pytest.raises(UnknownRole):
        superior_of("emperor@TH")


def test_every_role_has_its_names_in_both_languages() -> None:
    for role in ROLES.values():
        assert role.name_th
        assert re.search("[ก-๛]", role.name_th)
        assert role.name_en.isascii()
        assert bool(role.title_th) == bool(role.title_en)
        if role.level != UnitKind.NATION:
            assert "{unit}" in role.title_th
            assert "{unit}" in role.title_en
