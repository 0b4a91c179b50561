"""The board of a cycle: units down, stages across; each cell says on time, due soon, or late by n working days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.plans.cycles import due_row, get_cycle, units_of
from workflows.plans.models import Cycle, CycleUnit, Document, Step
from workflows.plans.progress import WorkingDays
from workflows.plans.states import CycleKind, DocumentState, Level, StepState
from workflows.plans.steps import BOARD_STAGES, Stage, stages_of

DUE_SOON = 3
"""Working days before the date from which a step is due soon."""


class CellState(StrEnum):
    """What a cell of the board says."""

    NONE = "none"  # the unit has no such stage
    UPCOMING = "upcoming"
    ON_TIME = "on_time"
    DUE_SOON = "due_soon"
    LATE = "late"
    DONE = "done"
    DONE_LATE = "done_late"


@dataclass(frozen=True, slots=True)
class BoardCell:
    """One stage of one unit."""

    stage: str
    state: CellState
    due: dt.datetime | None
    working_days: int  # late by, or left until the date
    task_id: str | None
    task_name: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One unit of the cycle."""

    unit: str
    name: str
    level: str
    region: str
    cluster: str | None
    plan_key: str | None
    plan_state: str
    cells: tuple[BoardCell, ...]
    worst: int  # working days that it is late with an open step


@dataclass(frozen=True, slots=True)
class Board:
    """The board."""

    cycle: str
    stages: tuple[Stage, ...]
    rows: tuple[BoardRow, ...]


def board(
    session: Session,
    cycle_code: str,
    *,
    now: dt.datetime,
    working_days: WorkingDays,
    region: str | None = None,
    cluster: str | None = None,
) -> Board:
    """Return the board of a cycle, of one region or cluster if wanted.

    Raises:
        PlanNotFound: There is no such cycle.
    """
    cycle = get_cycle(session, cycle_code)
    documents = {
        document.unit: document for document in session.scalars(select(Document).where(Document.cycle_id == cycle.id))
    }
    steps: dict[int, list[Step]] = {}
    for step in session.scalars(
        select(Step)
        .where(Step.cycle_id == cycle.id, Step.document_id.is_not(None), Step.state != StepState.CANCELLED)
        .order_by(Step.id)
    ):
        assert step.document_id is not None
        steps.setdefault(step.document_id, []).append(step)
    eye = _Eye(session, cycle, now, working_days)
    rows = []
    for unit in units_of(session, cycle):
        home = unit.unit if unit.level == Level.CLUSTER else unit.cluster
        if (region is not None and unit.region != region) or (cluster is not None and home != cluster):
            continue
        document = documents.get(unit.unit)
        mine = steps.get(document.id, []) if document is not None else []
        rows.append(_row(eye, unit, document, mine))
    return Board(
        cycle.code, BOARD_STAGES, tuple(sorted(rows, key=lambda row: (row.region, row.cluster or "", row.level)))
    )


@dataclass(frozen=True, slots=True)
class _Eye:
    session: Session
    cycle: Cycle
    now: dt.datetime
    working_days: WorkingDays

    def late(self, due: dt.datetime | None, unit: str) -> int:
        return self.working_days(self.session, due, self.now, unit) if due is not None else 0

    def left(self, due: dt.datetime | None, unit: str) -> int:
        return self.working_days(self.session, self.now, due, unit) if due is not None else 0


def _row(eye: _Eye, unit: CycleUnit, document: Document | None, steps: Sequence[Step]) -> BoardRow:
    feeds = unit.cluster is not None and eye.session.get(CycleUnit, (eye.cycle.id, unit.cluster)) is not None
    stages = stages_of(Level(unit.level), reviews=eye.cycle.kind == CycleKind.REVISION, feeds_cluster=feeds)
    own = {stage.code: stage for stage in stages}
    cells = []
    for column in BOARD_STAGES:
        stage = own.get(column.code)
        if stage is None:
            cells.append(BoardCell(column.code, CellState.NONE, None, 0, None, ""))
            continue
        mine = [step for step in steps if step.stage == column.code]
        cells.append(_cell(eye, unit, document, stage, mine))
    return BoardRow(
        unit=unit.unit,
        name=unit.name,
        level=unit.level,
        region=unit.region,
        cluster=unit.cluster if unit.level == Level.PROVINCE else unit.unit,
        plan_key=document.plan_key if document is not None else None,
        plan_state=document.state if document is not None else DocumentState.PLANNED,
        cells=tuple(cells),
        worst=max((cell.working_days for cell in cells if cell.state is CellState.LATE), default=0),
    )


def _cell(eye: _Eye, unit: CycleUnit, document: Document | None, stage: Stage, steps: Sequence[Step]) -> BoardCell:
    waiting = [step for step in steps if step.state == StepState.OPEN]
    planned = due_row(eye.session, eye.cycle, stage.due_step, unit.unit) if stage.due_step else None
    due = min((step.due for step in waiting if step.due is not None), default=planned.due if planned else None)
    under_review = stage.code == "review" and document is not None and document.state == DocumentState.SUBMITTED
    if waiting or under_review:
        late, left = eye.late(due, unit.unit), eye.left(due, unit.unit)
        task = waiting[0] if waiting else None
        task_id, name = (task.task_id, task.name) if task is not None else (None, stage.name)
        if late:
            return BoardCell(stage.code, CellState.LATE, due, late, task_id, name)
        state = CellState.DUE_SOON if due is not None and left <= DUE_SOON else CellState.ON_TIME
        return BoardCell(stage.code, state, due, left, task_id, name)
    if not steps:
        return BoardCell(stage.code, CellState.UPCOMING, due, 0, None, "")
    late = max(step.working_days_late or 0 for step in steps)
    return BoardCell(stage.code, CellState.DONE_LATE if late else CellState.DONE, due, late, None, steps[-1].name)
