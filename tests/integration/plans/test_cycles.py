"""A cycle's calendar: data that may be re-issued even after it has passed, with nothing forgotten."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.integration.plans.conftest import NOW, PLANNER, UNITS
from workflows.calendar import end_of
from workflows.plans.cycles import NewCycle, create_cycle, due_row, plans_to_start, reissue, set_calendar
from workflows.plans.errors import CalendarRefused, CycleRefused, ReasonRequired
from workflows.plans.models import Cycle, Document
from workflows.plans.queries import cycle_page
from workflows.plans.states import CycleKind
from workflows.plans.steps import usual_calendar


def no_days(_session: Session, _start: dt.datetime, _end: dt.datetime, _unit: str) -> int:
    return 0


def test_a_date_re_issued_after_it_has_passed_keeps_the_original_and_the_reason(session: Session, cycle: Cycle) -> None:
    before = due_row(session, cycle, "submission", "TH-52")
    assert before is not None
    first = before.due
    later = first + dt.timedelta(days=19)

    reissue(
        session, cycle, step="submission", due=dt.date(2025, 9, 30), reason="อุทกภัย", order_ref="มติ ครม. 19 ส.ค. 2568",
        actor=PLANNER, now=later,
    )  # fmt: skip

    due = next(
        row
        for row in cycle_page(session, cycle.code, now=later, working_days=no_days).calendar
        if row.step == "submission"
    )
    assert (due.original_due, due.due) == (first, end_of(dt.date(2025, 9, 30)))
    assert [(row.old_due, row.reason, row.after_expiry) for row in due.reissues] == [(first, "อุทกภัย", True)]


def test_every_re_issue_is_kept_and_none_can_be_changed(session: Session, cycle: Cycle) -> None:
    for day in (1, 2):
        reissue(
            session, cycle, step="draft", due=dt.date(2025, 9, day), reason="น้ำท่วม", order_ref=f"ว {day}",
            actor=PLANNER, now=NOW,
        )  # fmt: skip
    session.flush()

    page = cycle_page(session, cycle.code, now=NOW, working_days=no_days)
    assert [len(row.reissues) for row in page.calendar if row.step == "draft"] == [2]
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text("UPDATE plan_cycle_reissue SET reason = 'x'"))


def test_one_unit_may_get_its_own_date(session: Session, cycle: Cycle) -> None:
    reissue(
        session, cycle, step="draft", due=dt.date(2025, 9, 9), reason="เหตุการณ์ชายแดน", order_ref="ว 9", unit="TH-52",
        actor=PLANNER, now=NOW,
    )  # fmt: skip

    own, others = due_row(session, cycle, "draft", "TH-52"), due_row(session, cycle, "draft", "TH-50")
    assert own is not None
    assert others is not None
    assert own.due == end_of(dt.date(2025, 9, 9))
    assert others.due == others.original_due == own.original_due


def test_a_re_issue_without_reason_or_order_is_refused(session: Session, cycle: Cycle) -> None:
    with pytest.raises(ReasonRequired):
        reissue(
            session, cycle, step="draft", due=dt.date(2025, 9, 9), reason=" ", order_ref="ว 9", actor=PLANNER, now=NOW
        )


def test_a_calendar_that_forgets_a_step_is_refused_by_name(session: Session, cycle: Cycle) -> None:
    rows = [row for row in usual_calendar(dt.date(2025, 6, 13)) if row["step"] != "submission"]

    with pytest.raises(CalendarRefused, match=r"ส่งแผนถึง สศช\."):
        set_calendar(session, cycle, rows)


def test_a_cycle_is_opened_once(session: Session, cycle: Cycle) -> None:
    again = NewCycle(fiscal_year=2570, kind=CycleKind.REVISION, plan_from=2566, plan_to=2570, units=UNITS)

    with pytest.raises(CycleRefused, match=cycle.code):
        create_cycle(session, again, actor=PLANNER, now=NOW)


def test_plans_are_started_with_their_cluster_only_when_it_is_in_the_cycle(
    session: Session, cycle: Cycle, plans: dict[str, Document]
) -> None:
    start = plans_to_start(session, cycle, plans.values())

    assert [row["plan_key"] for row in start["clusters"]] == ["FY2570-REV/NU1"]
    assert {row["unit"]: row["cluster_key"] for row in start["provinces"]} == {
        "TH-50": "FY2570-REV/NU1",
        "TH-52": "FY2570-REV/NU1",
    }
