"""The list of plans on both databases: whose, in which order, cut to what, and what each waits for."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from tests.integration.plans.conftest import NOW, PLANNER
from workflows.plans.cycles import reissue
from workflows.plans.models import Cycle, Document, Step
from workflows.plans.queries import PlanFilter, choices, list_plans, listing
from workflows.plans.queries.cycle import calendar_of
from workflows.plans.states import StepState
from workflows.plans.visibility import Sight, seen_plans

NATION = Sight("TH")


def wait_for(session: Session, document: Document, name: str, *, due_in: int | None) -> None:
    session.add(
        Step(
            cycle_id=document.cycle_id, document_id=document.id, process_id="p", element_id=name, stage="draft",
            task_id=f"{document.unit}-{name}", name=name, groups=f"province_strategy@{document.unit}", due_step="",
            state=StepState.OPEN, opened_at=NOW, original_due=None,
            due=None if due_in is None else NOW + dt.timedelta(days=due_in),
        )
    )  # fmt: skip
    session.flush()


@pytest.mark.parametrize(
    ("sight", "seen"),
    [
        (NATION, ["NU1", "TH-50", "TH-52"]),
        (Sight("NORTH"), ["NU1", "TH-50", "TH-52"]),
        (Sight("NU1"), ["NU1", "TH-50", "TH-52"]),
        (Sight("TH-52"), ["TH-52", "NU1"]),  # one's own first
        (Sight("TH-52", upward=False), ["TH-52"]),
        (Sight("SOUTH"), []),
        (Sight("TH-10"), []),
        (Sight(), []),
    ],
)
def test_each_sees_their_own_and_in_their_order(
    session: Session, plans: dict[str, Document], sight: Sight, seen: list[str]
) -> None:
    found = list_plans(session, sight, PlanFilter(), now=NOW)

    assert [row.plan.unit for row in found.rows] == seen
    assert found.total == len(seen)
    keys = [document.plan_key for document in plans.values()]
    assert seen_plans(session, sight, keys) == {plans[unit].plan_key for unit in seen}


@pytest.mark.parametrize(
    ("wish", "seen"),
    [
        (PlanFilter(text="ลำปาง"), ["TH-52"]),
        (PlanFilter(text="50%"), []),  # signs of the pattern language are letters here
        (PlanFilter(cluster="NU1"), ["NU1", "TH-50", "TH-52"]),
        (PlanFilter(region="SOUTH"), []),
        (PlanFilter(cycle="FY2570-REV", state="planned"), ["NU1", "TH-50", "TH-52"]),
        (PlanFilter(state="announced"), []),
        (PlanFilter(late=True), ["TH-50"]),
    ],
)
def test_the_list_is_cut_to_what_is_asked(
    session: Session, plans: dict[str, Document], wish: PlanFilter, seen: list[str]
) -> None:
    wait_for(session, plans["TH-50"], "late", due_in=-1)
    wait_for(session, plans["TH-52"], "soon", due_in=1)

    assert [row.plan.unit for row in list_plans(session, NATION, wish, now=NOW).rows] == seen


def test_a_row_tells_the_step_that_is_due_first_and_counts_the_others(
    session: Session, plans: dict[str, Document]
) -> None:
    for name, due_in in (("undated", None), ("later", 9), ("first", 2)):
        wait_for(session, plans["TH-52"], name, due_in=due_in)

    (row,) = list_plans(session, NATION, PlanFilter(text="ลำปาง"), now=NOW).rows

    assert row.waiting is not None
    assert (row.waiting.name, row.waiting.others) == ("first", 2)
    assert row.waiting.groups == ("province_strategy@TH-52",)


@pytest.mark.usefixtures("plans")
def test_pages_hold_every_plan_once_and_end(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)

    pages = [list_plans(session, NATION, PlanFilter(), now=NOW, page=page) for page in (1, 2, 3)]

    assert [[row.plan.unit for row in page.rows] for page in pages] == [["NU1", "TH-50"], ["TH-52"], ["TH-52"]]
    assert {page.pages for page in pages} == {2}


@pytest.mark.usefixtures("plans")
def test_choices_are_those_of_what_is_seen(session: Session) -> None:
    assert choices(session, NATION).clusters == (("NU1", "กลุ่มจังหวัดภาคเหนือตอนบน 1"),)
    assert choices(session, NATION).regions == ("NORTH",)
    assert choices(session, Sight()).cycles == ()


def test_a_date_of_one_s_own_stands_before_that_of_all(session: Session, cycle: Cycle) -> None:
    for day, unit in ((10, ""), (20, "TH-52")):
        reissue(
            session, cycle, step="draft", due=dt.date(2025, 9, day), reason="อุทกภัย", order_ref="มติ", unit=unit,
            actor=PLANNER, now=NOW,
        )  # fmt: skip

    own = {due.step: due for due in calendar_of(session, cycle.id, "TH-52")}["draft"]
    others = {due.step: due for due in calendar_of(session, cycle.id, "TH-50")}["draft"]

    assert (own.due.day, others.due.day) == (20, 10)
    assert [change.new_due.day for change in own.reissues] == [10, 20]
    assert [change.new_due.day for change in others.reissues] == [10]
