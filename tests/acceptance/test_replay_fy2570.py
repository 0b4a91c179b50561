"""The revised edition of fiscal year 2570 on its real calendar: one province late, one approval with observations."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from workflows.replay import ReplayResult, replay

BANGKOK = dt.timezone(dt.timedelta(hours=7))
UNITS = {"NU1", "TH-50", "TH-51", "TH-52", "TH-58"}


def play(url: str) -> tuple[ReplayResult, int]:
    year = replay(url)
    told = 0
    while True:
        try:
            done, total, _line = next(year)
        except StopIteration as end:
            return end.value, told
        assert 0 < done <= total
        told += 1


@pytest.fixture(scope="module")
def result() -> ReplayResult:
    found, told = play("sqlite://")
    assert told == len(found.steps)
    return found


def of(result: ReplayResult, **wanted: object) -> list[dict[str, object]]:
    rows = [step.as_json() for step in result.steps]
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def test_all_runs_end_and_the_audit_trail_holds(result: ReplayResult) -> None:
    assert result.instances == dict.fromkeys([*UNITS, "TH"], "completed")
    assert result.verified
    assert result.entries > len(result.steps)


def test_the_submission_was_extended_after_it_had_passed(result: ReplayResult) -> None:
    (reissue,) = of(result, step="reissue_submission")

    assert reissue["due_original"] == "2025-07-31T23:59:59+07:00"
    assert reissue["due"] == "2025-09-30T23:59:59+07:00"
    assert str(reissue["done"]).startswith("2025-08-19")
    assert reissue["assumed"] is False


def test_exactly_one_province_is_late_with_its_submission(result: ReplayResult) -> None:
    late = {row["unit"]: row["working_days_late"] for row in of(result, step="sign_submission")}

    assert late == {"TH-50": 0, "TH-51": 0, "TH-52": 0, "NU1": 0, "TH-58": 3}
    assert {row["unit"] for row in of(result) if row["working_days_late"]} == {"TH-58"}


def test_exactly_one_plan_is_approved_with_observations(result: ReplayResult) -> None:
    (row,) = of(result, outcome="approve_with_observations")

    assert (row["unit"], row["process"], row["step"]) == ("TH-52", "national-review", "cabinet_resolution")


def test_real_dates_are_not_called_assumed_and_assumed_ones_are(result: ReplayResult) -> None:
    (criteria,) = of(result, step="criteria_resolution")

    assert str(criteria["done"]).startswith("2025-05-22")
    assert criteria["assumed"] is False
    assert {row["step"] for row in of(result, assumed=False)} == {"criteria_resolution", "reissue_submission"}


def test_every_step_names_the_person_and_the_capacity(result: ReplayResult) -> None:
    assert all(row["actor"] and row["capacity"] for row in of(result))


def test_moments_carry_the_offset_of_thailand_and_the_whole_is_json(result: ReplayResult) -> None:
    told = json.loads(json.dumps(result.as_json(), ensure_ascii=False))

    assert set(told) == {"steps", "instances", "audit"}
    for row in told["steps"]:
        for name in ("due_original", "due", "done"):
            if row[name] is not None:
                assert dt.datetime.fromisoformat(row[name]).utcoffset() == dt.timedelta(hours=7)


def test_the_year_is_the_same_on_both_databases(result: ReplayResult, database_url: str) -> None:
    again, _ = play(database_url)

    assert again.as_json()["steps"] == result.as_json()["steps"]
