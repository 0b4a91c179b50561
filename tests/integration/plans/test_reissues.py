"""What a re-issue would do is told before it is done, and what it then does is the same."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from tests.integration.plans.conftest import NOW, PLANNER
from tests.integration.plans.test_board import add_step
from workflows.plans.cycles import reissue
from workflows.plans.errors import CalendarRefused
from workflows.plans.models import Cycle, Document
from workflows.plans.reissues import following, preview
from workflows.plans.states import StepState
from workflows.plans.values import as_day

TODAY = as_day(NOW)
DRAFT_DUE = TODAY + dt.timedelta(days=40)
LATER = TODAY + dt.timedelta(days=60)


def test_the_open_tasks_of_the_step_move_and_no_others(
    session: Session, cycle: Cycle, plans: dict[str, Document]
) -> None:
    add_step(session, plans["TH-50"], "draft", due=DRAFT_DUE)
    add_step(session, plans["TH-52"], "draft", due=DRAFT_DUE, state=StepState.DONE)
    add_step(session, plans["TH-52"], "committee", due=DRAFT_DUE)

    told = preview(session, cycle, step="draft", due=LATER, now=NOW)

    assert [(task.unit, task.unit_name) for task in told.moved] == [("TH-50", "เชียงใหม่")]
    assert (as_day(told.old_due), as_day(told.new_due)) == (DRAFT_DUE, LATER)
    assert (told.expired, told.in_the_past) == (False, False)


def test_a_unit_with_a_date_of_its_own_stays_and_is_named(
    session: Session, cycle: Cycle, plans: dict[str, Document]
) -> None:
    for unit in ("TH-50", "TH-52"):
        add_step(session, plans[unit], "draft", due=DRAFT_DUE)
    reissue(
        session, cycle, step="draft", due=DRAFT_DUE + dt.timedelta(days=5), reason="น้ำท่วม", order_ref="ว 9",
        unit="TH-52", actor=PLANNER, now=NOW,
    )  # fmt: skip

    told = preview(session, cycle, step="draft", due=LATER, now=NOW)
    of_one = preview(session, cycle, step="draft", due=LATER, now=NOW, unit="TH-52")

    assert [task.unit for task in told.moved] == ["TH-50"]
    assert told.own_dates == ("ลำปาง",)
    assert [task.unit for task in of_one.moved] == ["TH-52"]
    assert as_day(of_one.old_due) == DRAFT_DUE + dt.timedelta(days=5)
    assert of_one.own_dates == ()


def test_how_many_are_late_before_and_after_is_told(session: Session, cycle: Cycle, plans: dict[str, Document]) -> None:
    for unit in ("TH-50", "TH-52"):
        add_step(session, plans[unit], "draft", due=DRAFT_DUE)
    afterwards = NOW + dt.timedelta(days=50)

    rescued = preview(session, cycle, step="draft", due=LATER, now=afterwards)
    hopeless = preview(session, cycle, step="draft", due=DRAFT_DUE + dt.timedelta(days=2), now=afterwards)

    assert (rescued.expired, rescued.late_before, rescued.late_after) == (True, 2, 0)
    assert (hopeless.in_the_past, hopeless.late_before, hopeless.late_after) == (True, 2, 2)


def test_tasks_of_the_nation_follow_the_date_of_all(session: Session, cycle: Cycle, lampang: Document) -> None:
    add_step(session, lampang, "draft", due=DRAFT_DUE)

    assert [task.unit for task in following(session, cycle, "draft")] == ["TH-52"]
    assert following(session, cycle, "draft", "TH-50") == []


def test_a_step_that_the_calendar_does_not_have_is_refused(session: Session, cycle: Cycle) -> None:
    with pytest.raises(CalendarRefused):
        preview(session, cycle, step="party", due=LATER, now=NOW)
