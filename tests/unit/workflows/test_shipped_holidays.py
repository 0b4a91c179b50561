"""The shipped holidays are those of the civil service, with sources where they are known and none where they are not."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from workflows.calendar import Kind, SeedHoliday
from workflows.calendar.resolutions import MOVED, RESOLVED
from workflows.calendar.seed import FIRST_YEAR, LAST_YEAR, shipped_holidays
from workflows.organization.geography import regions

HOLIDAYS = shipped_holidays()
NATIONAL = {holiday.date: holiday for holiday in HOLIDAYS if holiday.area == "TH"}


def on(text: str) -> SeedHoliday | None:
    return NATIONAL.get(dt.date.fromisoformat(text))


def test_it_reaches_from_2560_to_the_end_of_the_next_plan() -> None:
    years = Counter(holiday.date.year for holiday in HOLIDAYS)

    assert (min(years), max(years)) == (FIRST_YEAR, LAST_YEAR) == (2560 - 543, 2575 - 543)
    assert all(18 <= found <= 32 for found in years.values()), years


def test_it_is_the_same_each_time() -> None:
    shipped_holidays.cache_clear()

    assert shipped_holidays() == HOLIDAYS
    assert len({(holiday.date, holiday.area) for holiday in HOLIDAYS}) == len(HOLIDAYS)


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_labour_day_and_childrens_day_are_no_days_off_of_the_civil_service(year: int) -> None:
    names = " ".join(holiday.name for holiday in HOLIDAYS if holiday.date.year == year)

    assert "แรงงาน" not in names
    assert "วันเด็ก" not in names
    assert on(f"{year}-05-01") is None


@pytest.mark.parametrize("day", ["2021-05-03", "2022-05-02", "2027-05-03"])
def test_the_substitute_of_labour_day_is_worked(day: str) -> None:
    assert on(day) is None


@pytest.mark.parametrize("day", ["2017-05-12", "2018-05-14", "2023-05-17", "2025-05-09", "2026-05-13"])
def test_the_ploughing_day_is_off_and_nobody_knows_by_what_source(day: str) -> None:
    found = on(day)

    assert found is not None
    assert (found.name, found.kind, found.source) == ("วันพืชมงคล", Kind.ANNUAL, None)


def test_the_ploughing_days_of_coming_years_are_not_guessed() -> None:
    assert not [holiday for holiday in HOLIDAYS if holiday.date.year > 2026 and "พืชมงคล" in holiday.name]


@pytest.mark.parametrize(
    ("day", "kind", "source"),
    [
        ("2025-06-02", Kind.SPECIAL, "มติคณะรัฐมนตรี วันที่ 12 พฤศจิกายน 2567"),
        ("2025-08-11", Kind.SPECIAL, "มติคณะรัฐมนตรี วันที่ 12 พฤศจิกายน 2567"),
        ("2026-01-02", Kind.SPECIAL, "มติคณะรัฐมนตรี วันที่ 12 พฤศจิกายน 2567"),
        ("2024-04-12", Kind.SPECIAL, "มติคณะรัฐมนตรี วันที่ 13 กุมภาพันธ์ 2567"),
        ("2023-05-05", Kind.SPECIAL, "มติคณะรัฐมนตรี วันที่ 10 มกราคม 2566"),
        ("2023-12-29", Kind.SUBSTITUTION, "มติคณะรัฐมนตรี วันที่ 24 ตุลาคม 2566"),
        ("2021-10-22", Kind.SUBSTITUTION, "มติคณะรัฐมนตรี วันที่ 29 ธันวาคม 2563"),
        ("2020-12-11", Kind.SUBSTITUTION, "มติคณะรัฐมนตรี วันที่ 22 กันยายน 2563"),
        ("2026-06-01", Kind.SUBSTITUTION, "มติคณะรัฐมนตรี วันที่ 1 พฤษภาคม 2544"),
        ("2026-10-23", Kind.ANNUAL, "ประกาศสำนักนายกรัฐมนตรี ลงวันที่ 24 พฤษภาคม 2562"),
        ("2018-10-23", Kind.ANNUAL, None),  # before that announcement
        ("2017-10-26", Kind.SPECIAL, None),
    ],
)
def test_a_day_off_has_its_kind_and_source(day: str, kind: Kind, source: str | None) -> None:
    found = on(day)

    assert found is not None
    assert (found.kind, found.source) == (kind, source)


@pytest.mark.parametrize("moved", MOVED, ids=lambda moved: str(moved.rule))
def test_a_day_that_cabinet_moved_is_worked_where_the_rule_put_it(moved: object) -> None:
    assert moved.rule not in NATIONAL  # type: ignore[attr-defined]
    assert moved.day in NATIONAL  # type: ignore[attr-defined]


def test_every_known_resolution_stands_behind_a_day_off() -> None:
    assert set(RESOLVED) <= set(NATIONAL)
    assert all(NATIONAL[day].source == source for day, (source, _on) in RESOLVED.items())


def test_the_regional_days_of_2564_belong_to_regions_of_the_country() -> None:
    regional = [holiday for holiday in HOLIDAYS if holiday.kind is Kind.REGIONAL]

    assert [(str(holiday.date), holiday.area) for holiday in regional] == [
        ("2021-03-26", "NORTH"),
        ("2021-05-10", "NORTHEAST"),
        ("2021-10-06", "SOUTH"),
        ("2021-10-21", "CENTRAL"),
        ("2021-12-28", "EAST"),
    ]
    assert {holiday.area for holiday in HOLIDAYS} - {"TH"} <= set(regions())
    assert all(holiday.source for holiday in regional)
