"""A counted period is explained day off by day off, without a database by the shipped calendar."""

from __future__ import annotations

import datetime as dt

import pytest

from workflows.clocks import explain
from workflows.clocks.errors import UnitRefused
from workflows.organization.errors import UnknownUnit

START = dt.date(2027, 4, 1)


def test_thirty_working_days_across_songkran() -> None:
    found = explain(None, START, 30, "working", "TH-50")

    told = found.as_json()
    assert told.keys() == {"due", "counted", "skipped"}
    assert (told["due"], told["counted"]) == ("2027-05-21", 30)
    skipped = {str(day.date): day for day in found.skipped}
    assert skipped["2027-04-03"].name == "วันเสาร์"
    assert skipped["2027-04-03"].source is None
    assert skipped["2027-04-14"].name == "วันสงกรานต์"
    assert skipped["2027-04-14"].source is not None
    assert skipped["2027-05-01"].name == "วันเสาร์", "Labour Day is no day off of the civil service"
    assert "2027-05-03" not in skipped
    assert (found.due - START).days == found.counted + len(found.skipped)


def test_calendar_days_list_only_the_days_off_across_which_the_end_runs() -> None:
    found = explain(None, dt.date(2026, 4, 1), 12, "calendar", "TH")

    assert found.as_json() == {
        "due": "2026-04-16",
        "counted": 12,
        "skipped": [
            {
                "date": f"2026-04-{day}",
                "name": "วันสงกรานต์",
                "source": "ประกาศสำนักนายกรัฐมนตรี ลงวันที่ 24 พฤษภาคม 2562",
            }
            for day in (13, 14, 15)
        ],
    }


def test_backwards_the_days_off_come_in_the_order_of_counting() -> None:
    found = explain(None, dt.date(2026, 1, 5), -2, "working", "TH")

    assert found.due == dt.date(2025, 12, 29)
    assert [str(day.date) for day in found.skipped] == [
        "2026-01-04",
        "2026-01-03",
        "2026-01-02",
        "2026-01-01",
        "2025-12-31",
    ]
    assert found.counted == 2


def test_a_cluster_counts_as_its_region() -> None:
    start = dt.date(2021, 3, 25)

    assert explain(None, start, 1, "working", "NU1").due == dt.date(2021, 3, 29)
    assert explain(None, start, 1, "working", "NEU1").due == dt.date(2021, 3, 26)


@pytest.mark.parametrize(("start", "provisional"), [("2026-10-01", False), ("2026-12-20", True), ("2027-04-01", True)])
def test_what_is_counted_beyond_the_announced_days_is_provisional(start: str, provisional: bool) -> None:
    assert explain(None, dt.date.fromisoformat(start), 30, "working", "TH").provisional is provisional


@pytest.mark.parametrize("area", ["TH-99", "XX", "", "th-50", "TH-10"])
def test_an_unknown_area_is_refused(area: str) -> None:
    with pytest.raises(UnknownUnit) as refused:
        explain(None, START, 30, "working", area)

    assert refused.value.code == "unknown_unit"


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(UnitRefused):
        explain(None, START, 30, "weeks", "TH")
