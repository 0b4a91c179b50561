"""The board: what each cell says, how a unit stands, who sees which rows, and that it costs few questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from tests.integration.plans.conftest import NOW, PLANNER
from workflows.calendar import end_of
from workflows.organization import geography
from workflows.plans.cycles import NewCycle, UnitOfCycle, create_cycle, issue, reissue, set_calendar
from workflows.plans.decisions import About, record
from workflows.plans.models import Cycle, Document, Step
from workflows.plans.queries import BoardCell, BoardRow, CellState, Standing, board, cycles, next_dues, tally
from workflows.plans.states import Body, CycleKind, DocumentState, Level, Outcome, StepState
from workflows.plans.steps import usual_calendar
from workflows.plans.values import as_day
from workflows.plans.visibility import Sight, runs_cycles, sees_plan

_ids = count(1)


def calendar_days(_session: Session, start: dt.datetime, end: dt.datetime, _unit: str) -> int:
    return max(0, (as_day(end) - as_day(start)).days)


def row_of(session: Session, cycle: Cycle, unit: str, *, after: int = 0) -> BoardRow:
    now = NOW + dt.timedelta(days=after)
    found = board(session, cycle.code, now=now, working_days=calendar_days)
    return next(row for row in found.rows if row.unit == unit)


def cell_of(session: Session, cycle: Cycle, unit: str, stage: str, *, after: int = 0) -> BoardCell:
    return next(cell for cell in row_of(session, cycle, unit, after=after).cells if cell.stage == stage)


def add_step(
    session: Session, document: Document, stage: str, *, due: dt.date, state: StepState = StepState.OPEN, late: int = 0
) -> None:
    session.add(
        Step(
            cycle_id=document.cycle_id, document_id=document.id, process_id="p", element_id=stage, stage=stage,
            task_id=f"t{next(_ids)}", name=f"งาน {stage}", groups=f"province_strategy@{document.unit}", due_step=stage,
            state=state, opened_at=NOW, original_due=end_of(due), due=end_of(due), done_at=None, actor=None,
            capacity=None, outcome=None, working_days_late=late if state is StepState.DONE else None,
        )
    )  # fmt: skip
    session.flush()


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (10, (CellState.ON_TIME, 10, Standing.ON_TIME)),
        (3, (CellState.DUE_SOON, 3, Standing.DUE_SOON)),
        (0, (CellState.DUE_SOON, 0, Standing.DUE_SOON)),
        (-1, (CellState.LATE, 1, Standing.LATE)),
        (-7, (CellState.LATE, 7, Standing.LATE)),
    ],
)
def test_an_open_step_is_on_time_due_soon_or_late(
    session: Session, cycle: Cycle, lampang: Document, days: int, expected: tuple[CellState, int, Standing]
) -> None:
    add_step(session, lampang, "draft", due=as_day(NOW) + dt.timedelta(days=days))

    cell = cell_of(session, cycle, "TH-52", "draft")

    assert cell.task_name == "งาน draft"
    assert (cell.state, cell.working_days, row_of(session, cycle, "TH-52").standing) == expected


def test_what_was_due_before_the_weekend_is_late_on_it(session: Session, cycle: Cycle, lampang: Document) -> None:
    add_step(session, lampang, "draft", due=as_day(NOW))
    saturday = NOW + dt.timedelta(days=1)

    found = board(session, cycle.code, now=saturday, working_days=lambda *_: 0)

    cell = next(cell for row in found.rows if row.unit == "TH-52" for cell in row.cells if cell.stage == "draft")
    assert (cell.state, cell.working_days) == (CellState.LATE, 0)


def test_what_is_done_keeps_how_late_it_was(session: Session, cycle: Cycle, lampang: Document) -> None:
    add_step(session, lampang, "analysis", due=as_day(NOW), state=StepState.DONE, late=4)
    add_step(session, lampang, "survey", due=as_day(NOW), state=StepState.DONE)

    assert cell_of(session, cycle, "TH-52", "analysis").state is CellState.DONE_LATE
    assert cell_of(session, cycle, "TH-52", "analysis").working_days == 4
    assert cell_of(session, cycle, "TH-52", "survey").state is CellState.DONE


def test_a_stage_that_was_passed_by_is_not_needed_any_more(session: Session, cycle: Cycle, lampang: Document) -> None:
    add_step(session, lampang, "draft", due=as_day(NOW), state=StepState.DONE)
    add_step(session, lampang, "committee", due=as_day(NOW) + dt.timedelta(days=9))

    assert cell_of(session, cycle, "TH-52", "consultation").state is CellState.SKIPPED
    assert cell_of(session, cycle, "TH-52", "cluster_inputs").state is CellState.UPCOMING  # it goes its own way
    assert cell_of(session, cycle, "TH-52", "submission").state is CellState.UPCOMING


def test_a_plan_at_its_end_waits_for_nothing(session: Session, cycle: Cycle, lampang: Document) -> None:
    add_step(session, lampang, "review_decision", due=as_day(NOW), state=StepState.DONE)
    lampang.state = DocumentState.UNCHANGED
    session.flush()

    row = row_of(session, cycle, "TH-52")

    assert row.standing is Standing.DONE
    assert {cell.state for cell in row.cells} <= {CellState.DONE, CellState.SKIPPED, CellState.NONE}


def test_the_national_review_counts_from_submission_to_cabinet(
    session: Session, cycle: Cycle, lampang: Document
) -> None:
    lampang.state = DocumentState.SUBMITTED
    session.flush()
    assert cell_of(session, cycle, "TH-52", "review").state is CellState.ON_TIME
    assert cell_of(session, cycle, "TH-52", "review", after=190).state is CellState.LATE

    about = About(cycle=cycle, body=Body.CABINET, document=lampang)
    record(session, about, {"outcome": Outcome.NOTE}, actor=PLANNER, now=NOW + dt.timedelta(days=183))
    lampang.state = DocumentState.APPROVED
    session.flush()

    cell = cell_of(session, cycle, "TH-52", "review", after=190)
    assert (cell.state, cell.working_days) == (CellState.DONE_LATE, 3)


def test_a_clusters_intake_runs_until_it_is_closed(session: Session, cycle: Cycle, plans: dict[str, Document]) -> None:
    cluster = plans["NU1"]
    assert cell_of(session, cycle, "NU1", "cluster_inputs").state is CellState.UPCOMING
    cluster.opened_at = NOW
    session.flush()
    assert cell_of(session, cycle, "NU1", "cluster_inputs").state is CellState.ON_TIME

    cluster.inputs_closed_at = NOW + dt.timedelta(days=31)
    session.flush()

    cell = cell_of(session, cycle, "NU1", "cluster_inputs", after=40)
    assert (cell.state, cell.working_days) == (CellState.DONE_LATE, 1)


def test_a_unit_with_a_date_of_its_own_is_measured_by_it(
    session: Session, cycle: Cycle, plans: dict[str, Document]
) -> None:
    reissue(
        session, cycle, step="draft", due=as_day(NOW) + dt.timedelta(days=99), reason="น้ำท่วม", order_ref="ว 9",
        unit="TH-52", actor=PLANNER, now=NOW,
    )  # fmt: skip

    assert cell_of(session, cycle, "TH-52", "draft").due == end_of(as_day(NOW) + dt.timedelta(days=99))
    assert cell_of(session, cycle, "TH-50", "draft").due == end_of(as_day(NOW) + dt.timedelta(days=40))
    assert plans["TH-50"].unit == "TH-50"


@pytest.mark.parametrize(
    ("sight", "units"),
    [
        (Sight("TH"), ["NU1", "TH-50", "TH-52"]),
        (Sight("NORTH"), ["NU1", "TH-50", "TH-52"]),
        (Sight("SOUTH"), []),
        (Sight("NU1"), ["NU1", "TH-50", "TH-52"]),
        (Sight("TH-52"), ["NU1", "TH-52"]),
        (Sight("TH-52", upward=False), ["TH-52"]),
        (Sight("TH-57"), []),
        (Sight(), []),
    ],
)
def test_everybody_sees_the_rows_of_their_own_level(
    session: Session, cycle: Cycle, plans: dict[str, Document], sight: Sight, units: list[str]
) -> None:
    found = board(session, cycle.code, now=NOW, working_days=calendar_days, sight=sight)

    assert [row.unit for row in found.rows] == units
    assert [unit for unit in plans if sees_plan(session, sight, cycle.id, unit)] == units
    assert [listed.units for listed in cycles(session, sight=sight)] == ([len(units)] if units else [])


def test_only_the_secretariat_runs_cycles() -> None:
    assert runs_cycles({"nesdc@TH"})
    assert not runs_cycles({"nesdc@NORTH", "system_admin@TH", "governor@TH-52"})


def test_the_next_date_is_the_first_that_has_not_passed(session: Session, cycle: Cycle) -> None:
    early, late = NOW + dt.timedelta(days=22), NOW + dt.timedelta(days=500)

    assert next_dues(session, [cycle.code], now=early)[cycle.code].step == "analysis"
    assert next_dues(session, [cycle.code], now=late) == {}


def test_the_board_of_the_nation_asks_no_more_than_that_of_one_cluster(session: Session) -> None:
    nation = [
        *(UnitOfCycle(code, Level.CLUSTER, area.name_th, area.region) for code, area in geography.clusters().items()),
        *(
            UnitOfCycle(code, Level.PROVINCE, place.name_th, place.region, place.cluster)
            for code, place in geography.provinces().items()
        ),
    ]
    few = _cycle_of(session, 2571, [unit for unit in nation if "NU1" in (unit.unit, unit.cluster)])
    many = _cycle_of(session, 2572, nation)

    with _counted() as of_few:
        board(session, few.code, now=NOW, working_days=calendar_days)
    with _counted() as of_many:
        found = board(session, many.code, now=NOW, working_days=calendar_days)

    assert len(found.rows) == 94
    assert sum(tally(found.rows).values()) == 94
    assert len(of_many) == len(of_few) <= 9


def _cycle_of(session: Session, year: int, units: list[UnitOfCycle]) -> Cycle:
    new = NewCycle(fiscal_year=year, kind=CycleKind.REVISION, plan_from=2571, plan_to=2575, units=units)
    cycle = create_cycle(session, new, actor=PLANNER, now=NOW)
    set_calendar(session, cycle, usual_calendar(as_day(NOW)))
    for document in issue(session, cycle, {"number": "ว 1", "date": as_day(NOW)}):
        add_step(session, document, "review_decision", due=as_day(NOW), state=StepState.DONE)
        add_step(session, document, "draft", due=as_day(NOW) - dt.timedelta(days=1))
    session.expire_all()
    return cycle


@contextmanager
def _counted() -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)
